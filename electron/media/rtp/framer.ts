import { isDeepStrictEqual } from 'node:util';
import type { OpusWishes } from '../../contract/opus-wishes.ts';
import type { CodecName } from '../../contract/profile.ts';
import { type CodedChunk, codedSilence, isCuttable, ticksOf, ticksPerMs } from '../codecs/codec.ts';
import { Decoder } from '../codecs/decoder.ts';
import { createEncoder } from '../codecs/encoder.ts';
import { Repacketizer } from './repacketizer.ts';

/** The payload of one packet for the far end. */
export interface Frame {
  readonly payload: Buffer;
  readonly ticks: number;
}

export interface Framed {
  /** What is missing before the first frame. */
  readonly lost: { readonly ticks: number; readonly packets: number };
  readonly frames: readonly Frame[];
}

/**
 * Makes of what is pushed the frames that the far end wants: its codec, its packet time. Sound that already has the
 * codec is cut to length, or passed on as it is, without a loss of quality; other sound goes by way of PCMU.
 */
export class Framer {
  #codec: CodecName = 'PCMU';
  #opus: OpusWishes | null = null;
  #ptime = 20;
  #encode = createEncoder('PCMU');
  #decoder = new Decoder();
  readonly #repacketizer = new Repacketizer();

  setFormat(codec: CodecName, ptime: number, opus: OpusWishes | null = null): void {
    if (codec !== this.#codec || !isDeepStrictEqual(opus, this.#opus)) {
      this.#codec = codec;
      this.#opus = opus;
      this.#encode = createEncoder(codec, opus);
    }
    this.#ptime = ptime;
  }

  /** What waits for its frame to fill is forgotten. */
  clear(): void {
    this.#repacketizer.clear();
  }

  take(chunk: CodedChunk): Framed {
    const passes = chunk.codec === this.#codec;
    const readable = passes ? chunk : this.#decoder.decode(chunk);
    if (!readable) return { lost: { ticks: 0, packets: 0 }, frames: [] };

    const { lost, frames } = this.#repacketizer.take(readable, this.#ptime);
    const lostMs = lost / ticksPerMs(readable.codec);
    const ticks = lostMs * ticksPerMs(this.#codec);
    const packets = lost > 0 ? Math.max(1, Math.round(lostMs / this.#ptime)) : 0;
    return {
      lost: { ticks, packets },
      frames: frames.map((payload) => (passes ? this.#frame(payload) : this.encode(payload))),
    };
  }

  /** A frame of PCMU. */
  encode(pcmu: Buffer): Frame {
    return this.#frame(this.#encode(pcmu));
  }

  /** As long as `like`; where that is odd for the codec, as long as can be. */
  silence(like: Frame): Frame {
    const payload = codedSilence(this.#codec, like.ticks / ticksPerMs(this.#codec));
    return isCuttable(this.#codec) ? { payload, ticks: like.ticks } : this.#frame(payload);
  }

  idle(): Frame {
    return this.#frame(codedSilence(this.#codec, this.#ptime));
  }

  #frame(payload: Buffer): Frame {
    return { payload, ticks: ticksOf(this.#codec, payload) };
  }
}
