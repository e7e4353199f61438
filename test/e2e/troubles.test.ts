import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { ReasonCode } from '../../electron/contract/reasons.ts';
import { Baresip } from '../support/baresip.ts';
import { ElectronApp } from '../support/electron-app.ts';
import { Kamailio } from '../support/kamailio.ts';
import { loopback, portBlock } from '../support/ports.ts';
import { userA } from '../support/profiles.ts';
import { Rig } from '../support/rig.ts';
import { sentences, speak } from '../support/speech.ts';

const rig = new Rig();
afterEach(() => rig.stop());
afterAll(() => rig.stopAndVerify());

/** The sentence the phone has for a trouble now, wherever it stands in the snapshot. */
const sentenceOf = (app: ElectronApp, code: ReasonCode): Promise<string> =>
  app.control.until(
    code,
    ({ problems, extensions }) =>
      problems.find((problem) => problem.code === code)?.sentence ??
      extensions.find(({ reasonCode }) => reasonCode === code)?.reason,
    60_000,
  );

/** An environment without any sound device. */
async function silence(): Promise<NodeJS.ProcessEnv> {
  const nowhere = join(await rig.folder(), 'nobody');
  return {
    ...process.env,
    PULSE_SERVER: `unix:${nowhere}`,
    XDG_RUNTIME_DIR: nowhere,
    ALSA_CONFIG_PATH: '/dev/null',
  };
}

describe('what goes wrong is said on the screen, and the app lives on', () => {
  it('a wrong password', async () => {
    const kamailio = rig.use(await Kamailio.start());
    const good = userA(kamailio.port, await portBlock());
    const profile = { ...good, extensions: good.extensions.map((each) => ({ ...each, password: 'guess' })) };
    const app = rig.use(await ElectronApp.start({ profile }));
    await app.shows(await sentenceOf(app, 'wrong-password'));
    // The way to the password: the form, with all that was not wrong.
    await app.window.locator('.status-registration').click();
    await app.window.getByRole('button', { name: 'Change PBX' }).click();
    const address = app.window.getByLabel('Address');
    await address.waitFor();
    expect(await address.inputValue()).toBe(loopback);
    expect(await app.window.getByLabel('Extension', { exact: true }).inputValue()).toBe('5031');
    await app.control.command('connect', { profile: good });
    await app.control.registered();
  });

  it('a PBX that does not answer', async () => {
    const pbxPort = await portBlock();
    const app = rig.use(await ElectronApp.start({ profile: userA(pbxPort, await portBlock()) }));
    await app.shows(await sentenceOf(app, 'pbx-unreachable'));
    rig.use(await Kamailio.start(pbxPort));
    await app.control.command('retry', { extension: 1 });
    await app.control.command('retry', { extension: 2 });
    await app.control.registered();
  });

  it('a port that is taken', async () => {
    const kamailio = rig.use(await Kamailio.start());
    const localPort = await portBlock();
    const squatter = createSocket('udp4').bind(localPort, loopback);
    await once(squatter, 'listening');
    rig.use({ stop: async () => void squatter.close() });
    const app = rig.use(await ElectronApp.start({ profile: userA(kamailio.port, localPort) }));
    await app.shows(await sentenceOf(app, 'port-taken'));
    await app.control.registered();
  });

  it('a malformed profile', async () => {
    const app = rig.use(await ElectronApp.start({ profile: '{ "pbx": ' }));
    await app.shows(await sentenceOf(app, 'profile-malformed'));
    await app.window.getByRole('button', { name: /practice PBX/ }).waitFor();
  });

  it('no microphone: said, and calls go on without it', async () => {
    const folder = await rig.folder();
    const kamailio = rig.use(await Kamailio.start());
    const says = await speak(sentences.callee, folder, 'baresip');
    rig.use(await Baresip.start({ user: '5051', pbxPort: kamailio.port, says }));
    const profile = userA(kamailio.port, await portBlock());
    const app = rig.use(await ElectronApp.start({ profile, env: await silence() }));
    await app.shows(await sentenceOf(app, 'no-microphone'));
    await app.control.registered();
    const { call } = await app.control.command('dial', { lineKey: 1, number: '5051' });
    await app.control.call('active');
    await app.control.command('hangUp', { call });
    expect((await app.control.key(1, 'idle')).calls).toEqual([]);
  });
});
