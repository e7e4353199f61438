import { describe, expect, it } from 'vitest';
import { PhoneUnderTest } from './phone-under-test.ts';

const ring = (tested: PhoneUnderTest, call: string) =>
  tested.take({ type: 'incoming', call, extension: 1, remote: { number: '5551234', name: null } });

describe('calls', () => {
  it('are dialed at once on a private line', () => {
    const tested = PhoneUnderTest.onTheAir();
    const dial = tested.command({ name: 'dial', params: { lineKey: 1, number: '(555) 12-34' } });
    expect(tested.asked()).toEqual(['invite c1 5551234']);
    expect(tested.reply(dial)).toEqual({ ok: true, result: { call: 'c1' } });
    expect(tested.call('c1')).toMatchObject({ state: 'dialing', remote: { number: '5551234' }, media: true });
  });

  it.each([
    ['', 'bad-number'],
    ['5 5 <script>', 'bad-number'],
    ['bob@example.com', 'bad-number'],
  ])('refuse the number %j', (number, code) => {
    const tested = PhoneUnderTest.onTheAir();
    expect(tested.refusal(tested.command({ name: 'dial', params: { lineKey: 1, number } }))).toBe(code);
    expect(tested.asked()).toEqual([]);
  });

  it('are refused on a key that is not there or not registered', () => {
    const tested = new PhoneUnderTest();
    const dial = (lineKey: number) => tested.command({ name: 'dial', params: { lineKey, number: '1' } });
    expect(tested.refusal(dial(9))).toBe('unknown-line-key');
    expect(tested.refusal(dial(1))).toBe('line-not-registered');
  });

  it('sound as they should: ringback, early media, busy, and never two tones', () => {
    const tested = PhoneUnderTest.onTheAir();
    tested.command({ name: 'dial', params: { lineKey: 1, number: '1' } });
    tested.take({ type: 'progress', call: 'c1', media: false });
    expect(tested.view.sound).toEqual({ ring: null, tone: 'ringback' });
    tested.take({ type: 'progress', call: 'c1', media: true });
    expect(tested.view.sound).toEqual({ ring: null, tone: null });
    tested.take({ type: 'progress', call: 'c1', media: false });
    expect(tested.view.sound).toEqual({ ring: null, tone: 'ringback' });
    tested.take({ type: 'ended', call: 'c1', reason: { code: 'busy' } });
    expect(tested.view.sound).toEqual({ ring: null, tone: 'busy' });
    expect(tested.view.notices.map(({ code }) => code)).toEqual(['busy']);
    tested.take({ type: 'timer', timer: 'fail-tone' });
    expect(tested.view.sound).toEqual({ ring: null, tone: null });
  });

  it('ring back by themselves where the far end promises early media and sends none (RFC 3960, 3.2)', () => {
    const tested = PhoneUnderTest.onTheAir();
    tested.command({ name: 'dial', params: { lineKey: 1, number: '1' } });
    tested.take({ type: 'progress', call: 'c1', media: true });
    const silentFor = (silentForMs: number | null) => {
      const rest = {
        loss: 0,
        jitterMs: 0,
        madeUp: 0,
        remoteLoss: null,
        remoteJitterMs: null,
        roundTripMs: null,
      };
      tested.take({ type: 'leg-quality', call: 'c1', quality: { ...rest, silentForMs } });
      return tested.view.sound.tone;
    };
    expect([900, 1900, 20, null].map(silentFor)).toEqual([null, 'ringback', null, null]);
  });

  it('ring, beep instead over a conversation, and can be silenced', () => {
    const tested = PhoneUnderTest.onTheAir();
    ring(tested, 's1');
    expect(tested.view.sound).toEqual({ ring: 's1', tone: null });
    tested.command({ name: 'silence', params: { call: 's1' } });
    expect(tested.view.sound).toEqual({ ring: null, tone: null });
    tested.command({ name: 'answer', params: { call: 's1' } });
    tested.take({ type: 'answered', call: 's1', remote: null });
    ring(tested, 's2');
    expect(tested.view.sound).toEqual({ ring: null, tone: 'call-waiting' });
  });

  it('show what their sound is made of, whenever that changes', () => {
    const tested = PhoneUnderTest.onTheAir();
    const call = tested.activeCall(1);
    expect(tested.call(call)).toMatchObject({ codec: null, encrypted: false, opus: null });
    const opus = { fec: true, constantBitrate: false, maxAverageBitrate: 16_000, maxPlaybackRate: null };
    tested.take({ type: 'sound', call, codec: 'opus', encrypted: true, opus });
    expect(tested.call(call)).toMatchObject({ codec: 'opus', encrypted: true, opus });
    tested.take({ type: 'sound', call, codec: 'PCMU', encrypted: false, opus: null });
    expect(tested.call(call)).toMatchObject({ codec: 'PCMU', encrypted: false, opus: null });
  });

  it('go on with another far end when theirs is replaced, held as before', () => {
    const tested = PhoneUnderTest.onTheAir();
    ring(tested, 's1');
    tested.command({ name: 'answer', params: { call: 's1' } });
    tested.take({ type: 'answered', call: 's1', remote: null });
    tested.take({ type: 'remote-hold', call: 's1', on: true });
    const connectedSince = tested.call('s1')?.connectedSince;
    const remote = { number: '5053', name: 'Ann' };
    tested.take({ type: 'replaced', call: 's1', remote });
    expect(tested.call('s1')).toMatchObject({ state: 'active', remote, heldByRemote: false, connectedSince });
    tested.command({ name: 'hold', params: { call: 's1' } });
    tested.take({ type: 'replaced', call: 's1', remote: { number: '5054', name: null } });
    tested.take({ type: 'held', call: 's1' });
    expect(tested.call('s1')).toMatchObject({ state: 'held', remote: { number: '5054' } });
    expect(tested.view.notices).toEqual([]);
  });

  it('show who the PBX says is there now, and keep a name that it leaves out', () => {
    const tested = PhoneUnderTest.onTheAir();
    ring(tested, 's1');
    tested.command({ name: 'answer', params: { call: 's1' } });
    tested.take({ type: 'answered', call: 's1', remote: null });
    const [ann, bob] = [
      { number: '5053', name: 'Ann' },
      { number: '5054', name: 'Bob' },
    ];
    tested.take({ type: 'identified', call: 's1', remote: ann });
    expect(tested.call('s1')).toMatchObject({ state: 'active', remote: ann });
    tested.take({ type: 'identified', call: 's1', remote: { ...ann, name: null } });
    expect(tested.call('s1')).toMatchObject({ remote: ann });
    tested.take({ type: 'remote-hold', call: 's1', on: true });
    tested.take({ type: 'identified', call: 's1', remote: bob });
    expect(tested.call('s1')).toMatchObject({ remote: bob, heldByRemote: true });
    expect(tested.view.notices).toEqual([]);
  });

  it('are one active at a time: answering another holds the first', () => {
    const tested = PhoneUnderTest.onTheAir();
    tested.activeCall(1);
    ring(tested, 's1');
    const answer = tested.command({ name: 'answer', params: { call: 's1' } });
    expect(tested.asked()).toEqual(['hold c1', 'accept s1']);
    tested.take({ type: 'held', call: 'c1' });
    tested.take({ type: 'answered', call: 's1', remote: null });
    expect(tested.reply(answer)).toEqual({ ok: true, result: { call: 's1' } });
    expect(tested.view.calls.map(({ state }) => state)).toEqual(['held', 'active']);
    tested.command({ name: 'resume', params: { call: 'c1' } });
    expect(tested.asked()).toEqual(['hold s1', 'resume c1']);
  });

  it('are six at most', () => {
    const tested = PhoneUnderTest.onTheAir();
    for (let call = 1; call <= 6; call += 1) ring(tested, `s${call}`);
    expect(tested.view.calls).toHaveLength(6);
    ring(tested, 's7');
    expect(tested.asked()).toEqual(['decline s7 486']);
    const dial = tested.command({ name: 'dial', params: { lineKey: 1, number: '1' } });
    expect(tested.refusal(dial)).toBe('too-many-calls');
  });

  it('answer hold and resume only when the far end has agreed', () => {
    const tested = PhoneUnderTest.onTheAir();
    const call = tested.activeCall(1);
    const hold = tested.command({ name: 'hold', params: { call } });
    expect(tested.reply(hold)).toBe('waiting');
    expect(tested.call(call)?.state).toBe('active');
    tested.take({ type: 'held', call });
    expect(tested.reply(hold)).toEqual({ ok: true, result: { call } });
    const resume = tested.command({ name: 'resume', params: { call } });
    tested.take({ type: 'hold-failed', call });
    expect(tested.refusal(resume)).toBe('hold-failed');
    expect(tested.call(call)?.state).toBe('held');
  });

  it('count from the moment of the answer, through hold and back', () => {
    const tested = PhoneUnderTest.onTheAir();
    const call = tested.activeCall(1);
    tested.now += 60_000;
    tested.command({ name: 'hold', params: { call } });
    tested.take({ type: 'held', call });
    expect(tested.call(call)).toMatchObject({
      since: '2026-01-01T00:01:00.000Z',
      connectedSince: '2026-01-01T00:00:00.000Z',
    });
  });

  it('mute and send digits', () => {
    const tested = PhoneUnderTest.onTheAir();
    const call = tested.activeCall(1);
    tested.command({ name: 'mute', params: { call, on: true } });
    tested.command({ name: 'sendDtmf', params: { call, tones: '12#' } });
    expect(tested.asked()).toEqual([`mute ${call} true`, `dtmf ${call} 12#`]);
    expect(tested.call(call)).toMatchObject({ muted: true, digits: '12#' });
    const bad = tested.command({ name: 'sendDtmf', params: { call, tones: '1x' } });
    expect(tested.refusal(bad)).toBe('bad-tones');
  });

  it('that are dead leave the screen even if the far end never says so', () => {
    const tested = PhoneUnderTest.onTheAir();
    const call = tested.activeCall(1);
    tested.command({ name: 'hangUp', params: { call } });
    expect(tested.call(call)?.state).toBe('ending');
    expect(tested.key(1).state).toBe('idle');
    tested.take({ type: 'timer', timer: `ending:${call}` });
    expect(tested.view.calls).toEqual([]);
    tested.take({ type: 'ended', call, reason: null });
    expect(tested.asked()).toEqual([`hang-up ${call}`]);
  });

  it('fail every command that waits on a call that ends', () => {
    const tested = PhoneUnderTest.onTheAir();
    const call = tested.activeCall(1);
    const hold = tested.command({ name: 'hold', params: { call } });
    tested.take({ type: 'ended', call, reason: null });
    expect(tested.refusal(hold)).toBe('call-lost');
  });

  it('log an event that cannot be, and live on', () => {
    const tested = PhoneUnderTest.onTheAir();
    const call = tested.activeCall(1);
    tested.take({ type: 'progress', call, media: false });
    expect(tested.asked()).toEqual([`impossible progress in call ${call} active`]);
    expect(tested.call(call)?.state).toBe('active');
  });
});

it('what is told again is there once', () => {
  const tested = PhoneUnderTest.onTheAir();
  for (let time = 0; time < 2; time += 1) {
    tested.command({ name: 'dial', params: { lineKey: 1, number: '5051' } });
    tested.take({ type: 'ended', call: tested.view.calls[0]?.id ?? '', reason: { code: 'not-found' } });
  }
  expect(tested.view.notices.map(({ code }) => code)).toEqual(['not-found']);
});

describe('what stays wrong is told as a problem', () => {
  it('a port that was taken, a microphone that is not there', () => {
    const tested = PhoneUnderTest.onTheAir();
    tested.take({ type: 'bound', extension: 1, port: 5062, wanted: 5060 });
    tested.take({ type: 'audio', microphone: 'missing', speaker: 'ready' });
    expect(tested.view.problems.map(({ code }) => code)).toEqual(['port-taken', 'no-microphone']);
    expect(tested.view.extensions[0]?.localPort).toBe(5062);
  });
});
