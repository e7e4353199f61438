import { isDeepStrictEqual } from 'node:util';
import type { OpusWishes } from '../../contract/opus-wishes.ts';
import type { CodecName } from '../../contract/profile.ts';
import {
  type CodedChunk,
  codedSilence,
  isCuttable,
  type Rate,
  rateOf,
  type SampledChunk,
  ticksOf,
  ticksPerMs,
} from '../codecs/codec.ts';
import { Decoder } from '../codecs/decoder.ts';
import { Encoder } from '../codecs/encoder.ts';
import { type Repacketized, Repacketizer } from './repacketizer.ts';

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

const nothing: Framed = { lost: { ticks: 0, packets: 0 }, frames: [] };

/**
 * Makes of what is pushed the frames that the far end wants: its codec, its packet time. Sound that already has the
 * codec is cut to length, or passed on as it is, without a loss of quality; other sound goes by way of samples.
 */
export class Framer {
  #opus: OpusWishes | null = null;
  #ptime = 20;
  #encoder = new Encoder('PCMU');
  #decoder = new Decoder(8);
  readonly #coded = new Repacketizer<Buffer>((parts) => Buffer.concat(parts));
  readonly #sampled = new Repacketizer<Int16Array>(joined);
  #last: CodecName | Rate | null = null;

  setFormat(codec: CodecName, ptime: number, opus: OpusWishes | null = null): void {
    if (codec !== this.#codec || !isDeepStrictEqual(opus, this.#opus)) {
      this.#opus = opus;
      this.#encoder = new Encoder(codec, opus);
      this.#decoder = new Decoder(rateOf(codec));
    }
    this.#ptime = ptime;
  }

  get #codec(): CodecName {
    return this.#encoder.codec;
  }

  /** What waits for its frame to fill is forgotten. */
  clear(): void {
    this.#coded.clear();
    this.#sampled.clear();
  }

  take(chunk: CodedChunk): Framed {
    const { codec, ssrc, timestamp, payload } = chunk;
    if (codec !== this.#codec) {
      const sound = this.#decoder.decode(chunk);
      return sound ? this.takeSamples(sound) : nothing;
    }
    this.#comes(codec);
    const perMs = ticksPerMs(codec);
    const silence = isCuttable(codec) ? (ticks: number) => codedSilence(codec, ticks / perMs) : null;
    const ticks = ticksOf(codec, payload);
    const piece = { ssrc, timestamp, audio: payload, ticks, ticksPerMs: perMs, silence };
    return this.#framed(this.#coded.take(piece, this.#ptime), perMs, (each) => this.#frame(each));
  }

  takeSamples({ ssrc, timestamp, rate, samples }: SampledChunk): Framed {
    this.#comes(rate);
    const silence = (ticks: number) => new Int16Array(ticks);
    const piece = { ssrc, timestamp, audio: samples, ticks: samples.length, ticksPerMs: rate, silence };
    return this.#framed(this.#sampled.take(piece, this.#ptime), rate, (each) => this.encode(each, rate));
  }

  encode(samples: Int16Array, rate: Rate): Frame {
    return this.#frame(this.#encoder.encode(samples, rate));
  }

  /** As long as `like`; where that is odd for the codec, as long as can be. */
  silence(like: Frame): Frame {
    const payload = codedSilence(this.#codec, like.ticks / ticksPerMs(this.#codec));
    return isCuttable(this.#codec) ? { payload, ticks: like.ticks } : this.#frame(payload);
  }

  idle(): Frame {
    return this.#frame(codedSilence(this.#codec, this.#ptime));
  }

  /** What waits is of another kind: it cannot be joined to this. */
  #comes(kind: CodecName | Rate): void {
    if (kind !== this.#last) this.clear();
    this.#last = kind;
  }

  #framed<Audio>(
    { lost, frames }: Repacketized<Audio>,
    perMs: number,
    frame: (audio: Audio) => Frame,
  ): Framed {
    const lostMs = lost / perMs;
    const packets = lost > 0 ? Math.max(1, Math.round(lostMs / this.#ptime)) : 0;
    return { lost: { ticks: lostMs * ticksPerMs(this.#codec), packets }, frames: frames.map(frame) };
  }

  #frame(payload: Buffer): Frame {
    return { payload, ticks: ticksOf(this.#codec, payload) };
  }
}

function joined(parts: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
