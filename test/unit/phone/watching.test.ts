import { describe, expect, it } from 'vitest';
import type { AppearanceDialog } from '../../../electron/phone/lines/dialog.ts';
import { guideProfile, PhoneUnderTest } from './phone-under-test.ts';

const identifiers = { callId: 'abc@bob', localTag: 'bob', remoteTag: 'carol' };
const dialog = (change: Partial<AppearanceDialog>): AppearanceDialog => ({
  id: '1',
  direction: 'recipient',
  state: 'confirmed',
  held: false,
  exclusive: false,
  local: { number: '5051', name: 'Bob' },
  remote: { number: '5551234', name: 'Carol' },
  identifiers,
  ...change,
});

/** The guide's station, whose fourth key watches 5051. */
function watching(): PhoneUnderTest {
  return PhoneUnderTest.onTheAir({
    ...guideProfile,
    lineKeys: [...guideProfile.lineKeys, { watch: '5051', extension: 1, label: 'Bob' }],
  });
}
const told = (tested: PhoneUnderTest, ...dialogs: AppearanceDialog[]) =>
  tested.take({ type: 'watched', userId: '5051', extension: 1, dialogs });

describe('a watching key', () => {
  it('knows nothing before it is told, is idle with no call, and knows nothing again without its subscription', () => {
    const tested = watching();
    expect(tested.key(4)).toMatchObject({ kind: 'watch', watched: '5051', state: 'remote-undefined' });
    told(tested);
    expect(tested.key(4).state).toBe('idle');
    tested.take({ type: 'watched', userId: '5051', extension: 1, dialogs: null });
    expect(tested.key(4).state).toBe('remote-undefined');
    told(tested);
    tested.take({ type: 'register-failed', extension: 1, reason: { code: 'pbx-unreachable' } });
    expect(tested.key(4).state).toBe('remote-undefined');
    tested.take({ type: 'registered', extension: 1, fresh: true });
    expect(tested.key(4).state).toBe('remote-undefined');
  });

  it('shows the most pressing of any number of calls, and lists them all', () => {
    const tested = watching();
    told(tested, dialog({}), dialog({ id: '2', state: 'early' }), dialog({ id: '3', state: 'terminated' }));
    expect(tested.key(4)).toMatchObject({ state: 'remote-ringing', who: 'Bob', with: 'Carol' });
    expect(tested.key(4).appearances.map(({ number, state }) => [number, state])).toEqual([
      [null, 'remote-ringing'],
      [null, 'remote-active'],
    ]);
  });

  it('says since when, if the PBX tells for how long already', () => {
    const tested = watching();
    told(tested, dialog({ duration: 60 }));
    expect(tested.key(4).since).toBe('2025-12-31T23:59:00.000Z');
    tested.now += 5000;
    told(tested, dialog({ duration: 65 }));
    expect(tested.key(4).since).toBe('2025-12-31T23:59:00.000Z');
    told(tested, dialog({ held: true, duration: 65 }));
    expect(tested.key(4).since).toBe('2026-01-01T00:00:05.000Z');
  });

  it('picks up a call that rings there, and shows it as ours', () => {
    const tested = watching();
    told(tested, dialog({ state: 'early' }));
    expect(tested.key(4).can).toEqual({ seize: false, pickUp: true, bargeIn: false });
    const pickUp = tested.command({ name: 'pickUp', params: { lineKey: 4 } });
    expect(tested.asked()).toEqual(['pick-up c1 1/null 1']);
    tested.take({ type: 'answered', call: 'c1', remote: null });
    expect(tested.reply(pickUp)).toEqual({ ok: true, result: { call: 'c1' } });
    expect(tested.key(4)).toMatchObject({ state: 'local-active', who: 'Carol', calls: ['c1'] });
    expect(tested.asked()).toEqual([]);
  });

  it.each([
    ['nothing-to-pick-up', []],
    ['nothing-to-pick-up', [dialog({})]],
    ['cannot-pick-up', [dialog({ state: 'early', identifiers: null })]],
  ])('says %s', (code, dialogs) => {
    const tested = watching();
    told(tested, ...dialogs);
    expect(tested.refusal(tested.command({ name: 'pickUp', params: { lineKey: 4 } }))).toBe(code);
  });

  it('is no line to speak on, and no call rings there', () => {
    const tested = watching();
    told(tested);
    expect(tested.refusal(tested.command({ name: 'seize', params: { lineKey: 4 } }))).toBe('not-a-line');
    tested.take({ type: 'incoming', call: 's1', extension: 1, remote: { number: '1', name: null } });
    tested.take({ type: 'incoming', call: 's2', extension: 1, remote: { number: '2', name: null } });
    expect(tested.view.lineKeys.map(({ calls }) => calls)).toEqual([['s1', 's2'], [], [], []]);
  });
});
