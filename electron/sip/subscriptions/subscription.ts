import { afterAsked, backOff, giveOrTake } from '../retry-time.ts';

/**
 * One subscription of ours (RFC 6665, 4.1) as a pure function.
 *
 * ```
 *         start           2xx, NOTIFY             refresh (80 %), gap
 *  off ---------> asking -------------> held ---------------------------+
 *   ^              |  ^  ^               | ^                            | asks again in the dialog;
 *   |              |  |  |               | +----------------------------+ it stays held meanwhile
 *   | refused,     |  |  | 481, start    |
 *   | silent       v  |  +---------------+
 *   |            waiting <---------------+  terminated, refused for good, no NOTIFY came, its time is up
 *   |
 *   +-- lose: nothing is subscribed while the extension is not registered
 *
 *  any --stop--> leaving (SUBSCRIBE with Expires 0) --answer, 2 s--> over
 * ```
 *
 * A challenge never gets here (authorized-requests.ts).
 */
export type Subscription =
  | { readonly name: 'off' }
  | { readonly name: 'asking'; readonly expires: number; readonly failures: number }
  | Held
  | { readonly name: 'waiting'; readonly expires: number; readonly failures: number }
  | { readonly name: 'leaving' }
  | { readonly name: 'over' };

interface Held {
  readonly name: 'held';
  /** What we ask for, seconds. */
  readonly expires: number;
  /** When the notifier forgets us, ms since the epoch. */
  readonly until: number;
  /** A SUBSCRIBE is on its way. */
  readonly refreshing: boolean;
  /** A NOTIFY has come, as it must after every 2xx. */
  readonly notified: boolean;
  /** Refreshes that failed, in a row. */
  readonly failures: number;
  /** A gap was asked about a moment ago. */
  readonly asked: boolean;
}

export type SubscriptionEvent =
  /** The extension is registered anew: the PBX remembers nothing of us, or we want to begin. */
  | { readonly type: 'start' }
  | { readonly type: 'lose' }
  | { readonly type: 'stop' }
  /** 2xx; `granted` seconds. */
  | { readonly type: 'accepted'; readonly granted: number }
  /** Any other final response; `retryAfter` and `minExpires` in seconds. */
  | {
      readonly type: 'refused';
      readonly status: number;
      readonly retryAfter: number | null;
      readonly minExpires: number | null;
    }
  /** 64*T1 without an answer. */
  | { readonly type: 'unanswered' }
  /** NOTIFY with `active` or `pending`; `expires` in seconds, null: not told. */
  | { readonly type: 'notified'; readonly expires: number | null }
  /** NOTIFY with `terminated` (RFC 6665, 4.1.3). */
  | { readonly type: 'terminated'; readonly reason: string | null; readonly retryAfter: number | null }
  /** A partial document without its predecessor: the full state is wanted. */
  | { readonly type: 'gap' }
  | { readonly type: 'timer'; readonly timer: SubscriptionTimer };

/**
 * `next`: refresh or retry; `end`: not refreshed in time; `notify`: timer N (RFC 6665, 4.1.2); `calm`: time to ask about
 * a gap again; `give-up`: nobody answers our parting.
 */
export type SubscriptionTimer = 'next' | 'end' | 'notify' | 'calm' | 'give-up';

export type SubscriptionEffect =
  /** Sends SUBSCRIBE; `fresh`: in a new dialog. 0: unsubscribes. */
  | { readonly type: 'subscribe'; readonly expires: number; readonly fresh: boolean }
  | { readonly type: 'start-timer'; readonly timer: SubscriptionTimer; readonly ms: number }
  | { readonly type: 'stop-timers' }
  /** What was told last is true no more. */
  | { readonly type: 'lost'; readonly why: string };

export interface SubscriptionStep {
  readonly state: Subscription;
  readonly effects: readonly SubscriptionEffect[];
}

export interface Surroundings {
  /** Now, ms since the epoch. */
  readonly at: number;
  /** What to ask for, seconds. */
  readonly wanted: number;
  /** 0 <= x < 1; spreads retries. */
  fraction(): number;
}

export const notSubscribed: Subscription = { name: 'off' };

const notifyTime = 32_000;
const calmTime = 5_000;
const partingTime = 2_000;
/** These end a subscription that they refuse to refresh; after others it lives on till its time is up (RFC 6665, 4.1.2.2). */
const fatal = new Set([404, 405, 410, 416, 480, 482, 483, 484, 485, 489, 501, 604]);
/** Nobody to subscribe to: a PBX does not learn that by being asked soon again. */
const hopeless = new Set([403, 404, 405, 410, 416, 484, 485, 489, 501, 603, 604]);

export function stepSubscription(
  state: Subscription,
  event: SubscriptionEvent,
  around: Surroundings,
): SubscriptionStep {
  if (state.name === 'over') return stay(state);
  if (state.name === 'leaving') {
    return isParting(event) ? { state: { name: 'over' }, effects: [{ type: 'stop-timers' }] } : stay(state);
  }
  switch (event.type) {
    case 'start':
      return begin(around.wanted, 0);
    case 'lose':
      return lose(state);
    case 'stop':
      return stop(state);
    default:
      return heard(state, event, around);
  }
}

/** The states before `leaving`. */
type On = Exclude<Subscription, { name: 'leaving' | 'over' }>;
/** What comes of the PBX or the clock; our own wishes mean the same in every state. */
type News = Exclude<SubscriptionEvent, { type: 'start' | 'lose' | 'stop' }>;

function heard(state: On, event: News, around: Surroundings): SubscriptionStep {
  switch (state.name) {
    case 'off':
      return stay(state);
    case 'asking':
      return whileAsking(state, event, around);
    case 'held':
      return whileHeld(state, event, around);
    case 'waiting':
      return event.type === 'timer' && event.timer === 'next'
        ? begin(state.expires, state.failures)
        : stay(state);
  }
}

function lose(state: On): SubscriptionStep {
  if (state.name === 'off') return stay(state);
  return {
    state: { name: 'off' },
    effects: [{ type: 'stop-timers' }, ...(state.name === 'held' ? [lost('not registered')] : [])],
  };
}

const stay = (state: Subscription): SubscriptionStep => ({ state, effects: [] });
const startTimer = (timer: SubscriptionTimer, ms: number): SubscriptionEffect => ({
  type: 'start-timer',
  timer,
  ms: Math.max(Math.round(ms), 0),
});

function begin(expires: number, failures: number): SubscriptionStep {
  return {
    state: { name: 'asking', expires, failures },
    effects: [{ type: 'stop-timers' }, { type: 'subscribe', expires, fresh: true }],
  };
}

function whileAsking(
  state: Extract<Subscription, { name: 'asking' }>,
  event: News,
  around: Surroundings,
): SubscriptionStep {
  switch (event.type) {
    case 'accepted':
      return hold(state, event.granted, { notified: false, failures: state.failures }, around);
    case 'notified':
      return hold(state, event.expires ?? state.expires, { notified: true, failures: 0 }, around);
    case 'refused':
      if (event.status === 423 && (event.minExpires ?? 0) > state.expires) {
        return askForLonger({ ...state, expires: event.minExpires ?? around.wanted }, around);
      }
      return giveIn(state, `${event.status}`, refusalTime(state.failures, event, around));
    case 'unanswered':
      return giveIn(state, 'no answer', growing(state.failures, around));
    case 'terminated':
      return giveIn(state, event.reason ?? 'terminated', afterTermination(state.failures, event, around));
    case 'gap':
    case 'timer':
      return stay(state);
  }
}

/** At once, but not again and again of a PBX that is never content. */
function askForLonger(
  state: Extract<Subscription, { name: 'asking' }>,
  around: Surroundings,
): SubscriptionStep {
  const { expires, failures } = state;
  return failures === 0 ? begin(expires, 1) : giveIn(state, '423', growing(failures, around));
}

function whileHeld(state: Held, event: News, around: Surroundings): SubscriptionStep {
  switch (event.type) {
    case 'accepted':
      return hold(state, event.granted, { notified: state.notified, failures: 0 }, around);
    case 'notified':
      return notified(state, event.expires, around);
    case 'refused':
      return refreshRefused(state, event, around);
    case 'unanswered':
      return refreshLater(state, growing(state.failures, around));
    case 'terminated':
      return giveIn(state, event.reason ?? 'terminated', afterTermination(state.failures, event, around));
    case 'gap':
      if (state.refreshing || state.asked) return stay(state);
      return refresh({ ...state, asked: true }, [startTimer('calm', calmTime)]);
    case 'timer':
      return heldTimer(state, event.timer, around);
  }
}

function heldTimer(state: Held, timer: SubscriptionTimer, around: Surroundings): SubscriptionStep {
  switch (timer) {
    case 'next':
      return refresh(state, []);
    case 'calm':
      return stay({ ...state, asked: false });
    case 'end': {
      const { state: next, effects } = begin(around.wanted, state.failures);
      return { state: next, effects: [...effects, lost('not refreshed in time')] };
    }
    case 'notify':
      return state.notified ? stay(state) : giveIn(state, 'no NOTIFY', growing(state.failures, around));
    case 'give-up':
      return stay(state);
  }
}

function refresh(state: Held, effects: readonly SubscriptionEffect[]): SubscriptionStep {
  return {
    state: { ...state, refreshing: true },
    effects: [...effects, { type: 'subscribe', expires: state.expires, fresh: false }],
  };
}

function refreshRefused(
  state: Held,
  event: Extract<SubscriptionEvent, { type: 'refused' }>,
  around: Surroundings,
): SubscriptionStep {
  // The notifier knows nothing of it: what we have been told may be long past, so it is told anew.
  if (event.status === 481) return begin(around.wanted, state.failures);
  if (event.status === 423 && (event.minExpires ?? 0) > state.expires) {
    const asking = { ...state, expires: event.minExpires ?? state.expires };
    return refreshLater(asking, state.failures === 0 ? 0 : growing(state.failures, around));
  }
  const retryIn = refusalTime(state.failures, event, around);
  return fatal.has(event.status) ? giveIn(state, `${event.status}`, retryIn) : refreshLater(state, retryIn);
}

const refreshLater = (state: Held, ms: number): SubscriptionStep => ({
  state: { ...state, refreshing: false, failures: state.failures + 1 },
  effects: [startTimer('next', ms)],
});

/** The notifier may shorten a subscription at any time, never lengthen it (RFC 6665, 4.1.3). */
function notified(state: Held, expires: number | null, around: Surroundings): SubscriptionStep {
  const now = { ...state, notified: true, failures: 0 };
  const isShorter = expires !== null && around.at + expires * 1000 < state.until - 1000;
  return isShorter && !state.refreshing
    ? hold(now, expires, { notified: true, failures: 0 }, around)
    : stay(now);
}

/** A refresh at 80 % leaves time for its repeats before the subscription is gone. */
function hold(
  { expires, asked = false }: { readonly expires: number; readonly asked?: boolean },
  granted: number,
  { notified, failures }: { readonly notified: boolean; readonly failures: number },
  { at }: Surroundings,
): SubscriptionStep {
  const ms = granted * 1000;
  return {
    state: {
      name: 'held',
      expires,
      until: at + ms,
      refreshing: false,
      notified,
      failures,
      asked,
    },
    effects: [
      startTimer('next', Math.max(ms * 0.8, 1_000)),
      startTimer('end', Math.max(ms, 2_000)),
      ...(notified ? [] : [startTimer('notify', notifyTime)]),
    ],
  };
}

function stop(state: On): SubscriptionStep {
  if (state.name !== 'held') return { state: { name: 'over' }, effects: [{ type: 'stop-timers' }] };
  return {
    state: { name: 'leaving' },
    effects: [
      { type: 'stop-timers' },
      { type: 'subscribe', expires: 0, fresh: false },
      startTimer('give-up', partingTime),
    ],
  };
}

const isParting = (event: SubscriptionEvent): boolean =>
  event.type === 'timer'
    ? event.timer === 'give-up'
    : event.type === 'accepted' || event.type === 'refused' || event.type === 'unanswered';

const lost = (why: string): SubscriptionEffect => ({ type: 'lost', why });

function giveIn(
  { expires, failures }: { readonly expires: number; readonly failures: number },
  why: string,
  retryIn: number,
): SubscriptionStep {
  return {
    state: { name: 'waiting', expires, failures: failures + 1 },
    effects: [{ type: 'stop-timers' }, startTimer('next', retryIn), lost(why)],
  };
}

/** 1, 2, 4, ... seconds up to a minute. */
const growing = (failures: number, { fraction }: Surroundings): number =>
  backOff(failures, { first: 1_000, longest: 60_000 }, fraction());

/** Half an hour, give or take a quarter; a new registration tries at once. */
const slowly = ({ fraction }: Surroundings): number => giveOrTake(1_800_000, fraction());

/** As asked for; a day at the most. */
const after = (seconds: number, { fraction }: Surroundings): number =>
  afterAsked(seconds, 86_400, fraction());

function refusalTime(
  failures: number,
  { status, retryAfter }: Extract<SubscriptionEvent, { type: 'refused' }>,
  around: Surroundings,
): number {
  if (retryAfter !== null) return after(retryAfter, around);
  return hopeless.has(status) ? slowly(around) : growing(failures, around);
}

function afterTermination(
  failures: number,
  { reason, retryAfter }: Extract<SubscriptionEvent, { type: 'terminated' }>,
  around: Surroundings,
): number {
  switch (reason) {
    case 'rejected':
    case 'noresource':
    case 'invariant':
      return slowly(around);
    case 'deactivated':
    case 'timeout':
      // At once, says the RFC; but not in a circle.
      return growing(failures, around);
    default:
      return retryAfter === null ? growing(failures, around) : after(retryAfter, around);
  }
}
