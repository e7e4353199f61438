import { networkInterfaces } from 'node:os';
import type { ExtensionProfile, Profile } from '../../contract/profile.ts';
import type { Header } from '../message/message.ts';
import { writeHostPort, writeNameAddr, writeSipUri } from '../message/message-fields.ts';
import { createBranch, type Random } from '../random.ts';
import type { TransportName } from '../transport/transport.ts';
import type { UdpAddress } from '../transport/udp-socket.ts';
import type { Place } from './place.ts';

/** Who an extension is on the wire: everything that goes into From, To, Contact and P-Station-Name. */
export interface Identity {
  /** The station's own user: From of whatever it sends, also on a shared line. */
  readonly userId: string;
  /** To of REGISTER and user of Contact: the shared user, if there is one. */
  readonly registeredUser: string;
  readonly shared: boolean;
  readonly authId: string;
  readonly password: string;
  readonly displayName: string;
  /** The value of P-Station-Name. */
  readonly stationName: string;
  /** What URIs name: the PBX as the profile has it. */
  readonly pbx: { readonly host: string; readonly port: number | null };
  /** What the PBX is to reach us over; UDP when absent. */
  readonly transport?: TransportName;
  /** Where our socket is now. */
  readonly local: UdpAddress;
  /** And what the PBX sees of it; the same when absent. */
  readonly place?: Place;
  /** End of every From tag: 0-based extension, `o` = originator (facts of captures 01, 02); for reading traces. */
  readonly tagSuffix: string;
}

export function createIdentity(profile: Profile, position: number, place: Place): Identity | null {
  const extension = profile.extensions[position];
  return extension ? identityOf(profile, extension, position, place) : null;
}

function identityOf(
  { pbx, station }: Profile,
  extension: ExtensionProfile,
  position: number,
  place: Place,
): Identity {
  return {
    userId: extension.userId,
    registeredUser: extension.sharedUserId ?? extension.userId,
    shared: extension.sharedUserId !== undefined,
    authId: extension.authId ?? extension.userId,
    password: extension.password,
    displayName: station.displayName ?? station.name,
    // The plain form of capture 01; later phones send `name ;mac=000e08d2ace0`. A nameless station sends its MAC.
    stationName: station.name === '' ? macAddress(place.local.address) : station.name,
    // A name that DNS finds the port of is written without one (RFC 3263, 4.2).
    pbx: { host: withoutBrackets(pbx.address), port: pbx.srv ? null : pbx.port },
    ...(pbx.transport !== undefined && { transport: pbx.transport }),
    place,
    get local() {
      return place.local;
    },
    tagSuffix: `o${position}`,
  };
}

export const withoutBrackets = (host: string): string => host.replace(/^\[|\]$/g, '');

/** 12 lower-case hex digits of the interface that has this address; zeros when it has none (loopback). */
function macAddress(address: string): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return (all.find((each) => each.address === address)?.mac ?? '00:00:00:00:00:00').replaceAll(':', '');
}

export const pbxUri = ({ pbx }: Identity, user: string | null): string =>
  writeSipUri(user, pbx.host, pbx.port);

/** `"User-A" <sip:5031@192.168.0.1:6060>`. On a shared line too: the caller is this station (inferred from capture 02). */
export const fromHeader = (identity: Identity): string =>
  writeNameAddr(identity.displayName, pbxUri(identity, identity.userId));

/** `"User-A" <sip:5041@192.168.0.1:6060>`: the extension itself. */
export const registeredHeader = (identity: Identity): string =>
  writeNameAddr(identity.displayName, pbxUri(identity, identity.registeredUser));

/** Where the PBX reaches this extension. */
export const contactAddress = ({ local, place }: Identity): UdpAddress => place?.contact ?? local;

/** `sip:5041@192.168.0.4:5061`, or with `;transport=tcp` (RFC 3261, 19.1.1) */
export const contactUri = (identity: Identity, { address, port } = contactAddress(identity)): string =>
  writeSipUri(identity.registeredUser, address, port) + transportParam(identity);

const transportParam = ({ transport = 'udp' }: Identity): string =>
  transport === 'udp' ? '' : `;transport=${transport}`;

/** `"User-A" <sip:5041@192.168.0.4:5061>` */
export const contactHeader = (identity: Identity, at = contactAddress(identity)): string =>
  writeNameAddr(identity.displayName, contactUri(identity, at));

/** The Via of a new request; over what it travels is written where that is decided (transport.ts). */
export const viaHeader = ({ local, place }: Identity, random: Random): Header => ({
  name: 'Via',
  value: `SIP/2.0/UDP ${writeHostPort(local.address, local.port)};branch=${createBranch(random)}${place?.asks ? ';rport' : ''}`,
});

/** What a SPA phone says it takes when it registers (captures 01, 02). */
export const allowOfRegister: Header = {
  name: 'Allow',
  value: 'ACK, BYE, CANCEL, INFO, INVITE, NOTIFY, OPTIONS, REFER, SUBSCRIBE',
};

/** And what this one takes in calls: PRACK (RFC 3262) and UPDATE (RFC 3311) as well. */
export const allow = 'ACK, BYE, CANCEL, INFO, INVITE, NOTIFY, OPTIONS, PRACK, REFER, SUBSCRIBE, UPDATE';

/** What each request and answer in a call says: where we are, and what we take there. */
export const headersOfCalls = (identity: Identity): string[] => [
  `Contact: <${contactUri(identity)}>`,
  `Allow: ${allow}`,
];

export const allowHeader: Header = { name: 'Allow', value: allow };

/**
 * Extensions that a peer may require of us: taking a call over, and joining one (RFC 3891, RFC 3911), reliable
 * provisional responses (RFC 3262), session timers (RFC 4028).
 */
export const optionTags: readonly string[] = ['replaces', 'join', '100rel', 'timer'];
export const supported = optionTags.join(', ');
