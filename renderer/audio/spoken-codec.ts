import type { CodecName } from '../../electron/contract/profile.ts';
import type { CallView } from '../../electron/contract/snapshot.ts';

type Member = Pick<CallView, 'id' | 'conference' | 'codec'>;

const wide: readonly (CodecName | null)[] = ['opus', 'G722'];

/** What the microphone is coded in for a call: its own codec, or a wide one where somebody in its conference has one. */
export function spokenCodec(call: Member, calls: readonly Member[]): CodecName | null {
  if (wide.includes(call.codec)) return call.codec;
  const guest = calls.find(({ conference, codec }) => conference === call.id && wide.includes(codec));
  return guest?.codec ?? call.codec;
}
