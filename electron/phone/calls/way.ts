import { abandoned, isTalking } from '../conference/conference.ts';
import { conferenceOf, conversationOf, type Phone } from '../phone.ts';
import { andThen, forEach, onCall, quiet, type Step } from '../transition.ts';
import { isLifted } from './call.ts';

/** One conversation is talked in at a time: the others go on hold, a line that was only lifted is given back. */
export function clearTheWay(phone: Phone, except: string | null, at: number): Step {
  const kept = except === null ? [] : conversationOf(phone, except);
  const lifted = phone.calls.filter((call) => isLifted(call) && !kept.includes(call.id));
  return andThen(holdOthers(phone, kept, at), (held) =>
    forEach(quiet(held), lifted, (now, { id }) => onCall(now, id, { type: 'finish' }, at)),
  );
}

/** Holds what is talked on but for these; a conference as a whole and privately, and nobody comes to it any more. */
export function holdOthers(phone: Phone, kept: readonly string[], at: number): Step {
  const conferences = phone.conferences.map((each) => (kept.includes(each.host) ? each : abandoned(each)));
  const talking = phone.calls.filter((call) => isTalking(call) && !kept.includes(call.id));
  return forEach(quiet({ ...phone, conferences }), talking, (now, { id }) => {
    const isTogether = conferenceOf(now, id) !== undefined;
    return onCall(now, id, { type: 'hold', request: null, private: isTogether }, at);
  });
}
