import type { CallState, CallView } from '../../electron/contract/snapshot.ts';

/** Which call the panel shows when the user has not chosen one: the one that needs hands first. */
const prominence: readonly CallState[] = [
  'seizing',
  'active',
  'ringing',
  'dialing',
  'incoming',
  'held',
  'ending',
];

/** The call in the panel: the chosen one while it lives, else the most prominent. */
export function focusedCall(calls: readonly CallView[], chosen: string | null): CallView | null {
  const wanted = calls.find((call) => call.id === chosen && call.state !== 'ending');
  if (wanted) return wanted;
  for (const state of prominence) {
    const call = calls.find((each) => each.state === state);
    if (call) return call;
  }
  return null;
}

/** The call that Enter answers: the one in the panel if it rings, else the one that has rung longest. */
export const callToAnswer = (calls: readonly CallView[], focused: CallView | null): CallView | null =>
  focused?.state === 'incoming' ? focused : (calls.find((call) => call.state === 'incoming') ?? null);
