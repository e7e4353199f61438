import type { CodecName } from '../../contract/profile.ts';
import { samplesPerMs, toPcmu } from '../g711.ts';
import { timestampDelta } from '../rtp.ts';
import { type AudioChunk, type CodedChunk, ticksPerMs } from './codec.ts';

/** Payloads of one stream to PCMU; null for what is not of this codec. */
export type Decode = (payload: Buffer) => Buffer | null;

function decoderOf(codec: CodecName): Decode {
  switch (codec) {
    case 'PCMU':
    case 'PCMA':
      return (payload) => toPcmu(payload, codec);
    case 'G722':
    case 'opus':
      return () => null;
  }
}

/** Makes PCMU of one speaker's sound, in whatever codecs it comes one after the other. */
export class Decoder {
  #codec: CodecName = 'PCMU';
  #decode = decoderOf('PCMU');
  #ssrc: number | null = null;
  /** The last timestamp that came, and the one of 8 kHz that was made of it. */
  #from = 0;
  #to = 0;

  /** The chunk as PCMU, its timestamp too; null when it cannot be read. */
  decode<T extends AudioChunk>(chunk: T & CodedChunk): (T & { readonly codec: 'PCMU' }) | null {
    if (chunk.codec !== this.#codec) {
      this.#codec = chunk.codec;
      this.#decode = decoderOf(chunk.codec);
      this.#ssrc = null;
    }
    const payload = this.#decode(chunk.payload);
    return payload && { ...chunk, codec: 'PCMU', timestamp: this.#place(chunk), payload };
  }

  /** Differences are counted, not quotients: so the wrap of a faster clock passes unnoticed. */
  #place({ codec, ssrc, timestamp }: CodedChunk): number {
    const ticks = ssrc === this.#ssrc ? timestampDelta(timestamp, this.#from) : 0;
    const begins = ssrc !== this.#ssrc;
    this.#ssrc = ssrc;
    this.#from = timestamp;
    const samples = Math.round((ticks * samplesPerMs) / ticksPerMs(codec));
    this.#to = begins ? timestamp : (this.#to + samples) >>> 0;
    return this.#to;
  }
}
