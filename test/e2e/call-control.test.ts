import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { defaultSettings } from '../../electron/contract/settings.ts';
import type { CallRecord, CallView } from '../../electron/contract/snapshot.ts';
import { FedWindow } from '../support/fed-window.ts';
import { Rig } from '../support/rig.ts';
import { aCall, aKey, anExtension, aSnapshot } from '../unit/renderer/views.ts';

const rig = new Rig();
let window: FedWindow;
beforeAll(async () => {
  window = rig.use(await FedWindow.start());
  await window.resize(960, 640);
});
afterAll(() => rig.stopAndVerify());
beforeEach(async () => {
  // Nothing is left of what was chosen before.
  await window.page.reload();
  await window.page.getByRole('heading', { name: 'Partyline' }).waitFor();
  await window.commands();
});

const can = { seize: false, pickUp: false, bargeIn: false };
const since = '2026-01-01T00:00:00Z';
const extensions = [anExtension(), anExtension({ index: 2, sharedUserId: '5041' })];
const lineKeys = [
  aKey({ index: 1, state: 'local-active', who: 'Ann', can, calls: ['ann'] }),
  aKey({ index: 2, extension: 2, label: 'Sales', shared: true }),
  aKey({ index: 3, kind: 'watch', watched: '5052', label: 'Dora', can }),
];
const ann = aCall({ id: 'ann', remote: { number: '5551234', name: 'Ann' } });
const bob = aCall({ id: 'bob', lineKey: 2, remote: { number: '5052', name: 'Bob' } });
const annWaits = aCall({
  ...ann,
  state: 'held',
  private: true,
  transfer: { state: 'consulting', with: 'bob', to: '5052' },
});
const withCalls = (...calls: CallView[]) => aSnapshot({ extensions, lineKeys, calls });
const press = (key: string) => window.page.keyboard.press(key);
const type = (text: string) => window.page.keyboard.type(text);
const button = (name: string) => window.page.getByRole('button', { name, exact: true });
const field = () => window.page.getByRole('combobox', { name: 'Name or number' });
const focused = () => window.page.evaluate(() => document.activeElement?.textContent);

describe('a transfer', () => {
  it('goes to a number by the mouse, at once or after asking there', async () => {
    await window.show(withCalls(ann));
    await button('Transfer').click();
    expect(await button('Transfer now').isDisabled()).toBe(true);
    await field().fill('555 99');
    await button('Transfer now').click();
    expect(await window.commands()).toEqual([{ name: 'transfer', params: { call: 'ann', number: '55599' } }]);

    await button('Transfer').click();
    await window.page.getByRole('option', { name: 'Dora' }).click();
    await button('Ask first').click();
    expect(await window.commands()).toEqual([{ name: 'consult', params: { call: 'ann', number: '5052' } }]);
  });

  it('goes to a name by keyboard alone, and the focus comes back when it is given up', async () => {
    await window.show(withCalls(ann));
    await press('t');
    await type('dor');
    await press('Enter');
    expect(await window.commands()).toEqual([{ name: 'transfer', params: { call: 'ann', number: '5052' } }]);

    await press('t');
    await press('ArrowDown');
    const option = await field().getAttribute('aria-activedescendant');
    expect(await window.page.locator(`#${option}`).getAttribute('aria-selected')).toBe('true');
    await press('Shift+Enter');
    expect(await window.commands()).toEqual([{ name: 'consult', params: { call: 'ann', number: '5041' } }]);

    await press('t');
    await press('Escape');
    await field().waitFor({ state: 'detached' });
    await window.drawn();
    expect(await focused()).toBe('Transfer');
    expect(await window.commands()).toEqual([]);
  });

  it('goes to whose line key is pressed meanwhile, also by its number; one’s own line leads to nobody', async () => {
    await window.show(withCalls(ann));
    await press('t');
    await window.key(3).click();
    expect(await field().inputValue()).toBe('Dora');
    await press('Control+2');
    expect(await field().inputValue()).toBe('Sales');
    await window.key(1).click();
    await window.page.getByRole('status').getByText('is a line of yours').waitFor();
    await field().focus();
    await press('Enter');
    expect(await window.commands()).toEqual([{ name: 'transfer', params: { call: 'ann', number: '5041' } }]);
  });

  it('begins when the call is dragged onto a line key', async () => {
    await window.show(withCalls(ann));
    await window.page.locator('.call-display').dragTo(window.key(3));
    expect(await field().inputValue()).toBe('Dora');
    await press('Enter');
    expect(await window.commands()).toEqual([{ name: 'transfer', params: { call: 'ann', number: '5052' } }]);
  });

  it('that fails is told once, though the phone and the press both say so', async () => {
    const failure = { code: 'transfer-failed', sentence: 'Nobody was reached at 5777.' } as const;
    await window.show(withCalls(ann));
    await window.answer('transfer', { ok: false, failure });
    await press('t');
    await type('5777');
    await press('Enter');
    await window.page.locator('.notice').getByText(failure.sentence).waitFor();
    await window.show({ ...withCalls(ann), notices: [{ id: 'n1', ...failure }] });
    await window.drawn();
    expect(await window.page.locator('.notice').count()).toBe(1);
    await window.answer('transfer', null);
  });

  it('after asking: both are shown; they are connected, or one goes back', async () => {
    await window.show(withCalls(annWaits, bob));
    await window.page.getByText('Waits while you ask Bob').waitFor();
    await button('Connect them').click();
    await press('t');
    const complete = { name: 'completeTransfer', params: { call: 'ann', to: 'bob' } };
    expect(await window.commands()).toEqual([complete, complete]);

    await button('Back to Ann, and hang up on Bob').click();
    expect(await window.commands()).toEqual([
      { name: 'hangUp', params: { call: 'bob' } },
      { name: 'resume', params: { call: 'ann' } },
    ]);
  });

  it('on its way says so, and can only be ended', async () => {
    const transfer = { state: 'transferring', with: null, to: '5052' } as const;
    await window.show(withCalls({ ...ann, state: 'held', transfer }));
    await window.page.locator('.call-state').getByText('On the way to Dora').waitFor();
    expect(await button('On the way').isDisabled()).toBe(true);
    expect(await button('Hang up').isEnabled()).toBe(true);
    expect(await button('Transfer').isDisabled()).toBe(true);
  });
});

describe('two calls', () => {
  const held = { ...ann, state: 'held' } as const;

  it('are swapped at one press', async () => {
    await window.show(withCalls(held, bob));
    await button('Swap: Ann').click();
    await press('s');
    const swap = { name: 'resume', params: { call: 'ann' } };
    expect((await window.commands())[0]).toEqual(swap);
  });

  it('are brought together at one press, or connected with each other', async () => {
    await window.show(withCalls(held, bob));
    await press('a');
    // The phone's answer to the one does not close what the other opens.
    await press('t');
    expect(await window.commands()).toEqual([{ name: 'conference', params: { call: 'bob', with: 'ann' } }]);
    await window.page.getByRole('option', { name: 'Ann' }).click();
    await button('Connect them').click();
    expect(await window.commands()).toEqual([
      { name: 'completeTransfer', params: { call: 'bob', to: 'ann' } },
    ]);
  });

  it('one that comes in meanwhile is answered or rejected beside the other', async () => {
    const incoming = aCall({
      id: 'in',
      lineKey: 2,
      state: 'incoming',
      remote: { number: '1', name: 'Cara' },
    });
    await window.show(withCalls(ann, incoming));
    await button('Reject: Cara').click();
    await button('Answer: Cara').click();
    expect(await window.commands()).toEqual([
      { name: 'reject', params: { call: 'in' } },
      { name: 'answer', params: { call: 'in' } },
    ]);
  });
});

describe('a conference', () => {
  const together = [
    { ...ann, conference: 'ann' },
    { ...bob, conference: 'ann' },
  ];

  it('is one thing, whose parties are muted, taken out and dropped alone', async () => {
    await window.show(withCalls(...together));
    await window.page.getByRole('heading', { name: 'Conference of 3' }).waitFor();
    expect(
      await window.page.getByRole('list', { name: 'Who takes part' }).getByRole('listitem').count(),
    ).toBe(2);
    expect(await window.page.getByRole('list', { name: 'Other calls' }).count()).toBe(0);
    await button('Mute Bob for everyone').click();
    await button('Take Ann out, on hold').click();
    await button('Hang up on Bob').click();
    expect(await window.commands()).toEqual([
      { name: 'muteParty', params: { call: 'bob', on: true } },
      { name: 'leaveConference', params: { call: 'ann' } },
      { name: 'hangUp', params: { call: 'bob' } },
    ]);
  });

  it('is held, muted and ended as a whole', async () => {
    await window.show(withCalls(...together));
    await press('h');
    await press('m');
    await press('Shift+Escape');
    expect(await window.commands()).toEqual([
      { name: 'hold', params: { call: 'ann' } },
      { name: 'mute', params: { call: 'ann', on: true } },
      { name: 'hangUp', params: { call: 'ann' } },
      { name: 'hangUp', params: { call: 'bob' } },
    ]);
  });

  it('grows: somebody is called first, and brought in when they have answered', async () => {
    await window.show(withCalls(ann));
    await press('a');
    await type('5052');
    await press('Enter');
    expect(await window.commands()).toEqual([{ name: 'consult', params: { call: 'ann', number: '5052' } }]);
    await window.show(withCalls(annWaits, bob));
    await window.page.locator('.deck').getByRole('button', { name: 'Bring together' }).click();
    expect(await window.commands()).toEqual([{ name: 'conference', params: { call: 'ann', with: 'bob' } }]);
  });
});

describe('a crowded panel', () => {
  // A conference that is recorded, another call coming in, and neither microphone nor speaker: as on a bare machine.
  const crowded = {
    ...withCalls(
      aCall({ ...ann, conference: 'ann', recording: { since, file: '/calls/1.wav' } }),
      aCall({ ...bob, conference: 'ann' }),
      aCall({ id: 'eve', state: 'incoming', remote: { number: '7', name: 'Eve' } }),
    ),
    problems: [
      {
        id: 'p1',
        code: 'no-microphone' as const,
        sentence: 'No microphone was found, so others will not hear you.',
      },
      {
        id: 'p2',
        code: 'no-speaker' as const,
        sentence: 'No speaker was found. Plug in a speaker or headset at any time.',
      },
    ],
  };

  it.each([
    [960, 640],
    [360, 480],
  ])('lays nothing over anything else at %i x %i', async (width, height) => {
    await window.resize(width, height);
    await window.show(crowded);
    const boxes = await window.page.evaluate(() => {
      const parts = ['.call-name', '.parties', '.call-meta', '.other-calls', '.controls', '.deck'];
      return parts.flatMap((part) => {
        const box = document.querySelector(part)?.getBoundingClientRect();
        return box && box.height > 0
          ? [{ part, top: box.top, bottom: box.bottom, left: box.left, right: box.right }]
          : [];
      });
    });
    expect(boxes.length).toBeGreaterThan(3);
    const over = boxes.flatMap((one, place) =>
      boxes
        .slice(place + 1)
        .filter(
          (other) =>
            one.top < other.bottom - 1 &&
            other.top < one.bottom - 1 &&
            one.left < other.right - 1 &&
            other.left < one.right - 1,
        )
        .map((other) => `${one.part} and ${other.part}`),
    );
    await window.resize(960, 640);
    expect(over).toEqual([]);
  });
});

describe('a recording', () => {
  it('begins and ends by R, and says that it goes on', async () => {
    await window.show(withCalls(ann));
    await press('r');
    await window.show(withCalls({ ...ann, recording: { since, file: '/home/kim/ann.wav' } }));
    await window.page.locator('.recording').getByText('Recording').waitFor();
    await window.page
      .locator('[aria-live]')
      .getByText('The call with Ann is being recorded')
      .waitFor({ state: 'attached' });
    await button('Stop recording').click();
    expect(await window.commands()).toEqual([
      { name: 'record', params: { call: 'ann', on: true } },
      { name: 'record', params: { call: 'ann', on: false } },
    ]);
  });
});

describe('dialing', () => {
  const lifted = aCall({
    id: 'l',
    state: 'seizing',
    granted: true,
    direction: 'outgoing',
    connectedSince: null,
  });
  const number = () => window.page.getByRole('textbox', { name: 'Number' });
  const called: CallRecord = {
    id: 'r1',
    extension: 1,
    label: '5031',
    direction: 'outgoing',
    remote: { number: '5559', name: null },
    outcome: 'answered',
    by: null,
    began: since,
    connected: since,
    ended: since,
    quality: null,
    recording: null,
  };

  it('early: each digit goes to the lifted line, and the field empties when it is called', async () => {
    await window.show(withCalls(lifted));
    await type('50');
    expect(await window.commands()).toEqual([
      { name: 'typeDigits', params: { call: 'l', digits: '5' } },
      { name: 'typeDigits', params: { call: 'l', digits: '50' } },
    ]);
    await window.show(withCalls({ ...lifted, digits: '50' }));
    expect(await number().inputValue()).toBe('50');
    await window.show(withCalls({ ...lifted, state: 'dialing', granted: false }));
    await window.show(withCalls());
    expect(await number().inputValue()).toBe('');
  });

  it('again: the last number, by the key or the empty field', async () => {
    await window.show(aSnapshot({ history: [called] }));
    await button('Redial').click();
    await press('/');
    await press('Enter');
    const redial = { name: 'redial', params: { lineKey: 1 } };
    expect(await window.commands()).toEqual([redial, redial]);
  });
});

describe('how a call sounds', () => {
  const quality = {
    mos: 2.9,
    lossPercent: 6.4,
    jitterMs: 48,
    remoteLossPercent: null,
    roundTripMs: 30,
    concealedPercent: 5.2,
    fault: 'network-in',
  } as const;

  it('is a word, and more when asked for', async () => {
    await window.show(withCalls({ ...ann, quality, codec: 'G722', encrypted: true }));
    await window.page.getByText('The network here loses sound').first().waitFor();
    await press('q');
    const details = window.page.getByRole('dialog', { name: 'Sound of this call' });
    await details.getByText('6.4 %').waitFor();
    await details.getByText('G.722, wideband, encrypted').waitFor();
    expect(await details.getByRole('img').getAttribute('aria-label')).toMatch(/now 2\.9$/);
    await press('Escape');
    await details.waitFor({ state: 'hidden' });
    await window.page.locator('#quality-badge:focus').waitFor();
  });
});

describe('a far end that wants to connect one with somebody', () => {
  const asks = { ...ann, heldByRemote: true, referredTo: { number: '5061', name: 'Carol' } };
  const sentence = 'Ann wants to connect you with Carol.';
  const asked = [
    { name: 'followTransfer', params: { call: 'ann' } },
    { name: 'declineTransfer', params: { call: 'ann' } },
  ];

  it('asks on the call, and is answered by the mouse or by keyboard', async () => {
    await window.show(withCalls(ann));
    await window.show(withCalls(asks));
    await window.page.locator('.panel').getByText(sentence).waitFor();
    await button('Connect me').click();
    await button('Stay with Ann').click();
    expect(await window.commands()).toEqual(asked);
    await window.page.locator('.panel').focus();
    await press('Enter');
    await press('Escape');
    expect(await window.commands()).toEqual(asked);
    await window.show(withCalls(ann));
    await press('Enter');
    await press('Escape');
    expect(await window.commands()).toEqual([]);
  });

  it('is told to those who cannot see it, and so are the keys that answer', async () => {
    await window.show(withCalls(ann));
    await window.show(withCalls(asks));
    await window.page.locator('[aria-live="assertive"]').getByText(sentence).waitFor();
    expect(await window.spoken('.deck-key[data-tone="go"]')).toEqual({
      name: 'Connect me',
      description: sentence,
    });
    expect((await window.spoken('.referral .control')).name).toBe('Stay with Ann');
  });

  it('is seen while one talks with somebody else', async () => {
    await window.show(withCalls(bob, { ...asks, state: 'held' }));
    const row = window.page.getByRole('list', { name: 'Other calls' });
    await row.getByText(sentence).waitFor();
    await row.getByRole('button', { name: 'Show: Ann' }).click();
    await button('Connect me').waitFor();
  });
});

describe('the settings', () => {
  const sheet = () => window.page.getByRole('dialog', { name: 'Settings' });
  const configured = async () => (await window.commands()).map(({ params }) => params.settings);

  it('hold at once', async () => {
    await window.show(aSnapshot());
    await press('Control+,');
    await sheet().getByLabel('Tones as in').selectOption('United Kingdom');
    await sheet().getByLabel('Digits in a call are sent').selectOption('As messages (SIP INFO)');
    await sheet().getByLabel('When the other end connects you').selectOption('Ask me first');
    await sheet().getByRole('switch', { name: 'Tone while recording' }).click();
    await sheet().getByLabel('Dial plan').fill('(xx.)');
    await press('Enter');
    expect(await configured()).toEqual([
      { toneRegion: 'uk' },
      { dtmf: 'info' },
      { followTransfers: 'ask' },
      { recordingTone: false },
      { dialPlan: '(xx.)' },
    ]);
    await press('Escape');
    await sheet().waitFor({ state: 'detached' });
  });

  it('lead to the devices', async () => {
    await window.show(aSnapshot());
    await press('Control+,');
    await button('Devices and volumes').click();
    await window.page.getByRole('dialog', { name: 'Sound' }).waitFor();
    expect(await sheet().count()).toBe(0);
  });

  it('say in place why a dial plan cannot hold, and keep it to be mended', async () => {
    await window.show(aSnapshot());
    await window.answer('configure', {
      ok: false,
      failure: { code: 'dial-plan-malformed', sentence: 'The dial plan has a mistake at “[”.' },
    });
    await button('Settings').click();
    const plan = sheet().getByLabel('Dial plan');
    await plan.fill('([');
    await press('Enter');
    await sheet().getByRole('alert').getByText('The dial plan has a mistake').waitFor();
    expect(await plan.inputValue()).toBe('([');
    expect(await plan.getAttribute('aria-invalid')).toBe('true');
    await window.answer('configure', null);
    await press('Escape');
  });

  it('take the recordings’ folder from the desktop’s own dialog', async () => {
    await window.show(aSnapshot());
    await window.electron.app.evaluate(({ dialog }) => {
      dialog.showOpenDialog = async () => ({ canceled: false, filePaths: ['/home/kim/Calls'] });
    });
    await press('Control+,');
    await button('Choose…').click();
    await expect.poll(configured).toEqual([{ recordingFolder: '/home/kim/Calls' }]);
    await press('Escape');
  });

  it('give a caller a ring of their own, from the history, and take it back', async () => {
    const record: CallRecord = {
      id: 'r1',
      extension: 1,
      label: '5031',
      direction: 'incoming',
      remote: { number: '5551234', name: 'Ann' },
      outcome: 'answered',
      by: null,
      began: since,
      connected: since,
      ended: since,
      quality: { ...defaultQuality, mos: 3.6, lossPercent: 2.1 },
      recording: '/home/kim/Calls/Ann.wav',
    };
    await window.show(aSnapshot({ history: [record] }));
    await press('Control+y');
    await press('Shift+F10');
    const details = window.page.getByRole('region', { name: 'More about Ann' });
    await details.getByText('Fair, 2.1 % lost').waitFor();
    await details.getByText('/home/kim/Calls/Ann.wav').waitFor();
    await details.getByLabel('Ring for this caller').selectOption('Ring 3');
    expect(await configured()).toEqual([{ callerRings: { 5551234: 3 } }]);
    await press('Control+y');
    await window.show(
      aSnapshot({ history: [record], settings: { ...defaultSettings, callerRings: { 5551234: 3 } } }),
    );
    await press('Control+,');
    await button('Ann rings like the line again').click();
    expect(await configured()).toEqual([{ callerRings: {} }]);
    await press('Escape');
  });
});

const defaultQuality = {
  mos: 4.3,
  lossPercent: 0,
  jitterMs: 5,
  remoteLossPercent: null,
  roundTripMs: null,
  concealedPercent: null,
  fault: null,
} as const;
