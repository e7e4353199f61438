import type { CodecName } from '../../contract/profile.ts';
import { timestampDelta } from '../rtp/rtp.ts';
import { Timescale } from '../rtp/timescale.ts';
import { type CodedChunk, type Rate, rateOf, type SampledChunk, ticksOf, ticksPerMs } from './codec.ts';
import { samplesOfPcmu, toPcmu } from './g711.ts';
import { G722Decoder } from './g722.ts';
import { OpusDecoder } from './opus.ts';
import { Resampler } from './resampler.ts';

/**
 * Payloads of one stream to samples at the codec's rate; some codecs make up what was `lost` before, in ticks.
 * @throws Error for what is not of the codec.
 */
type Decode = (payload: Buffer, lost: number) => Int16Array;
/** What is missing for longer, in milliseconds, is a pause. */
const longestLoss = 60;

function decoderOf(codec: CodecName): Decode {
  switch (codec) {
    case 'PCMU':
    case 'PCMA':
      return (payload) => samplesOfPcmu(toPcmu(payload, codec));
    case 'G722': {
      const g722 = new G722Decoder();
      return (payload) => g722.decode(payload);
    }
    case 'opus': {
      const opus = new OpusDecoder();
      return (payload, lost) => opus.decode(payload, lost);
    }
  }
}

/** Makes samples of one speaker's sound, at the rate that is wanted, in whatever codecs it comes one after the other. */
export class Decoder {
  readonly rate: Rate;
  #codec: CodecName = 'PCMU';
  #decode = decoderOf('PCMU');
  #resampler: Resampler;
  #time: Timescale;
  /** Where the next packet belongs. */
  #next: { readonly ssrc: number; readonly timestamp: number } | null = null;

  constructor(rate: Rate) {
    this.rate = rate;
    this.#resampler = new Resampler(8, rate);
    this.#time = new Timescale(8, rate);
  }

  /** Null when it cannot be read. It begins with what was lost before, where the codec makes that up. */
  decode(chunk: CodedChunk): SampledChunk | null {
    const { codec, ssrc, timestamp, payload } = chunk;
    if (codec !== this.#codec) this.#begin(codec);
    try {
      const ticks = ticksOf(codec, payload);
      const decoded = this.#decode(payload, this.#lostBefore(chunk));
      const madeUp = (decoded.length * ticksPerMs(codec)) / rateOf(codec) - ticks;
      this.#next = { ssrc, timestamp: (timestamp + ticks) >>> 0 };
      const start = this.#time.place(ssrc, (timestamp - madeUp) >>> 0);
      return { ssrc, timestamp: start, rate: this.rate, samples: this.#resampler.take(decoded) };
    } catch {
      return null;
    }
  }

  #lostBefore({ codec, ssrc, timestamp }: CodedChunk): number {
    if (this.#next?.ssrc !== ssrc) return 0;
    const lost = timestampDelta(timestamp, this.#next.timestamp);
    return lost > 0 && lost <= longestLoss * ticksPerMs(codec) ? lost : 0;
  }

  #begin(codec: CodecName): void {
    const clock = ticksPerMs(codec);
    if (clock !== ticksPerMs(this.#codec)) this.#time = new Timescale(clock, this.rate);
    this.#codec = codec;
    this.#next = null;
    this.#decode = decoderOf(codec);
    this.#resampler = new Resampler(rateOf(codec), this.rate);
  }
}
