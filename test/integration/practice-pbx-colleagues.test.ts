import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { CallView, LineKeyView } from '../../electron/contract/snapshot.ts';
import { createFileMedia } from '../../electron/media/file-media.ts';
import { MulawRecorder } from '../../electron/media/wav-file.ts';
import { silentLog } from '../../electron/phone/ports.ts';
import type { PhoneView } from '../../electron/phone/projection.ts';
import type { ColleagueTimes } from '../../electron/practice-pbx/colleagues.ts';
import { createPracticeOffice } from '../../electron/practice-pbx/practice-office.ts';
import { practiceProfile } from '../../electron/practice-pbx/practice-profile.ts';
import { createStation, type Station } from '../../electron/station.ts';

const speech = fileURLToPath(new URL('../../assets/practice', import.meta.url));
const never = 3_600_000;
/** Nobody does anything by himself, unless the test wants it. */
const still: Partial<ColleagueTimes> = { annCalls: never, bobEvery: never, bobWaits: 0, carolAnswers: 300 };

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** The practice station in its office, both lines registered. */
async function practise(times: Partial<ColleagueTimes>, assets = speech) {
  const office = createPracticeOffice({
    address: '127.0.0.1',
    port: 23_500,
    assets,
    times: { ...still, ...times },
    log: silentLog,
  });
  const pbx = await office.start();
  closing.push(() => office.stop());
  const folder = await mkdtemp(join(tmpdir(), 'partyline-practice-'));
  closing.push(() => rm(folder, { recursive: true }));
  const heard = join(folder, 'heard.wav');
  const media = createFileMedia({ audioIn: join(speech, 'ann-answers.wav'), audioOut: heard });
  closing.push(() => media.close());
  const { extensions, ...profile } = practiceProfile(pbx);
  const station = createStation({
    profile: {
      ...profile,
      extensions: extensions.map((it) => ({ ...it, localPort: it.localPort + 18_500 })),
    },
    media,
    log: silentLog,
    version: '0.0.0',
  });
  await station.start();
  closing.push(() => station.stop());
  await until(station, (view) => view.extensions.every((it) => it.registration === 'registered'));
  return { station, heard };
}

/** Resolves with what `find` finds, now or after some change. */
function until<T>(station: Station, find: (view: PhoneView) => T | undefined | null | false): Promise<T> {
  return new Promise((resolve) => {
    const check = (): void => {
      const found = find(station.view());
      if (!found) return;
      stop();
      resolve(found);
    };
    const stop = station.subscribe(check);
    check();
  });
}

const callIn = (state: CallView['state']) => (view: PhoneView) =>
  view.calls.find((call) => call.state === state);
const noCalls = (view: PhoneView): boolean => view.calls.length === 0;

/** The states a line key goes through until `last`, each once. */
async function statesOf(station: Station, index: number, last: LineKeyView['state']) {
  const states: { state: string; who: string | null }[] = [];
  await until(station, (view) => {
    const key = view.lineKeys.find((it) => it.index === index);
    if (key && states.at(-1)?.state !== key.state) states.push({ state: key.state, who: key.who });
    return key?.state === last && states.length > 1;
  });
  return states;
}

/** Samples that are clearly not silence, in mu-law WAV. */
async function loudness(file: string): Promise<number> {
  const sound = (await readFile(file)).subarray(58);
  return sound.filter((sample) => (sample & 0x7f) < 0x60).length / Math.max(1, sound.length);
}

describe('the colleagues of the practice PBX', () => {
  it('Ann calls the newcomer, speaks and hangs up', async () => {
    const { station, heard } = await practise({ annCalls: 300, annTalks: 1_500 });
    const incoming = await until(station, callIn('incoming'));
    expect(incoming).toMatchObject({ lineKey: 1, remote: { number: '5051', name: 'Ann' } });
    await station.command({ name: 'answer', params: { call: incoming.id } });
    await until(station, noCalls);
    expect(await loudness(heard)).toBeGreaterThan(0.2);
  });

  it('Echo answers at once and says what it hears', async () => {
    const { station, heard } = await practise({});
    const { call } = await station.command({ name: 'dial', params: { lineKey: 1, number: '5099' } });
    await until(station, callIn('active'));
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await station.command({ name: 'hangUp', params: { call } });
    await until(station, noCalls);
    expect(await loudness(heard)).toBeGreaterThan(0.2);
  });

  it('Ann stays on the line when she has said everything', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'partyline-speech-'));
    closing.push(() => rm(folder, { recursive: true }));
    const word = new MulawRecorder(join(folder, 'ann-answers.wav'));
    word.write(0, Buffer.alloc(81, 0x10));
    word.close();
    const { station, heard } = await practise({ annAnswers: 0 }, folder);
    const { call } = await station.command({ name: 'dial', params: { lineKey: 1, number: '5051' } });
    await until(station, callIn('active'));
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(station.view().calls).toMatchObject([{ id: call, state: 'active' }]);
    await station.command({ name: 'hangUp', params: { call } });
    await until(station, noCalls);
    expect((await readFile(heard)).length).toBeGreaterThan(58 + 8 * 300);
  });

  it('Bob answers on his extension when nobody else does', async () => {
    const { station } = await practise({ bobAnswers: 700 });
    await station.command({ name: 'dial', params: { lineKey: 1, number: '5041' } });
    const ringing = await until(station, callIn('ringing'));
    expect(station.view().calls).toHaveLength(1);
    const active = await until(station, callIn('active'));
    expect(Date.parse(active.since) - Date.parse(ringing.since)).toBeGreaterThan(500);
  });

  it('Bob calls on the shared line, holds, comes back and hangs up, and the key shows it', async () => {
    const { station } = await practise({ bobEvery: 1_000, bobTalks: 600, bobHolds: 600, bobResumes: 600 });
    await until(station, (view) => view.lineKeys[1]?.state === 'idle');
    const states = await statesOf(station, 2, 'idle');
    const shown = states.map((it) => it.state);
    expect(shown).toEqual([
      'idle',
      'remote-seized',
      ...shown.filter((state) => state === 'remote-progressing'),
      'remote-active',
      'remote-held',
      'remote-active',
      'idle',
    ]);
    expect(states[1]?.who).toBe('Bob');
  });

  it('Bob’s held call is ours when we pick it up, and Carol says what she hears', async () => {
    const { station, heard } = await practise({ bobEvery: 500, bobTalks: 300, bobHolds: never });
    await until(station, (view) => view.lineKeys[1]?.can.pickUp);
    const { call } = await station.command({ name: 'pickUp', params: { lineKey: 2 } });
    expect(station.view().calls).toMatchObject([{ id: call, state: 'active', remote: { number: '5061' } }]);
    expect(station.view().lineKeys[2]).toMatchObject({
      label: 'Carol',
      state: 'remote-active',
      with: 'User-A',
    });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await station.command({ name: 'hangUp', params: { call } });
    await until(station, noCalls);
    expect(await loudness(heard)).toBeGreaterThan(0.2);
  });

  it('Bob stays on his call while we have joined it', async () => {
    const { station } = await practise({ bobEvery: 500, bobTalks: 1_000 });
    await until(station, (view) => view.lineKeys[1]?.can.bargeIn);
    const { call } = await station.command({ name: 'bargeIn', params: { lineKey: 2 } });
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(station.view().calls).toMatchObject([{ id: call, state: 'active', joined: [{ name: 'Bob' }] }]);
    await station.command({ name: 'hangUp', params: { call } });
    await until(station, (view) => view.lineKeys[1]?.state === 'remote-held');
  });

  it('Ann lets herself be transferred to Bob', async () => {
    const { station } = await practise({ annAnswers: 0, bobAnswers: 300 });
    await until(station, (view) => view.lineKeys[1]?.state === 'idle');
    const { call } = await station.command({ name: 'dial', params: { lineKey: 1, number: '5051' } });
    await until(station, callIn('active'));
    await station.command({ name: 'transfer', params: { call, number: '5041' } });
    await until(station, noCalls);
    await until(station, (view) => view.lineKeys[1]?.state === 'remote-active');
    expect(station.view().lineKeys[1]).toMatchObject({ who: 'Bob', with: 'Ann' });
  });

  it('Ann lets herself be transferred to Carol, after we have asked her', async () => {
    const { station } = await practise({ annAnswers: 0 });
    await station.command({ name: 'dial', params: { lineKey: 1, number: '5051' } });
    const { id: call } = await until(station, callIn('active'));
    const { call: to } = await station.command({ name: 'consult', params: { call, number: '5061' } });
    await until(station, callIn('active'));
    await station.command({ name: 'completeTransfer', params: { call, to } });
    await until(station, noCalls);
    await until(station, (view) => view.lineKeys[2]?.with === 'Ann');
    expect(station.view().lineKeys[2]).toMatchObject({ label: 'Carol', state: 'remote-active' });
  });

  it('Bob stays away from the line while it is ours', async () => {
    const { station } = await practise({ bobEvery: 500 });
    await until(station, (view) => view.lineKeys[1]?.state === 'idle');
    await station.command({ name: 'seize', params: { lineKey: 2 } });
    expect(station.view().lineKeys[1]?.state).toBe('local-seized');
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(station.view().lineKeys[1]?.state).toBe('local-seized');
    await station.command({ name: 'release', params: { lineKey: 2 } });
    await until(station, (view) => view.lineKeys[1]?.state === 'remote-seized');
  });
});
