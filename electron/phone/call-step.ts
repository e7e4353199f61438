import type { Reason } from '../contract/reasons.ts';
import { partyText } from './line-key.ts';
import { callById, type Phone } from './phone.ts';
import { publication } from './publication.ts';
import { andThen, inUse, onCall, quiet, type Step, withNotice } from './transition.ts';

const busyToneMs = 3000;

export function seizeRefused(phone: Phone, id: string, silent: boolean, at: number): Step {
  const call = callById(phone, id);
  if (call?.phase !== 'seizing') return quiet(phone);
  const reason: Reason = silent ? { code: 'pbx-silent' } : inUse(phone, call.lineKey);
  const refused = andThen(onCall(phone, id, { type: 'refused', reason }, at), (now) =>
    withNotice(now, reason),
  );
  if (!silent) return refused;
  // The PBX may have heard us after all, or hear us late: the line must not stay ours there.
  return { ...refused, effects: [...refused.effects, ...publication(phone, call, true)] };
}

/** A call is over: the user is told why, unless the user ended it; a call that never got through sounds busy. */
export function callEnded(phone: Phone, id: string, reason: Reason | null, at: number): Step {
  const call = callById(phone, id);
  if (!call) return quiet(phone);
  const gone = onCall(phone, id, { type: 'ended', reason }, at);
  if (reason === null || call.phase === 'ending') return gone;
  const params = { number: partyText(call.remote) ?? '', ...reason.params };
  const told = andThen(gone, (now) => withNotice(now, { code: reason.code, params }));
  if (call.direction === 'incoming' || call.connectedSince !== null) return told;
  return andThen(told, (now) => ({
    phone: { ...now, busyTone: true },
    effects: [{ type: 'start-timer', timer: 'busy-tone', ms: busyToneMs }],
  }));
}
