import type { CodedChunk } from './codec.ts';
import { Decoder } from './decoder.ts';
import { isG711, pcmuOfSamples, toPcmu } from './g711.ts';

/** One speaker's sound as mu-law: A-law code by code, other codecs by way of samples. */
export class AsPcmu {
  readonly #decoder = new Decoder(8);

  /** Null when it cannot be read. */
  take<T extends CodedChunk>(chunk: T): T | null {
    const { codec, payload } = chunk;
    if (isG711(codec)) return { ...chunk, codec: 'PCMU', payload: toPcmu(payload, codec) };
    const sound = this.#decoder.decode(chunk);
    return (
      sound && { ...chunk, codec: 'PCMU', timestamp: sound.timestamp, payload: pcmuOfSamples(sound.samples) }
    );
  }
}
