import { describe, expect, it } from 'vitest';
import { profile } from '../../../electron/contract/profile.ts';
import { defaultSettings, type SettingsChange, settingsChange } from '../../../electron/contract/settings.ts';
import { initialPhone, phoneConfig } from '../../../electron/phone/config.ts';
import { guideProfile, PhoneUnderTest } from './phone-under-test.ts';

const configure = (tested: PhoneUnderTest, settings: SettingsChange) =>
  tested.command({ name: 'configure', params: { settings } });

describe('settings', () => {
  it('begin as the phone has them, then as the profile says, then as the user has left them', () => {
    const ours = profile.parse({ ...guideProfile, settings: { toneRegion: 'uk', dtmf: 'info' } });
    expect(initialPhone(phoneConfig(guideProfile), 0).settings).toEqual(defaultSettings);
    expect(initialPhone(phoneConfig(ours, { dtmf: 'inband' }), 0).settings).toEqual({
      ...defaultSettings,
      toneRegion: 'uk',
      dtmf: 'inband',
    });
  });

  it('change at once, are shown and remembered; what is not named stays', () => {
    const tested = PhoneUnderTest.onTheAir();
    const request = configure(tested, { dialPlan: '(xxxx)', toneRegion: undefined });
    expect(tested.reply(request)).toEqual({ ok: true, result: { done: true } });
    expect(tested.view.settings).toEqual({ ...defaultSettings, dialPlan: '(xxxx)' });
    expect(tested.effects).toContainEqual({
      type: 'save-settings',
      change: { dialPlan: '(xxxx)', toneRegion: undefined },
    });
  });

  it('take no dial plan that cannot be read, and say where it is wrong', () => {
    const tested = PhoneUnderTest.onTheAir();
    const reply = tested.reply(configure(tested, { dialPlan: '(xx|9y)', dtmf: 'info' }));
    expect(reply).toMatchObject({
      ok: false,
      reason: { code: 'dial-plan-malformed', params: { position: 6, field: 'y)', mistake: 'no-digit' } },
    });
    expect(tested.view.settings).toEqual(defaultSettings);
  });

  it.each(['', 'x'])('take no dial plan as short as %j, and say so in its words', (dialPlan) => {
    const tested = PhoneUnderTest.onTheAir();
    expect(settingsChange.parse({ dialPlan })).toEqual({ dialPlan });
    expect(tested.refusal(configure(tested, { dialPlan }))).toBe('dial-plan-malformed');
  });

  it('know a folder by its whole path', () => {
    const isFolder = (recordingFolder: string) => settingsChange.safeParse({ recordingFolder }).success;
    for (const path of ['/home/kim/Calls', 'C:\\Calls', '\\\\office\\calls'])
      expect(isFolder(path)).toBe(true);
    for (const path of ['', 'Calls', './Calls', '~/Calls']) expect(isFolder(path)).toBe(false);
  });

  it('of a profile with such a plan: a problem that stays, and no number is barred', () => {
    const tested = PhoneUnderTest.onTheAir({ ...guideProfile, settings: { dialPlan: '(xx' } });
    expect(tested.view.problems.map(({ code }) => code)).toEqual(['dial-plan-malformed']);
    tested.command({ name: 'dial', params: { lineKey: 1, number: '5051' } });
    expect(tested.asked()).toEqual(['invite c1 5051']);
  });
});
