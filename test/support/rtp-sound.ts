import type { CodecName } from '../../electron/contract/profile.ts';
import type { Rate } from '../../electron/media/codecs/codec.ts';
import { Decoder } from '../../electron/media/codecs/decoder.ts';
import { MulawRecorder } from '../../electron/media/wav-file.ts';
import type { RtpPacket } from './rtp.ts';

/** Writes a stream of PCMU as sound (WAV), each packet where its timestamp says. */
export function writeSound(packets: readonly RtpPacket[], path: string): void {
  const recorder = new MulawRecorder(path);
  const first = packets[0]?.timestamp ?? 0;
  for (const { timestamp, payload } of packets) recorder.write((timestamp - first) | 0, payload);
  recorder.close();
}

/** The samples of a stream, packet after packet, on a scale of 1. */
export function streamSamples(packets: readonly RtpPacket[], codec: CodecName, rate: Rate): Float64Array {
  const decoder = new Decoder(rate);
  const pieces = packets.map((packet) => decoder.decode({ ...packet, codec })?.samples ?? new Int16Array());
  return Float64Array.from(pieces.flatMap((piece) => [...piece].map((sample) => sample / 32_768)));
}
