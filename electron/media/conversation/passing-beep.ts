import type { CodecName } from '../../contract/profile.ts';
import { rateOf, ticksOf } from '../codecs/codec.ts';
import { Decoder } from '../codecs/decoder.ts';
import { Encoder } from '../codecs/encoder.ts';
import { beepSound } from './beeps.ts';
import { limit } from './mixer.ts';

/** For so long before the beep packets are read and coded anew, but pass as they are: a codec must not begin in mid-word. */
const leadMs = 240;

interface Coder {
  readonly decoder: Decoder;
  readonly encoder: Encoder;
  readonly beep: Int16Array;
  readonly lead: number;
}

function coderOf(codec: CodecName): Coder {
  const rate = rateOf(codec);
  return {
    decoder: new Decoder(rate),
    encoder: new Encoder(codec),
    beep: beepSound('recording', rate),
    lead: leadMs * rate,
  };
}

/**
 * The beep of a recording over one direction of a call whose packets pass as they come: those that it falls into have
 * it mixed in, and stay as long and in the place that they were. So the call is not delayed, and nothing of it is lost.
 */
export class PassingBeep {
  #isDue = false;
  #coder: Coder | null = null;
  /** Samples that have passed since the beep was due. */
  #passed = 0;

  play(): void {
    this.#isDue = true;
  }

  /** What passes in the place of this payload. */
  over(codec: CodecName, payload: Buffer): Buffer {
    if (!this.#isDue) return payload;
    const coder = this.#coder?.encoder.codec === codec ? this.#coder : this.#begin(codec);
    const heard = coder.decoder.decode({ ssrc: 0, timestamp: 0, codec, payload });
    if (!heard) return payload;

    const from = this.#passed - coder.lead;
    this.#passed += heard.samples.length;
    const mixed = heard.samples.map((sample, index) => limit(sample + (coder.beep[from + index] ?? 0)));
    const coded = coder.encoder.encode(mixed, heard.rate);
    if (this.#passed - coder.lead >= coder.beep.length) this.#end();
    return from >= 0 && ticksOf(codec, coded) === ticksOf(codec, payload) ? coded : payload;
  }

  #begin(codec: CodecName): Coder {
    this.#coder = coderOf(codec);
    this.#passed = 0;
    return this.#coder;
  }

  #end(): void {
    this.#isDue = false;
    this.#coder = null;
  }
}
