import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../electron/phone/ports.ts';
import { createPracticePbx } from '../../electron/practice-pbx/practice-pbx.ts';
import type { Control } from '../support/control.ts';
import { loopback } from '../support/ports.ts';
import { userA } from '../support/profiles.ts';
import { Rig } from '../support/rig.ts';
import { serveStation } from '../support/served-station.ts';

const rig = new Rig();
let control: Control;

beforeEach(async () => {
  const pbx = rig.use(createPracticePbx({ address: loopback, port: 23_900, log: silentLog }));
  const { port } = await pbx.start();
  control = await serveStation(rig, userA(port, 23_940));
  await control.registered();
});
afterEach(() => rig.stop());

describe('the SIP trace over the control socket', () => {
  it('tells each message once, in order, without credentials', async () => {
    const first = await control.command('trace', { limit: 3 });
    expect(first.messages.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(first.messages[0]).toMatchObject({
      direction: 'out',
      transport: 'udp',
      local: { address: loopback },
      remote: { address: loopback },
      text: expect.stringMatching(/^REGISTER sip:/),
    });
    const rest = await control.command('trace', { after: 3 });
    expect(rest.messages[0]?.sequence).toBe(4);
    const all = [...first.messages, ...rest.messages];
    expect(new Set(all.map(({ extension }) => extension))).toEqual(new Set([1, 2]));
    const answered = all.filter(({ text }) => /^Authorization:/m.test(text));
    expect(answered.length).toBeGreaterThanOrEqual(2);
    for (const { text } of answered) expect(text).toMatch(/^Authorization: \(removed\)\r$/m);
    expect(JSON.stringify(all)).not.toMatch(/pw5031|response=/);
  });

  it("is saved in a file of its owner's", async () => {
    const path = join(await rig.folder(), 'trace.pcapng');
    const saved = await control.command('exportTrace', { path });
    expect(saved.path).toBe(path);
    expect(saved.messages).toBeGreaterThanOrEqual(8);
    const file = await readFile(path);
    expect(file.readUInt32LE(0)).toBe(0x0a0d0d0a);
    expect(file.includes('REGISTER sip:')).toBe(true);
    expect(file.includes('response=')).toBe(false);
    if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('says why it could not be saved', async () => {
    await expect(control.command('exportTrace', { path: 'trace.pcapng' })).rejects.toMatchObject({
      code: 'trace-not-saved',
      sentence: expect.stringContaining('trace.pcapng: the path must begin at the root'),
    });
    const nowhere = join(await rig.folder(), 'missing', 'trace.pcapng');
    await expect(control.command('exportTrace', { path: nowhere })).rejects.toMatchObject({
      code: 'trace-not-saved',
      sentence: expect.stringContaining(nowhere),
    });
    await expect(control.raw('trace', { limit: 0 })).rejects.toMatchObject({ code: 'bad-parameters' });
  });

  it('is not there before there is a PBX', async () => {
    const fresh = await serveStation(rig, null);
    await expect(fresh.command('trace', {})).rejects.toMatchObject({ code: 'not-set-up' });
    const path = join(await rig.folder(), 'trace.pcapng');
    await expect(fresh.command('exportTrace', { path })).rejects.toMatchObject({ code: 'not-set-up' });
  });
});
