import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallView } from '../../electron/contract/snapshot.ts';
import { ElectronApp } from '../support/electron-app.ts';
import { Rig } from '../support/rig.ts';

const rig = new Rig();
afterEach(() => rig.stop());
afterAll(() => rig.stopAndVerify());

/** Keys of the practice station. */
const [carol, ann] = [3, 4];
let app: ElectronApp;

/** At the practice PBX, in a call with Ann that was dialed in the window. */
beforeEach(async () => {
  app = rig.use(await ElectronApp.start());
  await app.window.getByRole('button', { name: /practice PBX/ }).click();
  await app.control.registered();
  await app.control.command('configure', { settings: { recordingFolder: await rig.folder() } });
  await app.window.getByRole('textbox', { name: 'Number' }).fill('5051');
  await press('Enter');
  await app.window.getByRole('heading', { name: 'Ann' }).waitFor();
  await answered('5051');
});

const press = (key: string) => app.window.keyboard.press(key);
const type = (text: string) => app.window.keyboard.type(text);
const button = (name: string) => app.window.getByRole('button', { name, exact: true });
const isTalking = ({ state }: CallView) => state === 'active';

/** They have answered, and the window shows it. */
async function answered(number: string): Promise<void> {
  await app.control.until(`${number} talks`, ({ calls }) =>
    calls.some((call) => call.remote.number === number && isTalking(call)),
  );
  await app.window.locator('.call-state').getByText('Connected').waitFor();
}

/** Ann and Carol talk with each other, and we are out of it. */
async function areConnected(): Promise<void> {
  await app.control.until('we are out of it', ({ calls }) => calls.length === 0);
  await app.shows('The call is with Carol now.');
  await app.control.until(
    'the two talk',
    ({ lineKeys }) => lineKeys[ann - 1]?.with === 'Carol' && lineKeys[carol - 1]?.with === 'Ann',
  );
  await app.lineKey(ann).getByText('With Carol').waitFor();
}

describe('a call at the practice PBX', () => {
  it('is handed over by keyboard alone, without asking', async () => {
    await press('t');
    await type('car');
    await press('Enter');
    await app.window.locator('.call-state').getByText('On the way to Carol').waitFor();
    await areConnected();
  });

  it('is handed over by the mouse, after asking', async () => {
    await button('Transfer').click();
    await app.window.getByRole('option', { name: 'Carol' }).click();
    await button('Ask first').click();
    await app.window.getByText('Waits while you ask Carol').waitFor();
    await answered('5061');
    await button('Connect them').click();
    await areConnected();
  });

  it('becomes a conference, of which one is muted, taken out and brought back', async () => {
    await press('a');
    await type('Carol');
    await press('Enter');
    await answered('5061');
    await press('a');
    await app.window.getByRole('heading', { name: 'Conference of 3' }).waitFor();
    const conference = await app.control.until('three talk', ({ calls }) =>
      calls.length === 2 && calls.every(isTalking) ? calls[0]?.conference : null,
    );
    expect(app.control.snapshot.calls.map(({ transfer }) => transfer)).toEqual([null, null]);

    await button('Mute Carol for everyone').click();
    await app.control.until('Carol is not heard', ({ calls }) => calls.some(({ partyMuted }) => partyMuted));
    await button('Take Ann out, on hold').click();
    await app.window.getByRole('heading', { name: 'Carol' }).waitFor();
    await app.control.until('Ann waits', ({ calls }) =>
      calls.some(({ remote, state }) => remote.name === 'Ann' && state === 'held'),
    );
    await button('Bring together with Ann').click();
    await app.window.getByRole('heading', { name: 'Conference of 3' }).waitFor();

    await press('r');
    const { file } = await app.control.until(
      'it is recorded',
      ({ calls }) => calls.find(({ recording }) => recording)?.recording,
    );
    const host = app.control.snapshot.calls.find(({ id, conference: each }) => id === each);
    expect(conference).not.toBeNull();
    await button(`Hang up on ${host?.remote.name}`).click();
    const left = await app.control.until('the recording goes on with who is left', ({ calls }) =>
      calls.find(({ id, recording }) => id !== host?.id && recording?.file === file),
    );
    await press('Shift+Escape');
    await app.control.until('that is over too', ({ calls }) => calls.every(({ id }) => id !== left.id));
    expect(app.control.snapshot.history.filter(({ recording }) => recording === file)).toHaveLength(2);
  });
});
