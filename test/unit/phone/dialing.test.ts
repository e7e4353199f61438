import { describe, expect, it } from 'vitest';
import type { SettingsChange } from '../../../electron/contract/settings.ts';
import { guideProfile, PhoneUnderTest } from './phone-under-test.ts';

const onTheAir = (settings: SettingsChange = {}) => PhoneUnderTest.onTheAir({ ...guideProfile, settings });
const planned = (dialPlan: string) => onTheAir({ dialPlan });

/** Lifts the private line. */
function lifted(tested: PhoneUnderTest): string {
  tested.command({ name: 'seize', params: { lineKey: 1 } });
  const call = tested.phone.calls.at(-1)?.id ?? '';
  tested.asked();
  return call;
}
const type = (tested: PhoneUnderTest, call: string, digits: string) =>
  tested.command({ name: 'typeDigits', params: { call, digits } });
const timers = (tested: PhoneUnderTest) =>
  tested.effects.flatMap((effect) =>
    effect.type === 'start-timer' && !effect.timer.startsWith('notice')
      ? [`${effect.timer} ${effect.ms}`]
      : [],
  );
const dial = (tested: PhoneUnderTest, number: string, lineKey = 1) =>
  tested.command({ name: 'dial', params: { lineKey, number } });

describe('digits typed on a lifted line', () => {
  it('are shown, stop the dial tone, and call by themselves when no other number could be meant', () => {
    const tested = planned('(xxxx|0|00)');
    const call = lifted(tested);
    expect(tested.view.sound.tone).toBe('dial');
    expect(tested.reply(type(tested, call, '5'))).toEqual({ ok: true, result: { call } });
    expect(tested.call(call)).toMatchObject({ digits: '5', state: 'seizing' });
    expect(tested.view.sound.tone).toBeNull();
    expect(timers(tested)).toEqual([`digits:${call} 10000`]);
    type(tested, call, '5051');
    expect(tested.asked()).toEqual([`invite ${call} 5051`]);
    expect(tested.call(call)).toMatchObject({ state: 'dialing', digits: '', remote: { number: '5051' } });
  });

  it('call after the short timer when they are a number that more digits would change', () => {
    const tested = planned('(0|00)');
    const call = lifted(tested);
    type(tested, call, '0');
    expect(timers(tested)).toEqual([`digits:${call} 3000`]);
    tested.take({ type: 'timer', timer: `digits:${call}` });
    expect(tested.asked()).toEqual([`invite ${call} 0`]);
  });

  it('that no number begins with sound reorder, until they are taken back', () => {
    const tested = planned('([2-9]xxx)');
    const call = lifted(tested);
    // 1 could become 112.
    type(tested, call, '1');
    expect(tested.view.sound.tone).toBeNull();
    type(tested, call, '13');
    expect(tested.view.sound.tone).toBe('reorder');
    expect(tested.view.notices.map(({ code }) => code)).toEqual(['not-in-dial-plan']);
    type(tested, call, '');
    expect(tested.view.sound.tone).toBe('dial');
    type(tested, call, '5051');
    expect(tested.asked()).toEqual([`invite ${call} 5051`]);
  });

  it('that do not become a number within the long timer sound reorder', () => {
    const tested = planned('(xxxx)');
    const call = lifted(tested);
    type(tested, call, '505');
    tested.take({ type: 'timer', timer: `digits:${call}` });
    expect(tested.view.sound.tone).toBe('reorder');
    expect(tested.asked()).toEqual([]);
  });

  it('bring an outside dial tone where the plan says so', () => {
    const tested = planned('(<9,:>xxxxxxx|xxxx)');
    const call = lifted(tested);
    type(tested, call, '9');
    expect(tested.view.sound.tone).toBe('dial');
    type(tested, call, '95');
    expect(tested.view.sound.tone).toBeNull();
    type(tested, call, '95551234');
    expect(tested.asked()).toEqual([`invite ${call} 5551234`]);
  });

  it('end with # where the plan has no other use for it', () => {
    const tested = planned('(x.)');
    const call = lifted(tested);
    type(tested, call, '5051');
    expect(tested.asked()).toEqual([]);
    type(tested, call, '5051#');
    expect(tested.asked()).toEqual([`invite ${call} 5051`]);
  });

  it('typed before the shared line is granted wait for it', () => {
    const tested = planned('(xxxx)');
    tested.command({ name: 'seize', params: { lineKey: 2 } });
    const call = tested.phone.calls[0]?.id ?? '';
    type(tested, call, '5051');
    expect(tested.asked()).toEqual(['seize 2/0 trying']);
    tested.take({ type: 'seize-granted', call });
    expect(tested.asked()).toContain(`invite ${call} 5051`);
  });

  it('without a plan are only shown', () => {
    const tested = onTheAir();
    const call = lifted(tested);
    type(tested, call, '50511');
    expect(timers(tested)).toEqual([]);
    expect(tested.view.sound.tone).toBeNull();
    dial(tested, '50511');
    expect(tested.asked()).toEqual([`invite ${call} 50511`]);
  });

  it('are none on a call that is under way, nor a late timer’s', () => {
    const tested = planned('(0|00)');
    const call = lifted(tested);
    type(tested, call, '0');
    dial(tested, '00');
    expect(tested.asked()).toEqual([`invite ${call} 00`]);
    tested.take({ type: 'timer', timer: `digits:${call}` });
    expect(tested.asked()).toEqual([]);
    expect(tested.refusal(type(tested, call, '5'))).toBe('wrong-state');
  });

  it.each([
    ['(S0 <:1000>)', 0],
    ['(P5 <:1000>|xxxx)', 5_000],
  ])('are not needed on a hot or warm line: %s', (plan, ms) => {
    const tested = planned(plan);
    tested.command({ name: 'seize', params: { lineKey: 1 } });
    expect(timers(tested)).toEqual([`digits:c1 ${ms}`]);
    tested.take({ type: 'timer', timer: 'digits:c1' });
    expect(tested.asked()).toEqual(['invite c1 1000']);
  });
});

describe('a number dialed as a whole', () => {
  it.each([
    ['5051', ['invite c1 5051']],
    ['955', []],
    ['95551234', ['invite c1 5551234']],
    ['900 1234', []],
    ['+4912345', ['invite c1 +4912345']],
    ['aa', ['invite c1 aa']],
    ['911', ['invite c1 911']],
  ])('goes through the plan: %s', (number, asked) => {
    const tested = planned('(5xxx|<9,:>xxxxxxx|900xxxx!)');
    const request = dial(tested, number);
    expect(tested.asked()).toEqual(asked);
    if (asked.length === 0) expect(tested.refusal(request)).toBe('not-in-dial-plan');
  });

  it('of the history is called as it was sent, though the plan would not take it so; no other is', () => {
    const tested = PhoneUnderTest.onTheAir({ ...guideProfile, settings: { dialPlan: '(<9:50>xx)' } });
    tested.command({ name: 'dial', params: { lineKey: 1, number: '951' } });
    tested.command({ name: 'dial', params: { lineKey: 1, number: '952' } });
    for (const { id } of tested.view.calls) tested.take({ type: 'ended', call: id, reason: null });
    tested.asked();
    const again = (number: string) => tested.command({ name: 'redial', params: { lineKey: 1, number } });
    const request = again('5051');
    expect(tested.asked()).toEqual([expect.stringMatching(/^invite c\d+ 5051$/)]);
    expect(tested.reply(request)).toMatchObject({ ok: true });
    expect(tested.refusal(again('5053'))).toBe('nothing-to-redial');
  });

  it('is called again by redial, as it was sent', () => {
    const tested = planned('(<9,:>xxxxxxx)');
    const redial = () => tested.command({ name: 'redial', params: { lineKey: 1 } });
    expect(tested.refusal(redial())).toBe('nothing-to-redial');
    dial(tested, '95551234');
    tested.take({ type: 'ended', call: 'c1', reason: { code: 'busy' } });
    tested.asked();
    const request = redial();
    const call = tested.phone.calls[0]?.id ?? '';
    expect(tested.asked()).toEqual([`invite ${call} 5551234`]);
    expect(tested.reply(request)).toEqual({ ok: true, result: { call } });
  });
});

describe('an emergency number', () => {
  it('goes out on a private line when the shared one is a colleague’s', () => {
    const tested = PhoneUnderTest.onTheAir();
    tested.colleague('confirmed');
    dial(tested, '112', 2);
    expect(tested.asked()).toEqual(['invite c1 112']);
    expect(tested.call('c1')).toMatchObject({ lineKey: 1, state: 'dialing' });
  });

  it('goes out on the shared line where that is granted', () => {
    const tested = PhoneUnderTest.onTheAir();
    dial(tested, '112', 2);
    tested.take({ type: 'seize-granted', call: 'c1' });
    tested.take({ type: 'timer', timer: 'emergency:c1' });
    expect(tested.asked()).toEqual(['seize 2/0 trying', 'invite c1 112']);
    expect(tested.call('c1')).toMatchObject({ lineKey: 2 });
  });

  it.each(['refused', 'silent', 'overtaken', 'late'] as const)(
    'falls over to a private line when the seize is %s',
    (how) => {
      const tested = PhoneUnderTest.onTheAir();
      const request = dial(tested, '911', 2);
      expect(timers(tested)).toEqual(['emergency:c1 1500']);
      tested.asked();
      if (how === 'overtaken') tested.colleague('trying');
      else if (how === 'late') tested.take({ type: 'timer', timer: 'emergency:c1' });
      else tested.take({ type: 'seize-refused', call: 'c1', silent: how === 'silent' });
      expect(tested.asked()).toContain('invite c1 911');
      expect(tested.reply(request)).toEqual({ ok: true, result: { call: 'c1' } });
      expect(tested.call('c1')).toMatchObject({ lineKey: 1, state: 'dialing' });
    },
  );

  it('that fell over leaves the line free, granted late or not', () => {
    const tested = PhoneUnderTest.onTheAir();
    dial(tested, '911', 2);
    tested.asked();
    tested.take({ type: 'timer', timer: 'emergency:c1' });
    expect(tested.asked()).toEqual(['invite c1 911', 'publish 2/0 terminated']);
    tested.take({ type: 'seize-granted', call: 'c1' });
    expect(tested.call('c1')).toMatchObject({ lineKey: 1 });
    expect(tested.key(2).state).toBe('idle');
  });

  it('is called with six calls up, and without a registration', () => {
    const tested = PhoneUnderTest.onTheAir();
    for (let count = 0; count < 6; count += 1) tested.activeCall(1, `505${count}`);
    expect(tested.refusal(dial(tested, '5059'))).toBe('too-many-calls');
    tested.asked();
    dial(tested, '911');
    expect(tested.asked()).toContain('invite c7 911');

    const alone = new PhoneUnderTest();
    dial(alone, '911', 2);
    expect(alone.asked()).toEqual(['invite c1 911']);
  });
});

describe('digits in a call', () => {
  it.each([
    ['auto', 'dtmf c1 12'],
    ['rfc4733', 'dtmf c1 12 rfc4733'],
    ['inband', 'dtmf c1 12 inband'],
    ['info', 'info-digits c1 12'],
  ] as const)('are sent as set: %s', (dtmf, asked) => {
    const tested = onTheAir({ dtmf });
    const call = tested.activeCall(1);
    tested.command({ name: 'sendDtmf', params: { call, tones: '12' } });
    expect(tested.asked()).toEqual([asked]);
    expect(tested.call(call)).toMatchObject({ digits: '12' });
  });
});

describe('the tone of a call that came to nothing', () => {
  it.each([
    ['busy', 'busy'],
    ['not-found', 'reorder'],
    ['unavailable', 'reorder'],
  ] as const)('%s: %s', (code, tone) => {
    const tested = PhoneUnderTest.onTheAir();
    dial(tested, '5051');
    tested.take({ type: 'ended', call: 'c1', reason: { code } });
    expect(tested.view.sound.tone).toBe(tone);
  });
});
