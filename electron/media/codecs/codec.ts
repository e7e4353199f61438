import type { CodecName } from '../../contract/profile.ts';
import { isG711, silence } from './g711.ts';

/** What the media side can carry, best first. */
export const codecNames: readonly CodecName[] = ['opus', 'G722', 'PCMU', 'PCMA'];

/** Sound that comes in packets of any length, told apart by its stream and placed by its timestamp (both as in RTP). */
export interface CodedChunk {
  readonly ssrc: number;
  /** Counts the codec's RTP clock. */
  readonly timestamp: number;
  readonly codec: CodecName;
  readonly payload: Buffer;
}

/** Samples in a millisecond: of narrowband sound, and of wideband. */
export type Rate = 8 | 16;

/** The same as samples of 16 bits, which the timestamp counts: what voices are added up in, and written down. */
export interface SampledChunk {
  readonly ssrc: number;
  readonly timestamp: number;
  readonly rate: Rate;
  readonly samples: Int16Array;
}

/** The rate that does a codec justice; Opus may have more, but what voices have above 8 kHz is not worth twice the work. */
export const rateOf = (codec: CodecName): Rate => (isG711(codec) ? 8 : 16);

/**
 * Ticks of the RTP clock in a millisecond. G.722 counts 8 kHz though it samples 16 (RFC 3551, 4.5.2), Opus always 48
 * (RFC 7587, 4.1).
 */
export const ticksPerMs = (codec: CodecName): number => (codec === 'opus' ? 48 : 8);

/** One octet a tick, to be cut anywhere: what is not so passes in the frames that its encoder made. */
export const isCuttable = (codec: CodecName): boolean => codec !== 'opus';

/** How long a payload sounds, in ticks of its RTP clock. */
export const ticksOf = (codec: CodecName, payload: Uint8Array): number =>
  isCuttable(codec) ? payload.length : opusMs(payload) * ticksPerMs(codec);

const opusFrameMs = {
  silk: [10, 20, 40, 60],
  hybrid: [10, 20, 10, 20],
  celt: [2.5, 5, 10, 20],
} as const;
const maxOpusMs = 120;

/** The length of an Opus packet, by its first octets (RFC 6716, 3.1 and 3.2); 0 for what is none. */
function opusMs(payload: Uint8Array): number {
  const [toc, second = 0] = payload;
  if (toc === undefined) return 0;
  const mode = toc < 0x60 ? 'silk' : toc < 0x80 ? 'hybrid' : 'celt';
  const frameMs = opusFrameMs[mode][(toc >> 3) & 3] ?? 0;
  const code = toc & 3;
  const frames = code === 0 ? 1 : code === 3 ? second & 0x3f : 2;
  const ms = frames * frameMs;
  return ms <= maxOpusMs ? ms : 0;
}

/** Silence of CELT in full band: frames of 10 and 20 ms, whose decoder then makes silence and nothing else. */
const opusSilence = new Map<number, Buffer>([
  [10, Buffer.from([0xf0, 0xff, 0xfe])],
  [20, Buffer.from([0xf8, 0xff, 0xfe])],
  [40, Buffer.from([0xf9, 0xff, 0xfe, 0xff, 0xfe])],
  [60, Buffer.from([0xfb, 0x03, 0xff, 0xfe, 0xff, 0xfe, 0xff, 0xfe])],
]);
/** The code of no difference in either band: prediction and scale die away with it (ITU-T G.722). */
const g722Silence = 0xfd;

/** Silence that needs no encoder, for so many milliseconds. */
export function codedSilence(codec: CodecName, ms: number): Buffer {
  if (codec === 'opus') return opusSilence.get(ms) ?? codedSilence('opus', 20);
  const octets = ms * ticksPerMs(codec);
  return codec === 'G722' ? Buffer.alloc(octets, g722Silence) : silence(octets, codec);
}
