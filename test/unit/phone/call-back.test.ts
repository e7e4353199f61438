import { describe, expect, it } from 'vitest';
import { PhoneUnderTest } from './phone-under-test.ts';

const halfMinute = 30_000;

/** A phone that calls 5051 back on its private key. */
function callingBack(): PhoneUnderTest {
  const tested = PhoneUnderTest.onTheAir();
  const asked = tested.command({ name: 'callBack', params: { lineKey: 1, number: '5051' } });
  expect(tested.reply(asked)).toEqual({ ok: true, result: { done: true } });
  return tested;
}
function halfAMinuteLater(tested: PhoneUnderTest): string {
  tested.now += halfMinute;
  tested.take({ type: 'timer', timer: 'call-back' });
  return tested.phone.callBack?.call ?? '';
}
const busy = (tested: PhoneUnderTest, call: string) =>
  tested.take({ type: 'ended', call, reason: { code: 'busy' } });

describe('calling back', () => {
  it('shows on its key, which can be used meanwhile', () => {
    const tested = callingBack();
    expect(tested.key(1)).toMatchObject({ state: 'call-back-active', who: '5051', can: { seize: true } });
    expect(tested.asked()).toEqual([]);
  });

  it('calls every half minute while it is busy there, and leaves no trace of that', () => {
    const tested = callingBack();
    for (const time of [1, 2]) {
      const call = halfAMinuteLater(tested);
      expect(tested.asked()).toEqual([`invite ${call} 5051`]);
      expect(tested.key(1).state, `attempt ${time}`).toBe('local-progressing');
      expect(busy(tested, call)).toContainEqual({ type: 'start-timer', timer: 'call-back', ms: halfMinute });
      expect(tested.key(1).state).toBe('call-back-active');
      expect(tested.view).toMatchObject({ sound: { tone: null }, notices: [], history: [] });
    }
  });

  it('is done when it rings there', () => {
    const tested = callingBack();
    const call = halfAMinuteLater(tested);
    tested.take({ type: 'progress', call, media: false });
    expect(tested.phone.callBack).toBeNull();
    expect(tested.view.sound.tone).toBe('ringback');
    busy(tested, call);
    expect(tested.key(1).state).toBe('idle');
  });

  it('asks for a shared line first, and tries later when it is a colleague’s', () => {
    const tested = PhoneUnderTest.onTheAir();
    tested.command({ name: 'callBack', params: { lineKey: 2, number: '5051' } });
    tested.colleague('confirmed');
    halfAMinuteLater(tested);
    expect(tested.asked()).toEqual([]);
    tested.colleague('terminated');
    const call = halfAMinuteLater(tested);
    expect(tested.asked()).toEqual(['seize 2/0 trying']);
    tested.take({ type: 'seize-refused', call, silent: false });
    expect(tested.key(2).state).toBe('call-back-active');
    expect(tested.view.sound.tone).toBeNull();
  });

  it('does not disturb a call, ends when told to, when hung up, and after half an hour', () => {
    const tested = callingBack();
    const other = tested.activeCall(2);
    halfAMinuteLater(tested);
    expect(tested.phone.callBack?.call).toBeNull();
    tested.take({ type: 'ended', call: other, reason: null });
    tested.command({ name: 'stopCallBack', params: {} });
    expect(tested.key(1).state).toBe('idle');

    const hungUp = callingBack();
    hungUp.command({ name: 'hangUp', params: { call: halfAMinuteLater(hungUp) } });
    expect(hungUp.phone.callBack).toBeNull();

    const late = callingBack();
    late.now += 30 * 60_000;
    late.take({ type: 'timer', timer: 'call-back' });
    expect(late.phone.callBack).toBeNull();
    expect(late.view.notices.map(({ code }) => code)).toEqual(['call-back-given-up']);
  });

  it('is not for watching keys, nor for what is no number', () => {
    const tested = PhoneUnderTest.onTheAir();
    const refusal = (lineKey: number, number: string) =>
      tested.refusal(tested.command({ name: 'callBack', params: { lineKey, number } }));
    expect(refusal(9, '5051')).toBe('unknown-line-key');
    expect(refusal(1, 'a b\n')).toBe('bad-number');
  });
});
