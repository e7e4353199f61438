import { appearanceAfter } from './appearance.ts';
import type { Call } from './call.ts';
import type { SipEvent } from './events.ts';
import { callsOnKey, extensionConfigAt, type Phone } from './phone.ts';
import { andThen, forEach, inUse, onCall, quiet, replaceCall, type Step, withNotice } from './transition.ts';

type AppearancesTold = Extract<SipEvent, { type: 'appearances' }>;

/** The PBX has told the state of an extension's appearances. */
export function appearancesTold(phone: Phone, event: AppearancesTold, at: number): Step {
  const appearances = phone.appearances.map((before, position) => {
    const key = phone.config.lineKeys[position];
    if (!key || key.extension !== event.extension || key.appearance === null) return before;
    const next = appearanceAfter(before, key.appearance, event);
    const echo = next.state === 'taken' && isOurs(phone, key.index, next.dialog.local?.number);
    return echo ? before : next;
  });
  const told: Phone = { ...phone, appearances };
  return forEach(quiet(told), told.calls, (now, call) => overtaken(now, call, at));
}

/** Our own call comes back in the PBX's state: that is no colleague. */
function isOurs(phone: Phone, lineKey: number, number: string | undefined): boolean {
  return callsOnKey(phone, lineKey).some(
    (call) => number === extensionConfigAt(phone, call.extension)?.userId,
  );
}

/** A colleague has the appearance that our call is on: a seize not yet granted is lost, a ring is answered there. */
function overtaken(phone: Phone, call: Call, at: number): Step {
  const appearance = phone.appearances[call.lineKey - 1];
  if (call.appearance === null || appearance?.state !== 'taken') return quiet(phone);
  if (call.phase === 'seizing') {
    const reason = inUse(phone, call.lineKey);
    return andThen(onCall(phone, call.id, { type: 'refused', reason }, at), (now) => withNotice(now, reason));
  }
  if (call.phase === 'incoming' && appearance.dialog.state === 'confirmed') {
    return quiet(replaceCall(phone, { ...call, silenced: true }));
  }
  return quiet(phone);
}
