import type { Call } from '../calls/call.ts';
import { callById, type Phone } from '../phone.ts';
import { confirm } from '../reply.ts';
import { andThen, forEach, onCall, quiet, replaceCall, type Step, withNotice } from '../transition.ts';
import { type DialMatch, matchDigits } from './dial-plan.ts';
import { dialPlanOf } from './numbering.ts';

/**
 * A lifted line and the digits typed on it. The dial plan says when they are a number:
 *
 *   (dial tone) --digit--> collecting --complete, or whole and no other digit for the short timer--> dialed
 *       ^                   |  ^   |
 *       |  all taken back   |  |   +--impossible, or no number within the long timer--> (reorder tone)
 *       +-------------------+  +------------------------ digits taken back -------------------+
 *
 * Without a plan digits are only collected, and dialed by whoever typed them.
 */
export function typeDigits(phone: Phone, request: number, call: Call, digits: string, at: number): Step {
  const typed = quiet(replaceCall(phone, { ...call, digits, lineTone: digits === '' ? 'dial' : null }));
  const confirmed = andThen(typed, (now) => confirm(now, request, call));
  // What is typed before the line is ours waits for it.
  if (call.phase === 'seizing') return confirmed;
  return andThen(confirmed, (now) => followed(now, call.id, matchOf(now, digits), at));
}

/** No other digit has come in time. */
export function digitsOver(phone: Phone, id: string, at: number): Step {
  const call = callById(phone, id);
  if (call?.phase !== 'granted') return quiet(phone);
  const match = matchOf(phone, call.digits);
  return match?.state === 'whole' || match?.state === 'complete'
    ? dialed(phone, call, match.number, at)
    : notInPlan(phone, call);
}

/** A line that is granted follows what was typed meanwhile, or calls by itself (hot line; warm line, after a pause). */
export function withWarmLines(before: Phone, now: Step, at: number): Step {
  if (now.phone.settings.dialPlan === null || before.calls === now.phone.calls) return now;
  const lifted = now.phone.calls.filter(
    ({ id, phase }) => phase === 'granted' && callById(before, id)?.phase !== 'granted',
  );
  return forEach(now, lifted, (phone, { id, digits }) => {
    if (digits !== '') return followed(phone, id, matchOf(phone, digits), at);
    const match = matchOf(phone, '');
    if (match?.state !== 'whole' && match?.state !== 'complete') return quiet(phone);
    return waited(phone, id, match.state === 'whole' ? match.ms : 0);
  });
}

const timerOf = (id: string): string => `digits:${id}`;
const waited = (phone: Phone, id: string, ms: number): Step => ({
  phone,
  effects: [{ type: 'start-timer', timer: timerOf(id), ms }],
});
const stopWaiting = (phone: Phone, id: string): Step => ({
  phone,
  effects: [{ type: 'stop-timer', timer: timerOf(id) }],
});

/** `#` ends a number, where the plan has no other use for it. Null: there is no plan, or this is nothing for it. */
function matchOf(phone: Phone, digits: string): DialMatch | null {
  const plan = dialPlanOf(phone);
  if (!plan || !/^[0-9*#]*$/.test(digits)) return null;
  const match = matchDigits(plan, digits);
  if (match.state !== 'impossible' || !digits.endsWith('#')) return match;
  const ended = matchDigits(plan, digits.slice(0, -1));
  return ended.state === 'whole' ? { state: 'complete', number: ended.number } : match;
}

function followed(phone: Phone, id: string, match: DialMatch | null, at: number): Step {
  const call = callById(phone, id);
  if (!call || !match || call.digits === '') return stopWaiting(phone, id);
  switch (match.state) {
    case 'complete':
      return dialed(phone, call, match.number, at);
    case 'whole':
      if (match.ms === 0) return dialed(phone, call, match.number, at);
      return waited(withTone(phone, call, match.tone), id, match.ms);
    case 'partial':
      return waited(withTone(phone, call, match.tone), id, match.ms);
    case 'impossible':
      return notInPlan(phone, call);
  }
}

const withTone = (phone: Phone, call: Call, tone: boolean): Phone =>
  replaceCall(phone, { ...call, lineTone: tone ? 'dial' : null });

const dialed = (phone: Phone, call: Call, number: string, at: number): Step =>
  andThen(stopWaiting({ ...phone, lastDialed: number }, call.id), (now) =>
    onCall(now, call.id, { type: 'dial', number, request: null }, at),
  );

const notInPlan = (phone: Phone, call: Call): Step =>
  andThen(stopWaiting(replaceCall(phone, { ...call, lineTone: 'reorder' }), call.id), (now) =>
    withNotice(now, { code: 'not-in-dial-plan', params: { number: call.digits } }),
  );
