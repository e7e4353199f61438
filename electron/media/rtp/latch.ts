/** An address and a UDP port. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

const same = (one: Endpoint | null, other: Endpoint | null): boolean =>
  one?.address === other?.address && one?.port === other?.port;

/** One second of packets: so many in a row make a newcomer the far end, and so many altogether make it so for good. */
const second = 50;

/**
 * Where RTP goes and from where it is taken. A far end behind a NAT or a media proxy may send from another port than
 * it signalled: the first source at the signalled address is taken for it, and no other address is ever heard. Others
 * share that address (a proxy's calls, a NAT's neighbours) and anyone can forge a packet or two, so a newcomer only
 * takes over from a source that has fallen silent meanwhile, and from one that has been heard for a second not before
 * the next offer/answer. The signalled port itself is always the far end. When another far end takes the place of the
 * first (Replaces), that one still sends until it has its BYE, perhaps from the same proxy: it is a newcomer then.
 */
export class Latch {
  readonly #persistent: number;
  #signalled: Endpoint | null = null;
  #latched: Endpoint | null = null;
  /** Packets heard from there since the last offer/answer. */
  #heard = 0;
  #left: Endpoint | null = null;
  #newcomer: { source: Endpoint; packets: number } | null = null;

  constructor(persistent = second) {
    this.#persistent = persistent;
  }

  /** The address of the last offer/answer; the same as before keeps what was learnt. */
  signal(remote: Endpoint | null): void {
    if (!same(remote, this.#signalled)) {
      this.#left = this.destination;
      this.#latched = null;
    }
    this.#signalled = remote;
    this.#heard = 0;
    this.#newcomer = null;
  }

  /** Where to send; null when nowhere. */
  get destination(): Endpoint | null {
    return this.#signalled && (this.#latched ?? this.#signalled);
  }

  /** Where it is sending from; null before it was heard. */
  get learnt(): Endpoint | null {
    return this.#latched;
  }

  /** Whether a packet from `source` is the far end's. */
  accepts(source: Endpoint): boolean {
    const signalled = this.#signalled;
    if (source.address !== signalled?.address) return false;
    const isKnown = same(source, signalled) || same(source, this.#latched);
    const isFirst = this.#latched === null && !same(source, this.#left);
    if (isKnown || isFirst) return this.#latchOn(source);
    if (this.#isForGood || !this.#isPersistent(source)) return false;
    return this.#latchOn(source);
  }

  get #isForGood(): boolean {
    return same(this.#latched, this.#signalled) ? this.#heard > 0 : this.#heard >= this.#persistent;
  }

  #latchOn({ address, port }: Endpoint): true {
    if (!same(this.#latched, { address, port })) this.#heard = 0;
    this.#latched = { address, port };
    this.#heard += 1;
    this.#newcomer = null;
    return true;
  }

  /** In a row: a packet of the far end in between begins the count anew. */
  #isPersistent(source: Endpoint): boolean {
    const packets = same(source, this.#newcomer?.source ?? null) ? (this.#newcomer?.packets ?? 0) : 0;
    this.#newcomer = { source, packets: packets + 1 };
    return packets >= this.#persistent;
  }
}
