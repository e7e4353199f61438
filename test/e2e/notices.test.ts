import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallView, Notice } from '../../electron/contract/snapshot.ts';
import { FedWindow } from '../support/fed-window.ts';
import { Rig } from '../support/rig.ts';
import { aCall, aKey, anExtension, aSnapshot } from '../unit/renderer/views.ts';

const rig = new Rig();
let window: FedWindow;
beforeAll(async () => {
  window = rig.use(await FedWindow.start());
  await window.page.emulateMedia({ reducedMotion: 'reduce' });
});
afterAll(() => rig.stopAndVerify());

const ann = aCall({ id: 'ann', remote: { number: '5551234', name: 'Ann' } });
const bob = aCall({ id: 'bob', state: 'held', remote: { number: '5052', name: 'Bob' } });
const asked = { ...ann, heldByRemote: true, referredTo: { number: '5061', name: 'Carol' } };
/** `key`: what is pressed first, if anything. */
const scenes: readonly (readonly [string, readonly CallView[], key: string | null])[] = [
  ['nobody is in a call', [], null],
  ['somebody calls', [aCall({ state: 'incoming', connectedSince: null })], null],
  ['one call is on', [ann], null],
  ['another call waits', [ann, bob], null],
  [
    'two are in a conference',
    [ann, bob].map((call) => ({ ...call, state: 'active', conference: 'ann' })),
    null,
  ],
  ['the far end wants to connect one elsewhere', [asked], null],
  ['the keypad is open', [ann], 'k'],
  ['somebody is sought to hand the call to', [ann], 't'],
];

const notices: readonly Notice[] = [
  { id: 'n1', code: 'busy', sentence: 'Busy. Try again in a while.' },
  {
    id: 'n2',
    code: 'joined-call',
    sentence: 'Dora, who sits at the front desk, has joined the call with Ann.',
  },
];

/** What a notice must leave free, each with its place on the screen. */
const places = () =>
  window.page.evaluate(() =>
    [...document.querySelectorAll('.panel :is(p, h1, input, button, .other-call, .party):not(.notices *)')]
      .filter((each) => each.checkVisibility() && each.textContent !== null)
      .map((each) => {
        const { left, right, top, bottom } = each.getBoundingClientRect();
        return { name: `${each.className} ${each.textContent}`, left, right, top, bottom };
      }),
  );
type Place = Awaited<ReturnType<typeof places>>[number];

const covers = (one: Place, other: Place): boolean =>
  Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1 &&
  Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 1;

async function latestNotice(): Promise<Place> {
  const notice = window.page.locator('.notice:last-child');
  const box = await notice.boundingBox();
  if (!box) throw new Error('no notice is seen');
  const { x, y, width, height } = box;
  return { name: 'notice', left: x, right: x + width, top: y, bottom: y + height };
}

describe.each([
  ['at its usual size', 960, 640],
  ['at its smallest', 360, 480],
] as const)('a notice in the window %s', (_size, width, height) => {
  const show = async (calls: readonly CallView[], told: readonly Notice[]): Promise<void> => {
    await window.resize(width, height);
    await window.show(
      aSnapshot({ extensions: [anExtension()], lineKeys: [aKey()], calls: [...calls], notices: [...told] }),
    );
  };

  it.each(scenes)(
    'lies over nothing when %s, and leaves hang-up where it was',
    async (_scene, calls, key) => {
      await show(calls, []);
      await window.page.locator('.panel').focus();
      if (key) await window.page.keyboard.press(key);
      const deck = await window.page.locator('.deck').boundingBox();
      await show(calls, notices);
      const notice = await latestNotice();
      const all = await places();
      expect(all.filter((place) => covers(notice, place)).map(({ name }) => name)).toEqual([]);
      expect(await window.page.locator('.deck').boundingBox()).toEqual(deck);
      const [keys, others] = [true, false].map((isKey) =>
        all.filter(({ name }) => /^deck/.test(name) === isKey),
      );
      expect(
        others?.filter((place) => keys?.some((key) => covers(key, place))).map(({ name }) => name),
      ).toEqual([]);
      if (key) await window.page.keyboard.press('Escape');
    },
  );
});

describe('a notice', () => {
  it('that comes twice is read once', async () => {
    const twice = ['n1', 'n2'].map((id) => ({
      id,
      code: 'not-found' as const,
      sentence: 'Nobody is there.',
    }));
    await window.show(aSnapshot({ extensions: [anExtension()], notices: twice }));
    expect(await window.page.locator('.notice').allInnerTexts()).toEqual(['Nobody is there.']);
  });
});
