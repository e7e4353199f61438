import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { Child, run } from '../support/child.ts';
import { Control } from '../support/control.ts';
import { electronSwitches } from '../support/electron-app.ts';
import { Kamailio } from '../support/kamailio.ts';
import { portBlock } from '../support/ports.ts';
import { profileFile, userA } from '../support/profiles.ts';
import { Rig } from '../support/rig.ts';
import { Wire } from '../support/wire.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'dist', 'linux-unpacked', 'partyline');
const rig = new Rig();
afterEach(() => rig.stop());
afterAll(() => rig.stopAndVerify());

describe('the packaged build', () => {
  it('starts, registers, and unregisters when it is told to end', async () => {
    await run(process.execPath, [join(root, 'scripts', 'pack.mjs')], { cwd: root });
    expect(existsSync(program)).toBe(true);
    const folder = await rig.folder();
    const kamailio = rig.use(await Kamailio.start());
    const localPort = await portBlock();
    const wire = rig.use(await Wire.start(`udp port ${localPort} or udp port ${localPort + 1}`));
    const path = join(folder, 'control');
    const profile = await profileFile(folder, userA(kamailio.port, localPort));
    const own = ['--control', path, '--profile', profile, '--user-data', join(folder, 'user-data')];
    const app = rig.use(new Child(program, [...electronSwitches(), ...own]));
    const control = rig.use(await Control.open(path, app, 60_000));
    await control.registered();

    await app.stop('SIGTERM', 15_000);
    const goodbyes = (await wire.sip()).filter(
      ({ message }) => message.method === 'REGISTER' && /;expires=0\b/.test(message.header('Contact')),
    );
    expect(new Set(goodbyes.map(({ from }) => from))).toEqual(new Set([localPort, localPort + 1]));
  }, 240_000);
});
