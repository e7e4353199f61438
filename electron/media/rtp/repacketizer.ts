import { type CodedChunk, codedSilence, isCuttable, ticksOf, ticksPerMs } from '../codecs/codec.ts';
import { timestampDelta } from './rtp.ts';

export interface Repacketized {
  /** Ticks missing before the first frame. */
  readonly lost: number;
  readonly frames: readonly Buffer[];
}

const maxLossMs = 1000;

/** Cuts audio into frames of the length that the far end asked for (a=ptime); usually it already has it. */
export class Repacketizer {
  #ssrc: number | null = null;
  #codec: CodedChunk['codec'] = 'PCMU';
  #expected = 0;
  #rest: Buffer = Buffer.alloc(0);

  take(chunk: CodedChunk, frameMs: number): Repacketized {
    const { codec, ssrc, timestamp, payload } = chunk;
    const perMs = ticksPerMs(codec);
    if (codec !== this.#codec) this.clear();
    const gap = ssrc === this.#ssrc ? timestampDelta(timestamp, this.#expected) : 0;
    const maxLoss = maxLossMs * perMs;
    if (gap < 0 && gap > -maxLoss) return { lost: 0, frames: [] };
    this.#ssrc = ssrc;
    this.#codec = codec;
    this.#expected = (timestamp + ticksOf(codec, payload)) >>> 0;

    const missing = gap > 0 && gap < maxLoss ? gap : 0;
    if (!isCuttable(codec)) return { lost: missing, frames: [payload] };
    const patch = this.#rest.length > 0 ? missing : 0;
    const audio = Buffer.concat([this.#rest, codedSilence(codec, patch / perMs), payload]);
    return { lost: missing - patch, frames: this.#cut(audio, frameMs * perMs) };
  }

  /** Forgets what waits for its frame to fill, and where the audio was. */
  clear(): void {
    this.#ssrc = null;
    this.#rest = Buffer.alloc(0);
  }

  #cut(audio: Buffer, frameLength: number): Buffer[] {
    const whole = Math.floor(audio.length / frameLength);
    this.#rest = audio.subarray(whole * frameLength);
    return Array.from({ length: whole }, (_, index) =>
      audio.subarray(index * frameLength, (index + 1) * frameLength),
    );
  }
}
