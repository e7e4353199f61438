import type { CodecName } from '../../contract/profile.ts';
import { fromPcmu, pcmuOfSamples, samplesOfPcmu, toPcmu } from '../codecs/g711.ts';
import { type BandSamples, G722Bands } from '../codecs/g722.ts';
import { bridge, historySamples } from './extrapolation.ts';

/** What a voice has said lately, in its own codec: of that its lost packets are made. */
export interface VoiceMemory {
  hear(payload: Buffer): void;
  /** What leads from what was heard over to `next` and lasts for so many ticks; `next` counts as heard only by `hear`. */
  lead(next: Buffer, ticks: number): Buffer;
}

/** Null: the codec knows more of itself than we do. Opus carries its lost packets again (RFC 6716, 2.1.7). */
export function voiceMemory(codec: CodecName): VoiceMemory | null {
  switch (codec) {
    case 'PCMU':
    case 'PCMA':
      return new G711Memory(codec);
    case 'G722':
      return new G722Memory();
    case 'opus':
      return null;
  }
}

const linear = (samples: Int16Array): Float64Array => Float64Array.from(samples);
const rounded = (sound: Float64Array): Int16Array => Int16Array.from(sound, Math.round);

/** The end of what was heard, as far back as it is looked at. */
class Heard {
  samples = new Float64Array();

  add(samples: Int16Array): void {
    const all = new Float64Array(this.samples.length + samples.length);
    all.set(this.samples);
    all.set(samples, this.samples.length);
    this.samples = all.slice(-historySamples);
  }

  lead(next: Int16Array, length: number): Int16Array {
    return rounded(bridge(this.samples, linear(next), length));
  }
}

class G711Memory implements VoiceMemory {
  readonly #codec: CodecName;
  readonly #heard = new Heard();

  constructor(codec: CodecName) {
    this.#codec = codec;
  }

  hear(payload: Buffer): void {
    this.#heard.add(this.#decode(payload));
  }

  lead(next: Buffer, ticks: number): Buffer {
    const made = this.#heard.lead(this.#decode(next), ticks);
    return fromPcmu(pcmuOfSamples(made), this.#codec);
  }

  #decode(payload: Buffer): Int16Array {
    return samplesOfPcmu(toPcmu(payload, this.#codec));
  }
}

/**
 * Each band by itself, for each has 8 kHz of its own. Who plays it predicts each sample by those before: what is made up
 * is coded for just that prediction, and leaves it nearer to that of the speaker than a gap does.
 */
class G722Memory implements VoiceMemory {
  readonly #bands = new G722Bands();
  readonly #lower = new Heard();
  readonly #upper = new Heard();

  hear(payload: Buffer): void {
    this.#add(this.#bands.decode(payload));
  }

  lead(next: Buffer, ticks: number): Buffer {
    const { lower, upper } = this.#bands.copy().decode(next);
    return this.#bands.copy().encode({
      lower: this.#lower.lead(lower, ticks),
      upper: this.#upper.lead(upper, ticks),
    });
  }

  #add({ lower, upper }: BandSamples): void {
    this.#lower.add(lower);
    this.#upper.add(upper);
  }
}
