import { timestampDelta } from './rtp.ts';

/**
 * The timestamps of a stream as another clock counts them. Differences are converted, not the timestamps: so the wrap of
 * either clock passes unnoticed.
 */
export class Timescale {
  readonly #factor: number;
  #ssrc: number | null = null;
  /** The last timestamp that came, and what was made of it. */
  #from = 0;
  #to = 0;

  /** Ticks in a millisecond of the one clock and of the other. */
  constructor(from: number, to: number) {
    this.#factor = to / from;
  }

  place(ssrc: number, timestamp: number): number {
    const ticks = timestampDelta(timestamp, this.#from);
    this.#to = ssrc === this.#ssrc ? (this.#to + Math.round(ticks * this.#factor)) >>> 0 : timestamp;
    this.#ssrc = ssrc;
    this.#from = timestamp;
    return this.#to;
  }
}
