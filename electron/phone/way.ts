import { isLifted } from './call.ts';
import type { Phone } from './phone.ts';
import { forEach, onCall, quiet, type Step } from './transition.ts';

/** One call is talked on at a time: the others go on hold, a line that was only lifted is given back. */
export function clearTheWay(phone: Phone, except: string | null, at: number): Step {
  return forEach(quiet(phone), phone.calls, (now, call) => {
    if (call.id === except) return quiet(now);
    if (call.phase === 'active')
      return onCall(now, call.id, { type: 'hold', request: null, private: false }, at);
    if (isLifted(call)) {
      return onCall(now, call.id, { type: 'finish' }, at);
    }
    return quiet(now);
  });
}
