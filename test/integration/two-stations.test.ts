import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Snapshot } from '../../electron/contract/snapshot.ts';
import { createFileMedia } from '../../electron/media/file-media.ts';
import { silentLog } from '../../electron/phone/ports.ts';
import { createPracticePbx, type PracticePbx } from '../../electron/practice-pbx/practice-pbx.ts';
import { createStationHost, type StationHost } from '../../electron/station-host.ts';

/** Two real stations and the practice PBX, over UDP on loopback: 5031 shares 5041, which is User-B's own extension. */
const address = '127.0.0.1';
const opened: (() => Promise<void>)[] = [];
let pbx: PracticePbx;
let userA: StationUnderTest;
let userB: StationUnderTest;

class StationUnderTest {
  constructor(readonly host: StationHost) {}

  /** The first snapshot, now or later, of which this holds. */
  until(holds: (snapshot: Snapshot) => boolean, what: string): Promise<Snapshot> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        stop();
        reject(new Error(`${what} did not come; now: ${JSON.stringify(this.host.snapshot(), null, 1)}`));
      }, 8000);
      const look = (snapshot: Snapshot): void => {
        if (!holds(snapshot)) return;
        clearTimeout(timer);
        stop();
        resolve(snapshot);
      };
      const stop = this.host.subscribe(look);
      look(this.host.snapshot());
    });
  }

  key = (index: number) => this.host.snapshot().lineKeys[index - 1];
  untilKey = (index: number, state: string) =>
    this.until(({ lineKeys }) => lineKeys[index - 1]?.state === state, `key ${index} ${state}`);
  untilCall = (state: string) => this.until(({ calls }) => calls.some((call) => call.state === state), state);
  untilQuiet = () => this.until(({ calls }) => calls.length === 0, 'no call');
  async command(name: string, params: object): Promise<string> {
    const result = await this.host.command(name, params);
    return 'call' in result ? result.call : '';
  }
}

async function station(profile: object): Promise<StationUnderTest> {
  const file = join(await mkdtemp(join(tmpdir(), 'partyline-test-')), 'profile.json');
  await writeFile(file, JSON.stringify(profile));
  const media = createFileMedia({});
  const host = createStationHost({
    media,
    log: silentLog,
    version: '0',
    profileFile: file,
    memory: null,
    settings: null,
    practicePbx: null,
  });
  opened.push(async () => {
    await host.stop();
    await media.close();
  });
  await host.start();
  return new StationUnderTest(host);
}

beforeAll(async () => {
  pbx = createPracticePbx({ address, port: 25_060, log: silentLog });
  const { port } = await pbx.start();
  const common = { pbx: { address, port, dialect: 'spa9000' } };
  userB = await station({
    ...common,
    station: { name: 'User-B', localAddress: address },
    extensions: [
      { userId: '5051', password: 'pw5051', localPort: 25_170 },
      { userId: '5051', sharedUserId: '5041', password: 'pw5051', localPort: 25_171 },
    ],
    lineKeys: [
      { extension: 1, label: '5051' },
      { extension: 2, label: '5041' },
    ],
  });
  userA = await station({
    ...common,
    station: { name: 'User-A', localAddress: address },
    extensions: [
      { userId: '5031', password: 'pw5031', localPort: 25_160 },
      { userId: '5031', sharedUserId: '5041', password: 'pw5031', localPort: 25_161 },
    ],
    lineKeys: [
      { extension: 1, label: '5031' },
      { extension: 2, label: '5041' },
    ],
  });
  await Promise.all([userA.untilKey(2, 'idle'), userB.untilKey(2, 'idle')]);
});

afterAll(async () => {
  for (const close of opened.splice(0)) await close();
  await pbx?.stop();
});

describe('two stations that share a line', () => {
  it('are registered, both extensions', () => {
    for (const { host } of [userA, userB]) {
      expect(host.snapshot().extensions.map(({ registration }) => registration)).toEqual([
        'registered',
        'registered',
      ]);
    }
  });

  it('see each other seize the line and give it back', async () => {
    await userA.command('seize', { lineKey: 2 });
    expect(userA.key(2)?.state).toBe('local-seized');
    await userB.untilKey(2, 'remote-seized');
    expect(userB.key(2)?.who).toBe('User-A');
    await expect(userB.command('seize', { lineKey: 2 })).rejects.toMatchObject({ code: 'line-in-use' });
    await userA.command('release', { lineKey: 2 });
    await userB.untilKey(2, 'idle');
    await userA.untilKey(2, 'idle');
  });

  it('never both get the line when they lift it at the same moment', async () => {
    for (let round = 0; round < 10; round += 1) {
      const outcomes = await Promise.allSettled([
        userA.command('seize', { lineKey: 2 }),
        userB.command('seize', { lineKey: 2 }),
      ]);
      const winners = outcomes.filter(({ status }) => status === 'fulfilled');
      expect(winners).toHaveLength(1);
      const winner = outcomes[0]?.status === 'fulfilled' ? userA : userB;
      await winner.command('release', { lineKey: 2 });
      await Promise.all([userA.untilKey(2, 'idle'), userB.untilKey(2, 'idle')]);
    }
  });

  it('call over the shared line; the other one watches its every step', async () => {
    const seen: string[] = [];
    const stop = userB.host.subscribe(({ lineKeys }) => {
      const state = lineKeys[1]?.state ?? '';
      if (seen.at(-1) !== state) seen.push(state);
    });
    const call = await userA.command('dial', { lineKey: 2, number: '5051' });
    const rung = await userB.untilCall('incoming');
    expect(rung.calls[0]?.remote).toEqual({ number: '5031', name: 'User-A' });
    expect(rung.sound.ring).toBe(rung.calls[0]?.id);
    await userA.untilCall('ringing');
    await userB.command('answer', { call: rung.calls[0]?.id ?? '' });
    await userA.untilCall('active');
    await userB.untilKey(2, 'remote-active');
    await userA.command('hold', { call });
    await userB.untilKey(2, 'remote-held');
    expect(userB.host.snapshot().calls[0]?.heldByRemote).toBe(true);
    await userA.command('resume', { call });
    await userB.untilKey(2, 'remote-active');
    await userA.command('hangUp', { call });
    await Promise.all([userA.untilQuiet(), userB.untilQuiet()]);
    await userB.untilKey(2, 'idle');
    stop();
    expect(seen.filter((state) => state.startsWith('remote'))).toEqual([
      'remote-seized',
      'remote-progressing',
      'remote-active',
      'remote-held',
      'remote-active',
    ]);
  });

  it('both ring for the shared extension; the one that does not answer stops and shows who did', async () => {
    const caller = await userB.command('dial', { lineKey: 1, number: '5031' });
    const { calls } = await userA.untilCall('incoming');
    await userA.command('reject', { call: calls[0]?.id ?? '' });
    await userB.untilQuiet();
    await userA.untilQuiet();
    expect(userB.host.snapshot().notices.at(-1)?.code).toBe('busy');
    expect(caller).not.toBe('');
  });

  it('let a caller give up', async () => {
    const call = await userB.command('dial', { lineKey: 1, number: '5031' });
    await userA.untilCall('incoming');
    await userB.command('hangUp', { call });
    await Promise.all([userA.untilQuiet(), userB.untilQuiet()]);
    expect(userA.key(1)?.state).toBe('idle');
  });
});
