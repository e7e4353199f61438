import { isLifted } from './call.ts';
import { abandoned, conferenceOf, conversationOf, isTalking } from './conference.ts';
import type { Phone } from './phone.ts';
import { forEach, onCall, quiet, type Step } from './transition.ts';

/**
 * One conversation is talked in at a time: the others go on hold, a conference as a whole and privately; a line that was
 * only lifted is given back.
 */
export function clearTheWay(phone: Phone, except: string | null, at: number): Step {
  const kept = except === null ? [] : conversationOf(phone, except);
  const others = phone.conferences.map((each) => (kept.includes(each.host) ? each : abandoned(each)));
  return forEach(quiet({ ...phone, conferences: others }), phone.calls, (now, call) => {
    if (kept.includes(call.id)) return quiet(now);
    if (isTalking(call)) {
      const isTogether = conferenceOf(phone, call.id) !== undefined;
      return onCall(now, call.id, { type: 'hold', request: null, private: isTogether }, at);
    }
    if (isLifted(call)) return onCall(now, call.id, { type: 'finish' }, at);
    return quiet(now);
  });
}
