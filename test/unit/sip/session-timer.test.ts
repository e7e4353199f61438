import { describe, expect, it } from 'vitest';
import {
  askForTimer,
  type HeaderSource,
  judgeTimer,
  termsOfAnswer,
} from '../../../electron/sip/session-timer/session-expires.ts';
import {
  noTimer,
  type SessionTimer,
  type SessionTimerEvent,
  sessionTimerAfter,
} from '../../../electron/sip/session-timer/session-timer.ts';

const message = (headers: Record<string, string>): HeaderSource => ({
  getHeader: (name) => headers[name],
  getHeaders: (name) => (headers[name] === undefined ? [] : [headers[name]]),
});
const us = { interval: 90, refresher: 'us' } as const;
const them = { interval: 1_800, refresher: 'them' } as const;
const none = { interval: 0, minimum: 0 };
const half = { interval: 1_800, minimum: 0 };

describe('what is said of a session timer', () => {
  it.each([
    ['nothing when we want none', none, null, []],
    ['our interval, whoever refreshes', half, null, ['Session-Expires: 1800']],
    [
      'the interval that a 422 asked for',
      { interval: 90, minimum: 300 },
      null,
      ['Session-Expires: 300', 'Min-SE: 300'],
    ],
    ['who refreshes, from where the request comes', none, us, ['Session-Expires: 90;refresher=uac']],
    ['the same of a far end that does', half, them, ['Session-Expires: 1800;refresher=uas']],
  ])('asks for %s', (_what, wish, current, headers) => {
    expect(askForTimer(wish, current)).toEqual(headers);
  });

  it.each([
    [{}, null],
    [{ 'Session-Expires': '1800;refresher=uac' }, { interval: 1_800, refresher: 'us' }],
    [{ 'Session-Expires': '1800 ; Refresher=UAS' }, them],
    [{ 'Session-Expires': '1800' }, { interval: 1_800, refresher: 'us' }],
    // Neither a storm of refreshes nor a timer that overflows, whatever comes.
    [{ 'Session-Expires': '1;refresher=uac' }, us],
    [{ 'Session-Expires': '999999999;refresher=uas' }, { interval: 604_800, refresher: 'them' }],
    [{ 'Session-Expires': 'soon' }, null],
  ])('reads a 2xx: %j', (headers, terms) => {
    expect(termsOfAnswer(message(headers))).toEqual(terms);
  });

  const timer = { Supported: 'replaces, timer' };
  it.each([
    ['no word of timers', {}, half, null, null, []],
    [
      'a far end that knows timers and asks for none: we refresh',
      timer,
      half,
      null,
      { interval: 1_800, refresher: 'us' },
      ['Session-Expires: 1800;refresher=uas', 'Require: timer'],
    ],
    ['the same, when we want none', timer, none, null, null, []],
    [
      'who asks refreshes',
      { ...timer, 'Session-Expires': '600' },
      none,
      null,
      { interval: 600, refresher: 'them' },
      ['Session-Expires: 600;refresher=uac', 'Require: timer'],
    ],
    [
      'whom it names refreshes',
      { ...timer, 'Session-Expires': '90;refresher=uas' },
      none,
      null,
      us,
      ['Session-Expires: 90;refresher=uas', 'Require: timer'],
    ],
    [
      'Require says the same as Supported',
      { Require: 'timer', 'Session-Expires': '600;refresher=uac' },
      none,
      null,
      { interval: 600, refresher: 'them' },
      ['Session-Expires: 600;refresher=uac', 'Require: timer'],
    ],
    [
      'a proxy asks for a far end that knows no timers',
      { 'Session-Expires': '60;refresher=uac' },
      none,
      null,
      us,
      ['Session-Expires: 90;refresher=uas'],
    ],
    [
      'a re-INVITE that says nothing new: as it was',
      timer,
      half,
      them,
      them,
      ['Session-Expires: 1800;refresher=uac', 'Require: timer'],
    ],
    ['a far end that has forgotten timers is not waited for', {}, half, them, null, []],
    ['but refreshed', {}, half, us, us, ['Session-Expires: 90;refresher=uas']],
  ] as const)('answers %s', (_what, headers, wish, current, terms, said) => {
    expect(judgeTimer(message(headers), wish, current)).toEqual({ kind: 'taken', terms, headers: said });
  });

  it('refuses less than 90 seconds', () => {
    expect(judgeTimer(message({ ...timer, 'Session-Expires': '89' }), half)).toEqual({
      kind: 'too-brief',
      headers: ['Min-SE: 90'],
    });
  });
});

/** The timer after events, each with its second, and what was to be done. */
function after(events: readonly [seconds: number, event: SessionTimerEvent][]) {
  let timer: SessionTimer = noTimer;
  const done: (string | null)[] = [];
  for (const [seconds, event] of events) {
    const step = sessionTimerAfter(timer, event, seconds * 1000);
    timer = step.timer;
    done.push(step.effect);
  }
  const { state } = timer;
  return { state, due: 'due' in timer ? timer.due / 1000 : null, done };
}
const agreed = (terms: typeof us | typeof them | null): SessionTimerEvent => ({ type: 'agreed', terms });
const woken: SessionTimerEvent = { type: 'woken' };
const refused = (minimum: number | null): SessionTimerEvent => ({ type: 'refused', minimum });

describe('the machine of a session timer', () => {
  it.each<[string, [number, SessionTimerEvent][], ReturnType<typeof after>]>([
    ['no timer', [[0, agreed(null)]], { state: 'off', due: null, done: [null] }],
    ['half the interval, then a refresh', [[0, agreed(us)]], { state: 'resting', due: 45, done: [null] }],
    [
      'a refresh has until a third before the end',
      [
        [0, agreed(us)],
        [45, woken],
      ],
      { state: 'refreshing', due: 60, done: [null, 'refresh'] },
    ],
    [
      'refreshed: from the beginning',
      [
        [0, agreed(us)],
        [45, woken],
        [46, agreed(us)],
      ],
      { state: 'resting', due: 91, done: [null, 'refresh', null] },
    ],
    [
      'refused: a moment later again',
      [
        [0, agreed(us)],
        [45, woken],
        [46, refused(null)],
        [56, woken],
      ],
      { state: 'refreshing', due: 60, done: [null, 'refresh', null, 'refresh'] },
    ],
    [
      'refused for good: the end',
      [
        [0, agreed(us)],
        [45, woken],
        [55, refused(null)],
        [60, woken],
      ],
      { state: 'expired', due: null, done: [null, 'refresh', null, 'end'] },
    ],
    [
      'a 422: at once with more',
      [
        [0, agreed(us)],
        [45, woken],
        [46, refused(300)],
      ],
      { state: 'refreshing', due: 60, done: [null, 'refresh', 'refresh'] },
    ],
    [
      'a 422 to that as well: with still more, but later',
      [
        [0, agreed(us)],
        [45, woken],
        [46, refused(300)],
        [47, refused(301)],
      ],
      { state: 'resting', due: 57, done: [null, 'refresh', 'refresh', null] },
    ],
    [
      'a 422 that asks for no more is no reason to hurry',
      [
        [0, agreed(us)],
        [45, woken],
        [46, refused(90)],
      ],
      { state: 'resting', due: 56, done: [null, 'refresh', null] },
    ],
    [
      'no answer at all: the end',
      [
        [0, agreed(us)],
        [45, woken],
        [60, woken],
      ],
      { state: 'expired', due: null, done: [null, 'refresh', 'end'] },
    ],
    [
      'a far end that refreshes has until 32 seconds before the end',
      [
        [0, agreed(them)],
        [900, agreed(them)],
      ],
      { state: 'watching', due: 2_668, done: [null, null] },
    ],
    [
      'one that does not',
      [
        [0, agreed(them)],
        [1_768, woken],
      ],
      { state: 'expired', due: null, done: [null, 'end'] },
    ],
    [
      'woken too early: nothing yet',
      [
        [0, agreed(them)],
        [1_000, woken],
      ],
      { state: 'watching', due: 1_768, done: [null, null] },
    ],
    [
      'a refusal of something else changes nothing',
      [
        [0, agreed(us)],
        [10, refused(null)],
      ],
      { state: 'resting', due: 45, done: [null, null] },
    ],
    [
      'an answer after the end, and the end itself',
      [
        [0, agreed(us)],
        [45, woken],
        [60, woken],
        [61, agreed(us)],
        [62, woken],
        [63, { type: 'over' }],
      ],
      { state: 'off', due: null, done: [null, 'refresh', 'end', null, null, null] },
    ],
  ])('%s', (_what, events, expected) => {
    expect(after(events)).toEqual(expected);
  });
});
