import { describe, expect, it } from 'vitest';
import { profile } from '../../../electron/contract/profile.ts';
import { guideProfile, PhoneUnderTest } from './phone-under-test.ts';

const watching = profile.parse({
  ...guideProfile,
  lineKeys: [...guideProfile.lineKeys, { watch: '5061', label: 'Carol' }],
});

describe('a far end that does not give its name', () => {
  it('is called as on the key that watches it: on the screen, on the key, in the history and the file', () => {
    const tested = PhoneUnderTest.onTheAir(watching);
    const call = tested.activeCall(1, '5061');
    expect(tested.call(call)?.remote).toEqual({ number: '5061', name: 'Carol' });
    expect(tested.key(1).who).toBe('Carol');
    tested.command({ name: 'record', params: { call, on: true } });
    expect(tested.asked()).toEqual([expect.stringMatching(/Carol 5061/)]);
    tested.take({ type: 'ended', call, reason: null });
    expect(tested.view.history[0]?.remote).toEqual({ number: '5061', name: 'Carol' });
  });

  it('is called as it called itself before', () => {
    const tested = PhoneUnderTest.onTheAir();
    tested.take({ type: 'incoming', call: 's1', extension: 1, remote: { number: '5051', name: 'Ann' } });
    tested.take({ type: 'ended', call: 's1', reason: null });
    const call = tested.activeCall(1, '5051');
    expect(tested.call(call)?.remote.name).toBe('Ann');
    const other = tested.activeCall(1, '5052');
    expect(tested.call(other)?.remote.name).toBeNull();
  });

  it('is named on the key of the colleague who talks with them', () => {
    const tested = PhoneUnderTest.onTheAir(watching);
    tested.colleague('confirmed', { remote: { number: '5061', name: null } });
    expect(tested.key(2).with).toBe('Carol');
  });

  it('that gives one keeps it', () => {
    const tested = PhoneUnderTest.onTheAir(watching);
    tested.take({ type: 'incoming', call: 's1', extension: 1, remote: { number: '5061', name: 'Karla' } });
    expect(tested.call('s1')?.remote.name).toBe('Karla');
  });
});

it('a transfer says by name where the call is now', () => {
  const tested = PhoneUnderTest.onTheAir(watching);
  const call = tested.activeCall(1);
  tested.command({ name: 'transfer', params: { call, number: '5061' } });
  tested.take({ type: 'held', call });
  tested.take({ type: 'transferred', call });
  expect(tested.phone.notices.map(({ reason }) => reason)).toEqual([
    { code: 'transferred', params: { number: 'Carol' } },
  ]);
});
