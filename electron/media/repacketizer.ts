import { silence } from './g711.ts';
import { timestampDelta } from './rtp.ts';

/** Audio that comes in packets of any length, told apart by its stream and placed by its timestamp (both as in RTP). */
export interface AudioChunk {
  readonly ssrc: number;
  readonly timestamp: number;
  /** PCMU. */
  readonly payload: Buffer;
}

export interface Repacketized {
  /** Samples missing before the first frame. */
  readonly lost: number;
  readonly frames: readonly Buffer[];
}

const maxLoss = 8000;

/** Cuts audio into frames of the length that the far end asked for (a=ptime); usually it already has it. */
export class Repacketizer {
  #ssrc: number | null = null;
  #expected = 0;
  #rest: Buffer = Buffer.alloc(0);

  take(chunk: AudioChunk, frameSamples: number): Repacketized {
    const gap = chunk.ssrc === this.#ssrc ? timestampDelta(chunk.timestamp, this.#expected) : 0;
    if (gap < 0 && gap > -maxLoss) return { lost: 0, frames: [] };
    this.#ssrc = chunk.ssrc;
    this.#expected = (chunk.timestamp + chunk.payload.length) >>> 0;

    const missing = gap > 0 && gap < maxLoss ? gap : 0;
    const patch = this.#rest.length > 0 ? missing : 0;
    let audio = Buffer.concat([this.#rest, silence(patch), chunk.payload]);
    const frames: Buffer[] = [];
    while (audio.length >= frameSamples) {
      frames.push(audio.subarray(0, frameSamples));
      audio = audio.subarray(frameSamples);
    }
    this.#rest = audio;
    return { lost: missing - patch, frames };
  }

  /** Forgets what waits for its frame to fill, and where the audio was. */
  clear(): void {
    this.#ssrc = null;
    this.#rest = Buffer.alloc(0);
  }
}
