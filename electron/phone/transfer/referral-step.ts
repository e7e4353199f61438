import { type Call, isLive } from '../calls/call.ts';
import { newCall } from '../calls/new-call.ts';
import { joinedBy } from '../conference/conference-step.ts';
import type { SipEvent } from '../events.ts';
import { callById, conferenceOf, lineKeyAt, maximumCalls, type Phone } from '../phone.ts';
import { andThen, onCall, quiet, replaceCall, type Step } from '../transition.ts';
import { underWay } from './transferring.ts';

/**
 * The far end of a call sends us elsewhere (RFC 5589; we are the transferee). We call there, and the call we have stays
 * as it is until that one is answered:
 *
 *             REFER                 180                     2xx
 *   old call -------> new call:   dialing --> ringing ------------> active: it has the old one's place on the line
 *      |                  |                                           |
 *      |                  | refused, hung up                          | the transferor's BYE, or ours after a while
 *      v                  v                                           v
 *   goes on as it was   (gone)                                    old call gone
 *
 * When the transferor does not wait for that and hangs up, the new call has the place on the line from then on.
 */
export function referred(
  phone: Phone,
  { call: id, referral, target }: Extract<SipEvent, { type: 'referred' }>,
  at: number,
): Step {
  const old = callById(phone, id);
  const key = old && lineKeyAt(phone, old.lineKey);
  if (!old || !key || !mayFollow(phone, old)) {
    return { phone, effects: [{ type: 'refuse-referral', referral }] };
  }
  const beginning = {
    direction: 'outgoing',
    phase: 'dialing',
    way: 'referral',
    follows: old.id,
    appearance: null,
    remote: target,
    number: target.number,
    waiting: [],
  } as const;
  const { phone: begun, call } = newCall(phone, key, beginning, at);
  const { extension, appearance } = old;
  return { phone: begun, effects: [{ type: 'follow', call: call.id, extension, referral, appearance }] };
}

function mayFollow(phone: Phone, old: Call): boolean {
  const isTalk = old.connectedSince !== null && isLive(old) && !underWay(old);
  const isFirst = !phone.calls.some(({ follows }) => follows === old.id);
  return isTalk && isFirst && phone.calls.filter(isLive).length < maximumCalls;
}

/** How long the transferor has to hang up, once it could know that we have got there, in ms. */
const goodbyeTime = 5_000;

/**
 * We have got where we were sent: nobody needs the call that sent us there any more. A party of a conference has sent us
 * to somebody who talks with the others in its place.
 */
export function gotThere(phone: Phone, id: string, at: number): Step {
  const call = callById(phone, id);
  if (call?.phase !== 'active' || call.follows === null) return quiet(phone);
  const conference = conferenceOf(phone, call.follows);
  const talkedIn = conference && callById(phone, conference.host)?.phase === 'active' ? conference : null;
  const isBusy = phone.calls.some(
    (other) => other.id !== id && other.id !== call.follows && other.phase === 'active',
  );
  const farewell: Step = {
    phone,
    effects: [{ type: 'start-timer', timer: `sent-on:${call.follows}`, ms: goodbyeTime }],
  };
  if (talkedIn) return andThen(farewell, (now) => joinedBy(now, talkedIn, id));
  return isBusy
    ? andThen(farewell, (now) => onCall(now, id, { type: 'hold', request: null, private: false }, at))
    : farewell;
}

/**
 * Hands the place on the shared line on to the calls that have got where an old one sent them, or whose old one is over.
 * The line's other sharers see one call, with another far end.
 */
export function withSuccessions(before: Phone, { phone, effects }: Step): Step {
  const followers = phone.calls.filter((call) => call.follows !== null && call.appearance === null);
  return { phone: followers.reduce((now, follower) => succeed(before, now, follower), phone), effects };
}

function succeed(before: Phone, now: Phone, follower: Call): Phone {
  const old = callById(before, follower.follows ?? '');
  if (!old || old.appearance === null || !isLive(follower)) return now;
  const going = callById(now, old.id);
  if (isLive(going) && follower.connectedSince === null) return now;
  const { appearance, dialogId, named } = old;
  const placed = replaceCall(now, { ...follower, appearance, dialogId, named });
  return going ? replaceCall(placed, { ...going, appearance: null }) : placed;
}
