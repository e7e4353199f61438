/** An address and a UDP port. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

const same = (one: Endpoint | null, other: Endpoint | null): boolean =>
  one?.address === other?.address && one?.port === other?.port;

/** Packets of whom we have left that may still come, one second of them, before they are taken for the new far end's. */
const stragglers = 50;

/**
 * Where RTP goes and from where it is taken. A far end behind a NAT or a media proxy may send from another port than
 * it signalled: the first packet after each offer/answer decides, but only one from the signalled address, and from
 * then on nothing else is heard, save the signalled port itself. So nobody can inject sound or steal the call's. When
 * another far end takes the place of the first (Replaces), that one still sends until it has its BYE, perhaps from the
 * same media proxy: it is not mistaken for the new one.
 */
export class Latch {
  #signalled: Endpoint | null = null;
  #latched: Endpoint | null = null;
  #locked = false;
  #left: Endpoint | null = null;
  #stragglers = 0;

  /** The address of the last offer/answer; the same as before keeps what was learnt, until the next packet. */
  signal(remote: Endpoint | null): void {
    if (!same(remote, this.#signalled)) {
      this.#left = this.destination;
      this.#stragglers = 0;
      this.#latched = null;
    }
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
    if (same(source, this.#signalled)) return this.#lockOn(source);
    if (this.#locked) return same(source, this.#latched);
    if (source.address !== this.#signalled.address || this.#isStraggler(source)) return false;
    return this.#lockOn(source);
  }

  /** RTCP comes from another port, so only its address counts. */
  acceptsControl(source: Endpoint): boolean {
    return source.address === this.#signalled?.address;
  }

  #lockOn({ address, port }: Endpoint): true {
    this.#latched = { address, port };
    this.#locked = true;
    return true;
  }

  #isStraggler(source: Endpoint): boolean {
    if (!same(source, this.#left)) return false;
    this.#stragglers += 1;
    return this.#stragglers <= stragglers;
  }
}
