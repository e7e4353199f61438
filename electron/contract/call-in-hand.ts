import type { CallState, CallView } from './snapshot.ts';

/** Off-hook for it, as one would be with a handset: what a hook that is put down, or a stop key, hangs up. */
const inHand: readonly CallState[] = ['seizing', 'dialing', 'ringing', 'active'];

/** The call that its user has in hand, neither waiting on hold nor only ringing here. */
export const callInHand = (calls: readonly CallView[]): CallView | undefined =>
  calls.find(({ state }) => inHand.includes(state));
