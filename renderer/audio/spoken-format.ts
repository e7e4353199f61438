import type { CodecName } from '../../electron/contract/profile.ts';
import type { CallView } from '../../electron/contract/snapshot.ts';
import { type CallFormat, formatOf } from './call-format.ts';

type Member = Pick<CallView, 'id' | 'conference' | 'codec' | 'opus'>;

const wide: readonly (CodecName | null)[] = ['opus', 'G722'];

/** What the microphone is coded in for a call: as the call is, or wide where somebody in its conference is. */
export function spokenFormat(call: Member, calls: readonly Member[]): CallFormat | null {
  if (wide.includes(call.codec)) return formatOf(call);
  return formatOf(
    calls.find(({ conference, codec }) => conference === call.id && wide.includes(codec)) ?? call,
  );
}
