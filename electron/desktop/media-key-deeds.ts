import { callInHand } from '../contract/call-in-hand.ts';
import type { CallView } from '../contract/snapshot.ts';

export type MediaKeyDeed = { readonly name: 'answer' | 'hangUp' | 'hold' | 'resume'; readonly call: string };

export const mediaKeys = ['MediaPlayPause', 'MediaStop'] as const;
export type MediaKey = (typeof mediaKeys)[number];

/** All that a press does: a conference is hung up as a whole; it is held and resumed so by the core. */
export function deedsOfMediaKey(key: MediaKey, calls: readonly CallView[]): readonly MediaKeyDeed[] {
  const deed = deedOfMediaKey(key, calls);
  const conference = calls.find(({ id }) => id === deed?.call)?.conference ?? null;
  if (deed?.name !== 'hangUp' || conference === null) return deed ? [deed] : [];
  return calls.filter((call) => call.conference === conference).map(({ id }) => ({ ...deed, call: id }));
}

/** Play/pause answers what rings, else holds and resumes; stop hangs up. */
export function deedOfMediaKey(key: MediaKey, calls: readonly CallView[]): MediaKeyDeed | null {
  const of = (wanted: CallView['state']): CallView | undefined => calls.find(({ state }) => state === wanted);
  const deed = (name: MediaKeyDeed['name'], call: CallView | undefined): MediaKeyDeed | null =>
    call ? { name, call: call.id } : null;
  if (key === 'MediaStop') return deed('hangUp', callInHand(calls));
  return deed('answer', of('incoming')) ?? deed('hold', of('active')) ?? deed('resume', of('held'));
}
