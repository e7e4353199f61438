import { describe, expect, it } from 'vitest';
import { PhoneUnderTest } from './phone-under-test.ts';

/** Calls on the private line, the last one active and the others on hold. */
function callsOf(tested: PhoneUnderTest, count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const before = tested.phone.calls.find(({ phase }) => phase === 'active');
    const call = tested.activeCall(1, `505${index}`);
    if (before) tested.take({ type: 'held', call: before.id });
    tested.asked();
    return call;
  });
}
const together = (tested: PhoneUnderTest, call: string, other: string) =>
  tested.command({ name: 'conference', params: { call, with: other } });

/** A conference of that many parties. */
function conferenceOf(tested: PhoneUnderTest, count: number): string[] {
  const calls = callsOf(tested, count);
  const last = calls.at(-1) ?? '';
  for (const call of calls.slice(0, -1)) {
    together(tested, last, call);
    tested.take({ type: 'resumed', call });
  }
  tested.asked();
  return [last, ...calls.slice(0, -1)];
}
const states = (tested: PhoneUnderTest) =>
  tested.view.calls.map(({ id, state, conference }) => `${id} ${state} ${conference ?? '-'}`);

describe('a conference', () => {
  it('resumes the call on hold first, then brings both together', () => {
    const tested = PhoneUnderTest.onTheAir();
    const [held = '', talk = ''] = callsOf(tested, 2);
    const request = together(tested, talk, held);
    expect(tested.asked()).toEqual([`resume ${held}`]);
    expect(tested.reply(request)).toBe('waiting');
    expect(states(tested)).toEqual(['c1 held -', 'c2 active -']);
    tested.take({ type: 'resumed', call: held });
    expect(tested.asked()).toEqual([`join ${talk} ${held}`]);
    expect(tested.reply(request)).toEqual({ ok: true, result: { call: talk } });
    expect(states(tested)).toEqual(['c1 active c2', 'c2 active c2']);
  });

  it('goes over the leg of the call that is talked in, whichever was named first', () => {
    const tested = PhoneUnderTest.onTheAir();
    const [held = '', talk = ''] = callsOf(tested, 2);
    together(tested, held, talk);
    tested.take({ type: 'resumed', call: held });
    expect(tested.asked()).toEqual([`resume ${held}`, `join ${talk} ${held}`]);
  });

  it('of two calls on hold resumes both', () => {
    const tested = PhoneUnderTest.onTheAir();
    const [one = '', two = ''] = callsOf(tested, 2);
    tested.held(two);
    const request = together(tested, one, two);
    expect(tested.asked()).toEqual([`resume ${one}`, `resume ${two}`]);
    tested.take({ type: 'resumed', call: two });
    expect(tested.asked()).toEqual([]);
    tested.take({ type: 'resumed', call: one });
    expect(tested.asked()).toEqual([`join ${one} ${two}`]);
    expect(tested.reply(request)).toMatchObject({ ok: true });
  });

  it('waits for a hold that is under way', () => {
    const tested = PhoneUnderTest.onTheAir();
    const first = tested.activeCall(1, '5051');
    const second = tested.activeCall(1, '5052');
    tested.asked();
    together(tested, second, first);
    expect(tested.asked()).toEqual([]);
    tested.take({ type: 'held', call: first });
    expect(tested.asked()).toEqual([`resume ${first}`]);
  });

  it('takes up to six, and no more', () => {
    const tested = PhoneUnderTest.onTheAir();
    const members = conferenceOf(tested, 6);
    expect(tested.view.calls.every(({ conference }) => conference === members[0])).toBe(true);
    tested.command({ name: 'dial', params: { lineKey: 1, number: '911' } });
    const seventh = tested.phone.calls.at(-1)?.id ?? '';
    tested.take({ type: 'answered', call: seventh, remote: null });
    expect(tested.refusal(together(tested, seventh, members[0] ?? ''))).toBe('conference-full');
  });

  it('joins another conference', () => {
    const tested = PhoneUnderTest.onTheAir();
    const [a = '', b = ''] = conferenceOf(tested, 2);
    const c = tested.activeCall(1, '5061');
    for (const call of [a, b]) tested.take({ type: 'held', call });
    const d = tested.activeCall(1, '5062');
    tested.take({ type: 'held', call: c });
    together(tested, d, c);
    tested.take({ type: 'resumed', call: c });
    tested.asked();
    together(tested, d, a);
    expect(tested.asked()).toEqual([`part ${b}`, `resume ${a}`, `resume ${b}`]);
    for (const call of [a, b]) tested.take({ type: 'resumed', call });
    expect(tested.asked()).toEqual([`join ${d} ${a}`, `join ${d} ${b}`]);
    expect(tested.view.calls.map(({ conference }) => conference)).toEqual([d, d, d, d]);
  });

  it('cannot be made with nobody at the other end, with itself or with what is not there', () => {
    const tested = PhoneUnderTest.onTheAir();
    const call = tested.activeCall(1);
    tested.command({ name: 'dial', params: { lineKey: 1, number: '5052' } });
    expect(tested.refusal(together(tested, call, 'c2'))).toBe('no-far-end');
    expect(tested.refusal(together(tested, call, call))).toBe('wrong-state');
    expect(tested.refusal(together(tested, call, 'c9'))).toBe('unknown-call');
  });

  it.each(['refuses', 'hangs up'])('that the held call %s fails, and the talk goes on', (how) => {
    const tested = PhoneUnderTest.onTheAir();
    const [held = '', talk = ''] = callsOf(tested, 2);
    const request = together(tested, talk, held);
    if (how === 'refuses') tested.take({ type: 'hold-failed', call: held });
    else tested.take({ type: 'ended', call: held, reason: null });
    expect(tested.refusal(request)).toBe('conference-failed');
    expect(tested.call(talk)).toMatchObject({ state: 'active', conference: null });
    expect(tested.phone.conferences).toEqual([]);
  });

  it('is not made over a call that was answered meanwhile', () => {
    const tested = PhoneUnderTest.onTheAir();
    const [held = '', talk = ''] = callsOf(tested, 2);
    const request = together(tested, talk, held);
    tested.ring('s1');
    tested.command({ name: 'answer', params: { call: 's1' } });
    expect(tested.asked()).toEqual([`resume ${held}`, `hold ${held}`, `hold ${talk}`, 'accept s1']);
    tested.take({ type: 'resumed', call: held });
    for (const call of [held, talk]) tested.take({ type: 'held', call });
    expect(tested.refusal(request)).toBe('conference-failed');
    expect(tested.asked().filter((what) => !what.startsWith('publish'))).toEqual([]);
    expect(tested.phone.conferences).toEqual([]);
  });

  it('is held as a whole by another call, and resumed as a whole', () => {
    const tested = PhoneUnderTest.onTheAir();
    const [host = '', guest = ''] = conferenceOf(tested, 2);
    tested.ring('s1');
    tested.command({ name: 'answer', params: { call: 's1' } });
    expect(tested.asked()).toEqual([`hold ${guest}`, `hold ${host}`, 'accept s1']);
    tested.take({ type: 'answered', call: 's1', remote: null });
    for (const call of [host, guest]) tested.take({ type: 'held', call });
    expect(states(tested)).toEqual([`${guest} held ${host}`, `${host} held ${host}`, 's1 active -']);
    tested.asked();
    const request = tested.command({ name: 'resume', params: { call: guest } });
    expect(tested.asked()).toEqual(['hold s1', `resume ${host}`, `resume ${guest}`]);
    for (const call of [guest, host]) tested.take({ type: 'resumed', call });
    expect(tested.reply(request)).toMatchObject({ ok: true });
    expect(states(tested)).toEqual([`${guest} active ${host}`, `${host} active ${host}`, 's1 active -']);
  });

  it('is held by the hold key, privately, so that no colleague takes one of them', () => {
    const tested = PhoneUnderTest.onTheAir();
    const shared = tested.activeCall(2, '5051');
    const own = tested.activeCall(1, '5052');
    tested.take({ type: 'held', call: shared });
    together(tested, own, shared);
    tested.take({ type: 'resumed', call: shared });
    expect(tested.asked()).toEqual([
      'publish 2/0 confirmed held',
      `resume ${shared}`,
      `join ${own} ${shared}`,
      'publish 2/0 confirmed',
    ]);
    const request = tested.command({ name: 'hold', params: { call: own } });
    for (const call of [own, shared]) tested.take({ type: 'held', call });
    expect(tested.asked()).toEqual([`hold ${own}`, `hold ${shared}`, 'publish 2/0 confirmed held exclusive']);
    expect(tested.reply(request)).toMatchObject({ ok: true });
  });

  it('goes on without a party that hangs up or is let go, and ends with the last but one', () => {
    const tested = PhoneUnderTest.onTheAir();
    const [host = '', one = '', two = ''] = conferenceOf(tested, 3);
    tested.command({ name: 'hangUp', params: { call: one } });
    expect(tested.asked()).toEqual([`hang-up ${one}`, `part ${one}`]);
    tested.take({ type: 'ended', call: one, reason: null });
    expect(tested.call(two)).toMatchObject({ state: 'active', conference: host });
    tested.take({ type: 'ended', call: two, reason: null });
    expect(tested.call(host)).toMatchObject({ state: 'active', conference: null });
    expect(tested.phone.conferences).toEqual([]);
  });

  it('goes on over another leg when the call it began with ends', () => {
    const tested = PhoneUnderTest.onTheAir();
    const [host = '', one = '', two = '', three = ''] = conferenceOf(tested, 4);
    tested.command({ name: 'muteParty', params: { call: two, on: true } });
    tested.asked();
    tested.take({ type: 'ended', call: host, reason: null });
    expect(tested.asked()).toEqual([
      `part ${one}`,
      `part ${two}`,
      `part ${three}`,
      `join ${one} ${two}`,
      `join ${one} ${three}`,
      `mute-part ${two} true`,
    ]);
    expect(tested.view.calls.map(({ conference, state }) => `${state} ${conference}`)).toEqual([
      `active ${one}`,
      `active ${one}`,
      `active ${one}`,
    ]);
  });

  it('of two is an ordinary call when the one it began with ends', () => {
    const tested = PhoneUnderTest.onTheAir();
    const [host = '', guest = ''] = conferenceOf(tested, 2);
    tested.command({ name: 'hangUp', params: { call: host } });
    expect(tested.asked()).toEqual([`hang-up ${host}`, `part ${guest}`]);
    expect(tested.call(guest)).toMatchObject({ state: 'active', conference: null });
  });

  it.each(['a guest', 'the host'])('lets %s go on hold by itself', (who) => {
    const tested = PhoneUnderTest.onTheAir();
    const [host = '', one = '', two = ''] = conferenceOf(tested, 3);
    const leaver = who === 'the host' ? host : one;
    const request = tested.command({ name: 'leaveConference', params: { call: leaver } });
    expect(tested.asked()).toEqual(
      who === 'the host'
        ? [`part ${one}`, `part ${two}`, `join ${one} ${two}`, `hold ${host}`]
        : [`part ${one}`, `hold ${one}`],
    );
    expect(tested.reply(request)).toBe('waiting');
    tested.take({ type: 'held', call: leaver });
    expect(tested.reply(request)).toMatchObject({ ok: true });
    expect(tested.call(leaver)).toMatchObject({ state: 'held', conference: null });
    expect(tested.call(two)).toMatchObject({ state: 'active', conference: who === 'the host' ? one : host });
    const again = tested.command({ name: 'leaveConference', params: { call: leaver } });
    expect(tested.refusal(again)).toBe('wrong-state');
  });

  it('mutes a party for the others, and our user towards all', () => {
    const tested = PhoneUnderTest.onTheAir();
    const [host = '', guest = ''] = conferenceOf(tested, 2);
    tested.command({ name: 'muteParty', params: { call: guest, on: true } });
    expect(tested.asked()).toEqual([`mute-part ${guest} true`]);
    expect(tested.call(guest)).toMatchObject({ partyMuted: true, muted: false });
    tested.command({ name: 'mute', params: { call: guest, on: true } });
    expect(tested.asked().toSorted()).toEqual([`mute ${guest} true`, `mute ${host} true`].toSorted());
    expect(tested.view.calls.every(({ muted }) => muted)).toBe(true);
    tested.command({ name: 'leaveConference', params: { call: guest } });
    expect(tested.call(guest)).toMatchObject({ partyMuted: false });
    const alone = tested.command({ name: 'muteParty', params: { call: host, on: true } });
    expect(tested.refusal(alone)).toBe('wrong-state');
  });

  it('takes in who comes as our user is: muted', () => {
    const tested = PhoneUnderTest.onTheAir();
    const [held = '', talk = ''] = callsOf(tested, 2);
    tested.command({ name: 'mute', params: { call: talk, on: true } });
    together(tested, talk, held);
    tested.asked();
    tested.take({ type: 'resumed', call: held });
    expect(tested.asked()).toEqual([`join ${talk} ${held}`, `mute ${held} true`]);
  });

  it('keeps a party that its far end holds', () => {
    const tested = PhoneUnderTest.onTheAir();
    const [host = '', guest = ''] = conferenceOf(tested, 2);
    tested.take({ type: 'remote-hold', call: guest, on: true });
    expect(tested.asked()).toEqual([]);
    expect(tested.call(guest)).toMatchObject({ conference: host, heldByRemote: true });
  });
});

describe('two calls that are answered one after the other', () => {
  it('never talk at once: the one that the user took last goes on', () => {
    const tested = PhoneUnderTest.onTheAir();
    tested.command({ name: 'dial', params: { lineKey: 1, number: '5051' } });
    tested.now += 1000;
    tested.ring('s1');
    tested.command({ name: 'answer', params: { call: 's1' } });
    tested.take({ type: 'answered', call: 's1', remote: null });
    tested.now += 1000;
    tested.asked();
    tested.take({ type: 'answered', call: 'c1', remote: null });
    expect(tested.asked()).toEqual(['hold c1']);
  });

  it('also when both were dialed: the first goes on hold', () => {
    const tested = PhoneUnderTest.onTheAir();
    for (const number of ['5051', '5052']) tested.command({ name: 'dial', params: { lineKey: 1, number } });
    tested.take({ type: 'answered', call: 'c1', remote: null });
    tested.asked();
    tested.take({ type: 'answered', call: 'c2', remote: null });
    expect(tested.asked()).toEqual(['hold c1']);
  });
});

describe('a party of a conference that is handed over', () => {
  it('comes back into it when nobody is reached', () => {
    const tested = PhoneUnderTest.onTheAir();
    const [host = '', one = '', two = ''] = conferenceOf(tested, 3);
    tested.command({ name: 'transfer', params: { call: one, number: '5099' } });
    tested.take({ type: 'held', call: one });
    expect(tested.call(two)).toMatchObject({ state: 'active', conference: host });
    tested.asked();
    tested.take({ type: 'transfer-failed', call: one, reason: { code: 'transfer-failed' } });
    expect(tested.asked()).toEqual([`resume ${one}`]);
    tested.take({ type: 'resumed', call: one });
    expect(tested.view.calls.map(({ state, conference }) => `${state} ${conference}`)).toEqual(
      [one, two, host].map(() => `active ${host}`),
    );
  });
});

describe('a party that sends us to somebody else', () => {
  /** The call there, which has just been answered. */
  function sentOnBy(tested: PhoneUnderTest, call: string): string {
    const target = { number: '5061', name: null };
    tested.take({ type: 'referred', call, referral: 'r1', replaces: false, target });
    const next = tested.view.calls.at(-1)?.id ?? '';
    tested.asked();
    tested.take({ type: 'answered', call: next, remote: null });
    return next;
  }

  it.each([
    ['who is host', 0],
    ['who is a guest', 1],
  ])('%s: that one talks with the others in its place', (_who, position) => {
    const tested = PhoneUnderTest.onTheAir();
    const members = conferenceOf(tested, 2);
    const [old = '', other = ''] = [members[position], members[1 - position]];
    const next = sentOnBy(tested, old);
    expect(tested.asked()).toEqual([`join ${members[0]} ${next}`]);
    tested.take({ type: 'ended', call: old, reason: null });
    const together = tested.view.calls.map(({ id, state, conference }) => [id, state, conference]);
    const host = tested.call(other)?.conference;
    expect(together).toEqual([
      [other, 'active', host],
      [next, 'active', host],
    ]);
    expect(host).not.toBeNull();
  });

  it('while the conference is on hold: its user turns to that one, and the others wait', () => {
    const tested = PhoneUnderTest.onTheAir();
    const [old = '', other = ''] = conferenceOf(tested, 2);
    for (const call of [old, other]) tested.held(call);
    const next = sentOnBy(tested, old);
    expect(tested.asked()).toEqual([]);
    expect(tested.call(next)).toMatchObject({ state: 'active', conference: null });
    expect(tested.call(other)?.state).toBe('held');
  });
});
