import { describe, expect, it } from 'vitest';
import { recordingName } from '../../../electron/phone/calls/recording-step.ts';
import { guideProfile, PhoneUnderTest } from './phone-under-test.ts';

const at = new Date(2026, 10, 27, 14, 3).getTime();
const record = (tested: PhoneUnderTest, call: string, on: boolean) =>
  tested.command({ name: 'record', params: { call, on } });
const notices = (tested: PhoneUnderTest) => tested.view.notices.map(({ code }) => code);

function inCall(): { tested: PhoneUnderTest; call: string } {
  const tested = PhoneUnderTest.onTheAir({
    ...guideProfile,
    settings: { recordingFolder: '/rec', recordingTone: false },
  });
  tested.now = at;
  return { tested, call: tested.activeCall(1, '5051') };
}

describe('a recording', () => {
  it('goes into a file in the folder of the settings, and is kept with the call', () => {
    const { tested, call } = inCall();
    const request = record(tested, call, true);
    expect(tested.effects).toContainEqual({
      type: 'record',
      call,
      to: { folder: '/rec', name: '2026-11-27 14.03 5051', tone: false },
    });
    expect(tested.reply(request)).toBe('waiting');
    expect(tested.call(call)?.recording).toBeNull();
    tested.take({ type: 'recording', call, file: '/rec/a.wav' });
    expect(tested.reply(request)).toEqual({ ok: true, result: { call } });
    expect(tested.call(call)?.recording).toEqual({ since: new Date(at).toISOString(), file: '/rec/a.wav' });
    tested.asked();
    record(tested, call, false);
    expect(tested.asked()).toEqual([`record ${call} off`]);
    expect(tested.call(call)?.recording).toBeNull();
    expect(notices(tested)).toEqual(['recording-saved']);
    tested.take({ type: 'ended', call, reason: null });
    expect(tested.view.history[0]?.recording).toBe('/rec/a.wav');
  });

  it.each(['we', 'they'])('ends with the call when %s hang up', (who) => {
    const { tested, call } = inCall();
    record(tested, call, true);
    tested.take({ type: 'recording', call, file: '/rec/a.wav' });
    if (who === 'we') tested.command({ name: 'hangUp', params: { call } });
    else tested.take({ type: 'ended', call, reason: null });
    expect(notices(tested)).toEqual(['recording-saved']);
    expect(tested.view.history[0]?.recording).toBe('/rec/a.wav');
  });

  it('that cannot be written fails at once, or is told when it breaks off', () => {
    const { tested, call } = inCall();
    const request = record(tested, call, true);
    tested.take({
      type: 'recording-failed',
      call,
      file: '/rec/a.wav',
      trouble: 'not-allowed',
      detail: 'EACCES',
    });
    expect(tested.refusal(request)).toBe('recording-failed');
    expect(notices(tested)).toEqual([]);
    record(tested, call, true);
    tested.take({ type: 'recording', call, file: '/rec/a.wav' });
    tested.take({
      type: 'recording-failed',
      call,
      file: '/rec/a.wav',
      trouble: 'disk-full',
      detail: 'ENOSPC',
    });
    expect(notices(tested)).toEqual(['recording-failed']);
    expect(tested.call(call)?.recording).toBeNull();
  });

  it('that is not wanted any more before it has begun is stopped', () => {
    const { tested, call } = inCall();
    const request = record(tested, call, true);
    record(tested, call, false);
    expect(tested.refusal(request)).toBe('wrong-state');
    tested.asked();
    tested.take({ type: 'recording', call, file: '/rec/a.wav' });
    expect(tested.asked()).toEqual([`record ${call} off`]);
    expect(tested.call(call)?.recording).toBeNull();
  });

  /** Three calls together, recorded at the host. */
  function recordedConference() {
    const { tested, call: guest } = inCall();
    const host = tested.activeCall(1, '5052');
    const third = tested.activeCall(1, '5053');
    for (const call of [guest, host]) tested.take({ type: 'held', call });
    for (const other of [guest, host])
      tested.command({ name: 'conference', params: { call: third, with: other } });
    for (const call of [guest, host]) tested.take({ type: 'resumed', call });
    const leader = tested.call(guest)?.conference ?? '';
    const guests = [guest, host, third].filter((call) => call !== leader);
    tested.asked();
    record(tested, guests[0] ?? '', true);
    expect(tested.asked()).toEqual([expect.stringContaining(`record ${leader} 2026`)]);
    tested.take({ type: 'recording', call: leader, file: '/rec/a.wav' });
    return { tested, leader, guests };
  }
  const recorded = (tested: PhoneUnderTest) =>
    tested.view.calls.filter(({ recording }) => recording?.file === '/rec/a.wav').map(({ id }) => id);

  it.each(['hangs up', 'is taken out'])(
    'of a conference is made where all are heard, and goes on in its file when the one there %s',
    (how) => {
      const { tested, leader, guests } = recordedConference();
      if (how === 'hangs up') tested.take({ type: 'ended', call: leader, reason: null });
      else tested.command({ name: 'leaveConference', params: { call: leader } });
      const next = tested.call(guests[0] ?? '')?.conference ?? '';
      expect(guests).toContain(next);
      expect(tested.asked()).toContain(`record ${next} instead of ${leader}`);
      expect(recorded(tested)).toEqual([next]);
      expect(notices(tested)).toEqual([]);
    },
  );

  it('of a conference goes on with the last one who is left, and is in the history of both', () => {
    const { tested, leader, guests } = recordedConference();
    const [second = '', last = ''] = guests;
    tested.take({ type: 'ended', call: leader, reason: null });
    tested.take({ type: 'ended', call: second, reason: null });
    expect(recorded(tested)).toEqual([last]);
    expect(notices(tested)).toEqual([]);
    tested.take({ type: 'ended', call: last, reason: null });
    expect(notices(tested)).toEqual(['recording-saved']);
    expect(tested.view.history.filter(({ recording }) => recording === '/rec/a.wav').length).toBeGreaterThan(
      1,
    );
  });

  it('is refused before there is anybody to record', () => {
    const { tested } = inCall();
    tested.command({ name: 'dial', params: { lineKey: 1, number: '5052' } });
    expect(tested.refusal(record(tested, 'c2', true))).toBe('no-far-end');
  });

  it.each([
    [{ name: 'Ann', number: '5051' }, '2026-11-27 14.03 Ann 5051'],
    [{ name: null, number: '+49 (30) 1' }, '2026-11-27 14.03 +49 (30) 1'],
    [{ name: '../../etc/passwd', number: '1' }, '2026-11-27 14.03 etc passwd 1'],
    [{ name: 'Zoë “Z” <b:c|d?*\u0000>', number: '1' }, '2026-11-27 14.03 Zoë Z b c d 1'],
    [{ name: '王', number: '' }, '2026-11-27 14.03 王'],
    [{ name: '1', number: '1' }, '2026-11-27 14.03 1'],
  ])('has a name that every system takes: %j', (party, name) => {
    expect(recordingName(party, at)).toBe(name);
  });
});
