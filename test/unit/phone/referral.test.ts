import { describe, expect, it } from 'vitest';
import type { SettingsChange } from '../../../electron/contract/settings.ts';
import { guideProfile, PhoneUnderTest } from './phone-under-test.ts';

const target = { number: '5061', name: null };
const codes = (tested: PhoneUnderTest) => tested.view.notices.map(({ code }) => code);

/** A call on the shared line whose far end sends us to 5061. */
function sentOn(): { tested: PhoneUnderTest; old: string; next: string } {
  const tested = PhoneUnderTest.onTheAir();
  const old = tested.activeCall(2);
  tested.take({ type: 'remote-hold', call: old, on: true });
  tested.take({ type: 'referred', call: old, referral: 'r1', target, replaces: false });
  const next = tested.view.calls.at(-1)?.id ?? '';
  return { tested, old, next };
}

describe('a far end that sends us elsewhere', () => {
  it('is followed, while its own call stays; the new call gets its place on the line', () => {
    const { tested, old, next } = sentOn();
    expect(tested.asked()).toEqual([`follow ${next} 2/0 r1`]);
    expect(tested.call(next)).toMatchObject({
      lineKey: 2,
      direction: 'outgoing',
      state: 'dialing',
      remote: target,
    });
    expect(tested.call(old)?.state).toBe('active');
    tested.take({ type: 'progress', call: next, media: false });
    expect(tested.asked()).toEqual([]);
    const told = tested.take({ type: 'answered', call: next, remote: { number: '5061', name: 'Carol' } });
    expect(told).toContainEqual({ type: 'start-timer', timer: `sent-on:${old}`, ms: 5_000 });
    const before = tested.phone.calls.find(({ id }) => id === old);
    expect(tested.phone.calls.find(({ id }) => id === next)).toMatchObject({
      appearance: 0,
      dialogId: before?.dialogId,
    });
    expect(tested.asked()).toEqual(['publish 2/0 confirmed']);
    tested.take({ type: 'ended', call: old, reason: null });
    expect(tested.asked()).toEqual([]);
    expect(codes(tested)).toEqual([]);
    expect(tested.key(2)).toMatchObject({ state: 'local-active', who: 'Carol', calls: [next] });
    tested.command({ name: 'hangUp', params: { call: next } });
    expect(tested.asked()).toEqual([`hang-up ${next}`, 'publish 2/0 terminated']);
  });

  it('is let go after five seconds when it does not hang up', () => {
    const { tested, old, next } = sentOn();
    tested.take({ type: 'answered', call: next, remote: null });
    tested.asked();
    tested.take({ type: 'timer', timer: `sent-on:${old}` });
    expect(tested.asked()).toEqual([`hang-up ${old}`]);
  });

  it('stays as it was when nobody is reached there', () => {
    const { tested, old, next } = sentOn();
    tested.asked();
    tested.take({ type: 'ended', call: next, reason: { code: 'busy' } });
    expect(tested.asked()).toEqual([]);
    expect(codes(tested)).toEqual(['busy']);
    expect(tested.view.sound.tone).toBeNull();
    expect(tested.call(old)).toMatchObject({ state: 'active', heldByRemote: true });
    tested.take({ type: 'referred', call: old, referral: 'r2', target, replaces: false });
    expect(tested.asked()).toMatchObject([expect.stringContaining('follow')]);
  });

  it('may hang up without waiting: the line stays ours, and colleagues see one call', () => {
    const { tested, old, next } = sentOn();
    tested.asked();
    tested.take({ type: 'ended', call: old, reason: null });
    expect(tested.asked()).toEqual(['publish 2/0 confirmed']);
    expect(tested.key(2).can.seize).toBe(false);
    tested.take({ type: 'answered', call: next, remote: null });
    expect(tested.asked()).toEqual([]);
    tested.take({ type: 'ended', call: next, reason: null });
    expect(tested.asked()).toEqual(['publish 2/0 terminated']);
  });

  it('and hangs up before nobody is reached: the line is free, and its user hears why', () => {
    const { tested, old, next } = sentOn();
    tested.take({ type: 'ended', call: old, reason: null });
    tested.asked();
    tested.take({ type: 'ended', call: next, reason: { code: 'busy' } });
    expect(tested.asked()).toEqual(['publish 2/0 terminated']);
    expect(tested.view.sound.tone).toBe('busy');
  });

  it('leaves the conversation with somebody else alone', () => {
    const tested = PhoneUnderTest.onTheAir();
    const old = tested.activeCall(2);
    tested.held(old);
    const other = tested.activeCall(1);
    tested.take({ type: 'referred', call: old, referral: 'r1', target, replaces: false });
    const next = tested.view.calls.at(-1)?.id ?? '';
    tested.asked();
    tested.take({ type: 'answered', call: next, remote: null });
    expect(tested.asked()).toEqual([`hold ${next}`, 'publish 2/0 confirmed']);
    expect(tested.call(other)?.state).toBe('active');
  });

  it('is followed once at a time, and not from a call that we hand over ourselves', () => {
    const { tested, old } = sentOn();
    tested.asked();
    tested.take({ type: 'referred', call: old, referral: 'r2', target, replaces: false });
    expect(tested.asked()).toEqual(['refuse r2 603']);
    tested.take({ type: 'referred', call: 'nobody', referral: 'r3', target, replaces: false });
    expect(tested.asked()).toEqual(['refuse r3 603']);
    const own = tested.activeCall(1);
    tested.command({ name: 'transfer', params: { call: own, number: '5099' } });
    tested.asked();
    tested.take({ type: 'referred', call: own, referral: 'r4', target, replaces: false });
    expect(tested.asked()).toEqual(['refuse r4 603']);
  });
});

/** A call on the shared line, with these settings. */
function talking(settings: SettingsChange): { tested: PhoneUnderTest; old: string } {
  const tested = PhoneUnderTest.onTheAir();
  tested.command({ name: 'configure', params: { settings } });
  return { tested, old: tested.activeCall(2, '2000') };
}

describe('whether a far end that sends us elsewhere is followed', () => {
  it('is for the profile to say at first, then for the user', () => {
    const calls = { ...guideProfile.calls, followTransfers: 'never' as const };
    const tested = PhoneUnderTest.onTheAir({ ...guideProfile, calls });
    expect(tested.view.settings.followTransfers).toBe('never');
    tested.command({ name: 'configure', params: { settings: { followTransfers: 'always' } } });
    const old = tested.activeCall(1);
    tested.take({ type: 'referred', call: old, referral: 'r1', target, replaces: false });
    expect(tested.asked()).toEqual([expect.stringContaining('follow')]);
  });

  it('never: it hears 603, and the call goes on', () => {
    const { tested, old } = talking({ followTransfers: 'never' });
    tested.take({ type: 'referred', call: old, referral: 'r1', target, replaces: true });
    expect(tested.asked()).toEqual(['refuse r1 603']);
    expect(tested.call(old)).toMatchObject({ state: 'active', referredTo: null });
  });

  /** Its user is asked. */
  function asked() {
    const { tested, old } = talking({ followTransfers: 'ask' });
    const named = { number: '5061', name: 'Carol' };
    tested.take({ type: 'referred', call: old, referral: 'r1', target: named, replaces: false });
    expect(tested.asked()).toEqual(['consider r1']);
    expect(tested.view.calls).toHaveLength(1);
    expect(tested.call(old)).toMatchObject({ state: 'active', referredTo: named });
    expect(tested.view.sound.tone).toBe('call-waiting');
    return { tested, old };
  }

  it('ask: the call there is made when its user says so', () => {
    const { tested, old } = asked();
    const request = tested.command({ name: 'followTransfer', params: { call: old } });
    const next = tested.view.calls.at(-1)?.id ?? '';
    expect(tested.reply(request)).toEqual({ ok: true, result: { call: next } });
    expect(tested.asked()).toEqual([`follow ${next} 2/0 r1`]);
    expect(tested.call(old)?.referredTo).toBeNull();
    expect(tested.view.sound.tone).toBeNull();
    const again = tested.command({ name: 'followTransfer', params: { call: old } });
    expect(tested.refusal(again)).toBe('wrong-state');
    tested.take({ type: 'answered', call: next, remote: null });
    expect(tested.asked()).toEqual(['publish 2/0 confirmed']);
  });

  it('ask: its user stays, or does not say so for a minute', () => {
    const { tested, old } = asked();
    const request = tested.command({ name: 'declineTransfer', params: { call: old } });
    expect(tested.reply(request)).toEqual({ ok: true, result: { call: old } });
    expect(tested.asked()).toEqual(['refuse r1 603']);
    expect(tested.refusal(tested.command({ name: 'declineTransfer', params: { call: old } }))).toBe(
      'wrong-state',
    );
    const begun = tested.take({ type: 'referred', call: old, referral: 'r2', target, replaces: false });
    expect(begun).toContainEqual({ type: 'start-timer', timer: `referral:${old}`, ms: 60_000 });
    tested.asked();
    tested.take({ type: 'timer', timer: `referral:${old}` });
    expect(tested.asked()).toEqual(['refuse r2 603']);
    expect(tested.call(old)).toMatchObject({ state: 'active', referredTo: null });
  });

  it('ask: who hangs up meanwhile leaves the number; who is hung up on leaves nothing', () => {
    const { tested, old } = asked();
    tested.take({ type: 'ended', call: old, reason: null });
    expect(codes(tested)).toEqual(['referral-over']);
    expect(tested.view.sound.tone).toBeNull();
    const second = asked();
    second.tested.command({ name: 'hangUp', params: { call: second.old } });
    expect(second.tested.call(second.old)?.referredTo).toBeNull();
    second.tested.take({ type: 'ended', call: second.old, reason: null });
    expect(codes(second.tested)).toEqual([]);
  });

  it('ask: a far end that another one has taken the place of asks no more', () => {
    const { tested, old } = asked();
    tested.take({ type: 'replaced', call: old, remote: { number: '5070', name: null } });
    expect(tested.call(old)?.referredTo).toBeNull();
  });
});

describe('the dial plan and where a far end sends us', () => {
  const dialPlan = '(2xxx|<9,:>[3-8]xxx|1900x.!|1xxxxxx)';
  it.each([
    ['5061', false, true],
    ['2000', false, true],
    ['9', false, false],
    ['44123456', false, false],
    ['1900555', false, false],
    ['1-900-555', false, false],
    ['1900555;phone-context=x', false, false],
    ['1234567', false, true],
    ['112', false, true],
    ['carol', false, true],
    ['+44123456', false, true],
    // Where a call is already, the address is that of a machine.
    ['44123456', true, true],
    ['1900555', true, false],
  ])('%s (replaces a call: %s): followed %s', (number, replaces, followed) => {
    const { tested, old } = talking({ dialPlan });
    tested.take({ type: 'referred', call: old, referral: 'r1', target: { number, name: null }, replaces });
    expect(tested.asked()).toEqual([followed ? expect.stringContaining('follow') : 'refuse r1 403']);
    expect(codes(tested)).toEqual(followed ? [] : ['referral-barred']);
  });

  it('is not kept busy by a far end that sends very many digits', () => {
    const { tested, old } = talking({ dialPlan: `(2xxx|${'x.1'.repeat(200)})` });
    const began = performance.now();
    const far = { number: '1'.repeat(60_000), name: null };
    tested.take({ type: 'referred', call: old, referral: 'r1', target: far, replaces: false });
    expect(tested.asked()).toHaveLength(1);
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it('bars nothing where there is none', () => {
    const { tested, old } = talking({});
    const far = { number: '1900555', name: null };
    tested.take({ type: 'referred', call: old, referral: 'r1', target: far, replaces: false });
    expect(tested.asked()).toEqual([expect.stringContaining('follow')]);
  });
});
