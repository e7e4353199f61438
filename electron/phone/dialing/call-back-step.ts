import type { CommandParams } from '../../contract/commands.ts';
import type { Effect, Reply } from '../effects.ts';
import type { PhoneEvent } from '../events.ts';
import { seizable } from '../lines/key-offers.ts';
import { takeLine } from '../lines/seize-step.ts';
import { callById, lineKeyAt, type Phone } from '../phone.ts';
import { refuse, replied } from '../reply.ts';
import { quiet, type Step, withNotice } from '../transition.ts';
import { dialable } from './number.ts';

/**
 * Call back (SPA9x2 guide, p. 79): a number that was busy is called every half minute for half an hour, one at a time.
 *
 *             callBack               timer, nobody talks here
 *   nothing -----------> waiting ----------------------------> calling
 *      ^                  |   ^                                  |  |
 *      |  stopCallBack,   |   +---- busy, or the line is --------+  |
 *      |  half an hour    |                                         | rings, is answered, fails otherwise, is hung up
 *      +------------------+-----------------------------------------+
 */
const pause = 30_000;
const longest = 30 * 60_000;

const again: Effect = { type: 'start-timer', timer: 'call-back', ms: pause };
const done: Reply = { ok: true, result: { done: true } };

export function beginCallBack(
  phone: Phone,
  request: number,
  { lineKey, number: given }: CommandParams<'callBack'>,
  at: number,
): Step {
  const key = lineKeyAt(phone, lineKey);
  if (!key) return refuse(phone, request, { code: 'unknown-line-key' });
  if (key.watched !== null) return refuse(phone, request, { code: 'not-a-line' });
  const number = dialable(given);
  if (number === null) return refuse(phone, request, { code: 'bad-number', params: { number: given } });
  const callBack = { lineKey, number, until: at + longest, call: null };
  const { effects, ...step } = replied({ ...phone, callBack }, request, done);
  return { ...step, effects: [again, ...effects] };
}

export function stopCallBack(phone: Phone, request: number): Step {
  const { effects, ...step } = replied({ ...phone, callBack: null }, request, done);
  return { ...step, effects: [{ type: 'stop-timer', timer: 'call-back' }, ...effects] };
}

/** Half a minute is over. */
export function callBackDue(phone: Phone, at: number): Step {
  const { callBack } = phone;
  if (!callBack || callBack.call !== null) return quiet(phone);
  const { lineKey, number, until } = callBack;
  if (at >= until) {
    return withNotice({ ...phone, callBack: null }, { code: 'call-back-given-up', params: { number } });
  }
  const key = lineKeyAt(phone, lineKey);
  const isFree = phone.calls.every(({ phase }) => phase === 'ending');
  if (!key || !isFree || !seizable(phone, key).ok) return { phone, effects: [again] };
  const { phone: calling, effects } = takeLine(phone, nobody, lineKey, number, at);
  const call = calling.calls.find(({ id }) => !callById(phone, id))?.id ?? null;
  return { phone: { ...calling, callBack: { ...callBack, call } }, effects };
}

/** No command waits for the attempt. */
const nobody = 0;

/** What has become of the attempt. One that was in vain leaves no trace: no tone, no notice, no record. */
export function withCallBack(before: Phone, step: Step, event: PhoneEvent): Step {
  const { callBack } = step.phone;
  if (!callBack?.call) return step;
  const phase = callById(step.phone, callBack.call)?.phase;
  if (phase === 'seizing' || phase === 'granted' || phase === 'dialing') return step;
  const inVain =
    phase === undefined &&
    (event.type === 'seize-refused' ||
      event.type === 'appearances' ||
      (event.type === 'ended' && event.reason?.code === 'busy'));
  if (!inVain) return { ...step, phone: { ...step.phone, callBack: null } };
  const { failTone, notices, history } = before;
  const waiting = { ...step.phone, failTone, notices, history, callBack: { ...callBack, call: null } };
  return { phone: waiting, effects: [...step.effects, again] };
}
