import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';
import { ElectronApp } from '../support/electron-app.ts';
import { Rig } from '../support/rig.ts';

const rig = new Rig();
afterEach(() => rig.stop());
afterAll(() => rig.stopAndVerify());

it('saves the SIP trace where the user says, by keyboard, and nowhere that a page says', async () => {
  const app = rig.use(await ElectronApp.start());
  await app.control.command('practice', {});
  await app.control.registered();
  const folder = await rig.folder();
  const file = join(folder, 'trace.pcapng');
  // The desktop's dialog cannot be driven: it is answered in its place.
  await app.app.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = async () => ({ canceled: false, filePath });
  }, file);

  await app.window.getByRole('button', { name: /^Registered as/ }).press('Enter');
  await app.window.getByRole('button', { name: /^Save SIP trace/ }).press('Enter');
  await app.shows(`The SIP trace is in ${file}`);
  const saved = await readFile(file);
  expect(saved.readUInt32LE(0)).toBe(0x0a0d0d0a);
  expect(saved.includes('REGISTER sip:')).toBe(true);
  expect(saved.includes('response=')).toBe(false);

  const refused = app.window.evaluate(
    (path) => Reflect.apply(window.partyline.command, undefined, ['exportTrace', { path }]),
    join(folder, 'elsewhere.pcapng'),
  );
  await expect(refused).rejects.toThrow('not for a window');
});
