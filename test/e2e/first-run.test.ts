import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { ElectronApp } from '../support/electron-app.ts';
import { Kamailio } from '../support/kamailio.ts';
import { loopback, portBlock } from '../support/ports.ts';
import { userA } from '../support/profiles.ts';
import { Rig } from '../support/rig.ts';

const rig = new Rig();
afterEach(() => rig.stop());
afterAll(() => rig.stopAndVerify());

describe('the first run', () => {
  it('lands, after one click, on a registered phone with a shared line', async () => {
    const app = rig.use(await ElectronApp.start());
    expect(app.control.snapshot.phase).toBe('first-run');
    await app.window.getByRole('button', { name: /practice PBX/ }).click();
    await app.control.registered();

    await app.lineKey(1).waitFor();
    await app.lineKey(2).waitFor();
    const { extensions, station } = app.control.snapshot;
    expect(station?.practice).toBe(true);
    expect(extensions.map(({ userId, sharedUserId }) => sharedUserId ?? userId)).toEqual(['5031', '5041']);
    await app.control.until('the shared line is known', ({ lineKeys }) =>
      lineKeys.every(({ state }) => state !== 'registering' && state !== 'remote-undefined'),
    );
    expect(await app.lineKey(1).getAttribute('aria-label')).toMatch(/5031/);
    expect(await app.lineKey(2).getAttribute('aria-label')).toMatch(/5041, shared/);
  });

  it('connects to a PBX by its form', async () => {
    const kamailio = rig.use(await Kamailio.start());
    const app = rig.use(await ElectronApp.start());
    await app.window.getByRole('button', { name: /Connect to your PBX/ }).click();
    await app.window.getByLabel(/address/i).fill(loopback);
    await app.window.getByLabel(/^port/i).fill(String(kamailio.port));
    await app.window.getByLabel(/^(your )?extension/i).fill('5031');
    await app.window.getByLabel(/password/i).fill('pw5031');
    await app.window.getByLabel(/station name/i).fill('User-A');
    await app.window.getByRole('textbox', { name: /shared/i }).fill('5041');
    await app.window.getByRole('button', { name: /^Connect/ }).click();
    await app.control.registered();
    await app.lineKey(2).waitFor();
    expect(app.control.snapshot.station?.pbx).toMatchObject({ address: loopback, port: kamailio.port });
  });

  it('finds out how the PBX speaks shared lines, and connects so', async () => {
    const kamailio = rig.use(await Kamailio.start(undefined, { personality: 'bla' }));
    const app = rig.use(await ElectronApp.start());
    const { window } = app;
    await window.getByRole('button', { name: /Connect to your PBX/ }).click();
    // What is missing is said before anybody is asked.
    await window.getByRole('button', { name: 'Find out' }).click();
    await window.getByText('Give a host name or an IP address').waitFor();
    await window.getByLabel(/address/i).fill(loopback);
    await window.getByLabel(/^port/i).fill(String(kamailio.port));
    await window.getByLabel(/^(your )?extension/i).fill('5031');
    await window.getByLabel(/password/i).fill('pw5031');
    await window.getByRole('textbox', { name: /shared/i }).fill('5041');
    await window.getByRole('button', { name: 'Find out' }).click();
    await window.getByRole('status').filter({ hasText: 'Found: dialog;sla' }).waitFor({ timeout: 30_000 });
    expect(await window.getByLabel('How the PBX speaks').inputValue()).toBe('bla');
    const picture = process.env.CONNECT_PICTURE;
    if (picture) await window.screenshot({ path: picture });
    await window.getByRole('button', { name: /^Connect/ }).click();
    await app.control.key(2, 'idle');
    expect(app.control.snapshot.station?.pbx.dialect).toBe('bla');
  });

  it('comes back as the station it was', async () => {
    const folder = await rig.folder();
    const kamailio = rig.use(await Kamailio.start());
    const first = await ElectronApp.start({ userData: folder });
    await first.control.command('connect', { profile: userA(kamailio.port, await portBlock()) });
    await first.control.registered();
    await first.stop();

    const second = rig.use(await ElectronApp.start({ userData: folder }));
    await second.control.registered();
    expect(second.control.snapshot.extensions.map(({ userId }) => userId)).toEqual(['5031', '5031']);
  });
});
