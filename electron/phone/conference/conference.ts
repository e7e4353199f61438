import type { Call } from '../calls/call.ts';

/**
 * Calls that talk together: everybody hears everybody. Our user speaks and hears through the call it began with, its host.
 *
 *                 all active
 *   gathering -----------------> together <----- resume (all) ------ held
 *     |  | one is not resumed      |  |  ^                             ^
 *     |  +--> goes on without it   |  |  |                             |
 *     | nobody comes               |  |  +-- one leaves, drops, is     |
 *     v                            |  |      joined: with one left it  |
 *   (calls as they were)           |  |      is an ordinary call       |
 *                                  |  +-- hold, another call: all, privately
 *                                  v
 *                     the host's call ends: the next one is host
 *
 * Whether it is held is no state of its own: its calls are. One that its far end holds stays in.
 */
export interface Conference {
  readonly host: string;
  /** Those that the media side has joined to the host. */
  readonly guests: readonly string[];
  /** Those that have to be active first, the host too if it was held. */
  readonly coming: readonly Coming[];
  /** The commands that wait until all of them have come. */
  readonly requests: readonly number[];
}

export interface Coming {
  readonly call: string;
  /** It was resumed: should it be held again, it does not come. */
  readonly asked: boolean;
}

export const membersOf = ({ host, guests, coming }: Conference): readonly string[] => [
  ...new Set([host, ...guests, ...coming.map(({ call }) => call)]),
];

export const isTalking = ({ phase }: Call): boolean => phase === 'active' || phase === 'resuming';

/** Who is still on the way to it does not come any more: another call has the user's ear. */
export const abandoned = (conference: Conference): Conference => ({
  ...conference,
  coming: conference.coming.map(({ call }) => ({ call, asked: true })),
});
