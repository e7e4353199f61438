import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Profile, profile } from '../../electron/contract/profile.ts';
import type { LineKeyView } from '../../electron/contract/snapshot.ts';
import { createFileMedia } from '../../electron/media/file-media.ts';
import { MulawRecorder } from '../../electron/media/wav-file.ts';
import type { PhoneCommand } from '../../electron/phone/events.ts';
import { silentLog } from '../../electron/phone/ports.ts';
import type { PhoneView } from '../../electron/phone/projection.ts';
import { createPracticePbx } from '../../electron/practice-pbx/practice-pbx.ts';
import { header } from '../../electron/sip/message/message.ts';
import type { UdpAddress } from '../../electron/sip/transport/udp-socket.ts';
import { createStation, type Station } from '../../electron/station.ts';
import { toneLevel } from '../support/fourier.ts';
import { linearOf, stretch, tone } from '../support/tones.ts';
import { WirePhone } from './practice-pbx-phone.ts';

/**
 * An office of real stations around the practice PBX: Bob owns 5041, User-A (5031) and User-C (5051) share it, Carol
 * (5061) is who they talk to. Each speaks a tone of its own all the time.
 */
const address = '127.0.0.1';
const hertz = { 'User-A': 440, 'User-C': 600, Bob: 1000, Carol: 1700 };
type Name = keyof typeof hertz;

const closing: (() => Promise<unknown>)[] = [];
let at: UdpAddress;
let folder: string;

class Desk {
  constructor(
    readonly name: Name,
    readonly station: Station,
    /** When each call first heard something; ms. */
    readonly firstSound: ReadonlyMap<string, number>,
  ) {}

  until<T>(find: (view: PhoneView) => T | undefined | null | false, what: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        stop();
        reject(new Error(`${this.name}: ${what} did not come; now ${JSON.stringify(this.station.view())}`));
      }, 8_000);
      const check = (): void => {
        const found = find(this.station.view());
        if (!found) return;
        clearTimeout(timer);
        stop();
        resolve(found);
      };
      const stop = this.station.subscribe(check);
      check();
    });
  }

  key = (index: number): LineKeyView | undefined =>
    this.station.view().lineKeys.find((key) => key.index === index);
  untilKey = (index: number, state: string): Promise<LineKeyView> =>
    this.until(
      ({ lineKeys }) => lineKeys.find((key) => key.index === index && key.state === state),
      `key ${index} ${state}`,
    );
  untilCall = (state: string): Promise<string> =>
    this.until(({ calls }) => calls.find((call) => call.state === state)?.id, state);
  untilQuiet = (): Promise<true> => this.until(({ calls }) => calls.length === 0, 'no call');
  async command(command: PhoneCommand): Promise<string> {
    const result = await this.station.command(command);
    return 'call' in result ? result.call : '';
  }

  /** Whose tones are in the last so many milliseconds that its first call has heard. */
  async hears(lastMs: number): Promise<Name[]> {
    const sound = (await readFile(join(folder, `${this.name}.wav`))).subarray(58).subarray(-8 * lastMs);
    const names = Object.keys(hertz) as Name[];
    return names.filter((name) => toneLevel(linearOf(sound), hertz[name]) > 2_000);
  }
}

async function desk(
  name: Name,
  localPort: number,
  userId: string,
  { sharing = false, watching = [] as Profile['lineKeys'] } = {},
): Promise<Desk> {
  const audioIn = join(folder, `${name}-says.wav`);
  const recorder = new MulawRecorder(audioIn);
  recorder.write(0, stretch(tone(hertz[name]), 0, 8_000));
  recorder.close();
  const media = createFileMedia({
    audioIn,
    audioOut: join(folder, `${name}.wav`),
    loop: true,
    portRange: [localPort + 20, localPort + 59],
  });
  const firstSound = new Map<string, number>();
  media.on((event) => {
    if (event.type === 'first-rtp') firstSound.set(event.call, Date.now());
  });
  closing.push(() => media.close());
  const password = `pw${userId}`;
  const line = { userId, sharedUserId: '5041', bargeIn: true, password };
  const isOwner = userId === '5041';
  const station = createStation({
    profile: profile.parse({
      pbx: { ...at, dialect: 'spa9000' },
      station: { name, localAddress: address },
      extensions: [
        isOwner ? { ...line, localPort } : { userId, password, localPort },
        ...(sharing ? [{ ...line, localPort: localPort + 1 }] : []),
      ],
      lineKeys: [
        { extension: 1, label: userId },
        ...(sharing ? [{ extension: 2, label: '5041' }] : []),
        ...watching,
      ],
    }),
    media,
    log: silentLog,
    version: '0',
  });
  closing.push(() => station.stop());
  await station.start();
  const made = new Desk(name, station, firstSound);
  await made.until(
    ({ extensions }) => extensions.every((it) => it.registration === 'registered'),
    'registered',
  );
  return made;
}

const watchCarol: Profile['lineKeys'][number] = { watch: '5061', extension: 1, label: 'Carol' };
const shared = 2;
const watched = 3;
let bob: Desk;
let carol: Desk;
let userA: Desk;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'partyline-shared-'));
  closing.push(() => rm(folder, { recursive: true }));
  const pbx = createPracticePbx({ address, port: 27_000, minExpires: 1, log: silentLog });
  at = await pbx.start();
  closing.push(() => pbx.stop());
  [bob, carol, userA] = await Promise.all([
    desk('Bob', 27_100, '5041'),
    desk('Carol', 27_200, '5061'),
    desk('User-A', 27_300, '5031', { sharing: true, watching: [watchCarol] }),
  ]);
  await Promise.all([userA.untilKey(shared, 'idle'), bob.untilKey(1, 'idle')]);
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Bob calls Carol on the shared line, and she answers. */
async function bobTalksToCarol(): Promise<string> {
  const call = await bob.command({ name: 'dial', params: { lineKey: 1, number: '5061' } });
  await carol.command({ name: 'answer', params: { call: await carol.untilCall('incoming') } });
  await bob.untilCall('active');
  await userA.untilKey(shared, 'remote-active');
  await expect.poll(() => carol.hears(200), { timeout: 5_000 }).toEqual(['Bob']);
  return call;
}

describe('a call on public hold', () => {
  it('goes on at another station, with Carol hardly noticing, and leaves the first one idle', async () => {
    const userC = await desk('User-C', 27_400, '5051', { sharing: true });
    const call = await bobTalksToCarol();
    await bob.command({ name: 'hold', params: { call } });
    await userA.untilKey(shared, 'remote-held');
    await expect.poll(() => carol.hears(200), { timeout: 5_000 }).toEqual([]);

    const pressed = Date.now();
    const taken = await userA.command({ name: 'pickUp', params: { lineKey: shared } });
    await bob.untilQuiet();
    await expect.poll(() => carol.hears(200), { timeout: 5_000, interval: 20 }).toEqual(['User-A']);
    expect(Date.now() - pressed).toBeLessThan(1_000);
    expect((userA.firstSound.get(taken) ?? Number.POSITIVE_INFINITY) - pressed).toBeLessThan(1_000);
    expect(await userA.hears(100)).toEqual(['Carol']);

    expect(userA.key(shared)).toMatchObject({ state: 'local-active', calls: [taken] });
    expect(carol.station.view().calls).toMatchObject([{ state: 'active', remote: { number: '5031' } }]);
    expect(await bob.untilKey(1, 'remote-active')).toMatchObject({ who: 'User-A', with: '5061', calls: [] });
    expect(await userC.untilKey(shared, 'remote-active')).toMatchObject({ who: 'User-A' });
    expect(bob.station.view().history).toMatchObject([{ outcome: 'answered' }]);

    await userA.command({ name: 'hangUp', params: { call: taken } });
    await Promise.all([carol.untilQuiet(), bob.untilKey(1, 'idle'), userC.untilKey(shared, 'idle')]);
  });

  it('goes to exactly one of two who pick it up at the same moment', async () => {
    const userC = await desk('User-C', 27_400, '5051', { sharing: true });
    await userC.untilKey(shared, 'idle');
    const call = await bobTalksToCarol();
    await bob.command({ name: 'hold', params: { call } });
    await Promise.all([userA, userC].map((each) => each.untilKey(shared, 'remote-held')));
    const pickUp = { name: 'pickUp', params: { lineKey: shared } } as const;
    const outcomes = await Promise.allSettled([userA, userC].map((each) => each.command(pickUp)));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const [winner, loser] = outcomes[0]?.status === 'fulfilled' ? [userA, userC] : [userC, userA];
    await Promise.all([bob.untilQuiet(), loser.untilQuiet()]);
    expect(await loser.untilKey(shared, 'remote-active')).toMatchObject({ who: winner.name });
    expect(winner.key(shared)?.state).toBe('local-active');
  });
});

it('two calls of one key are two appearances: one is picked up, the other goes on', async () => {
  const userC = await desk('User-C', 27_400, '5051', { sharing: true });
  await userC.untilKey(shared, 'idle');
  const call = await bobTalksToCarol();
  await bob.command({ name: 'hold', params: { call } });
  await userA.untilKey(shared, 'remote-held');
  const second = await bob.command({ name: 'dial', params: { lineKey: 1, number: '5051' } });
  await userC.command({ name: 'answer', params: { call: await userC.untilCall('incoming') } });
  const both = await userA.until(
    ({ lineKeys }) =>
      lineKeys.find(
        ({ index, appearances }) =>
          index === shared && appearances.some(({ state }) => state === 'remote-active'),
      ),
    'both calls of Bob',
  );
  expect(both.appearances.map(({ number, state }) => `${number} ${state}`).sort()).toEqual([
    '0 remote-held',
    '1 remote-active',
  ]);

  await userA.command({ name: 'pickUp', params: { lineKey: shared } });
  await bob.until(({ calls }) => calls.length === 1 && calls[0]?.id === second, 'only the second call');
  expect(bob.key(1)).toMatchObject({ state: 'local-active', calls: [second] });
  expect(bob.key(1)?.appearances.map(({ number }) => number)).toContain(1);
  await carol.until(({ calls }) => calls[0]?.remote.number === '5031', 'User-A at Carol');
  expect(userC.station.view().calls).toMatchObject([{ state: 'active', remote: { name: 'Bob' } }]);
});

it('a call on private hold is refused to others, by their own phone and by the PBX', async () => {
  const call = await bobTalksToCarol();
  const stranger = await WirePhone.open(at, 27_090, '5051', '5041');
  closing.push(() => stranger.close());
  await stranger.register();
  await bob.command({ name: 'hold', params: { call, private: true } });
  expect(await userA.untilKey(shared, 'private-held')).toMatchObject({ who: 'Bob', with: null });
  await expect(userA.command({ name: 'pickUp', params: { lineKey: shared } })).rejects.toMatchObject({
    code: 'private-call',
  });
  const told = await stranger.next('NOTIFY', (it) => it.body.includes('exclusive'));
  const [, callId, localTag, remoteTag] =
    /call-id="([^"]+)" local-tag="([^"]+)" remote-tag="([^"]+)"/.exec(told.body.toString()) ?? [];
  const invite = stranger.invite('5041');
  const replaces = { name: 'Replaces', value: `${callId};to-tag=${remoteTag};from-tag=${localTag}` };
  const answer = await stranger.final({ ...invite, headers: [...invite.headers, replaces] });
  expect([answer.status, header(answer, 'Replaces')]).toEqual([403, undefined]);

  await bob.command({ name: 'resume', params: { call } });
  await userA.untilKey(shared, 'remote-active');
  await expect.poll(() => carol.hears(200), { timeout: 5_000 }).toEqual(['Bob']);
});

it('a call is joined: all three hear each other, and the guest leaves alone', async () => {
  await bobTalksToCarol();
  const guest = await userA.command({ name: 'bargeIn', params: { lineKey: shared } });
  expect(
    await bob.until(({ calls }) => calls.find(({ joined }) => joined.length > 0), 'joined'),
  ).toMatchObject({
    state: 'active',
    joined: [{ number: '5031', name: 'User-A' }],
  });
  expect(userA.station.view().calls).toMatchObject([{ id: guest, joined: [{ name: 'Bob' }] }]);
  await expect.poll(() => carol.hears(200), { timeout: 5_000 }).toEqual(['User-A', 'Bob']);
  await expect.poll(() => userA.hears(200), { timeout: 5_000 }).toEqual(['Bob', 'Carol']);
  await expect.poll(() => bob.hears(200), { timeout: 5_000 }).toContain('Carol');

  await userA.command({ name: 'hangUp', params: { call: guest } });
  await userA.untilKey(shared, 'remote-active');
  await expect.poll(() => carol.hears(200), { timeout: 5_000 }).toEqual(['Bob']);
  expect(bob.station.view().calls).toMatchObject([{ state: 'active', joined: [] }]);
});

it('a watching key shows what Carol does, from ringing to the end', async () => {
  const seen: string[] = [];
  await userA.untilKey(watched, 'idle');
  const stop = userA.station.subscribe(() => {
    const { state, with: far } = userA.key(watched) ?? {};
    const shown = `${state} ${far}`;
    if (seen.at(-1) !== shown) seen.push(shown);
  });
  const call = await bobTalksToCarol();
  await userA.untilKey(watched, 'remote-active');
  await bob.command({ name: 'hangUp', params: { call } });
  await userA.untilKey(watched, 'idle');
  stop();
  expect(seen.filter((shown, index) => index > 0 || !shown.startsWith('idle'))).toEqual([
    'remote-ringing Bob',
    'remote-active Bob',
    'idle null',
  ]);
});

it('a call that rings at Carol is picked up: her phone falls silent, the caller is ours', async () => {
  await bob.command({ name: 'dial', params: { lineKey: 1, number: '5061' } });
  await carol.untilCall('incoming');
  expect(await userA.untilKey(watched, 'remote-ringing')).toMatchObject({ can: { pickUp: true } });
  await userA.command({ name: 'pickUp', params: { lineKey: watched } });
  await Promise.all([carol.untilQuiet(), bob.untilCall('active'), userA.untilCall('active')]);
  expect(userA.key(watched)).toMatchObject({ state: 'local-active', who: 'Bob' });
  expect(await userA.untilKey(shared, 'remote-active')).toMatchObject({ who: 'Bob', with: 'User-A' });
  expect(bob.station.view().calls).toMatchObject([{ remote: { number: '5031' } }]);
  await expect.poll(() => bob.hears(200), { timeout: 5_000 }).toEqual(['User-A']);
  await expect.poll(() => userA.hears(200), { timeout: 5_000 }).toEqual(['Bob']);
  await bob.command({ name: 'hangUp', params: { call: await bob.untilCall('active') } });
  await Promise.all([userA.untilQuiet(), userA.untilKey(watched, 'idle')]);
});

it('a station that dies on the line frees it by the expiry of its registration, one that restarts at once', async () => {
  const dying = await WirePhone.open(at, 27_091, '5051', '5041');
  closing.push(() => dying.close());
  await dying.register(60);
  await dying.publish('confirmed', { held: true });
  await Promise.all([bob.untilKey(1, 'remote-held'), userA.untilKey(shared, 'remote-held')]);
  await dying.announce();
  await Promise.all([bob.untilKey(1, 'idle'), userA.untilKey(shared, 'idle')]);

  await dying.register(2);
  await dying.publish('confirmed');
  await Promise.all([bob.untilKey(1, 'remote-active'), userA.untilKey(shared, 'remote-active')]);
  await Promise.all([bob.untilKey(1, 'idle'), userA.untilKey(shared, 'idle')]);
  await userA.command({ name: 'seize', params: { lineKey: shared } });
});
