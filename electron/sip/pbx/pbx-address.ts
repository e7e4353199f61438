import { createSocket } from 'node:dgram';
import { isIP, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { type Peer, peerKey, type TransportName } from '../transport/transport.ts';
import type { UdpAddress } from '../transport/udp-socket.ts';
import { findAddresses, type Hop, resolveHost } from './dns.ts';

/** All addresses of a host, best first; rejects when there is none. */
export type FindAddresses = (hop: Hop, srv: boolean) => Promise<readonly Peer[]>;

export interface PbxAddressOptions {
  /** By SRV records first (RFC 3263, 4.2). */
  readonly srv?: boolean;
  /** It is an outbound proxy: what the PBX is called does not matter. */
  readonly isProxy?: boolean;
  readonly find?: FindAddresses;
  /** Milliseconds. */
  readonly now?: () => number;
}

/** How long an address that did not serve is passed over; milliseconds. */
const penalty = 60_000;

/**
 * Where the PBX is: its name resolved, which of its addresses serves, and who may therefore send us requests
 * (RFC 3263, 4.3).
 */
export class PbxAddress {
  private known: readonly Peer[] = [];
  private readonly admitted = new Set<string>();
  private readonly failedAt = new Map<string, number>();
  private current: Peer | null = null;

  constructor(
    private readonly pbx: Hop,
    private readonly options: PbxAddressOptions = {},
  ) {}

  /** What its certificate must name. */
  get name(): string {
    return this.pbx.host;
  }

  /** What everything travels over that does not say otherwise. */
  get transport(): TransportName {
    return this.pbx.transport ?? 'udp';
  }

  /** The address last resolved; null before. */
  get last(): Peer | null {
    return this.current;
  }

  /** Resolves anew and takes the best address that has not just failed; rejects when the name is unknown. */
  async resolve(): Promise<Peer> {
    this.known = await (this.options.find ?? findAddresses)(this.pbx, this.options.srv === true);
    this.current = this.best() ?? this.known[0] ?? at(this.pbx.host, this.pbx);
    return this.current;
  }

  /** An address did not serve. True: there is another one, to be tried at once. */
  failOver(from: Peer): boolean {
    this.failedAt.set(peerKey(from), this.now);
    const next = this.best();
    if (next) this.current = next;
    return next !== undefined;
  }

  has(address: string): boolean {
    return this.admitted.has(address) || this.known.some((each) => each.address === address);
  }

  /** The PBX has sent us to another server (3xx): it may call us too. Rejects when the host is unknown. */
  async admit(hop: Hop): Promise<Peer> {
    const found = await this.find(hop);
    this.admitted.add(found.address);
    return found;
  }

  /**
   * The address of a hop when it needs no look-up: an IP address, or the PBX by its name; the outbound proxy for
   * everything that no Route header sends elsewhere. Where TLS is wanted nothing goes in the clear: what could only go
   * so is the PBX's to pass on.
   */
  reach(hop: Hop, routed: boolean): Peer | null {
    if (this.options.isProxy && !routed) return this.current;
    if (this.transport === 'tls' && hop.transport !== 'tls') return this.current;
    if (isIP(hop.host)) return at(hop.host, hop);
    const isPbx = hop.host.toLowerCase() === this.pbx.host.toLowerCase();
    if (!isPbx || !this.current) return null;
    // By SRV records the port is theirs, too.
    return this.options.srv ? this.current : at(this.current.address, hop);
  }

  /** Rejects when the host is unknown. */
  async find(hop: Hop): Promise<Peer> {
    const [address = hop.host] = await resolveHost(hop.host);
    return at(address, hop);
  }

  private get now(): number {
    return this.options.now?.() ?? performance.now();
  }

  private best(): UdpAddress | undefined {
    return this.known.find((each) => {
      const failed = this.failedAt.get(peerKey(each));
      return failed === undefined || this.now - failed > penalty;
    });
  }
}

const at = (address: string, { port, transport }: Hop): Peer =>
  transport === undefined ? { address, port } : { address, port, transport };

/** The address of the interface that reaches `remote`; null: none does. Connecting a UDP socket sends nothing but chooses a route. */
export function localAddressTowards(remote: UdpAddress): Promise<string | null> {
  const socket = createSocket(isIPv6(remote.address) ? 'udp6' : 'udp4');
  return new Promise((resolve) => {
    const done = (address: string | null): void => {
      socket.close();
      resolve(address);
    };
    socket.once('error', () => done(null));
    socket.once('connect', () => done(socket.address().address));
    socket.connect(remote.port, remote.address);
  });
}

/** The address of the interface of that name, in the PBX's family; null: it is not there, or has none now. */
export function addressOfInterface(name: string, pbx: UdpAddress | null): string | null {
  const addresses = networkInterfaces()[name] ?? [];
  const family = pbx && isIPv6(pbx.address) ? 'IPv6' : 'IPv4';
  return addresses.find((each) => each.family === family && !isLinkLocal(each))?.address ?? null;
}

/** Says nothing without its interface (RFC 4007, 6), and reaches no PBX beyond it. */
const isLinkLocal = ({ scopeid = 0 }: { readonly scopeid?: number }): boolean => scopeid !== 0;

/** While the PBX cannot be found there is no better choice than the first interface to the outside. */
export function anyOwnAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}
