import type { OpusWishes } from '../../contract/opus-wishes.ts';
import type { CodecName } from '../../contract/profile.ts';
import { codedSilence } from './codec.ts';
import { fromPcmu, samplesOfPcmu } from './g711.ts';
import { G722Encoder } from './g722.ts';
import { OpusEncoder } from './opus.ts';

/** Frames of PCMU, one after the other, to payloads of a codec. */
export type Encode = (pcmu: Buffer) => Buffer;

export function createEncoder(codec: CodecName, wishes: OpusWishes | null = null): Encode {
  switch (codec) {
    case 'PCMU':
    case 'PCMA':
      return (pcmu) => fromPcmu(pcmu, codec);
    case 'G722': {
      const g722 = new G722Encoder();
      return (pcmu) => g722.encode(samplesOfPcmu(pcmu));
    }
    case 'opus': {
      const opus = new OpusEncoder(wishes);
      return (pcmu) => {
        try {
          return opus.encode(samplesOfPcmu(pcmu));
        } catch {
          // Opus has no frames of that length.
          return codedSilence(codec, 20);
        }
      };
    }
  }
}
