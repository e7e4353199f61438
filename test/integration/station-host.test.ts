import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Snapshot } from '../../electron/contract/snapshot.ts';
import { createFileMedia } from '../../electron/media/file-media.ts';
import { silentLog } from '../../electron/phone/ports.ts';
import { createPracticePbx } from '../../electron/practice-pbx/practice-pbx.ts';
import { practiceProfile } from '../../electron/practice-pbx/practice-profile.ts';
import { createStationHost, type StationHost } from '../../electron/station-host.ts';
import { createSettingsMemory } from '../../electron/storage/remembered-settings.ts';
import { createStationMemory } from '../../electron/storage/remembered-station.ts';

const address = '127.0.0.1';
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A host whose practice PBX runs in this process; `folder` is where it remembers. */
async function host(folder: string, profileFile: string | null = null): Promise<StationHost> {
  const media = createFileMedia({});
  const pbx = createPracticePbx({ address, port: 25_260, log: silentLog });
  const made = createStationHost({
    media,
    log: silentLog,
    version: '0',
    profileFile,
    memory: createStationMemory(join(folder, 'station.json')),
    settings: createSettingsMemory(join(folder, 'settings.json')),
    practicePbx: {
      start: async () => moved(practiceProfile(await pbx.start())),
      stop: () => pbx.stop(),
    },
  });
  closing.push(async () => {
    await made.stop();
    await media.close();
  });
  await made.start();
  return made;
}

/** Away from the ports of the other tests. */
const moved = (profile: ReturnType<typeof practiceProfile>) => ({
  ...profile,
  extensions: profile.extensions.map((extension, position) => ({
    ...extension,
    localPort: 25_270 + position,
  })),
});

const folder = () => mkdtemp(join(tmpdir(), 'partyline-test-'));
const registered = (snapshot: Snapshot): boolean =>
  snapshot.extensions.length > 0 &&
  snapshot.extensions.every(({ registration }) => registration === 'registered');

describe('the first day', () => {
  it('offers a choice, and one command makes a registered phone that is remembered', async () => {
    const home = await folder();
    const first = await host(home);
    expect(first.snapshot()).toMatchObject({ phase: 'first-run', station: null, lineKeys: [] });
    await expect(first.command('dial', { lineKey: 1, number: '1' })).rejects.toMatchObject({
      code: 'not-set-up',
    });
    await first.command('practice', {});
    await expect.poll(() => registered(first.snapshot()), { timeout: 5000 }).toBe(true);
    expect(first.snapshot().station?.practice).toBe(true);
    await first.stop();

    const second = await host(home);
    expect(second.snapshot()).toMatchObject({ phase: 'running', station: { practice: true } });
    await second.command('disconnect', {});
    expect(second.snapshot().phase).toBe('first-run');
    await second.stop();
    expect((await host(home)).snapshot().phase).toBe('first-run');
  });

  it('connects to a PBX of the user’s own, and shows that nobody answers there', async () => {
    const home = await folder();
    const made = await host(home);
    const profile = { ...practiceProfile({ address, port: 25_999 }) };
    await made.command('connect', { profile: moved(profile) });
    expect(made.snapshot().lineKeys.map(({ state }) => state)).toEqual([
      'registering',
      'registering',
      'remote-undefined',
      'remote-undefined',
    ]);
    await expect
      .poll(() => made.snapshot().extensions.map(({ reasonCode }) => reasonCode), { timeout: 8000 })
      .toEqual(['pbx-unreachable', 'pbx-unreachable']);
    expect(made.snapshot().extensions[0]?.reason).toContain(`${address}:25999`);
    expect(JSON.parse(await readFile(join(home, 'station.json'), 'utf8'))).toMatchObject({ kind: 'pbx' });
  });
});

describe('what comes over a border', () => {
  it('is refused with the field that is wrong', async () => {
    const made = await host(await folder());
    const refusal = (name: string, params: unknown) =>
      made.command(name, params).catch((error: { code: string; sentence: string }) => error);
    expect(await refusal('dial', { lineKey: 'two', number: '1' })).toMatchObject({
      code: 'bad-parameters',
      sentence: expect.stringContaining('lineKey'),
    });
    expect(await refusal('explode', {})).toMatchObject({ code: 'unknown-command' });
    expect(await refusal('connect', { profile: { pbx: { address: 'a b' } } })).toMatchObject({
      code: 'bad-parameters',
      sentence: expect.stringContaining('profile.pbx.address'),
    });
  });
});

describe('a profile that cannot be used', () => {
  it('is told as a problem; the phone lives on, the file stays as it is', async () => {
    const home = await folder();
    const file = join(home, 'profile.json');
    await writeFile(file, '{ "pbx": { "address": "127.0.0.1" }, "station": {} }');
    const made = await host(home, file);
    expect(made.snapshot()).toMatchObject({
      phase: 'first-run',
      problems: [{ code: 'profile-malformed', sentence: expect.stringContaining('station.name') }],
    });
    expect(await readFile(file, 'utf8')).toContain('"station": {}');
    await made.command('practice', {});
    expect(made.snapshot().problems).toEqual([]);
  });

  it('and a memory that is damaged likewise', async () => {
    const home = await folder();
    await writeFile(join(home, 'station.json'), 'garbage');
    expect((await host(home)).snapshot().problems).toMatchObject([{ code: 'profile-unreadable' }]);
  });
});

describe('what the user has set', () => {
  it('outlives the phone, and the station', async () => {
    const home = await folder();
    const first = await host(home);
    await first.command('practice', {});
    await first.command('configure', { settings: { toneRegion: 'au', dialPlan: '(xxxx)' } });
    await first.command('disconnect', {});
    expect(first.snapshot().settings).toMatchObject({ toneRegion: 'au', dialPlan: '(xxxx)' });
    await first.stop();

    const second = await host(home);
    expect(second.snapshot().settings.toneRegion).toBe('au');
    await second.command('practice', {});
    await second.command('configure', { settings: { dialPlan: null } });
    expect(second.snapshot().settings).toMatchObject({ toneRegion: 'au', dialPlan: null });
  });

  it('and cannot be saved holds until the phone ends, which is told', async () => {
    const home = await folder();
    await mkdir(join(home, 'settings.json'));
    const made = await host(home);
    expect(made.snapshot().problems).toMatchObject([{ code: 'settings-unreadable' }]);
    await made.command('practice', {});
    await made.command('configure', { settings: { dtmf: 'info' } });
    await expect.poll(() => made.snapshot().problems.map(({ code }) => code)).toContain('settings-not-saved');
    expect(made.snapshot().settings.dtmf).toBe('info');
  });
});
