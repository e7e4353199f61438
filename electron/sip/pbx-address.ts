import { createSocket } from 'node:dgram';
import { isIP, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { findAddresses, type Hop, resolveHost } from './dns.ts';
import type { UdpAddress } from './udp-socket.ts';

/** All addresses of a host, best first; rejects when there is none. */
export type FindAddresses = (hop: Hop, srv: boolean) => Promise<readonly UdpAddress[]>;

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
  private known: readonly UdpAddress[] = [];
  private readonly admitted = new Set<string>();
  private readonly failedAt = new Map<string, number>();
  private current: UdpAddress | null = null;

  constructor(
    private readonly pbx: Hop,
    private readonly options: PbxAddressOptions = {},
  ) {}

  /** The address last resolved; null before. */
  get last(): UdpAddress | null {
    return this.current;
  }

  /** Resolves anew and takes the best address that has not just failed; rejects when the name is unknown. */
  async resolve(): Promise<UdpAddress> {
    this.known = await (this.options.find ?? findAddresses)(this.pbx, this.options.srv === true);
    this.current = this.best() ?? this.known[0] ?? { address: this.pbx.host, port: this.pbx.port };
    return this.current;
  }

  /** An address did not serve. True: there is another one, to be tried at once. */
  failOver(from: UdpAddress): boolean {
    this.failedAt.set(keyOf(from), this.now);
    const next = this.best();
    if (next) this.current = next;
    return next !== undefined;
  }

  has(address: string): boolean {
    return this.admitted.has(address) || this.known.some((each) => each.address === address);
  }

  /** The PBX has sent us to another server (3xx): it may call us too. Rejects when the host is unknown. */
  async admit(hop: Hop): Promise<UdpAddress> {
    const found = await this.find(hop);
    this.admitted.add(found.address);
    return found;
  }

  /**
   * The address of a hop when it needs no look-up: an IP address, or the PBX by its name; the outbound proxy for
   * everything that no Route header sends elsewhere.
   */
  reach(hop: Hop, routed: boolean): UdpAddress | null {
    if (this.options.isProxy && !routed) return this.current;
    if (isIP(hop.host)) return { address: hop.host, port: hop.port };
    const isPbx = hop.host.toLowerCase() === this.pbx.host.toLowerCase();
    if (!isPbx || !this.current) return null;
    // By SRV records the port is theirs, too.
    return this.options.srv ? this.current : { ...this.current, port: hop.port };
  }

  /** Rejects when the host is unknown. */
  async find(hop: Hop): Promise<UdpAddress> {
    const [address = hop.host] = await resolveHost(hop.host);
    return { address, port: hop.port };
  }

  private get now(): number {
    return this.options.now?.() ?? performance.now();
  }

  private best(): UdpAddress | undefined {
    return this.known.find((each) => {
      const failed = this.failedAt.get(keyOf(each));
      return failed === undefined || this.now - failed > penalty;
    });
  }
}

const keyOf = ({ address, port }: UdpAddress): string => `${address} ${port}`;

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

/** While the PBX cannot be found there is no better choice than the first interface to the outside. */
export function anyOwnAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}
