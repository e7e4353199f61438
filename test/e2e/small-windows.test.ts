import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FedWindow } from '../support/fed-window.ts';
import { Rig } from '../support/rig.ts';
import { aCall, aKey, anExtension, aSnapshot } from '../unit/renderer/views.ts';

const rig = new Rig();
let window: FedWindow;
beforeAll(async () => {
  window = rig.use(await FedWindow.start());
});
afterAll(() => rig.stopAndVerify());
beforeEach(async () => {
  await window.page.reload();
  await window.page.getByRole('heading', { name: 'Partyline' }).waitFor();
});

const pbx = { address: '192.168.0.1', port: 6060, dialect: 'spa9000' } as const;
const station = { name: 'Front desk', displayName: 'Kim', pbx, practice: false };
const can = { seize: false, pickUp: false, bargeIn: false };
const lineKeys = [
  aKey({ state: 'local-active', who: 'Ann', can, calls: ['c1'] }),
  aKey({ index: 2, extension: 2, label: 'Sales', shared: true }),
  aKey({ index: 3, kind: 'watch', watched: '5061', label: 'Carol', can }),
  aKey({ index: 4, kind: 'watch', watched: '5051', label: 'Dora', can }),
];
const phone = aSnapshot({
  station,
  extensions: [anExtension(), anExtension({ index: 2, sharedUserId: '5041' })],
  lineKeys,
});
const zoom = (factor: number): Promise<void> =>
  window.electron.app.evaluate(
    ({ BrowserWindow }, wanted) => BrowserWindow.getAllWindows()[0]?.webContents.setZoomFactor(wanted),
    factor,
  );
const button = (name: string) => window.page.getByRole('button', { name, exact: true });

/** Whose texts do not fit. */
const cutOff = (selector: string) =>
  window.page
    .locator(selector)
    .evaluateAll((all) =>
      all.flatMap((each) => (each.scrollWidth > each.clientWidth ? [each.textContent ?? ''] : [])),
    );

/** Whether a click in the middle of it would be its own. */
const isOnTop = (selector: string) =>
  window.page.locator(selector).evaluate((element) => {
    const { left, right, top, bottom } = element.getBoundingClientRect();
    return element.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2));
  });

describe('a small window', () => {
  it('of 360 px names its keys, says whose registration it shows, and shows a long number whole', async () => {
    await window.resize(360, 640);
    await window.show(phone);
    expect(await cutOff('.line-key-label > span')).toEqual([]);
    expect(await cutOff('.status-registration > span')).toEqual([]);
    const registration = window.page.locator('.status-registration');
    expect(await registration.innerText()).toBe('5031, 5041');
    expect((await window.spoken('.status-registration')).name).toBe(
      'Registered as 5031, 5041 at 192.168.0.1:6060',
    );
    await window.page.keyboard.type('0041795551234567890');
    expect(await cutOff('#number')).toEqual([]);
  });

  it('at 200 % zoom: a call scrolls under its two big keys, and covers nothing', async () => {
    await window.resize(960, 640);
    await zoom(2);
    const other = aCall({ id: 'c2', state: 'incoming', remote: { number: '7', name: 'Eve' } });
    await window.show({ ...phone, calls: [aCall(), other] });
    await window.drawn();
    expect(await isOnTop('.deck-key[data-tone="end"]')).toBe(true);
    expect(await isOnTop('#history-button')).toBe(true);
    await button('Record').focus();
    expect(await isOnTop('.control[aria-keyshortcuts="R"]')).toBe(true);
    await zoom(1);
  });

  it('has the history as a sheet: what it covers is not reached by Tab, and a call that comes in is seen', async () => {
    await window.resize(740, 600);
    await window.show(phone);
    await window.page.keyboard.press('Control+y');
    await window.page.getByRole('complementary', { name: 'History' }).waitFor();
    const focused: string[] = [];
    for (let step = 0; step < 20; step += 1) {
      await window.page.keyboard.press('Tab');
      const place = await window.page.evaluate(() =>
        document.activeElement?.closest('.panel') ? 'panel' : 'elsewhere',
      );
      focused.push(place);
    }
    expect(focused).not.toContain('panel');

    await window.commands();
    await window.show({ ...phone, calls: [aCall({ state: 'incoming', connectedSince: null })] });
    await button('Answer').waitFor();
    await window.page.locator('.panel:focus').waitFor();
    await window.page.keyboard.press('Enter');
    expect(await window.commands()).toEqual([{ name: 'answer', params: { call: 'c1' } }]);
  });
});

describe('what a screen reader and forced colours show', () => {
  it('no microphone: the button for sound says so', async () => {
    await window.resize(360, 640);
    await window.show({ ...phone, audio: { microphone: 'missing', speaker: 'ready' } });
    const { name } = await window.spoken('.status-item[popovertarget="sound-choice"]');
    expect(name).toBe('Sound: Microphone: none found, Speaker');
  });

  it('a switch is told on from off in forced colours', async () => {
    await window.resize(960, 640);
    await window.show(phone);
    await window.page.emulateMedia({ forcedColors: 'active' });
    await button('Sound: Microphone, Speaker').click();
    const echo = window.page.getByRole('switch', { name: 'Cancel echo' });
    const picture = async () => (await echo.screenshot()).toString('base64');
    const on = await picture();
    await echo.click();
    await window.drawn();
    expect(await picture()).not.toBe(on);
    await window.page.emulateMedia({ forcedColors: 'none' });
  });
});
