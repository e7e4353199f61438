import { describe, expect, it } from 'vitest';
import { PhoneUnderTest } from './phone-under-test.ts';

const target = { number: '5061', name: null };
const codes = (tested: PhoneUnderTest) => tested.view.notices.map(({ code }) => code);

/** A call on the shared line whose far end sends us to 5061. */
function sentOn(): { tested: PhoneUnderTest; old: string; next: string } {
  const tested = PhoneUnderTest.onTheAir();
  const old = tested.activeCall(2);
  tested.take({ type: 'remote-hold', call: old, on: true });
  tested.take({ type: 'referred', call: old, referral: 'r1', target });
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
    tested.take({ type: 'referred', call: old, referral: 'r2', target });
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
    tested.take({ type: 'referred', call: old, referral: 'r1', target });
    const next = tested.view.calls.at(-1)?.id ?? '';
    tested.asked();
    tested.take({ type: 'answered', call: next, remote: null });
    expect(tested.asked()).toEqual([`hold ${next}`, 'publish 2/0 confirmed']);
    expect(tested.call(other)?.state).toBe('active');
  });

  it('is followed once at a time, and not from a call that we hand over ourselves', () => {
    const { tested, old } = sentOn();
    tested.asked();
    tested.take({ type: 'referred', call: old, referral: 'r2', target });
    expect(tested.asked()).toEqual(['refuse r2']);
    tested.take({ type: 'referred', call: 'nobody', referral: 'r3', target });
    expect(tested.asked()).toEqual(['refuse r3']);
    const own = tested.activeCall(1);
    tested.command({ name: 'transfer', params: { call: own, number: '5099' } });
    tested.asked();
    tested.take({ type: 'referred', call: own, referral: 'r4', target });
    expect(tested.asked()).toEqual(['refuse r4']);
  });
});
