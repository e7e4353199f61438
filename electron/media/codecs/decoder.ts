import type { CodecName } from '../../contract/profile.ts';
import { timestampDelta } from '../rtp/rtp.ts';
import { type AudioChunk, type CodedChunk, ticksPerMs } from './codec.ts';
import { pcmuOfSamples, samplesPerMs, toPcmu } from './g711.ts';
import { G722Decoder } from './g722.ts';
import { OpusDecoder } from './opus.ts';

/** Payloads of one stream to PCMU. @throws Error for what is not of the codec. */
type Decode = (payload: Buffer) => Buffer;

function decoderOf(codec: CodecName): Decode {
  switch (codec) {
    case 'PCMU':
    case 'PCMA':
      return (payload) => toPcmu(payload, codec);
    case 'G722': {
      const g722 = new G722Decoder();
      return (payload) => pcmuOfSamples(g722.decode(payload));
    }
    case 'opus': {
      const opus = new OpusDecoder();
      return (payload) => pcmuOfSamples(opus.decode(payload));
    }
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
    try {
      const payload = this.#decode(chunk.payload);
      return { ...chunk, codec: 'PCMU', timestamp: this.#place(chunk), payload };
    } catch {
      return null;
    }
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
