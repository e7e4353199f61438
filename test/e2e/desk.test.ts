import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallRecord, LineKeyView } from '../../electron/contract/snapshot.ts';
import { FedWindow } from '../support/fed-window.ts';
import { Rig } from '../support/rig.ts';
import { aCall, aKey, aSnapshot } from '../unit/renderer/views.ts';

const rig = new Rig();
let window: FedWindow;
beforeAll(async () => {
  window = rig.use(await FedWindow.start());
  await window.resize(1280, 800);
});
afterAll(() => rig.stopAndVerify());

const can = { seize: false, pickUp: false, bargeIn: false };
const bobs = aKey({ index: 2, label: '5041', shared: true, who: 'Bob', can });
const free = aKey({ index: 1 });
const press = (key: string) => window.page.keyboard.press(key);
const menu = () => window.page.getByRole('menu');
/** More than the time in which a menu takes a press for the second half of a double click. */
const settle = () => window.page.waitForTimeout(400);

describe('a colleague’s call', () => {
  it('on hold is picked up by a press of its key', async () => {
    await window.show(
      aSnapshot({ lineKeys: [free, { ...bobs, state: 'remote-held', can: { ...can, pickUp: true } }] }),
    );
    await window.key(2).click();
    expect(await window.commands()).toEqual([{ name: 'pickUp', params: { lineKey: 2 } }]);
  });

  it('is joined only after being asked, and not by a double click', async () => {
    await window.show(
      aSnapshot({ lineKeys: [free, { ...bobs, state: 'remote-active', can: { ...can, bargeIn: true } }] }),
    );
    await window.key(2).dblclick();
    await menu().waitFor();
    expect(await window.commands()).toEqual([]);
    await settle();
    await menu().getByRole('menuitem', { name: 'Join Bob’s call' }).click();
    expect(await window.commands()).toEqual([{ name: 'bargeIn', params: { lineKey: 2 } }]);
    expect(await menu().count()).toBe(0);
  });

  it('that cannot be taken says why, on the screen and to a screen reader', async () => {
    const cannot = 'Bob holds that call privately. Ask for it, or wait.';
    await window.show(aSnapshot({ lineKeys: [free, { ...bobs, state: 'private-held', cannot }] }));
    expect((await window.spoken('.line-key[data-index="2"]')).description).toContain(cannot);
    await window.key(2).click();
    await window.page.getByRole('status').getByText(cannot).waitFor();
    expect(await window.commands()).toEqual([]);
  });
});

describe('the menu of a key', () => {
  it('opens by the right mouse button, and closes by a press elsewhere', async () => {
    await window.show(aSnapshot({ lineKeys: [free, bobs] }));
    await window.key(1).click({ button: 'right' });
    await menu().getByRole('menuitem', { name: 'Take the line' }).waitFor();
    await window.page.getByRole('main').click({ position: { x: 300, y: 5 } });
    await menu().waitFor({ state: 'detached' });
    expect(await window.commands()).toEqual([]);
  });

  it('opens by a long press, whose end presses nothing', async () => {
    await window.show(aSnapshot({ lineKeys: [free, bobs] }));
    await window.key(1).hover();
    await window.page.mouse.down();
    await menu().waitFor();
    await window.page.mouse.up();
    await window.drawn();
    expect(await menu().count()).toBe(1);
    expect(await window.commands()).toEqual([]);
    await press('Escape');
  });
});

describe('by keyboard alone', () => {
  const call = aCall({ lineKey: 2 });
  const talking = aSnapshot({
    lineKeys: [free, aKey({ index: 2, label: '5041', shared: true, state: 'local-active', who: 'Ann', can })],
    calls: [call],
  });

  it('the menu of a key is opened, walked round and left, and the focus comes back', async () => {
    await window.show(talking);
    await window.key(1).focus();
    await press('ArrowDown');
    await press('Shift+F10');
    const items = menu().getByRole('menuitem');
    expect(await items.allTextContents()).toEqual(['Hold Ann', 'Hold Ann privately', 'Hang up on Ann']);
    const focused = () => window.page.evaluate(() => document.activeElement?.textContent);
    expect(await focused()).toBe('Hold Ann');
    await press('ArrowUp');
    expect(await focused()).toBe('Do not disturb');
    await press('ArrowDown');
    await press('ArrowDown');
    await settle();
    await press('Enter');
    expect(await window.commands()).toEqual([{ name: 'hold', params: { call: 'c1', private: true } }]);
    expect(await window.key(2).evaluate((key) => key.matches(':focus'))).toBe(true);

    await press('ContextMenu');
    await menu().waitFor();
    await press('Escape');
    await menu().waitFor({ state: 'detached' });
    expect(await window.key(2).evaluate((key) => key.matches(':focus'))).toBe(true);
  });

  it('a call is held for all or privately', async () => {
    await window.show(talking);
    await press('h');
    await press('Shift+H');
    expect(await window.commands()).toEqual([
      { name: 'hold', params: { call: 'c1' } },
      { name: 'hold', params: { call: 'c1', private: true } },
    ]);
  });

  it('the phone is silenced, and says so', async () => {
    await window.show(talking);
    await press('Control+d');
    expect(await window.commands()).toEqual([{ name: 'doNotDisturb', params: { on: true } }]);
    await window.tell({ changed: { doNotDisturb: true }, lineKeys: [] });
    const quiet = window.page.getByRole('switch', { name: 'Do not disturb' });
    expect(await quiet.getAttribute('aria-checked')).toBe('true');
    await window.page.locator('[aria-live]').getByText('Do not disturb is on').waitFor({ state: 'attached' });
    await quiet.press('Space');
    expect(await window.commands()).toEqual([{ name: 'doNotDisturb', params: { on: false } }]);
  });

  it('who was missed is called back, on the extension the call was for', async () => {
    const ended = new Date().toISOString();
    const record = (change: Partial<CallRecord>): CallRecord => ({
      id: 'r1',
      extension: 2,
      label: '5041',
      direction: 'incoming',
      remote: { number: '5551234', name: 'Ann' },
      outcome: 'missed',
      by: null,
      began: ended,
      connected: null,
      ended,
      quality: null,
      recording: null,
      ...change,
    });
    const history = [record({ id: 'r2', outcome: 'answered-elsewhere', by: 'Bob' }), record({})];
    await window.show(aSnapshot({ lineKeys: [free, { ...bobs, extension: 2, who: null }], history }));
    await window.page.getByRole('button', { name: 'History, missed calls: 1' }).waitFor();
    await press('Control+y');
    const entries = window.page.getByRole('complementary', { name: 'History' }).getByRole('listitem');
    expect(await entries.count()).toBe(2);
    expect((await window.spoken('.record')).name).toMatch(
      /^Answered by Bob: Ann, 5551234, on 5041, .*Call back$/,
    );
    await press('ArrowDown');
    await press('Enter');
    expect(await window.commands()).toEqual([{ name: 'dial', params: { lineKey: 2, number: '5551234' } }]);
    await press('Escape');
    await window.page.getByRole('button', { name: 'History', exact: true }).waitFor();
    expect(await entries.count()).toBe(0);
  });
});

describe('five hundred keys', () => {
  // A window that nobody has asked for its accessibility tree: with one, Chromium 130 (Electron 33) dies of five hundred
  // keys in every fifth run or so, inside its own tree.
  beforeAll(async () => {
    window = rig.use(await FedWindow.start());
    await window.resize(1280, 800);
  });

  const count = 500;
  const states = ['idle', 'remote-active', 'idle', 'remote-held', 'remote-ringing', 'idle'] as const;
  const aWatched = (index: number, state: LineKeyView['state'], far: string): LineKeyView =>
    aKey({
      index,
      kind: index < 5 ? 'line' : 'watch',
      watched: index < 5 ? null : String(6000 + index),
      label: `Person ${index}`,
      state,
      who: `Person ${index}`,
      with: far,
      since: state === 'idle' ? null : new Date().toISOString(),
      can,
    });
  const keys = Array.from({ length: count }, (_, place) =>
    aWatched(place + 1, states[place % states.length] ?? 'idle', `555 ${place}`),
  );
  const shown = () => window.page.locator('.line-key');

  it('are all there, counted, found and grouped', async () => {
    await window.show(aSnapshot({ lineKeys: keys }));
    expect(await shown().count()).toBe(count);
    await press('Control+f');
    await window.page.keyboard.type('person 49');
    expect(await shown().count()).toBe(11);
    await press('Escape');
    expect(await shown().count()).toBe(count);
    await window.page.getByRole('radio', { name: 'State' }).check();
    const heads = await window.page.locator('.group-head').allTextContents();
    expect(heads).toEqual(['Ringing83', 'On hold83', 'In use84', 'Free250']);
    await window.page.getByRole('radio', { name: 'Order' }).check();
  });

  it('can be walked with the arrow keys, in both directions', async () => {
    await window.show(aSnapshot({ lineKeys: keys }));
    await window.key(1).focus();
    const here = () => window.page.evaluate(() => Number(document.activeElement?.getAttribute('data-index')));
    await press('ArrowRight');
    expect(await here()).toBe(2);
    await press('ArrowDown');
    const columns = (await here()) - 2;
    expect(columns).toBeGreaterThan(3);
    await press('End');
    expect(await here()).toBe(count);
    await press('ArrowUp');
    await press('Home');
    expect(await here()).toBe(1);
    expect(await window.page.locator('.line-key[tabindex="0"]').count()).toBe(1);
  });

  it('fifty changes a second: what has not changed is not drawn anew', async () => {
    await window.show(aSnapshot({ lineKeys: keys }));
    await window.page.evaluate(() => {
      const drawn: Record<string, number> = {};
      const frames: number[] = [];
      let last = performance.now();
      const frame = (now: number): void => {
        frames.push(now - last);
        last = now;
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
      const watch = new MutationObserver((changes) => {
        for (const { target } of changes) {
          const element = target instanceof Element ? target : target.parentElement;
          // Timers go on by themselves, and where the keyboard stands is no change of the phone.
          if (element?.closest('time')) continue;
          const index = element?.closest('.line-key')?.getAttribute('data-index') ?? 'elsewhere';
          drawn[index] = (drawn[index] ?? 0) + 1;
        }
      });
      const list = document.querySelector('.line-keys ol');
      if (list)
        watch.observe(list, { subtree: true, childList: true, characterData: true, attributes: true });
      Object.assign(window, { drawn, frames });
    });
    const changes = Array.from({ length: 250 }, (_, change) =>
      aWatched(10 + (change % 20), change % 40 < 20 ? 'remote-active' : 'idle', `777 ${change}`),
    );
    await window.change(changes, 20);
    const { drawn, frames } = await window.page.evaluate(() => ({
      drawn: Object.keys(Reflect.get(window, 'drawn')).map(Number),
      frames: [...Reflect.get(window, 'frames')].map(Number),
    }));
    expect(drawn.toSorted((one, other) => one - other)).toEqual(
      Array.from({ length: 20 }, (_, place) => 10 + place),
    );
    frames.sort((one, other) => one - other);
    const at = (part: number): string => (frames[Math.floor(frames.length * part)] ?? Number.NaN).toFixed(1);
    console.log(
      `${count} keys, 50 changes a second, ${frames.length} frames: median ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms`,
    );
  });
});
