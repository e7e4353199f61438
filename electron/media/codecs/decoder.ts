import type { CodecName } from '../../contract/profile.ts';
import { Timescale } from '../rtp/timescale.ts';
import { type CodedChunk, type Rate, rateOf, type SampledChunk, ticksPerMs } from './codec.ts';
import { samplesOfPcmu, toPcmu } from './g711.ts';
import { G722Decoder } from './g722.ts';
import { OpusDecoder } from './opus.ts';
import { Resampler } from './resampler.ts';

/** Payloads of one stream to samples at the codec's rate. @throws Error for what is not of the codec. */
type Decode = (payload: Buffer) => Int16Array;

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
      return (payload) => opus.decode(payload);
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

  constructor(rate: Rate) {
    this.rate = rate;
    this.#resampler = new Resampler(8, rate);
    this.#time = new Timescale(8, rate);
  }

  /** Null when it cannot be read. */
  decode({ codec, ssrc, timestamp, payload }: CodedChunk): SampledChunk | null {
    if (codec !== this.#codec) this.#begin(codec);
    try {
      const samples = this.#resampler.take(this.#decode(payload));
      return { ssrc, timestamp: this.#time.place(ssrc, timestamp), rate: this.rate, samples };
    } catch {
      return null;
    }
  }

  #begin(codec: CodecName): void {
    const clock = ticksPerMs(codec);
    if (clock !== ticksPerMs(this.#codec)) this.#time = new Timescale(clock, this.rate);
    this.#codec = codec;
    this.#decode = decoderOf(codec);
    this.#resampler = new Resampler(rateOf(codec), this.rate);
  }
}
