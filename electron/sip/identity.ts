import { networkInterfaces } from 'node:os';
import type { ExtensionProfile, Profile } from '../contract/profile.ts';
import type { Header } from './message.ts';
import { writeNameAddr, writeSipUri } from './message-fields.ts';
import type { UdpAddress } from './udp-socket.ts';

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
  readonly pbx: { readonly host: string; readonly port: number };
  /** Where our socket is now. */
  readonly local: UdpAddress;
  /** End of every From tag: 0-based extension, `o` = originator (facts of captures 01, 02); for reading traces. */
  readonly tagSuffix: string;
}

export function createIdentity(profile: Profile, position: number, local: () => UdpAddress): Identity | null {
  const extension = profile.extensions[position];
  return extension ? identityOf(profile, extension, position, local) : null;
}

function identityOf(
  { pbx, station }: Profile,
  extension: ExtensionProfile,
  position: number,
  local: () => UdpAddress,
): Identity {
  return {
    userId: extension.userId,
    registeredUser: extension.sharedUserId ?? extension.userId,
    shared: extension.sharedUserId !== undefined,
    authId: extension.authId ?? extension.userId,
    password: extension.password,
    displayName: station.displayName ?? station.name,
    // The plain form of capture 01; later phones send `name ;mac=000e08d2ace0`. A nameless station sends its MAC.
    stationName: station.name === '' ? macAddress(local().address) : station.name,
    pbx: { host: withoutBrackets(pbx.address), port: pbx.port },
    get local() {
      return local();
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

/** `sip:5041@192.168.0.4:5061`: where the PBX reaches this extension. */
export const contactUri = ({ registeredUser, local }: Identity): string =>
  writeSipUri(registeredUser, local.address, local.port);

/** `"User-A" <sip:5041@192.168.0.4:5061>` */
export const contactHeader = (identity: Identity): string =>
  writeNameAddr(identity.displayName, contactUri(identity));

/** What a SPA phone says it takes (captures 01, 02). */
export const allow = 'ACK, BYE, CANCEL, INFO, INVITE, NOTIFY, OPTIONS, REFER, SUBSCRIBE';

export const allowHeader: Header = { name: 'Allow', value: allow };
