import { type Endpoint, Latch } from './latch.ts';

/** So many reports in a row, about a quarter of a minute, make a newcomer the far end. */
const persistent = 3;

/**
 * Where RTCP goes and from where it is taken. It goes to where the far end's comes from (symmetric RTCP, RFC 4961),
 * learnt as carefully as for RTP; before that to where the far end has said (RFC 3605), or else above the port that RTP
 * goes to. Any port of the far end's addresses is heard: a report that is not its own does no harm. Where both share a
 * port (RFC 5761), it goes where RTP goes.
 */
export class ControlLatch {
  readonly #latch = new Latch(persistent);
  #addresses: readonly string[] = [];
  #isMuxed = false;
  #told: Endpoint | null = null;

  /** The outcome of an offer/answer: where the far end wants RTP, and what it says of RTCP. */
  signal(remote: Endpoint | null, rtcp: Endpoint | 'mux' | undefined): void {
    this.#isMuxed = rtcp === 'mux';
    this.#told = remote !== null && rtcp !== undefined && rtcp !== 'mux' ? rtcp : null;
    const signalled = this.#told ?? (remote && above(remote));
    this.#addresses = [remote, signalled].flatMap((each) => (each ? [each.address] : []));
    this.#latch.signal(signalled);
  }

  get isMuxed(): boolean {
    return this.#isMuxed;
  }

  accepts({ address }: Endpoint): boolean {
    return this.#addresses.includes(address);
  }

  /** A genuine packet has come from there to the port of RTCP. */
  learn(source: Endpoint): void {
    this.#latch.accepts(source);
  }

  /** Where to send, while RTP goes to `rtp`. */
  destination(rtp: Endpoint | null): Endpoint | null {
    if (!rtp || this.#isMuxed) return rtp;
    return this.#latch.learnt ?? this.#told ?? above(rtp);
  }
}

const above = ({ address, port }: Endpoint): Endpoint => ({ address, port: port + 1 });
