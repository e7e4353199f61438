import { type Reason, reason } from '../../contract/reasons.ts';
import { answerInWords } from '../message/answer-words.ts';
import type { Challenged } from '../pbx/authorization.ts';
import { afterAsked, backOff, giveOrTake } from '../retry-time.ts';

/**
 * One extension's registration (RFC 3261, 10.2) as a pure function.
 *
 * ```
 *               start                      accepted
 * unregistered -------> registering ----------------------> registered
 *                        ^   |  ^  (challenge, 423: again)    |     ^
 *              retry,    |   |   \____________________________/     |
 *              try-now   |   | refused, silent     refresh (80 %)   | accepted (fresh)
 *                        |   v                                      |
 *                       failed -------------------------------------+  (an answer that comes late)
 *
 * registered --forgotten, renew--> registering (fresh)      registered --silent--> registering (the user is told)
 * any --stop--> unregistering --answer, 2 s--> stopped
 * ```
 */
export type Registration =
  | { readonly name: 'unregistered' }
  | {
      readonly name: 'registering';
      readonly expires: number;
      /** The PBX still holds our binding: this is a refresh. */
      readonly refreshing: boolean;
      /** Attempts that failed before this one, in a row. */
      readonly failures: number;
      /** Challenges, and wishes for a longer time, answered in this attempt. */
      readonly challenges: number;
      /** Nothing has come back for so long that the user has been told. */
      readonly reported: boolean;
    }
  | { readonly name: 'registered'; readonly expires: number }
  | {
      readonly name: 'failed';
      readonly expires: number;
      readonly failures: number;
      /** Nobody answered, so any sign of life from the PBX is reason to try again. */
      readonly unanswered: boolean;
    }
  | { readonly name: 'unregistering'; readonly challenges: number }
  | { readonly name: 'stopped' };

export type RegistrationEvent =
  | { readonly type: 'start' }
  | { readonly type: 'try-now' }
  | { readonly type: 'stop' }
  /** 2xx; `granted` seconds. */
  | { readonly type: 'accepted'; readonly granted: number }
  /** 401 or 407 (see authorization.ts). */
  | ({ readonly type: 'challenged' } & Challenged)
  /** The PBX is elsewhere: its next address after a silent or overloaded one, or where a 3xx sent us. */
  | { readonly type: 'elsewhere' }
  /** Any other final response; `retryAfter` and `minExpires` in seconds. */
  | {
      readonly type: 'refused';
      readonly status: number;
      readonly phrase: string;
      readonly retryAfter: number | null;
      readonly minExpires: number | null;
    }
  /** 64*T1 without an answer, or the network says that there is nobody; `reason`: what a person must mend. */
  | { readonly type: 'unreachable'; readonly reason?: Reason | null }
  /** A registered PBX no longer lists our binding: it has been started anew. */
  | { readonly type: 'forgotten' }
  /** Whatever the PBX knows of us may be wrong: our address has changed, or we have slept. */
  | { readonly type: 'renew' }
  /** A registered PBX no longer answers (binding-watch.ts). */
  | { readonly type: 'silent' }
  /** The PBX, silent until now, has answered somebody. */
  | { readonly type: 'reachable' }
  /** The PBX's host name could not be resolved. */
  | { readonly type: 'address-unknown' }
  | { readonly type: 'timer'; readonly timer: RegistrationTimer };

/** `quiet`: no answer yet; `next`: refresh or retry; `give-up`: the unregistering PBX is silent. */
export type RegistrationTimer = 'quiet' | 'next' | 'give-up';

export type RegistrationEffect =
  /** Sends REGISTER. 0: unregister. */
  | { readonly type: 'register'; readonly expires: number }
  | { readonly type: 'start-timer'; readonly timer: RegistrationTimer; readonly ms: number }
  | { readonly type: 'stop-timer'; readonly timer: RegistrationTimer }
  | { readonly type: 'tell'; readonly state: 'registering' | 'unregistered' }
  | { readonly type: 'tell-registered'; readonly fresh: boolean }
  | { readonly type: 'tell-failed'; readonly reason: Reason };

export interface RegistrationStep {
  readonly state: Registration;
  readonly effects: readonly RegistrationEffect[];
}

/** What the capture asks for, seconds. */
export const wantedExpires = 3600;
/** A user should not wait for timer F (32 s) to hear that nobody answers. */
const quietTime = 4_500;
const unregisterTime = 2_000;
/** A PBX that comes back is noticed so soon: its REGISTER is repeated every 4 s (T2) before, and after this pause. */
const longestSilence = 4_000;
const mostChallenges = 3;

export const unregistered: Registration = { name: 'unregistered' };

/** `fraction`: random, 0 <= x < 1; spreads retries so that a hundred phones do not return in the same second. */
export function stepRegistration(
  state: Registration,
  event: RegistrationEvent,
  fraction: () => number,
): RegistrationStep {
  if (event.type === 'stop') return stop(state);
  switch (state.name) {
    case 'unregistered':
      return event.type === 'start' ? begin(wantedExpires, [tell('registering')]) : { state, effects: [] };
    case 'registering':
      return whileRegistering(state, event, fraction);
    case 'registered':
      return whileRegistered(state, event);
    case 'failed':
      return whileFailed(state, event);
    case 'unregistering':
      return whileUnregistering(state, event);
    case 'stopped':
      return { state, effects: [] };
  }
}

type Registering = Extract<Registration, { name: 'registering' }>;
type Failed = Extract<Registration, { name: 'failed' }>;

const tell = (state: 'registering' | 'unregistered'): RegistrationEffect => ({ type: 'tell', state });
const stopTimer = (timer: RegistrationTimer): RegistrationEffect => ({ type: 'stop-timer', timer });
const startTimer = (timer: RegistrationTimer, ms: number): RegistrationEffect => ({
  type: 'start-timer',
  timer,
  ms: Math.round(ms),
});

function begin(
  expires: number,
  before: readonly RegistrationEffect[],
  refreshing = false,
  failures = 0,
): RegistrationStep {
  return {
    state: { name: 'registering', expires, refreshing, failures, challenges: 0, reported: failures > 0 },
    effects: [...before, { type: 'register', expires }, startTimer('quiet', quietTime)],
  };
}

function whileRegistered(
  state: Extract<Registration, { name: 'registered' }>,
  event: RegistrationEvent,
): RegistrationStep {
  switch (event.type) {
    case 'try-now':
      return begin(wantedExpires, [stopTimer('next')], true);
    case 'forgotten':
    case 'renew':
      return begin(wantedExpires, [stopTimer('next'), tell('registering')]);
    case 'silent': {
      const { state: next, effects } = begin(wantedExpires, [stopTimer('next')], false, 1);
      return {
        state: next,
        effects: [...effects, { type: 'tell-failed', reason: reason('pbx-unreachable') }],
      };
    }
    default:
      return event.type === 'timer' && event.timer === 'next'
        ? begin(state.expires, [], true)
        : { state, effects: [] };
  }
}

function whileRegistering(
  state: Registering,
  event: RegistrationEvent,
  fraction: () => number,
): RegistrationStep {
  switch (event.type) {
    case 'accepted':
      return accepted(state, event.granted);
    case 'challenged':
      return challenged(state, event, fraction);
    case 'refused':
      if (isTooBrief(state, event)) {
        const expires = event.minExpires ?? wantedExpires;
        const challenges = state.challenges + 1;
        return { state: { ...state, expires, challenges }, effects: [{ type: 'register', expires }] };
      }
      return fail(state, refusal(event.status, event.phrase), retryTime(state, event, fraction));
    case 'renew':
      return begin(wantedExpires, [tell('registering')]);
    case 'elsewhere':
      return {
        state: { ...state, challenges: 0 },
        effects: [{ type: 'register', expires: state.expires }, startTimer('quiet', quietTime)],
      };
    case 'unreachable':
      if (event.reason) return fail(state, event.reason, slowly(fraction));
      return unanswered(state, reason('pbx-unreachable'), growing(state.failures, longestSilence, fraction));
    case 'address-unknown':
      return unanswered(state, reason('pbx-address-unknown'), growing(state.failures, 30_000, fraction));
    case 'timer':
      if (event.timer !== 'quiet' || state.reported) return { state, effects: [] };
      return {
        state: { ...state, reported: true, refreshing: false },
        effects: [{ type: 'tell-failed', reason: reason('pbx-unreachable') }],
      };
    case 'try-now':
    case 'reachable':
      return state.reported ? begin(wantedExpires, [tell('registering')]) : { state, effects: [] };
    case 'start':
    case 'stop':
    case 'forgotten':
    case 'silent':
      return { state, effects: [] };
  }
}

/** The PBX wants us for longer (423); one that is never content must not keep us asking. */
const isTooBrief = (
  { expires, challenges }: Registering,
  { status, minExpires }: Extract<RegistrationEvent, { type: 'refused' }>,
): boolean => status === 423 && (minExpires ?? 0) > expires && challenges < mostChallenges;

function accepted(state: Registering, granted: number): RegistrationStep {
  return {
    state: { name: 'registered', expires: state.expires },
    effects: [
      stopTimer('quiet'),
      // At 80 %: time for a few repeats before the binding is gone.
      startTimer('next', Math.max(granted * 800, 1_000)),
      { type: 'tell-registered', fresh: !state.refreshing },
    ],
  };
}

function challenged(
  state: Registering,
  event: Extract<RegistrationEvent, { type: 'challenged' }>,
  fraction: () => number,
): RegistrationStep {
  const innocent = event.stale || event.another;
  const again = state.challenges === 0 || (innocent && state.challenges < mostChallenges);
  if (!event.answerable) {
    return fail(state, refusal(401, 'Unknown kind of challenge'), slowly(fraction));
  }
  if (!again) return fail(state, reason('wrong-password'), slowly(fraction));
  return {
    state: { ...state, challenges: state.challenges + 1 },
    effects: [{ type: 'register', expires: state.expires }],
  };
}

function fail(state: Registering, why: Reason, retryIn: number): RegistrationStep {
  return {
    state: { name: 'failed', expires: wantedExpires, failures: state.failures + 1, unanswered: false },
    effects: [stopTimer('quiet'), startTimer('next', retryIn), { type: 'tell-failed', reason: why }],
  };
}

function unanswered(from: Registering, why: Reason, retryIn: number): RegistrationStep {
  const { state, effects } = fail(from, why, retryIn);
  return { state: state.name === 'failed' ? { ...state, unanswered: true } : state, effects };
}

function whileFailed(state: Failed, event: RegistrationEvent): RegistrationStep {
  const reviving = event.type === 'try-now' || event.type === 'renew';
  if (reviving || (event.type === 'reachable' && state.unanswered)) {
    return begin(wantedExpires, [stopTimer('next'), tell('registering')]);
  }
  if (event.type === 'timer' && event.timer === 'next')
    return begin(state.expires, [], false, state.failures);
  return { state, effects: [] };
}

function stop(state: Registration): RegistrationStep {
  const timers = [stopTimer('quiet'), stopTimer('next')];
  if (state.name === 'unregistering' || state.name === 'stopped') return { state, effects: [] };
  // A PBX that never answered holds no binding of ours.
  if (state.name !== 'registered' && !(state.name === 'registering' && !state.reported)) {
    return { state: { name: 'stopped' }, effects: [...timers, tell('unregistered')] };
  }
  return {
    state: { name: 'unregistering', challenges: 0 },
    effects: [...timers, { type: 'register', expires: 0 }, startTimer('give-up', unregisterTime)],
  };
}

function whileUnregistering(
  state: Extract<Registration, { name: 'unregistering' }>,
  event: RegistrationEvent,
): RegistrationStep {
  if (event.type === 'challenged' && event.answerable && state.challenges < 2) {
    const challenges = state.challenges + 1;
    return { state: { ...state, challenges }, effects: [{ type: 'register', expires: 0 }] };
  }
  const isOver = event.type === 'timer' ? event.timer === 'give-up' : isAnswer(event);
  if (!isOver) return { state, effects: [] };
  return { state: { name: 'stopped' }, effects: [stopTimer('give-up'), tell('unregistered')] };
}

/** What becomes of a REGISTER, as opposed to news of the PBX or wishes. */
function isAnswer({ type }: RegistrationEvent): boolean {
  const answers: readonly RegistrationEvent['type'][] = ['accepted', 'challenged', 'refused', 'elsewhere'];
  return answers.includes(type) || type === 'unreachable' || type === 'address-unknown';
}

function refusal(status: number, phrase: string): Reason {
  if (status === 403) return reason('forbidden');
  if (status === 404) return reason('unknown-extension');
  return reason('pbx-error', answerInWords(status, phrase));
}

function retryTime(
  state: Registering,
  { status, retryAfter }: { readonly status: number; readonly retryAfter: number | null },
  fraction: () => number,
): number {
  if (retryAfter !== null) return afterAsked(retryAfter, 3600, fraction());
  return status >= 500 ? growing(state.failures, 60_000, fraction) : slowly(fraction);
}

/** 2, 4, 8, ... seconds up to `longest` milliseconds. */
const growing = (failures: number, longest: number, fraction: () => number): number =>
  backOff(failures, { first: 2_000, longest }, fraction());

/** What only a person can mend is not asked again soon: PBXs lock out who guesses. */
const slowly = (fraction: () => number): number => giveOrTake(60_000, fraction());
