import type { Reason } from '../contract/reasons.ts';
import type { Call, CallEvent } from './calls/call.ts';
import { callAfter } from './calls/call-machine.ts';
import type { Effect } from './effects.ts';
import { callById, type Phone } from './phone.ts';

/** The phone after something happened, and what is to be done about it. */
export interface Step {
  readonly phone: Phone;
  readonly effects: readonly Effect[];
}

export const quiet = (phone: Phone): Step => ({ phone, effects: [] });

/** One step, andThen another that starts from where the first one came to. */
export function andThen(first: Step, next: (phone: Phone) => Step): Step {
  const second = next(first.phone);
  return { phone: second.phone, effects: [...first.effects, ...second.effects] };
}

export const forEach = <T>(first: Step, items: readonly T[], next: (phone: Phone, item: T) => Step): Step =>
  items.reduce((sofar, item) => andThen(sofar, (phone) => next(phone, item)), first);

/** An event of one call. One for a call that is already gone from the screen comes late and means nothing. */
export function onCall(phone: Phone, id: string, event: CallEvent, at: number): Step {
  const call = callById(phone, id);
  if (!call) return quiet(phone);
  const { call: next, effects } = callAfter(call, event, at);
  return { phone: next ? replaceCall(phone, next) : withoutCall(phone, id), effects };
}

export const replaceCall = (phone: Phone, call: Call): Phone => ({
  ...phone,
  calls: phone.calls.map((each) => (each.id === call.id ? call : each)),
});

export const withoutCall = (phone: Phone, id: string): Phone => ({
  ...phone,
  calls: phone.calls.filter((call) => call.id !== id),
});

const noticeShown = 6000;

/** Tells the user what has happened, for `noticeShown` ms; what is told again is there once, as the latest. */
export function withNotice(phone: Phone, reason: Reason): Step {
  const counter = phone.counter + 1;
  const id = `n${counter}`;
  const others = phone.notices.filter((notice) => !isSameReason(notice.reason, reason));
  return {
    phone: { ...phone, counter, notices: [...others.slice(-4), { id, reason }] },
    effects: [{ type: 'start-timer', timer: `notice:${id}`, ms: noticeShown }],
  };
}

const isSameReason = (one: Reason, other: Reason): boolean =>
  one.code === other.code && JSON.stringify(one.params) === JSON.stringify(other.params);
