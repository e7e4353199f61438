import type { Reason } from '../contract/reasons.ts';
import type { Call } from './calls/call.ts';
import type { Reply } from './effects.ts';
import type { Phone } from './phone.ts';
import type { Step } from './transition.ts';

/** Answers a command and changes nothing else. */
export const replied = (phone: Phone, request: number, reply: Reply): Step => ({
  phone,
  effects: [{ type: 'reply', request, reply }],
});
export const confirm = (phone: Phone, request: number, call: Call): Step =>
  replied(phone, request, { ok: true, result: { call: call.id } });
export const refuse = (phone: Phone, request: number, reason: Reason): Step =>
  replied(phone, request, { ok: false, reason });
