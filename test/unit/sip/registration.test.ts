import { describe, expect, it } from 'vitest';
import {
  type Registration,
  type RegistrationEffect,
  type RegistrationEvent,
  stepRegistration,
  unregistered,
} from '../../../electron/sip/registration/registration.ts';

const half = (): number => 0.5;

/** Takes events one after the other; gives the last step. */
function take(...events: RegistrationEvent[]): {
  state: Registration;
  effects: readonly RegistrationEffect[];
} {
  let step: ReturnType<typeof stepRegistration> = { state: unregistered, effects: [] };
  for (const event of events) step = stepRegistration(step.state, event, half);
  return step;
}
const start: RegistrationEvent = { type: 'start' };
const accepted: RegistrationEvent = { type: 'accepted', granted: 3600 };
const challenged: RegistrationEvent = { type: 'challenged', answerable: true, stale: false, another: false };
const stale: RegistrationEvent = { type: 'challenged', answerable: true, stale: true, another: false };
const unreachable: RegistrationEvent = { type: 'unreachable' };
const next: RegistrationEvent = { type: 'timer', timer: 'next' };
const quiet: RegistrationEvent = { type: 'timer', timer: 'quiet' };
const stop: RegistrationEvent = { type: 'stop' };
const refused = (status: number, more: object = {}): RegistrationEvent => ({
  type: 'refused',
  status,
  phrase: 'No',
  retryAfter: null,
  minExpires: null,
  ...more,
});

const reasonOf = (effects: readonly RegistrationEffect[]): string | undefined =>
  effects.flatMap((each) => (each.type === 'tell-failed' ? [each.reason.code] : []))[0];
const waitOf = (effects: readonly RegistrationEffect[]): number | undefined =>
  effects.flatMap((each) => (each.type === 'start-timer' && each.timer === 'next' ? [each.ms] : []))[0];
const registers = (effects: readonly RegistrationEffect[]): number[] =>
  effects.flatMap((each) => (each.type === 'register' ? [each.expires] : []));

describe('registration', () => {
  it('asks for an hour, and refreshes at 80 % of what was granted', () => {
    expect(registers(take(start).effects)).toEqual([3600]);
    expect(waitOf(take(start, { type: 'accepted', granted: 100 }).effects)).toBe(80_000);
    expect(registers(take(start, accepted, next).effects)).toEqual([3600]);
  });

  it('is fresh the first time and after any failure, not after a refresh', () => {
    const isFresh = (...events: RegistrationEvent[]): unknown =>
      take(...events).effects.find(({ type }) => type === 'tell-registered');
    expect(isFresh(start, accepted)).toMatchObject({ fresh: true });
    expect(isFresh(start, accepted, next, accepted)).toMatchObject({ fresh: false });
    expect(isFresh(start, accepted, next, unreachable, next, accepted)).toMatchObject({ fresh: true });
    expect(isFresh(start, accepted, next, quiet, accepted)).toMatchObject({ fresh: true });
  });

  it('answers one challenge, more only when the nonce was stale', () => {
    expect(registers(take(start, challenged).effects)).toEqual([3600]);
    expect(reasonOf(take(start, challenged, challenged).effects)).toBe('wrong-password');
    expect(registers(take(start, challenged, stale).effects)).toEqual([3600]);
    expect(reasonOf(take(start, challenged, stale, stale, stale).effects)).toBe('wrong-password');
    const unknown: RegistrationEvent = {
      type: 'challenged',
      answerable: false,
      stale: false,
      another: false,
    };
    expect(reasonOf(take(start, unknown).effects)).toBe('pbx-error');
  });

  it('answers a proxy and then the registrar behind it', () => {
    const registrar: RegistrationEvent = { ...challenged, another: true };
    expect(registers(take(start, challenged, registrar).effects)).toEqual([3600]);
    expect(reasonOf(take(start, challenged, registrar, challenged).effects)).toBe('wrong-password');
  });

  it('tries the next address of the PBX at once', () => {
    const { effects } = take(start, { type: 'elsewhere' });
    expect(registers(effects)).toEqual([3600]);
    expect(reasonOf(effects)).toBeUndefined();
  });

  it('answers a challenge of each refresh anew', () => {
    expect(registers(take(start, challenged, accepted, next, challenged).effects)).toEqual([3600]);
  });

  it.each([
    [403, 'forbidden', 60_000],
    [404, 'unknown-extension', 60_000],
    [486, 'pbx-error', 60_000],
    [500, 'pbx-error', 2_000],
  ])('tells %i as %s and tries again after %i ms', (status, code, wait) => {
    const { effects, state } = take(start, refused(status));
    expect(state.name).toBe('failed');
    expect([reasonOf(effects), waitOf(effects)]).toEqual([code, wait]);
  });

  it('obeys Retry-After, seconds', () => {
    expect(waitOf(take(start, refused(503, { retryAfter: 20 })).effects)).toBe(21_000);
  });

  it('asks for longer when told 423, in the same attempt', () => {
    expect(registers(take(start, refused(423, { minExpires: 7200 })).effects)).toEqual([7200]);
    expect(reasonOf(take(start, refused(423, { minExpires: 10 })).effects)).toBe('pbx-error');
  });

  it('does not run after a PBX that wants ever longer', () => {
    const longer = [7_200, 7_201, 7_202, 7_203].map((minExpires) => refused(423, { minExpires }));
    const { effects } = take(start, ...longer);
    expect([registers(effects), reasonOf(effects), waitOf(effects)]).toEqual([[], 'pbx-error', 60_000]);
  });

  it('asks no more than once a second, whatever Retry-After says', () => {
    expect(waitOf(take(start, refused(503, { retryAfter: 0 })).effects)).toBe(1_050);
  });

  it('backs off from an overloaded PBX: 2, 4, 8, ... up to 60 seconds', () => {
    const events: RegistrationEvent[] = [start];
    const waits: (number | undefined)[] = [];
    for (let count = 0; count < 7; count += 1) {
      events.push(refused(503));
      waits.push(waitOf(take(...events).effects));
      events.push(next);
    }
    expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('looks often for a PBX that is away', () => {
    const events: RegistrationEvent[] = [start];
    for (let count = 0; count < 5; count += 1) events.push(unreachable, next);
    expect(waitOf(take(...events, unreachable).effects)).toBe(4_000);
  });

  it('spreads its retries by a quarter either way', () => {
    const wait = (fraction: number): number | undefined =>
      waitOf(stepRegistration(take(start).state, unreachable, () => fraction).effects);
    expect([wait(0), wait(0.999)]).toEqual([1_500, 2_499]);
  });

  it('tells silence once, and goes on waiting for the answer', () => {
    const silent = take(start, quiet);
    expect(reasonOf(silent.effects)).toBe('pbx-unreachable');
    expect(silent.state.name).toBe('registering');
    expect(take(start, quiet, quiet).effects).toEqual([]);
    expect(take(start, quiet, accepted).state.name).toBe('registered');
  });

  it('tries at once when asked to, from any state of distress', () => {
    const tryNow: RegistrationEvent = { type: 'try-now' };
    for (const events of [[refused(403)], [quiet], [accepted]]) {
      expect(registers(take(start, ...events, tryNow).effects)).toEqual([3600]);
    }
    expect(take(start, tryNow).effects).toEqual([]);
  });

  it('registers anew, and freshly, with a PBX that has forgotten it', () => {
    const step = take(start, accepted, { type: 'forgotten' });
    expect(registers(step.effects)).toEqual([3600]);
    const again = take(start, accepted, { type: 'forgotten' }, accepted).effects;
    expect(again).toContainEqual({ type: 'tell-registered', fresh: true });
    expect(take(start, { type: 'forgotten' }).effects).toEqual([]);
  });

  it('registers anew from wherever it is when its address has changed or it has slept', () => {
    const renew: RegistrationEvent = { type: 'renew' };
    for (const events of [[], [quiet], [accepted], [refused(403)]]) {
      const { effects } = take(start, ...events, renew);
      expect(registers(effects)).toEqual([3600]);
      expect(effects).toContainEqual({ type: 'tell', state: 'registering' });
    }
    expect(take(start, accepted, renew, accepted).effects).toContainEqual({
      type: 'tell-registered',
      fresh: true,
    });
    expect(take(start, accepted, stop, renew).effects).toEqual([]);
  });

  it('tells at once that a registered PBX has gone silent, and registers freshly when it answers', () => {
    const silent: RegistrationEvent = { type: 'silent' };
    const step = take(start, accepted, silent);
    expect(reasonOf(step.effects)).toBe('pbx-unreachable');
    expect(registers(step.effects)).toEqual([3600]);
    expect(take(start, accepted, silent, accepted).effects).toContainEqual({
      type: 'tell-registered',
      fresh: true,
    });
    expect(take(start, accepted, silent, quiet).effects).toEqual([]);
  });

  it('tries again at the first sign of life, if it was silence that made it fail', () => {
    const reachable: RegistrationEvent = { type: 'reachable' };
    expect(registers(take(start, unreachable, reachable).effects)).toEqual([3600]);
    expect(registers(take(start, quiet, reachable).effects)).toEqual([3600]);
    expect(take(start, refused(403), reachable).effects).toEqual([]);
    expect(take(start, accepted, reachable).effects).toEqual([]);
  });

  it('unregisters with expires 0, answers a challenge to that, and is done when answered or after a while', () => {
    const leaving = take(start, accepted, stop);
    expect(registers(leaving.effects)).toEqual([0]);
    expect(registers(take(start, accepted, stop, challenged).effects)).toEqual([0]);
    const giveUp: RegistrationEvent = { type: 'timer', timer: 'give-up' };
    for (const event of [accepted, giveUp, refused(500), unreachable]) {
      const done = take(start, accepted, stop, event);
      expect(done.state.name).toBe('stopped');
      expect(done.effects).toContainEqual({ type: 'tell', state: 'unregistered' });
    }
  });

  it('has nothing to unregister at a PBX that never answered', () => {
    const done = take(start, refused(403), stop);
    expect(done.state.name).toBe('stopped');
    expect(registers(done.effects)).toEqual([]);
  });

  it('takes every event in every state without a throw, and ends no state with two waits', () => {
    const events = [
      start,
      accepted,
      challenged,
      stale,
      refused(403),
      refused(423),
      unreachable,
      next,
      quiet,
      stop,
    ];
    for (const one of events) {
      for (const two of events) {
        for (const three of events) {
          const { state, effects } = take(start, one, two, three);
          expect(typeof state.name).toBe('string');
          expect(effects.filter(({ type }) => type === 'start-timer').length).toBeLessThan(3);
        }
      }
    }
  });
});
