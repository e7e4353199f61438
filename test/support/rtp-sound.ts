import { MulawRecorder } from '../../electron/media/wav-file.ts';
import type { RtpPacket } from './rtp.ts';

/** Writes a stream of PCMU as sound (WAV), each packet where its timestamp says. */
export function writeSound(packets: readonly RtpPacket[], path: string): void {
  const recorder = new MulawRecorder(path);
  const first = packets[0]?.timestamp ?? 0;
  for (const { timestamp, payload } of packets) recorder.write((timestamp - first) | 0, payload);
  recorder.close();
}
