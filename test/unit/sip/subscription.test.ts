import { describe, expect, it } from 'vitest';
import {
  notSubscribed,
  type Subscription,
  type SubscriptionEffect,
  type SubscriptionEvent,
  stepSubscription,
} from '../../../electron/sip/subscriptions/subscription.ts';

const around = { at: 1_000_000, wanted: 3600, fraction: () => 0.5 };
const refused = (
  status: number,
  over: { retryAfter?: number; minExpires?: number } = {},
): SubscriptionEvent => ({
  type: 'refused',
  status,
  retryAfter: null,
  minExpires: null,
  ...over,
});
const accepted: SubscriptionEvent = { type: 'accepted', granted: 3600 };
const active: SubscriptionEvent = { type: 'notified', expires: null };
const terminated = (reason: string | null, retryAfter: number | null = null): SubscriptionEvent => ({
  type: 'terminated',
  reason,
  retryAfter,
});

const having = (...events: readonly SubscriptionEvent[]) => after(notSubscribed, ...events);

function after(
  from: Subscription,
  ...events: readonly SubscriptionEvent[]
): {
  state: Subscription;
  effects: readonly SubscriptionEffect[];
} {
  let state = from;
  let effects: readonly SubscriptionEffect[] = [];
  for (const event of events) ({ state, effects } = stepSubscription(state, event, around));
  return { state, effects };
}
const start: SubscriptionEvent = { type: 'start' };
const timer = (timer: 'next' | 'end' | 'notify' | 'calm' | 'give-up'): SubscriptionEvent => ({
  type: 'timer',
  timer,
});
const waits = ({ effects }: { effects: readonly SubscriptionEffect[] }): number | undefined =>
  effects.flatMap((effect) =>
    effect.type === 'start-timer' && effect.timer === 'next' ? [effect.ms] : [],
  )[0];
const asks = ({ effects }: { effects: readonly SubscriptionEffect[] }) =>
  effects.find(({ type }) => type === 'subscribe');
const loses = ({ effects }: { effects: readonly SubscriptionEffect[] }): boolean =>
  effects.some(({ type }) => type === 'lost');

describe('a subscription begins', () => {
  it('with a SUBSCRIBE in a dialog of its own', () => {
    expect(asks(having(start))).toEqual({ type: 'subscribe', expires: 3600, fresh: true });
  });

  it.each([
    ['the 2xx first', [accepted, active]],
    ['the NOTIFY first', [active, accepted]],
  ])('and is held after 2xx and NOTIFY, %s', (_order, events) => {
    expect(having(start, ...events).state).toMatchObject({ name: 'held', notified: true, until: 4_600_000 });
  });

  it('is refreshed at 80 % of the time', () => {
    const held = having(start, { type: 'accepted', granted: 100 });
    expect(waits(held)).toBe(80_000);
    const again = having(start, { type: 'accepted', granted: 100 }, active, timer('next'));
    expect(asks(again)).toEqual({ type: 'subscribe', expires: 3600, fresh: false });
    expect(again.state.name).toBe('held');
  });

  it('asks for as long as the PBX wants (423)', () => {
    expect(asks(having(start, refused(423, { minExpires: 7200 })))).toMatchObject({ expires: 7200 });
    expect(asks(having(start, refused(423, { minExpires: 60 })))).toBeUndefined();
  });

  it('asks at once for longer, but not again and again', () => {
    const twice = having(start, refused(423, { minExpires: 7200 }), refused(423, { minExpires: 7201 }));
    expect([asks(twice), waits(twice)]).toEqual([undefined, 2_000]);
    const third = stepSubscription(twice.state, timer('next'), around);
    expect(asks(third)).toMatchObject({ expires: 7201 });
    const refreshing = having(start, accepted, active, timer('next'), refused(423, { minExpires: 7200 }));
    expect(waits(refreshing)).toBe(0);
    expect(waits(after(refreshing.state, timer('next'), refused(423, { minExpires: 7201 })))).toBe(2_000);
  });

  it.each([
    [489, 1_800_000],
    [404, 1_800_000],
    [500, 1_000],
    [408, 1_000],
  ])('tries again after %i in %i ms', (status, ms) => {
    expect(waits(having(start, refused(status)))).toBe(ms);
  });

  it('honours Retry-After', () => {
    expect(waits(having(start, refused(503, { retryAfter: 20 })))).toBe(21_000);
  });

  it('grows more patient with each failure, up to a minute', () => {
    let { state } = having(start);
    const pauses: (number | undefined)[] = [];
    for (let count = 0; count < 8; count += 1) {
      const failed = stepSubscription(state, { type: 'unanswered' }, around);
      pauses.push(waits(failed));
      state = stepSubscription(failed.state, timer('next'), around).state;
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('is given up when no NOTIFY follows the 2xx', () => {
    const given = having(start, accepted, timer('notify'));
    expect(given.state.name).toBe('waiting');
    expect(having(start, accepted, active, timer('notify')).state.name).toBe('held');
  });
});

describe('a subscription that is held', () => {
  const held = [start, accepted, active];

  it('is begun anew when the notifier does not know it (481)', () => {
    expect(asks(having(...held, timer('next'), refused(481)))).toMatchObject({ fresh: true });
  });

  it.each([404, 405, 489, 604])('is lost when its refresh is refused with %i', (status) => {
    const lost = having(...held, timer('next'), refused(status));
    expect(loses(lost)).toBe(true);
    expect(lost.state.name).toBe('waiting');
  });

  it.each([refused(500), refused(503), { type: 'unanswered' } as const])(
    'lives on when its refresh fails otherwise (%j), until its time is up',
    (event) => {
      const living = having(...held, timer('next'), event);
      expect(loses(living)).toBe(false);
      expect(living.state.name).toBe('held');
      const ended = having(...held, timer('next'), event, timer('end'));
      expect(loses(ended)).toBe(true);
      expect(asks(ended)).toMatchObject({ fresh: true });
    },
  );

  it('takes a shorter time from a NOTIFY, not a longer one', () => {
    expect(waits(having(...held, { type: 'notified', expires: 100 }))).toBe(80_000);
    expect(waits(having(...held, { type: 'notified', expires: 9_999 }))).toBeUndefined();
  });

  it.each([
    ['deactivated', null, 1_000],
    ['timeout', null, 1_000],
    ['probation', 30, 31_500],
    ['giveup', null, 1_000],
    ['rejected', null, 1_800_000],
    ['noresource', 5, 1_800_000],
    [null, null, 1_000],
  ])('that is terminated (%s, retry-after %s) is tried again in %i ms', (reason, retryAfter, ms) => {
    const over = having(...held, terminated(reason, retryAfter));
    expect(waits(over)).toBe(ms);
    expect(loses(over)).toBe(true);
  });

  it('asks about a gap, but not again at once', () => {
    const gap: SubscriptionEvent = { type: 'gap' };
    expect(asks(having(...held, gap))).toMatchObject({ fresh: false });
    expect(asks(having(...held, gap, accepted, gap))).toBeUndefined();
    expect(asks(having(...held, gap, accepted, timer('calm'), gap))).toMatchObject({ fresh: false });
  });

  it('is begun anew with the registration, and off without it', () => {
    expect(asks(having(...held, start))).toMatchObject({ fresh: true });
    const off = having(...held, { type: 'lose' });
    expect(off.state.name).toBe('off');
    expect(loses(off)).toBe(true);
  });

  it('is ended with Expires 0, and over when the PBX has answered or is silent', () => {
    const leaving = having(...held, { type: 'stop' });
    expect(asks(leaving)).toEqual({ type: 'subscribe', expires: 0, fresh: false });
    for (const event of [accepted, refused(481), timer('give-up')]) {
      expect(having(...held, { type: 'stop' }, event).state.name).toBe('over');
    }
    expect(having(start, { type: 'stop' }).state.name).toBe('over');
  });
});
