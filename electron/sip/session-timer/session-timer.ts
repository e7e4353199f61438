import type { TimerTerms } from './session-expires.ts';

/**
 * The timer of one session (RFC 4028), from its first 2xx to its end.
 *
 * ```
 *            /--agreed: them--> watching --agreed--> (as from off)
 *           /                          \--its time is up--------------------> expired
 * off -----<                                                                  ^
 *           \--agreed: us-----> resting --half the interval--> refreshing    /
 *                               ^  \--its time is up------------|--|--------/
 *                               |                               |  |
 *                               +--agreed, or refused-----------+  +--its time is up: expired
 *
 * any --agreed: no timer, over--> off
 * ```
 *
 * Its time is up a little before the session expires, so that a BYE still finds its way (10).
 */
export type SessionTimer =
  | { readonly state: 'off' }
  | (Running & { readonly state: 'resting' | 'watching' })
  | Refreshing
  | { readonly state: 'expired' };

interface Running {
  /** Seconds. */
  readonly interval: number;
  /** When it is to be woken next, in ms. */
  readonly due: number;
  /** When the session is given up. */
  readonly until: number;
}

interface Refreshing extends Running {
  readonly state: 'refreshing';
  /** With a longer interval than the one that was refused a moment ago. */
  readonly raised: boolean;
}

export type SessionTimerEvent =
  /** A 2xx, of either side, to a request that began or refreshed the session; null: there is no timer. */
  | { readonly type: 'agreed'; readonly terms: TimerTerms | null }
  | { readonly type: 'woken' }
  /** Our refresh was; `minimum`: what a 422 asks for. */
  | { readonly type: 'refused'; readonly minimum: number | null }
  | { readonly type: 'over' };

export interface SessionTimerStep {
  readonly timer: SessionTimer;
  /** `end`: with a BYE. */
  readonly effect: 'refresh' | 'end' | null;
}

export const noTimer: SessionTimer = { state: 'off' };

/** After a refusal that says nothing of another interval, in ms. */
const patience = 10_000;
/** A timer of Node may fire a moment early. */
const tolerance = 100;

export function sessionTimerAfter(
  timer: SessionTimer,
  event: SessionTimerEvent,
  at: number,
): SessionTimerStep {
  switch (event.type) {
    case 'agreed':
      return { timer: timer.state === 'expired' ? timer : agreed(event.terms, at), effect: null };
    case 'over':
      return { timer: noTimer, effect: null };
    case 'woken':
      return woken(timer, at);
    case 'refused':
      return timer.state === 'refreshing' ? refused(timer, event.minimum, at) : { timer, effect: null };
  }
}

function agreed(terms: TimerTerms | null, at: number): SessionTimer {
  if (!terms) return noTimer;
  const { interval } = terms;
  const until = at + (interval - Math.min(32, interval / 3)) * 1000;
  return terms.refresher === 'us'
    ? { state: 'resting', interval, due: at + interval * 500, until }
    : { state: 'watching', interval, due: until, until };
}

function woken(timer: SessionTimer, at: number): SessionTimerStep {
  switch (timer.state) {
    case 'off':
    case 'expired':
      return { timer, effect: null };
    case 'resting':
    case 'watching':
    case 'refreshing':
      if (at >= timer.until - tolerance) return { timer: { state: 'expired' }, effect: 'end' };
      return timer.state === 'resting' && at >= timer.due - tolerance
        ? refresh(timer, timer.interval, false)
        : { timer, effect: null };
  }
}

/** One who asks for more each time is not followed without a pause. */
function refused(
  { interval, until, raised }: Refreshing,
  minimum: number | null,
  at: number,
): SessionTimerStep {
  const longer = Math.max(interval, minimum ?? 0);
  if (longer > interval && !raised) return refresh({ until }, longer, true);
  const due = Math.min(at + patience, until);
  return { timer: { state: 'resting', interval: longer, due, until }, effect: null };
}

const refresh = ({ until }: Pick<Running, 'until'>, interval: number, raised: boolean): SessionTimerStep => ({
  timer: { state: 'refreshing', interval, due: until, until, raised },
  effect: 'refresh',
});
