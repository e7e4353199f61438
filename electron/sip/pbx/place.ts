import { BlockList, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { headerValues, type SipMessage } from '../message/message.ts';
import { readVia } from '../message/message-fields.ts';
import type { UdpAddress } from '../transport/udp-socket.ts';

export interface PlaceOptions {
  /** Where our socket is. */
  local(): UdpAddress;
  /** Where the PBX is; null: not known yet. */
  pbx(): UdpAddress | null;
  /** Whether there is an address translator in between; null: perhaps, if the PBX is on none of our networks. */
  readonly nat: boolean | null;
}

/**
 * Where an extension is: its own socket, and what the PBX sees of it. A PBX in our own network sees the same. Beyond
 * it, each request asks with `rport` where it came from (RFC 3581), and what the answers say is where we are called.
 */
export class Place {
  private seen: UdpAddress | null = null;
  private judged: { readonly pbx: string; readonly local: string; readonly beyond: boolean } | null = null;

  constructor(private readonly options: PlaceOptions) {}

  get local(): UdpAddress {
    return this.options.local();
  }

  /** What others can reach: goes into Contact. */
  get contact(): UdpAddress {
    return this.seen ?? this.local;
  }

  /** A translator is in between: its memory of us must be kept awake. */
  get isTranslated(): boolean {
    return this.seen !== null;
  }

  /** Via asks where the request came from. */
  get asks(): boolean {
    if (this.options.nat !== null) return this.options.nat;
    const pbx = this.options.pbx()?.address;
    if (pbx === undefined) return false;
    const local = this.local.address;
    if (this.judged?.pbx !== pbx || this.judged.local !== local) {
      this.judged = { pbx, local, beyond: !isOnOurNetworks(pbx) };
    }
    return this.judged.beyond;
  }

  /** Reads the top Via of an answer; true: the PBX sees us elsewhere than we had thought. */
  learn(response: SipMessage): boolean {
    const via = readVia(headerValues(response, 'Via')[0] ?? '');
    const port = Number(via?.params.get('rport') ?? Number.NaN);
    const { address: localAddress, port: localPort } = this.local;
    // An answer to what was sent from an address that we have left says nothing.
    if (!via || !this.asks || !Number.isInteger(port) || via.host !== localAddress) return false;
    const before = this.contact;
    const address = via.params.get('received') ?? via.host;
    this.seen = address === localAddress && port === localPort ? null : { address, port };
    return before.address !== this.contact.address || before.port !== this.contact.port;
  }

  /** We have gone elsewhere: what was seen is no more. */
  forget(): void {
    this.seen = null;
  }
}

/** Whether an IP address is that of a neighbour, or our own. */
export function isOnOurNetworks(address: string, interfaces = networkInterfaces()): boolean {
  const networks = new BlockList();
  for (const each of Object.values(interfaces).flatMap((addresses) => addresses ?? [])) {
    const prefix = Number(each.cidr?.split('/')[1] ?? Number.NaN);
    if (Number.isInteger(prefix)) networks.addSubnet(each.address, prefix, familyOf(each.address));
  }
  return networks.check(address, familyOf(address));
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4');
