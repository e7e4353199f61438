import { type Call, isLive } from '../calls/call.ts';
import { clearTheWay } from '../calls/way.ts';
import { known } from '../dialing/known-name.ts';
import type { Effect } from '../effects.ts';
import { partyText } from '../lines/line-key.ts';
import { callById, conferenceOf, hostOf, maximumCalls, type Phone } from '../phone.ts';
import { confirm, refuse } from '../reply.ts';
import { andThen, forEach, onCall, quiet, replaceCall, type Step, withNotice } from '../transition.ts';
import { abandoned, type Coming, type Conference, isTalking, membersOf } from './conference.ts';

/** Brings a call, or its conference, together with another call, or its. What is on hold is resumed first. */
export function conference(phone: Phone, request: number, call: Call, other: Call, at: number): Step {
  if (call.id === other.id) return refuse(phone, request, { code: 'wrong-state' });
  if ([call, other].some(({ connectedSince }) => connectedSince === null))
    return refuse(phone, request, { code: 'no-far-end' });
  if ([call, other].some(({ phase }) => phase === 'ending'))
    return refuse(phone, request, { code: 'wrong-state' });
  const [ours, theirs] = [call, other].map(({ id }) => conferenceOf(phone, id) ?? alone(id));
  if (!ours || !theirs || membersOf(ours).includes(other.id)) return confirm(phone, request, call);
  if (membersOf(ours).length + membersOf(theirs).length > maximumCalls)
    return refuse(phone, request, { code: 'conference-full', params: { number: maximumCalls } });
  // Who is being talked to goes on talking, over the same leg.
  const isOther = !isActive(phone, ours.host) && isActive(phone, theirs.host);
  const [lead, joining] = isOther ? [theirs, ours] : [ours, theirs];
  return andThen(merged(phone, lead, joining, request), (now) => clearTheWay(now, lead.host, at));
}

/** Whoever has been called in the place of one of them talks with the others. */
export const joinedBy = (phone: Phone, from: Conference, call: string): Step =>
  quiet(withConference(phone, from, { ...from, coming: [...from.coming, { call, asked: true }] }));

/** Takes a call out of its conference, and holds it. */
export function leaveConference(phone: Phone, request: number, call: Call, at: number): Step {
  const from = conferenceOf(phone, call.id);
  if (!from || hostOf(phone, call.id) === null) return refuse(phone, request, { code: 'wrong-state' });
  return andThen(without(phone, from, call.id), (now) => {
    const left = callById(now, call.id);
    if (left && (isTalking(left) || left.phase === 'holding'))
      return onCall(now, call.id, { type: 'hold', request, private: false }, at);
    return confirm(now, request, call);
  });
}

/** Nobody in the conference hears this party. */
export function muteParty(phone: Phone, request: number, call: Call, on: boolean): Step {
  if (hostOf(phone, call.id) === null) return refuse(phone, request, { code: 'wrong-state' });
  const muted = replaceCall(phone, { ...call, partyMuted: on });
  return andThen({ phone: muted, effects: [{ type: 'mute-part', guest: call.id, on }] }, (now) =>
    confirm(now, request, call),
  );
}

/** Holds all of a conference, privately: a colleague who took one of them would leave the others without us. */
export function holdTogether(phone: Phone, request: number, call: Call, from: Conference, at: number): Step {
  const given = withConference(phone, from, abandoned(from));
  const held = forEach(quiet(given), membersOf(from), (now, id) => {
    const each = callById(now, id);
    if (!each || !(isTalking(each) || each.phase === 'holding')) return quiet(now);
    return onCall(now, id, { type: 'hold', request: id === call.id ? request : null, private: true }, at);
  });
  return call.phase === 'held' ? andThen(held, (now) => confirm(now, request, call)) : held;
}

/** Resumes all of a conference. */
export function resumeTogether(
  phone: Phone,
  request: number,
  call: Call,
  from: Conference,
  at: number,
): Step {
  return forEach(quiet(phone), membersOf(from), (now, id) => {
    const asker = id === call.id ? request : null;
    const phase = callById(now, id)?.phase;
    if (phase !== 'held' && !(phase === 'resuming' && asker !== null)) return quiet(now);
    return onCall(now, id, { type: 'resume', request: asker }, at);
  });
}

/** Brings the conferences up to what has happened to their calls. */
export function withConferences(before: Phone, now: Step, at: number): Step {
  const same = before.calls === now.phone.calls && before.conferences === now.phone.conferences;
  if (same || now.phone.conferences.length === 0) return now;
  const gone = now.phone.conferences.flatMap(membersOf).filter((id) => !isThere(now.phone, id));
  const left = forEach(now, gone, (phone, id) => {
    const from = conferenceOf(phone, id);
    if (!from) return quiet(phone);
    return isComing(from, id) ? notComing(phone, from, id) : without(phone, from, id);
  });
  return andThen(left, (phone) => allGathered(phone, at));
}

/** Where the host itself does not come, the others come to the next one. */
function allGathered(phone: Phone, at: number): Step {
  const step = forEach(quiet(phone), phone.conferences, (now, { host }) => gathered(now, host, at));
  const rehosted = step.phone.conferences.some(
    ({ host }) => !phone.conferences.some((each) => each.host === host),
  );
  return rehosted ? andThen(step, (now) => allGathered(now, at)) : step;
}

const alone = (host: string): Conference => ({ host, guests: [], coming: [], requests: [] });
const isActive = (phone: Phone, id: string): boolean => callById(phone, id)?.phase === 'active';
const isThere = (phone: Phone, id: string): boolean => isLive(callById(phone, id));

const isComing = ({ coming }: Conference, id: string): boolean => coming.some(({ call }) => call === id);

function merged(phone: Phone, lead: Conference, joining: Conference, request: number): Step {
  const coming = [...membersOf(lead).filter((id) => !isActive(phone, id)), ...membersOf(joining)].map(
    (call): Coming => ({ call, asked: false }),
  );
  const requests = [...lead.requests, ...joining.requests, request];
  const others = phone.conferences.filter(({ host }) => host !== lead.host && host !== joining.host);
  const members = [...membersOf(lead), ...membersOf(joining)];
  return {
    phone: {
      ...phone,
      calls: phone.calls.map((call) => (members.includes(call.id) ? notConsulting(call) : call)),
      conferences: [...others, { ...lead, coming, requests }],
    },
    effects: joining.guests.map((guest): Effect => ({ type: 'part', guest })),
  };
}

/** Who waited while its user asked elsewhere has been answered: they talk together. */
const notConsulting = (call: Call): Call =>
  call.transfer?.stage === 'consulting' ? { ...call, transfer: null } : call;

/** A call is in the conference no more. */
function without(phone: Phone, from: Conference, id: string): Step {
  const free = callById(phone, id);
  const unmuted = free ? replaceCall(phone, { ...free, partyMuted: false }) : phone;
  const rest = { ...from, coming: from.coming.filter(({ call }) => call !== id) };
  if (id === from.host) return rehosted(unmuted, from, rest);
  const guests = from.guests.filter((guest) => guest !== id);
  const effects: readonly Effect[] = from.guests.includes(id) && free ? [{ type: 'part', guest: id }] : [];
  return settled(withConference(unmuted, from, { ...rest, guests }), from.host, effects);
}

/** The next one is host. The old host's own leg is left alone: a colleague may have joined that call. */
function rehosted(phone: Phone, from: Conference, rest: Conference): Step {
  const next = from.guests.find((id) => isActive(phone, id)) ?? from.guests[0];
  const parted = from.guests.map((guest): Effect => ({ type: 'part', guest }));
  if (next === undefined) {
    const [first] = rest.coming;
    if (!first) return settled(withConference(phone, from, null), from.host, parted);
    return settled(withConference(phone, from, { ...rest, host: first.call }), first.call, parted);
  }
  const guests = from.guests.filter((id) => id !== next);
  const joined = guests.map((guest): Effect => ({ type: 'join', call: next, guest }));
  const muted = from.guests
    .filter((id) => callById(phone, id)?.partyMuted)
    .map((guest): Effect => ({ type: 'mute-part', guest, on: true }));
  const moved = { ...rest, host: next, guests };
  return settled(withConference(phone, from, moved), next, [
    ...parted,
    ...joined,
    ...(guests.length > 0 ? muted : []),
  ]);
}

/** With one left it is an ordinary call. */
function settled(phone: Phone, host: string, effects: readonly Effect[]): Step {
  const conference = phone.conferences.find((each) => each.host === host);
  if (!conference || membersOf(conference).length > 1) return { phone, effects };
  const call = callById(phone, host);
  const alone = call ? replaceCall(phone, { ...call, partyMuted: false }) : phone;
  return {
    phone: withConference(alone, conference, null),
    effects: [...effects, ...conference.requests.map(failed)],
  };
}

/** Those that are on their way: resumed, joined, or not coming after all. */
function gathered(phone: Phone, host: string, at: number): Step {
  const conference = phone.conferences.find((each) => each.host === host);
  if (!conference || conference.coming.length === 0) return quiet(phone);
  const resumed = forEach(quiet(phone), conference.coming, (now, each) => asked(now, host, each, at));
  const joined = forEach(resumed, conference.coming, (now, { call }) => arrived(now, host, call));
  return andThen(joined, (now) => answered(now, host));
}

/** Asks a held call to come, once; one that is held again, or whose host was held meanwhile, does not. */
function asked(phone: Phone, host: string, { call, asked: before }: Coming, at: number): Step {
  const conference = phone.conferences.find((each) => each.host === host);
  if (!conference) return quiet(phone);
  const phase = callById(phone, call)?.phase;
  const isHostWaiting = isComing(conference, host);
  const isInVain = !isHostWaiting && !isActive(phone, host);
  if (isInVain || (phase === 'held' && before)) return notComing(phone, conference, call);
  if (phase !== 'held') return quiet(phone);
  const coming = conference.coming.map((each) => (each.call === call ? { call, asked: true } : each));
  const noted = withConference(phone, conference, { ...conference, coming });
  return onCall(noted, call, { type: 'resume', request: null }, at);
}

function notComing(phone: Phone, conference: Conference, id: string): Step {
  const call = callById(phone, id);
  const reason = {
    code: 'conference-failed',
    params: { number: (call && partyText(known(phone, call.remote))) ?? '' },
  } as const;
  const replies = conference.requests.map(
    (request): Effect => ({
      type: 'reply',
      request,
      reply: { ok: false, reason },
    }),
  );
  const told = withConference(phone, conference, { ...conference, requests: [] });
  const noticed = andThen({ phone: told, effects: replies }, (now) => withNotice(now, reason));
  return andThen(noticed, (now) => without(now, { ...conference, requests: [] }, id));
}

function arrived(phone: Phone, host: string, id: string): Step {
  const conference = phone.conferences.find((each) => each.host === host);
  const call = callById(phone, id);
  const leader = callById(phone, host);
  const isHere = isActive(phone, id) && isActive(phone, host);
  if (!conference || !isComing(conference, id) || !call || !leader || !isHere) return quiet(phone);
  const coming = conference.coming.filter((each) => each.call !== id);
  const isNew = id !== host && !conference.guests.includes(id);
  const guests = isNew ? [...conference.guests, id] : conference.guests;
  const come = withConference(phone, conference, { ...conference, coming, guests });
  if (!isNew) return quiet(come);
  const muted = leader.muted !== call.muted;
  return {
    phone: muted ? replaceCall(come, { ...call, muted: leader.muted }) : come,
    effects: [
      { type: 'join', call: host, guest: id },
      ...(muted ? [{ type: 'mute', call: id, on: leader.muted } as const] : []),
      ...(call.partyMuted ? [{ type: 'mute-part', guest: id, on: true } as const] : []),
    ],
  };
}

/** All have come: the commands are answered. */
function answered(phone: Phone, host: string): Step {
  const conference = phone.conferences.find((each) => each.host === host);
  if (!conference || conference.coming.length > 0) return quiet(phone);
  return {
    phone: withConference(phone, conference, { ...conference, requests: [] }),
    effects: conference.requests.map((request) => ({
      type: 'reply',
      request,
      reply: { ok: true, result: { call: host } },
    })),
  };
}

const failed = (request: number): Effect => ({
  type: 'reply',
  request,
  reply: { ok: false, reason: { code: 'conference-failed', params: { number: '' } } },
});

const withConference = (phone: Phone, before: Conference, now: Conference | null): Phone => ({
  ...phone,
  conferences: phone.conferences.flatMap((each) => (each.host === before.host ? (now ?? []) : each)),
});
