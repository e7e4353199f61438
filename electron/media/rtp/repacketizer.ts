import { timestampDelta } from './rtp.ts';

/** Audio that comes in one piece: octets of a codec, or samples. */
export interface Piece<Audio extends Buffer | Int16Array> {
  readonly ssrc: number;
  readonly timestamp: number;
  readonly audio: Audio;
  /** How long it is, on the clock that the timestamp counts. */
  readonly ticks: number;
  readonly ticksPerMs: number;
  /** So many ticks of silence, an element for each; null: it can only be passed on in whole pieces. */
  readonly silence: ((ticks: number) => Audio) | null;
}

export interface Repacketized<Audio> {
  /** Ticks missing before the first frame. */
  readonly lost: number;
  readonly frames: readonly Audio[];
}

const maxLossMs = 1000;

/** Cuts audio into frames of the length that the far end asked for (a=ptime); usually it already has it. */
export class Repacketizer<Audio extends Buffer | Int16Array> {
  readonly #join: (parts: readonly Audio[]) => Audio;
  #ssrc: number | null = null;
  #expected = 0;
  #rest: Audio | null = null;

  constructor(join: (parts: readonly Audio[]) => Audio) {
    this.#join = join;
  }

  take(piece: Piece<Audio>, frameMs: number): Repacketized<Audio> {
    const { ssrc, timestamp, audio, ticks, ticksPerMs, silence } = piece;
    const gap = ssrc === this.#ssrc ? timestampDelta(timestamp, this.#expected) : 0;
    const maxLoss = maxLossMs * ticksPerMs;
    if (gap < 0 && gap > -maxLoss) return { lost: 0, frames: [] };
    this.#ssrc = ssrc;
    this.#expected = (timestamp + ticks) >>> 0;

    const missing = gap > 0 && gap < maxLoss ? gap : 0;
    if (!silence) return { lost: missing, frames: [audio] };
    const rest = this.#rest;
    if (!rest) return { lost: missing, frames: this.#cut(audio, frameMs * ticksPerMs) };
    const whole = this.#join([rest, silence(missing), audio]);
    return { lost: 0, frames: this.#cut(whole, frameMs * ticksPerMs) };
  }

  /** Forgets what waits for its frame to fill, and where the audio was. */
  clear(): void {
    this.#ssrc = null;
    this.#rest = null;
  }

  #cut(audio: Audio, length: number): Audio[] {
    const count = Math.floor(audio.length / length);
    const piece = (start: number, end?: number): Audio => audio.subarray(start, end) as Audio;
    this.#rest = audio.length > count * length ? piece(count * length) : null;
    return Array.from({ length: count }, (_, index) => piece(index * length, (index + 1) * length));
  }
}
