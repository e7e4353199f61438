export interface PacketNumbers {
  readonly marker: boolean;
  readonly sequenceNumber: number;
  readonly timestamp: number;
}

/**
 * The numbering of the one RTP stream that a leg sends, whatever feeds it: the window, silence, a file, telephone
 * events. SSRC and sequence never break; the timestamp follows the samples while one source speaks and the clock when
 * another takes over, so the far end's jitter buffer sees real time (RFC 3550, 5.1). A codec with another RTP clock
 * needs another stream (RFC 7160, 4.1).
 */
export class OutgoingStream {
  readonly ssrc: number;
  readonly ticksPerMs: number;
  #sequenceNumber: number;
  /** The timestamp after the last sample sent... */
  #endTimestamp: number;
  /** ...and when, in milliseconds, that sample was now. */
  #endsAt: number | null = null;
  #source: string | null = null;
  #eventTimestamp = 0;

  /** `random` gives 32 bits (RFC 3550, 5.1: unpredictable starts). */
  constructor(random: () => number, ticksPerMs = 8) {
    this.ticksPerMs = ticksPerMs;
    this.ssrc = random();
    // Below the half: SRTP counts the wraps, and who misses the first packets must not miss one (RFC 3711, 3.3.1).
    this.#sequenceNumber = random() & 0x7fff;
    this.#endTimestamp = random();
  }

  /** The next packet of audio: `ticks` up to `now` (milliseconds), from a source named `source`. */
  audio(source: string, ticks: number, now: number): PacketNumbers {
    const takesOver = source !== this.#source;
    if (takesOver) this.#advance(now, ticks);
    const timestamp = this.#endTimestamp;
    this.#endTimestamp = (timestamp + ticks) >>> 0;
    this.#endsAt = now;
    this.#source = source;
    return { marker: takesOver, sequenceNumber: this.#takeNumber(), timestamp };
  }

  /** What the source lost on its way to us is lost for the far end too, which then conceals it. */
  lost(ticks: number, packets: number): void {
    this.#endTimestamp = (this.#endTimestamp + ticks) >>> 0;
    this.#sequenceNumber = (this.#sequenceNumber + packets) & 0xffff;
  }

  /** A packet of a telephone event: all of one event carry the timestamp of its beginning (RFC 4733, 2.1). */
  event(first: boolean, now: number): PacketNumbers {
    if (first) {
      this.#advance(now, 0);
      this.#eventTimestamp = this.#endTimestamp;
    }
    this.#source = 'event';
    return { marker: first, sequenceNumber: this.#takeNumber(), timestamp: this.#eventTimestamp };
  }

  /** Nothing is sent for a while: the next packet takes its timestamp from the clock. */
  interrupt(): void {
    this.#source = null;
  }

  #advance(now: number, ticks: number): void {
    const elapsed = this.#endsAt === null ? 0 : Math.round((now - this.#endsAt) * this.ticksPerMs);
    this.#endTimestamp = (this.#endTimestamp + Math.max(0, elapsed - ticks)) >>> 0;
    this.#endsAt = now;
  }

  #takeNumber(): number {
    const taken = this.#sequenceNumber;
    this.#sequenceNumber = (taken + 1) & 0xffff;
    return taken;
  }
}
