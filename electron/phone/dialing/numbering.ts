import type { Reason } from '../../contract/reasons.ts';
import type { Phone } from '../phone.ts';
import { type DialPlan, judgeNumber, numberInPlan, withEmergencyNumbers } from './dial-plan.ts';
import { readDialPlan } from './dial-plan-text.ts';
import { dialable } from './number.ts';

export type Numbered =
  | { readonly ok: true; readonly number: string }
  | { readonly ok: false; readonly reason: Reason };

/** The number that is called for what a person typed, pasted or chose: as the dial plan has it. */
export function numberToCall(phone: Phone, typed: string): Numbered {
  const number = dialable(typed);
  if (number === null) return { ok: false, reason: { code: 'bad-number', params: { number: typed } } };
  const plan = dialPlanOf(phone);
  // A name, or a number with its country (E.164), is no affair of the plan.
  if (!plan || isEmergency(phone, number) || !/^[0-9*#]+$/.test(number)) return { ok: true, number };
  const planned = numberInPlan(plan, number);
  return planned === null
    ? { ok: false, reason: { code: 'not-in-dial-plan', params: { number } } }
    : { ok: true, number: planned };
}

/**
 * Whether the dial plan keeps us from going where a far end sends us. What it sends us to has been through a plan there,
 * so ours must be one that could have sent it. The address of a call that is there already (`replaces`) is that of a
 * machine, which no plan needs to know: only what it bars outright is barred.
 */
export function isBarred(phone: Phone, user: string, replaces: boolean): boolean {
  // Parameters of a telephone number (RFC 3261, 19.1.6).
  const [written = ''] = user.split(';');
  // A far end may send thousands of digits; past the longest number they change nothing.
  const number = dialable(written) ?? written.slice(0, 65);
  const plan = dialPlanOf(phone);
  if (!plan || !/^[0-9*#]+$/.test(number)) return false;
  const verdict = judgeNumber(plan, number);
  return verdict === 'barred' || (verdict === 'unknown' && !replaces);
}

/** The plan that numbers follow; null: none, or one that cannot be read (then a problem says so). */
export function dialPlanOf({ settings, config }: Phone): DialPlan | null {
  const read = settings.dialPlan === null ? null : readDialPlan(settings.dialPlan);
  return read?.ok ? withEmergencyNumbers(read.plan, config.emergencyNumbers) : null;
}

export const isEmergency = ({ config }: Phone, number: string): boolean =>
  config.emergencyNumbers.includes(number);
