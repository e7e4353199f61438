import { describe, expect, it } from 'vitest';
import { PhoneUnderTest } from './phone-under-test.ts';

const codes = (tested: PhoneUnderTest) => tested.view.notices.map(({ code }) => code);
const failure = { code: 'transfer-failed', params: { status: 486, phrase: 'Busy Here' } } as const;

/** Asks to hand a call over, and the far end agrees to the hold. */
function sendAway(tested: PhoneUnderTest, call: string, number = '5061'): number {
  const request = tested.command({ name: 'transfer', params: { call, number } });
  tested.take({ type: 'held', call });
  return request;
}

/** A call on key 2, and one to 5061 in which its user asks first. */
function consulting(answered = true): { tested: PhoneUnderTest; call: string; asked: string } {
  const tested = PhoneUnderTest.onTheAir();
  const call = tested.activeCall(2);
  const request = tested.command({ name: 'consult', params: { call, number: '5061' } });
  tested.take({ type: 'held', call });
  const reply = tested.reply(request);
  if (reply === 'waiting' || !reply.ok || !('call' in reply.result)) throw new Error('not consulted');
  const asked = reply.result.call;
  tested.take({ type: 'progress', call: asked, media: false });
  if (answered) tested.take({ type: 'answered', call: asked, remote: null });
  tested.asked();
  return { tested, call, asked };
}

describe('a blind transfer', () => {
  it('holds, sends the far end away, and ends our leg when it has got there', () => {
    const tested = PhoneUnderTest.onTheAir();
    const call = tested.activeCall(1);
    const request = tested.command({ name: 'transfer', params: { call, number: '(506) 1' } });
    expect(tested.asked()).toEqual([`hold ${call}`]);
    expect(tested.call(call)).toMatchObject({
      state: 'active',
      transfer: { state: 'transferring', with: null, to: '5061' },
    });
    tested.take({ type: 'held', call });
    expect(tested.asked()).toEqual([`transfer ${call} to 5061`]);
    tested.take({ type: 'transfer-accepted', call });
    expect(tested.reply(request)).toBe('waiting');
    tested.take({ type: 'transferred', call });
    expect(tested.reply(request)).toEqual({ ok: true, result: { call } });
    expect(tested.asked()).toEqual([`hang-up ${call}`]);
    expect(codes(tested)).toEqual(['transferred']);
    tested.take({ type: 'ended', call, reason: null });
    expect(tested.view.calls).toEqual([]);
    expect(codes(tested)).toEqual(['transferred']);
  });

  it('takes the call back when nobody is reached', () => {
    const tested = PhoneUnderTest.onTheAir();
    const call = tested.activeCall(1);
    const request = sendAway(tested, call);
    tested.take({ type: 'transfer-accepted', call });
    tested.asked();
    tested.take({ type: 'transfer-failed', call, reason: failure });
    expect(tested.reply(request)).toEqual({
      ok: false,
      reason: { code: 'transfer-failed', params: { number: '5061', status: 486, phrase: 'Busy Here' } },
    });
    expect(tested.asked()).toEqual([`resume ${call}`]);
    expect(codes(tested)).toEqual(['transfer-failed']);
    tested.take({ type: 'resumed', call });
    expect(tested.call(call)).toMatchObject({ state: 'active', transfer: null });
    expect(tested.view.sound.tone).toBeNull();
  });

  it('leaves it on hold when it was, or when its user has begun something else', () => {
    const tested = PhoneUnderTest.onTheAir();
    const call = tested.activeCall(1);
    tested.held(call);
    tested.command({ name: 'transfer', params: { call, number: '5061' } });
    expect(tested.asked()).toEqual([`transfer ${call} to 5061`]);
    tested.take({ type: 'transfer-failed', call, reason: failure });
    expect(tested.asked()).toEqual([]);
    expect(tested.call(call)).toMatchObject({ state: 'held', transfer: null });

    const other = tested.activeCall(1);
    sendAway(tested, other);
    tested.activeCall(1, '5099');
    tested.take({ type: 'transfer-failed', call: other, reason: failure });
    expect(tested.asked()).not.toContain(`resume ${other}`);
  });

  it('has got there when the far end hangs up: some PBXs say no more than that', () => {
    const tested = PhoneUnderTest.onTheAir();
    const call = tested.activeCall(1);
    const request = sendAway(tested, call);
    tested.take({ type: 'ended', call, reason: null });
    expect(tested.reply(request)).toEqual({ ok: true, result: { call } });
    expect(codes(tested)).toEqual(['transferred']);
    expect(tested.view.calls).toEqual([]);
  });

  it('fails when the far end hangs up before it was sent away, or the call is lost', () => {
    const tested = PhoneUnderTest.onTheAir();
    const call = tested.activeCall(1);
    const request = tested.command({ name: 'transfer', params: { call, number: '5061' } });
    tested.take({ type: 'ended', call, reason: null });
    expect(tested.refusal(request)).toBe('call-lost');
    const other = tested.activeCall(1);
    const lost = sendAway(tested, other);
    tested.take({ type: 'ended', call: other, reason: { code: 'call-lost' } });
    expect(tested.refusal(lost)).toBe('call-lost');
    expect(codes(tested)).toEqual(['call-lost']);
  });

  it('goes ahead when the far end does not want to be on hold', () => {
    const tested = PhoneUnderTest.onTheAir();
    const call = tested.activeCall(1);
    const request = tested.command({ name: 'transfer', params: { call, number: '5061' } });
    tested.asked();
    tested.take({ type: 'hold-failed', call });
    expect(tested.asked()).toEqual([`transfer ${call} to 5061`]);
    expect(codes(tested)).toEqual([]);
    tested.take({ type: 'transfer-failed', call, reason: { code: 'transfer-refused' } });
    expect(tested.asked()).toEqual([]);
    expect(tested.refusal(request)).toBe('transfer-refused');
    expect(tested.call(call)?.state).toBe('active');
  });

  it('is given up by hanging up; nothing else can be done to the call meanwhile', () => {
    const tested = PhoneUnderTest.onTheAir();
    const call = tested.activeCall(1);
    const request = sendAway(tested, call);
    for (const name of ['hold', 'resume'] as const) {
      expect(tested.refusal(tested.command({ name, params: { call } }))).toBe('wrong-state');
    }
    const again = tested.command({ name: 'transfer', params: { call, number: '5099' } });
    expect(tested.refusal(again)).toBe('wrong-state');
    tested.asked();
    tested.command({ name: 'hangUp', params: { call } });
    expect(tested.asked()).toEqual([`hang-up ${call}`]);
    expect(tested.refusal(request)).toBe('wrong-state');
    tested.take({ type: 'transferred', call });
    tested.take({ type: 'ended', call, reason: null });
    expect(codes(tested)).toEqual([]);
  });

  it('needs a far end and a number', () => {
    const tested = PhoneUnderTest.onTheAir();
    const dial = tested.command({ name: 'dial', params: { lineKey: 1, number: '5051' } });
    expect(tested.reply(dial)).not.toBe('waiting');
    const early = tested.command({ name: 'transfer', params: { call: 'c1', number: '5061' } });
    expect(tested.refusal(early)).toBe('no-far-end');
    tested.take({ type: 'answered', call: 'c1', remote: null });
    const bad = tested.command({ name: 'transfer', params: { call: 'c1', number: 'a b' } });
    expect(tested.refusal(bad)).toBe('bad-number');
  });

  it('says nothing of news that come too late', () => {
    const tested = PhoneUnderTest.onTheAir();
    const call = tested.activeCall(1);
    tested.take({ type: 'transfer-accepted', call });
    tested.take({ type: 'transferred', call });
    tested.take({ type: 'transfer-failed', call, reason: failure });
    expect(tested.asked()).toEqual([]);
    expect(tested.call(call)?.state).toBe('active');
  });
});

describe('an attended transfer', () => {
  it('asks on a private line, with the call on hold', () => {
    const { tested, call, asked } = consulting();
    expect(tested.call(call)).toMatchObject({
      state: 'held',
      transfer: { state: 'consulting', with: asked, to: '5061' },
    });
    expect(tested.call(asked)).toMatchObject({ state: 'active', lineKey: 1, transfer: null });
  });

  it('brings the two far ends together, and both our legs end', () => {
    const { tested, call, asked } = consulting();
    const request = tested.command({ name: 'completeTransfer', params: { call, to: asked } });
    expect(tested.asked()).toEqual([`transfer ${call} to the far end of ${asked}`]);
    expect(tested.call(call)?.transfer).toEqual({ state: 'transferring', with: asked, to: '5061' });
    tested.take({ type: 'transfer-accepted', call });
    // The far end of the call that was asked in lets go of us: it has the other one now.
    tested.take({ type: 'taken-over', call: asked, by: null });
    tested.take({ type: 'ended', call: asked, reason: null });
    expect(codes(tested)).toEqual([]);
    tested.take({ type: 'transferred', call });
    expect(tested.reply(request)).toEqual({ ok: true, result: { call } });
    expect(tested.asked()).toEqual([`hang-up ${call}`, 'publish 2/0 terminated']);
    tested.take({ type: 'ended', call, reason: null });
    expect(tested.view.calls).toEqual([]);
    expect(codes(tested)).toEqual(['transferred']);
  });

  it('ends the other leg too when its far end does not', () => {
    const { tested, call, asked } = consulting();
    tested.command({ name: 'completeTransfer', params: { call, to: asked } });
    tested.asked();
    tested.take({ type: 'transferred', call });
    expect(tested.asked()).toEqual([`hang-up ${asked}`, `hang-up ${call}`, 'publish 2/0 terminated']);
  });

  it('is over when all three are brought together: nobody waits, and any of them can leave', () => {
    const { tested, call, asked } = consulting();
    tested.command({ name: 'conference', params: { call, with: asked } });
    tested.take({ type: 'resumed', call });
    expect(tested.call(call)).toMatchObject({ conference: asked, transfer: null });
    tested.command({ name: 'leaveConference', params: { call } });
    tested.take({ type: 'held', call });
    expect(tested.call(call)).toMatchObject({ state: 'held', transfer: null });
  });

  it('leaves both as they were when it fails', () => {
    const { tested, call, asked } = consulting();
    const request = tested.command({ name: 'completeTransfer', params: { call, to: asked } });
    tested.asked();
    tested.take({
      type: 'transfer-failed',
      call,
      reason: { code: 'transfer-refused', params: { status: 603, phrase: 'Decline' } },
    });
    expect(tested.refusal(request)).toBe('transfer-refused');
    expect(tested.asked()).toEqual([]);
    expect(tested.call(asked)?.state).toBe('active');
    expect(tested.call(call)).toMatchObject({
      state: 'held',
      transfer: { state: 'consulting', with: asked },
    });
  });

  it('goes to the number of one who has not answered yet, whose call is given up', () => {
    const { tested, call, asked } = consulting(false);
    const request = tested.command({ name: 'completeTransfer', params: { call, to: asked } });
    expect(tested.asked()).toEqual([`hang-up ${asked}`, `transfer ${call} to 5061`]);
    tested.take({ type: 'ended', call: asked, reason: null });
    tested.take({ type: 'transfer-failed', call, reason: failure });
    expect(tested.refusal(request)).toBe('transfer-failed');
    expect(tested.asked()).toEqual([`resume ${call}`]);
  });

  it('may join any two calls', () => {
    const tested = PhoneUnderTest.onTheAir();
    const first = tested.activeCall(1);
    tested.held(first);
    tested.ring('s1');
    tested.command({ name: 'answer', params: { call: 's1' } });
    tested.take({ type: 'answered', call: 's1', remote: null });
    tested.asked();
    const request = tested.command({ name: 'completeTransfer', params: { call: 's1', to: first } });
    expect(tested.asked()).toEqual(['hold s1']);
    tested.take({ type: 'held', call: 's1' });
    expect(tested.asked()).toEqual([
      `transfer s1 to the far end of ${first}`,
      'publish 2/0 confirmed held exclusive',
    ]);
    tested.take({ type: 'transfer-failed', call: 's1', reason: failure });
    expect(tested.refusal(request)).toBe('transfer-failed');
    expect(tested.asked()).toEqual(['resume s1', 'publish 2/0 confirmed held']);
    expect(tested.call('s1')?.transfer).toBeNull();
  });

  it('needs two calls with far ends', () => {
    const { tested, call, asked } = consulting();
    const complete = (one: string, to: string) =>
      tested.refusal(tested.command({ name: 'completeTransfer', params: { call: one, to } }));
    tested.ring('s1');
    expect(complete(call, call)).toBe('wrong-state');
    expect(complete(call, 'nobody')).toBe('unknown-call');
    expect(complete(call, 's1')).toBe('no-far-end');
    expect(complete('s1', asked)).toBe('no-far-end');
  });

  it('comes to nothing when who was asked has hung up meanwhile', () => {
    const tested = PhoneUnderTest.onTheAir();
    const first = tested.activeCall(1);
    tested.held(first);
    const second = tested.activeCall(1, '5061');
    const request = tested.command({ name: 'completeTransfer', params: { call: second, to: first } });
    tested.take({ type: 'ended', call: first, reason: null });
    tested.take({ type: 'held', call: second });
    expect(tested.refusal(request)).toBe('transfer-gone');
    expect(tested.asked()).toEqual([`hold ${second}`, `resume ${second}`]);
  });

  it('hanging up on the one asked brings the first call back in hand, on hold', () => {
    const { tested, call, asked } = consulting();
    tested.command({ name: 'hangUp', params: { call: asked } });
    expect(tested.call(call)).toMatchObject({ state: 'held', transfer: null });
    tested.take({ type: 'ended', call: asked, reason: null });
    tested.asked();
    tested.command({ name: 'resume', params: { call } });
    expect(tested.asked()).toEqual([`resume ${call}`]);
  });

  it('asks on the same key where no line is private, and says so when that is not free', () => {
    const tested = PhoneUnderTest.onTheAir();
    tested.take({ type: 'unregistered', extension: 1 });
    const call = tested.activeCall(2);
    tested.command({ name: 'consult', params: { call, number: '5061' } });
    expect(tested.asked()).toEqual([`hold ${call}`, 'seize 2/2 trying']);
    const again = tested.command({ name: 'consult', params: { call, number: '5099' } });
    expect(tested.refusal(again)).toBeNull();
    const full = PhoneUnderTest.withStation({ callsPerKey: 1 });
    full.take({ type: 'unregistered', extension: 1 });
    const only = full.activeCall(2);
    const refused = full.command({ name: 'consult', params: { call: only, number: '5061' } });
    expect(full.refusal(refused)).toBe('line-in-use');
    expect(full.asked()).toEqual([]);
  });
});
