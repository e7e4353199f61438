import type { CallView } from '../contract/snapshot.ts';

export type MediaKeyDeed = { readonly name: 'answer' | 'hangUp' | 'hold' | 'resume'; readonly call: string };

export const mediaKeys = ['MediaPlayPause', 'MediaStop'] as const;
export type MediaKey = (typeof mediaKeys)[number];

/** Play/pause answers what rings, else holds and resumes; stop hangs up. */
export function deedOfMediaKey(key: MediaKey, calls: readonly CallView[]): MediaKeyDeed | null {
  const of = (...states: CallView['state'][]): CallView | undefined =>
    calls.find(({ state }) => states.includes(state));
  const deed = (name: MediaKeyDeed['name'], call: CallView | undefined): MediaKeyDeed | null =>
    call ? { name, call: call.id } : null;
  if (key === 'MediaStop') return deed('hangUp', of('active', 'dialing', 'ringing', 'seizing'));
  return deed('answer', of('incoming')) ?? deed('hold', of('active')) ?? deed('resume', of('held'));
}
