/** An address and a UDP port. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

const same = (one: Endpoint | null, other: Endpoint | null): boolean =>
  one?.address === other?.address && one?.port === other?.port;

/**
 * Where RTP goes and from where it is taken. A far end behind a NAT or a media proxy may send from another port than
 * it signalled: the first packet after each offer/answer decides, but only one from the signalled address, and from
 * then on nothing else is heard. So nobody can inject sound or steal the call's.
 */
export class Latch {
  #signalled: Endpoint | null = null;
  #latched: Endpoint | null = null;
  #locked = false;

  /** The address of the last offer/answer; the same as before keeps what was learnt, until the next packet. */
  signal(remote: Endpoint | null): void {
    if (!same(remote, this.#signalled)) this.#latched = null;
    this.#signalled = remote;
    this.#locked = false;
  }

  /** Where to send; null when nowhere. */
  get destination(): Endpoint | null {
    return this.#signalled && (this.#latched ?? this.#signalled);
  }

  /** Whether a packet from `source` is the far end's. */
  accepts(source: Endpoint): boolean {
    if (!this.#signalled) return false;
    if (this.#locked) return same(source, this.#latched);
    if (source.address !== this.#signalled.address) return false;
    this.#latched = { address: source.address, port: source.port };
    this.#locked = true;
    return true;
  }

  /** RTCP comes from another port, so only its address counts. */
  acceptsControl(source: Endpoint): boolean {
    return source.address === this.#signalled?.address;
  }
}
