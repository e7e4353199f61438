import { isConnected, type Peer, peerKey, type Transport } from './transport.ts';

/** RFC 3261, 18.1.1: within 200 bytes of the path's MTU, which is taken to be that of Ethernet. */
export const largestByUdp = 1_300;
/** Milliseconds; a firewall that swallows the question must not keep a call waiting. */
const patience = 1_000;
/** How long a peer that takes no connection is not asked for one again; milliseconds. */
const memory = 10 * 60_000;

/**
 * A request that a datagram of usual size does not hold goes over TCP, where nothing cuts it into fragments that
 * routers and firewalls lose (RFC 3261, 18.1.1). Many an office PBX takes no TCP: it gets the datagram after all.
 */
export class LargeRequests {
  private readonly refusedAt = new Map<string, number>();

  /** `now`: milliseconds, any origin. */
  constructor(
    private readonly transport: Pick<Transport, 'connect' | 'connectionTo'>,
    private readonly now: () => number,
  ) {}

  /** Where a request of so many bytes for `to` really goes; at once wherever nobody has to be asked. */
  wayOf(bytes: number, to: Peer): Peer | Promise<Peer> {
    const { transport } = this;
    if (bytes <= largestByUdp || isConnected(to) || !transport.connect) return to;
    const overTcp: Peer = { ...to, transport: 'tcp' };
    if (transport.connectionTo?.(overTcp)) return overTcp;
    const refusedAt = this.refusedAt.get(peerKey(to));
    if (refusedAt !== undefined && this.now() - refusedAt < memory) return to;
    return transport.connect(overTcp, patience).then((made) => {
      if (made) return overTcp;
      this.refused(to);
      return to;
    });
  }

  /** It took the connection, but not the request. */
  refused(to: Peer): void {
    this.refusedAt.delete(peerKey(to));
    this.refusedAt.set(peerKey(to), this.now());
    const [oldest] = this.refusedAt.size > 64 ? this.refusedAt.keys() : [];
    if (oldest !== undefined) this.refusedAt.delete(oldest);
  }
}
