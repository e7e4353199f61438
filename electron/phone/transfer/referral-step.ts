import { type Call, isLive } from '../calls/call.ts';
import { newCall } from '../calls/new-call.ts';
import { joinedBy } from '../conference/conference-step.ts';
import { isBarred } from '../dialing/numbering.ts';
import type { SipEvent } from '../events.ts';
import { callById, conferenceOf, lineKeyAt, maximumCalls, type Phone } from '../phone.ts';
import { confirm, refuse } from '../reply.ts';
import { andThen, onCall, quiet, replaceCall, type Step, withNotice } from '../transition.ts';
import { underWay } from './transferring.ts';

/**
 * The far end of a call sends us elsewhere (RFC 5589; we are the transferee). Where the settings say so, our user is asked
 * first. We call there, and the call we have stays as it is until that one is answered:
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
export function referred(phone: Phone, event: Referred, at: number): Step {
  const { call: id, referral, target, replaces } = event;
  const old = callById(phone, id);
  if (!old || !mayFollow(phone, old)) return refused(phone, referral, 603);
  if (isBarred(phone, target.number, replaces)) {
    return andThen(refused(phone, referral, 403), (now) =>
      withNotice(now, { code: 'referral-barred', params: { number: target.number } }),
    );
  }
  switch (phone.settings.followTransfers) {
    case 'always':
      return follow(phone, old, { name: referral, target }, at);
    case 'ask':
      return {
        phone: replaceCall(phone, { ...old, referral: { name: referral, target } }),
        effects: [
          { type: 'consider-referral', referral },
          { type: 'start-timer', timer: questionOf(old), ms: patience },
        ],
      };
    case 'never':
      return refused(phone, referral, 603);
  }
}

type Referred = Extract<SipEvent, { type: 'referred' }>;
type Referral = NonNullable<Call['referral']>;

const refused = (phone: Phone, referral: string, status: 403 | 603): Step => ({
  phone,
  effects: [{ type: 'refuse-referral', referral, status }],
});

function follow(phone: Phone, old: Call, { name, target }: Referral, at: number): Step {
  const key = lineKeyAt(phone, old.lineKey);
  if (!key) return refused(phone, name, 603);
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
  return {
    phone: begun,
    effects: [{ type: 'follow', call: call.id, extension, referral: name, appearance }],
  };
}

/** How long our user has to say whether they want to be connected, in ms. */
const patience = 60_000;
const questionOf = ({ id }: Call): string => `referral:${id}`;

/** The call without its question, whatever comes of that. */
const answeredQuestion = (phone: Phone, call: Call): Step => ({
  phone: replaceCall(phone, { ...call, referral: null }),
  effects: [{ type: 'stop-timer', timer: questionOf(call) }],
});

/** Our user wants to be connected; the result is the call there. */
export function followTransfer(phone: Phone, request: number, call: Call, at: number): Step {
  const { referral } = call;
  if (referral === null || !mayFollow(phone, call)) return refuse(phone, request, { code: 'wrong-state' });
  return andThen(answeredQuestion(phone, call), (now) => {
    const followed = follow(now, call, referral, at);
    const there = followed.phone.calls.find(({ follows }) => follows === call.id) ?? call;
    return andThen(followed, (then) => confirm(then, request, there));
  });
}

/** Our user wants to stay. */
export function declineTransfer(phone: Phone, request: number, call: Call): Step {
  if (call.referral === null) return refuse(phone, request, { code: 'wrong-state' });
  return andThen(stayWith(phone, call.id), (now) => confirm(now, request, call));
}

/** We stay with the far end that wanted to send us elsewhere. */
export function stayWith(phone: Phone, id: string): Step {
  const call = callById(phone, id);
  if (!call?.referral) return quiet(phone);
  const { name } = call.referral;
  return andThen(answeredQuestion(phone, call), (now) => refused(now, name, 603));
}

/** A call is over whose far end wanted to send us elsewhere: our user may call there. */
export function questionLost(phone: Phone, id: string): Step {
  const call = callById(phone, id);
  if (!call?.referral) return quiet(phone);
  const { target } = call.referral;
  const answered = answeredQuestion(phone, call);
  return call.phase === 'ending'
    ? answered
    : andThen(answered, (now) =>
        withNotice(now, { code: 'referral-over', params: { number: target.number } }),
      );
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
