import type { CodecName } from '../../contract/profile.ts';
import { fromPcmu } from '../g711.ts';

/** Frames of PCMU, one after the other, to payloads of a codec. */
export type Encode = (pcmu: Buffer) => Buffer;

export function createEncoder(codec: CodecName): Encode {
  switch (codec) {
    case 'PCMU':
    case 'PCMA':
      return (pcmu) => fromPcmu(pcmu, codec);
    case 'G722':
    case 'opus':
      return (pcmu) => pcmu;
  }
}
