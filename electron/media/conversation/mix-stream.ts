import type { CodecName } from '../../contract/profile.ts';
import { type SampledChunk, ticksOf } from '../codecs/codec.ts';
import { Encoder } from '../codecs/encoder.ts';
import type { AudioPacket } from '../rtp/rewriter.ts';

/** A conversation's sound, frame after frame, as packets. */
export class MixStream {
  readonly #encoder: Encoder;
  #sequenceNumber = 0;
  #timestamp = 0;

  constructor(codec: 'G722' | 'PCMU') {
    this.#encoder = new Encoder(codec);
  }

  get codec(): CodecName {
    return this.#encoder.codec;
  }

  next({ ssrc, rate, samples }: SampledChunk): AudioPacket {
    const payload = this.#encoder.encode(samples, rate);
    const numbers = { sequenceNumber: this.#sequenceNumber, timestamp: this.#timestamp };
    this.#sequenceNumber = (this.#sequenceNumber + 1) & 0xffff;
    this.#timestamp = (this.#timestamp + ticksOf(this.codec, payload)) >>> 0;
    return { ssrc, ...numbers, payloadType: 0, marker: false, codec: this.codec, payload };
  }
}
