import type { OpusWishes } from '../../contract/opus-wishes.ts';
import type { CodecName } from '../../contract/profile.ts';
import { codedSilence, type Rate, rateOf } from './codec.ts';
import { fromPcmu, pcmuOfSamples } from './g711.ts';
import { G722Encoder } from './g722.ts';
import { OpusEncoder } from './opus.ts';
import { Resampler } from './resampler.ts';

/** Samples at the codec's rate, frame after frame, to its payloads. */
type Encode = (samples: Int16Array) => Buffer;

function encoderOf(codec: CodecName, wishes: OpusWishes | null): Encode {
  switch (codec) {
    case 'PCMU':
    case 'PCMA':
      return (samples) => fromPcmu(pcmuOfSamples(samples), codec);
    case 'G722': {
      const g722 = new G722Encoder();
      return (samples) => g722.encode(samples);
    }
    case 'opus': {
      const opus = new OpusEncoder(wishes);
      return (samples) => {
        try {
          return opus.encode(samples);
        } catch {
          // Opus has no frames of that length.
          return codedSilence(codec, 20);
        }
      };
    }
  }
}

/** Makes payloads of one codec of what comes in one rate or another. */
export class Encoder {
  readonly codec: CodecName;
  readonly #encode: Encode;
  #from: Rate;
  #resampler: Resampler;

  constructor(codec: CodecName, wishes: OpusWishes | null = null) {
    this.codec = codec;
    this.#encode = encoderOf(codec, wishes);
    this.#from = rateOf(codec);
    this.#resampler = new Resampler(this.#from, this.#from);
  }

  encode(samples: Int16Array, rate: Rate): Buffer {
    if (rate !== this.#from) {
      this.#from = rate;
      this.#resampler = new Resampler(rate, rateOf(this.codec));
    }
    return this.#encode(this.#resampler.take(samples));
  }
}
