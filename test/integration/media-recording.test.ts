import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CodecName } from '../../electron/contract/profile.ts';
import { codedSilence } from '../../electron/media/codecs/codec.ts';
import { toLinear } from '../../electron/media/codecs/g711.ts';
import { G722Decoder } from '../../electron/media/codecs/g722.ts';
import { createFileMedia } from '../../electron/media/file-media.ts';
import { createRelay } from '../../electron/media/relay.ts';
import { createRelayClient, type MediaProcess } from '../../electron/media/relay-client.ts';
import { Pacer } from '../../electron/media/rtp/pacer.ts';
import { mappings } from '../../electron/media/sdp/payload-types.ts';
import { MulawRecorder } from '../../electron/media/wav-file.ts';
import type { MediaEvent, MediaPort } from '../../electron/phone/ports.ts';
import { toneLevel } from '../support/fourier.ts';
import { linearOf, type Sound, stretch, tone } from '../support/tones.ts';
import { buildMediaProcess } from './built-programs.ts';
import { FarEnd, TestWindow, until } from './media-window.ts';

let folder: string;
let relay: MediaPort;
let farEnd: FarEnd;
let window: TestWindow | null;
let events: MediaEvent[];
let port: number;

const loopback = '127.0.0.1';
const params = {
  codec: { name: 'PCMU', payloadType: 0 },
  dtmfPayloadType: 101,
  ptime: 20,
  direction: 'sendrecv',
} as const;

async function open(media: MediaPort, name: CodecName = 'PCMU'): Promise<void> {
  relay = media;
  relay.on((event) => events.push(event));
  port = (await relay.allocate('call', loopback)).rtpPort;
  const codec = { name, payloadType: mappings[name].payloadType };
  await relay.configure('call', { ...params, codec, remote: { address: loopback, port: farEnd.port } });
}

async function openWindow(sound: Sound): Promise<void> {
  window = await TestWindow.open(relay, 'call');
  window.play(sound);
  await until(() => events.find(({ type }) => type === 'web-connected'));
}

const told = <T extends MediaEvent['type']>(type: T) =>
  until(() => events.find((event): event is Extract<MediaEvent, { type: T }> => event.type === type));

/** The two channels of a recording as it is now, linear. */
async function channels(file: string): Promise<{ rate: number; left: Float64Array; right: Float64Array }> {
  const wav = await readFile(file);
  expect(wav.toString('latin1', 0, 4)).toBe('RIFF');
  expect([wav.readUInt16LE(20), wav.readUInt16LE(22), wav.readUInt16LE(34)]).toEqual([1, 2, 16]);
  const rate = wav.readUInt32LE(24);
  const length = wav.readUInt32LE(40);
  expect(wav.length).toBeGreaterThanOrEqual(44 + length);
  const side = (at: number) =>
    Float64Array.from({ length: length / 4 }, (_, index) => wav.readInt16LE(44 + 4 * index + at));
  return { rate, left: side(0), right: side(2) };
}

/** Waits until so many seconds are in the file. */
async function recorded(file: string, seconds: number) {
  for (;;) {
    const sides = await channels(file);
    if (sides.left.length >= sides.rate * seconds) return sides;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const levels = (side: Float64Array, ...hertz: number[]) => hertz.map((each) => toneLevel(side, each) / 8000);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'partyline-recording-'));
  farEnd = await FarEnd.open(26_320);
  window = null;
  events = [];
});

afterEach(async () => {
  await window?.close();
  farEnd.close();
  await relay.close();
  await rm(folder, { recursive: true });
});

describe('a recording', () => {
  it('has our user left and the far end right, and nobody but its owner can read it', async () => {
    await open(createRelay({ portRange: [26_200, 26_299] }));
    await openWindow(tone(400));
    farEnd.play(tone(700), { port });
    relay.record('call', { file: join(folder, 'new', 'Call.wav'), tone: false });
    const { file } = await told('recording');
    expect(file).toBe(join(folder, 'new', 'Call.wav'));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const { left, right } = await recorded(file, 2);
    const [ours, theirs] = [left.subarray(4000), right.subarray(4000)];
    expect(levels(ours, 400)[0]).toBeCloseTo(1, 1);
    expect(levels(ours, 700)[0]).toBeLessThan(0.01);
    expect(levels(theirs, 700)[0]).toBeCloseTo(1, 1);
    expect(levels(theirs, 400)[0]).toBeLessThan(0.01);

    relay.record('call', null);
    relay.record('call', { file, tone: false });
    const second = await until(() => events.filter(({ type }) => type === 'recording')[1]);
    expect(second).toMatchObject({ file: join(folder, 'new', 'Call (2).wav') });
    await recorded(join(folder, 'new', 'Call (2).wav'), 0.5);
  });

  it('keeps both sides in step: what is said at the same time is in the file at the same time', async () => {
    let speaks = false;
    const sound: Sound = (position) => (speaks ? tone(500)(position) : 0xff);
    await open(createRelay({ portRange: [26_200, 26_299] }));
    await openWindow(sound);
    farEnd.play(sound, { port });
    relay.record('call', { file: join(folder, 'Call.wav'), tone: false });
    const { file } = await told('recording');
    await recorded(file, 1);
    const onsets: number[] = [];
    for (const seconds of [2, 3, 4]) {
      speaks = true;
      const { left, right } = await recorded(file, seconds);
      speaks = false;
      const from = 8000 * (seconds - 1);
      const onset = (side: Float64Array) =>
        side.findIndex((sample, at) => at > from && Math.abs(sample) > 1000);
      onsets.push((onset(left) - onset(right)) / 8);
      await recorded(file, seconds + 0.5);
    }
    console.log(`recording: our user ${onsets.map((ms) => ms.toFixed(0)).join(', ')} ms behind the far end`);
    for (const ms of onsets) expect(Math.abs(ms)).toBeLessThanOrEqual(40);
  });

  it('takes nothing away from either side when it begins and ends', async () => {
    // Every packet says another code, so that each can be told from its neighbours; none so loud that it would be bent.
    const counting: Sound = (position) => 0x90 + (Math.floor(position / 160) % 100);
    await open(createRelay({ portRange: [26_200, 26_299] }));
    await openWindow(counting);
    farEnd.play(counting, { port });
    const mine = { far: farEnd.heard, near: window?.heard ?? [] };
    await until(() => (mine.near.length > 25 && mine.far.length > 25 ? true : undefined));
    const from = { far: mine.far.length, near: mine.near.length };
    relay.record('call', { file: join(folder, 'Call.wav'), tone: false });
    const { file } = await told('recording');
    await recorded(file, 1);
    relay.record('call', null);
    const ended = mine.far.length;
    await until(() => (mine.far.length > ended + 25 && mine.near.length > ended + 25 ? true : undefined));
    for (const [side, heard] of [
      ['far', mine.far.slice(from.far)],
      ['near', mine.near.slice(from.near)],
    ] as const) {
      const said = heard.map(({ payload }) => payload[40] ?? 0).filter((code) => code !== 0xff);
      const steps = said.slice(1).map((code, index) => (code - (said[index] ?? 0) + 100) % 100);
      // Nothing but the next: neither lost nor heard twice.
      expect({ side, odd: steps.filter((step) => step !== 1) }).toEqual({ side, odd: [] });
    }
    expect(new Set(farEnd.heard.map(({ ssrc }) => ssrc)).size).toBe(1);
  });

  it.each([
    ['another SSRC', 78, 160],
    ['the time half a second back', 77, 160 - 4000],
    ['the time a second back', 77, 160 - 8000],
    ['the time far ahead', 77, 5_000_000],
  ])('is whole where the far end begins anew: %s', async (_, ssrc, ticks) => {
    await open(createRelay({ portRange: [26_200, 26_299] }));
    await openWindow(() => 0xff);
    let number = 0;
    const changes = 60;
    const speaking = new Pacer(() => {
      const payload = Buffer.alloc(160, 0x90 + (number % 100));
      const packet = farEnd.packet(
        0,
        payload,
        number < changes ? 77 : ssrc,
        number === changes - 1 ? ticks : 160,
      );
      farEnd.send(packet, port);
      number += 1;
    });
    speaking.start(20);
    relay.record('call', { file: join(folder, 'Call.wav'), tone: false });
    const { file } = await told('recording');
    await recorded(file, 2.5);
    speaking.stop();
    const { right } = await channels(file);
    const codes = new Map(Array.from({ length: 100 }, (_each, each) => [toLinear(0x90 + each), each]));
    const heard = Array.from({ length: right.length / 160 }, (_each, frame) =>
      codes.get(right[160 * frame + 80] ?? 0),
    );
    const from = heard.indexOf(changes - 20);
    expect(heard.slice(from, from + 40)).toEqual(
      Array.from({ length: 40 }, (_each, index) => changes - 20 + index),
    );
    // The window goes on in time, too.
    const times = (window?.heard ?? []).map(({ header }) => header.timestamp);
    const steps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(steps.filter((step) => step < 160 || step > 480)).toEqual([]);
  });

  it('is told to everybody by a beep, and is not in the way of a conference', async () => {
    await open(createRelay({ portRange: [26_200, 26_299] }));
    await openWindow(tone(400));
    farEnd.play(() => 0xff, { port });
    const from = farEnd.heard.length;
    relay.record('call', { file: join(folder, 'Call.wav'), tone: true });
    const { file } = await told('recording');
    const sound = () => Buffer.concat(farEnd.heard.slice(from).map(({ payload }) => payload));
    await until(() => {
      const heard = sound();
      const last = heard.subarray(heard.length - 800);
      return last.length === 800 && toneLevel(linearOf(last), 1400) > 2000 ? true : undefined;
    });

    const guest = await FarEnd.open(26_322);
    const { rtpPort } = await relay.allocate('guest', loopback);
    await relay.configure('guest', { ...params, remote: { address: loopback, port: guest.port } });
    guest.play(tone(1100), { port: rtpPort });
    relay.join('call', 'guest');
    farEnd.play(tone(700), { port });
    const { right } = await recorded(file, 3);
    expect(levels(right.subarray(right.length - 8000), 700, 1100).every((level) => level > 0.9)).toBe(true);
    relay.part('guest');
    const later = await recorded(file, 5);
    expect(levels(later.right.subarray(later.right.length - 4000), 700)[0]).toBeGreaterThan(0.9);
    expect(levels(later.right.subarray(later.right.length - 4000), 1100)[0]).toBeLessThan(0.01);
    guest.close();
  });

  it.each(['G722', 'opus'] as const)(
    'of a call in %s has its whole width, and passes every packet on untouched',
    async (codec) => {
      await open(createRelay({ portRange: [26_200, 26_299] }), codec);
      window = await TestWindow.open(relay, 'call');
      const said: { far: Buffer[]; near: Buffer[] } = { far: [], near: [] };
      window.whistle(5000, codec, (payload) => said.near.push(payload));
      farEnd.whistle(6000, { port, codec }, (payload) => said.far.push(payload));
      await until(() => events.find(({ type }) => type === 'web-connected'));
      relay.record('call', { file: join(folder, 'Call.wav'), tone: false });
      const { file } = await told('recording');
      const from = { far: farEnd.heard.length, near: window.heard.length };
      const { rate, left, right } = await recorded(file, 2);
      expect(rate).toBe(16_000);
      const wide = (side: Float64Array, hertz: number) => toneLevel(side.subarray(8000), hertz, rate) / 8000;
      expect([wide(left, 5000), wide(right, 6000)].every((level) => level > 0.8)).toBe(true);
      expect([wide(left, 6000), wide(right, 5000)].every((level) => level < 0.02)).toBe(true);
      // Where the window is late by more than a packet on a busy machine, there is silence.
      const idle = codedSilence(codec, 20);
      const passed = (heard: readonly { payload: Buffer }[], all: readonly Buffer[]) =>
        heard.every(({ payload }) => [...all, idle].some((each) => each.equals(payload)));
      const [atFarEnd, atWindow] = [farEnd.heard.slice(from.far), window.heard.slice(from.near)];
      expect(Math.min(atFarEnd.length, atWindow.length)).toBeGreaterThan(80);
      expect([passed(atFarEnd, said.near), passed(atWindow, said.far)]).toEqual([true, true]);
    },
  );

  it('of a call in G.722 stays as wide where everybody hears the beep', async () => {
    await open(createRelay({ portRange: [26_200, 26_299] }), 'G722');
    window = await TestWindow.open(relay, 'call');
    window.whistle(5000, 'G722');
    farEnd.whistle(6000, { port, codec: 'G722' });
    await until(() => events.find(({ type }) => type === 'web-connected'));
    relay.mute('call', true);
    const from = { far: farEnd.heard.length, near: window.heard.length };
    relay.record('call', { file: join(folder, 'Call.wav'), tone: true });
    const { file } = await told('recording');
    await recorded(file, 1);
    const beeps = (payloads: readonly Buffer[], hertz: number) => {
      const sound = Float64Array.from(new G722Decoder().decode(Buffer.concat(payloads)));
      const pieces = Array.from({ length: Math.floor(sound.length / 1600) }, (_, piece) =>
        sound.subarray(piece * 1600, (piece + 1) * 1600),
      );
      const with1400 = pieces.filter((piece) => toneLevel(piece, 1400, 16_000) > 2500);
      return with1400.map((piece) => toneLevel(piece, hertz, 16_000) > 7000);
    };
    const near = window.heard.slice(from.near).map(({ payload }) => payload);
    // Our user is muted, and the beep is heard all the same.
    const far = farEnd.heard.slice(from.far).map(({ payload }) => payload);
    expect(beeps(near, 6000)).toContain(true);
    expect(beeps(far, 5000)).toContain(false);
    expect(beeps(far, 5000)).not.toContain(true);
  });

  it('goes on with another call in the same file, and outlives the call it began with', async () => {
    await open(createRelay({ portRange: [26_200, 26_299] }));
    farEnd.play(tone(700), { port });
    relay.record('call', { file: join(folder, 'Call.wav'), tone: false });
    const { file } = await told('recording');
    await recorded(file, 1);
    const other = await FarEnd.open(26_322);
    const { rtpPort } = await relay.allocate('other', loopback);
    await relay.configure('other', { ...params, remote: { address: loopback, port: other.port } });
    other.play(tone(1100), { port: rtpPort });
    relay.moveRecording('call', 'other');
    relay.release('call');
    const { right } = await recorded(file, 3);
    expect(levels(right.subarray(2000, 6000), 700)[0]).toBeGreaterThan(0.9);
    expect(levels(right.subarray(right.length - 4000), 1100)[0]).toBeGreaterThan(0.9);
    relay.record('other', null);
    const { length } = (await channels(file)).right;
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect((await channels(file)).right.length - length).toBeLessThan(4000);
    other.close();
  });

  it('goes on without the window, and does not listen to our user while the call is held', async () => {
    await open(createRelay({ portRange: [26_200, 26_299] }));
    await openWindow(tone(400));
    farEnd.play(tone(700), { port });
    relay.record('call', { file: join(folder, 'Call.wav'), tone: false });
    const { file } = await told('recording');
    await recorded(file, 0.5);
    await relay.configure('call', {
      ...params,
      remote: { address: loopback, port: farEnd.port },
      direction: 'sendonly',
      hold: true,
    });
    const before = (await channels(file)).left.length / 8000;
    const held = await recorded(file, before + 2);
    expect(levels(held.left.subarray(held.left.length - 4000), 400)[0]).toBeLessThan(0.01);
    await relay.configure('call', { ...params, remote: { address: loopback, port: farEnd.port } });
    await window?.close();
    window = null;
    const alone = await recorded(file, before + 3.5);
    expect(levels(alone.right.subarray(alone.right.length - 4000), 700)[0]).toBeGreaterThan(0.9);
    await openWindow(tone(400));
    const again = await recorded(file, before + 5.5);
    expect(levels(again.left.subarray(again.left.length - 4000), 400)[0]).toBeGreaterThan(0.9);
  });

  it('of a station without a window is whole when the call is released', async () => {
    const audioIn = join(folder, 'in.wav');
    const recorder = new MulawRecorder(audioIn);
    recorder.write(0, stretch(tone(400), 0, 8000));
    recorder.close();
    await open(createFileMedia({ audioIn, loop: true, portRange: [26_200, 26_299] }));
    farEnd.play(tone(700), { port });
    relay.record('call', { file: join(folder, 'Call.wav'), tone: false });
    const { file } = await told('recording');
    await recorded(file, 1);
    relay.release('call');
    await relay.close();
    const { left, right } = await channels(file);
    expect((await readFile(file)).length).toBe(44 + 4 * left.length);
    expect(levels(left.subarray(800), 400)[0]).toBeGreaterThan(0.9);
    expect(levels(right.subarray(800), 700)[0]).toBeGreaterThan(0.9);
  });

  it('that cannot be written says why', async () => {
    await open(createRelay({ portRange: [26_200, 26_299] }));
    await writeFile(join(folder, 'file'), '');
    relay.record('call', { file: join(folder, 'file', 'Call.wav'), tone: true });
    expect(await told('recording-failed')).toMatchObject({
      call: 'call',
      trouble: 'not-a-folder',
    });
    expect(await readdir(folder)).toEqual(['file']);
  });
});

it('survives the sudden end of its process but for its last second', async () => {
  await buildMediaProcess(folder);
  const script = join(folder, 'process.mjs');
  await writeFile(
    script,
    `import { Worker } from 'node:worker_threads';
     const worker = new Worker(new URL('media-process.mjs', import.meta.url));
     process.on('message', (message) => worker.postMessage(message));
     worker.on('message', (message) => process.send(message));`,
  );
  const child = fork(script);
  const media: MediaProcess = {
    postMessage: (message) => child.send(message as object),
    on: (name: string, listener: (argument: never) => void) =>
      child.on(name, (argument: unknown) => listener(argument as never)),
    kill: () => child.kill('SIGKILL'),
  };
  await open(createRelayClient(() => media));
  await openWindow(tone(400));
  farEnd.play(tone(700), { port });
  await mkdir(join(folder, 'recordings'));
  relay.record('call', { file: join(folder, 'recordings', 'Call.wav'), tone: false });
  const { file } = await told('recording');
  const began = performance.now();
  await recorded(file, 2);
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  const seconds = (performance.now() - began) / 1000;
  await exited;
  const { left, right } = await channels(file);
  console.log(
    `recording: killed after ${seconds.toFixed(2)} s, ${(left.length / 8000).toFixed(2)} s are in the file`,
  );
  expect(seconds - left.length / 8000).toBeLessThan(1);
  expect(levels(left.subarray(4000), 400)[0]).toBeGreaterThan(0.9);
  expect(levels(right.subarray(4000), 700)[0]).toBeGreaterThan(0.9);
});
