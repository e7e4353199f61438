import type { Reason } from '../contract/reasons.ts';
import type { Call, Waiting } from './calls/call.ts';
import type { Reply } from './effects.ts';
import type { Phone } from './phone.ts';
import { forEach, quiet, replaceCall, type Step } from './transition.ts';

/** Answers a command and changes nothing else. */
export const replied = (phone: Phone, request: number, reply: Reply): Step => ({
  phone,
  effects: [{ type: 'reply', request, reply }],
});
export const confirm = (phone: Phone, request: number, call: Call): Step =>
  replied(phone, request, { ok: true, result: { call: call.id } });
export const refuse = (phone: Phone, request: number, reason: Reason): Step =>
  replied(phone, request, { ok: false, reason });

/** The call as it is now, and the answer to the commands that have waited for this. */
export function answerWaiting(phone: Phone, call: Call, until: Waiting['until'], reply: Reply): Step {
  const done = call.waiting.filter((each) => each.until === until);
  const waiting = call.waiting.filter((each) => !done.includes(each));
  return forEach(quiet(replaceCall(phone, { ...call, waiting })), done, (now, { request }) =>
    replied(now, request, reply),
  );
}
