import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CodecName } from '../../electron/contract/profile.ts';
import { toPcmu } from '../../electron/media/codecs/g711.ts';
import { createFileMedia } from '../../electron/media/file-media.ts';
import { createRelay } from '../../electron/media/relay.ts';
import { MulawRecorder, readMulawFile } from '../../electron/media/wav-file.ts';
import type { MediaPort, PlainLegParams } from '../../electron/phone/ports.ts';
import { stretch, tone, tonesIn } from '../support/tones.ts';
import { FarEnd, TestWindow, until } from './media-window.ts';

/** Our user speaks at 400 Hz, the far end of the call at 700, the guest at 1100. */
const all = [400, 700, 1100];
let relay: MediaPort;
let host: Party;
let guest: Party;
let window: TestWindow | null = null;

interface Party {
  readonly call: string;
  readonly farEnd: FarEnd;
  readonly port: number;
  readonly codec: CodecName;
}

const params = ({ farEnd, codec }: Pick<Party, 'farEnd' | 'codec'>, over: Partial<PlainLegParams> = {}) => ({
  remote: { address: '127.0.0.1', port: farEnd.port },
  codec: { name: codec, payloadType: codec === 'PCMA' ? 8 : 0 },
  dtmfPayloadType: 101,
  ptime: 20,
  direction: 'sendrecv' as const,
  ...over,
});

async function open(
  call: string,
  codec: CodecName = 'PCMU',
  over: Partial<PlainLegParams> = {},
): Promise<Party> {
  const farEnd = await FarEnd.open(call === 'host' ? 26_300 : 26_302);
  const { rtpPort } = await relay.allocate(call, '127.0.0.1');
  await relay.configure(call, params({ farEnd, codec }, over));
  return { call, farEnd, port: rtpPort, codec };
}

/** The sound of the packets that come from now on: so many milliseconds of it. */
async function listen(
  heard: readonly { payload: Buffer }[],
  codec: CodecName = 'PCMU',
  ms = 400,
): Promise<Buffer> {
  const from = heard.length;
  const sound = () => Buffer.concat(heard.slice(from).map(({ payload }) => toPcmu(payload, codec)));
  return until(() => (sound().length >= 8 * ms ? sound() : undefined), 10 * ms);
}

/** Waits until a listener hears exactly these tones. */
async function hears(heard: readonly { payload: Buffer }[], expected: number[], codec?: CodecName) {
  await vi.waitFor(async () => expect(tonesIn(await listen(heard, codec), all)).toEqual(expected), {
    timeout: 8000,
  });
}

const farEndHears = ({ farEnd, codec }: Party, expected: number[]) => hears(farEnd.heard, expected, codec);
const ourUserHears = (expected: number[]) => hears(window?.heard ?? [], expected);

/** One SSRC, no sequence number left out or used twice, timestamps that only go on. */
function expectUnbroken({ heard }: FarEnd): void {
  expect(new Set(heard.map(({ ssrc }) => ssrc)).size).toBe(1);
  for (const [index, packet] of heard.slice(1).entries()) {
    const before = heard[index];
    if (!before) continue;
    expect(packet.sequenceNumber).toBe((before.sequenceNumber + 1) & 0xffff);
    const samples = (packet.timestamp - before.timestamp) >>> 0;
    expect(samples).toBeGreaterThanOrEqual(before.payload.length);
    // Time is made good only where another source takes over, and that packet is marked.
    if (!packet.marker) expect(samples).toBe(before.payload.length);
  }
}

async function openWindow(): Promise<void> {
  window = await TestWindow.open(relay, 'host');
  window.play(tone(400));
}

beforeEach(() => {
  relay = createRelay({ portRange: [26_000, 26_199] });
});

afterEach(async () => {
  await window?.close();
  window = null;
  for (const { farEnd } of [host, guest]) farEnd.close();
  await relay.close();
});

describe('a colleague who joins a call', () => {
  beforeEach(async () => {
    [host, guest] = [await open('host'), await open('guest')];
    await openWindow();
    host.farEnd.play(tone(700), host);
    guest.farEnd.play(tone(1100), guest);
    await ourUserHears([700]);
    await farEndHears(guest, []);
    relay.join('host', 'guest');
  });

  it('hears both, is heard by both, and leaves everything as it was', async () => {
    await ourUserHears([700, 1100]);
    await farEndHears(host, [400, 1100]);
    await farEndHears(guest, [400, 700]);
    relay.part('guest');
    await ourUserHears([700]);
    await farEndHears(host, [400]);
    await farEndHears(guest, []);
    expectUnbroken(host.farEnd);
    expectUnbroken(guest.farEnd);
    const { heard } = window ?? { heard: [] };
    expect(new Set(heard.map(({ header }) => header.ssrc)).size).toBe(1);
  });

  it('leaves by hanging up as well; without the host the guest is alone', async () => {
    await farEndHears(host, [400, 1100]);
    relay.release('guest');
    await farEndHears(host, [400]);
    await ourUserHears([700]);

    const { rtpPort: port } = await relay.allocate('second', '127.0.0.1');
    await relay.configure('second', params(guest));
    guest.farEnd.play(tone(1100), { port });
    relay.join('host', 'second');
    relay.mutePart('second', true);
    await farEndHears(guest, [400, 700]);
    await ourUserHears([700]);
    relay.release('host');
    await farEndHears(guest, []);
  });

  it('does not hear our user while the call is muted, and no digits', async () => {
    relay.mute('host', true);
    await farEndHears(guest, [700]);
    await farEndHears(host, [1100]);
    const from = guest.farEnd.heard.length;
    relay.sendDtmf('host', '7', 'auto');
    await host.farEnd.hears(({ payloadType, payload }) => payloadType === 101 && (payload[1] ?? 0) > 127);
    await farEndHears(host, [1100]);
    expect(guest.farEnd.heard.slice(from).every(({ payloadType }) => payloadType === 0)).toBe(true);
    expectUnbroken(guest.farEnd);
  });

  it('goes on with our user while the call is held, and hears nothing on hold', async () => {
    await farEndHears(host, [400, 1100]);
    await relay.configure('host', params(host, { direction: 'sendonly', hold: true }));
    await farEndHears(host, []);
    await farEndHears(guest, [400]);
    await ourUserHears([1100]);
    await relay.configure('guest', params(guest, { direction: 'inactive', hold: true }));
    const { length } = guest.farEnd.heard;
    await ourUserHears([]);
    expect(guest.farEnd.heard.length - length).toBeLessThanOrEqual(1);
    await relay.configure('host', params(host));
    await relay.configure('guest', params(guest));
    await farEndHears(host, [400, 1100]);
    await farEndHears(guest, [400, 700]);
  });
});

it('joins an A-law far end that loses packets and a guest with packets of 30 ms', async () => {
  [host, guest] = [await open('host', 'PCMA'), await open('guest', 'PCMU', { ptime: 30 })];
  await openWindow();
  host.farEnd.play(tone(700), { ...host, dropEvery: 20 });
  guest.farEnd.play(tone(1100), { ...guest, ptime: 30 });
  relay.join('host', 'guest');
  await farEndHears(host, [400, 1100]);
  const { length } = guest.farEnd.heard;
  await farEndHears(guest, [400, 700]);
  expect(new Set(guest.farEnd.heard.slice(length).map(({ payload }) => payload.length))).toEqual(
    new Set([240]),
  );
  await ourUserHears([700, 1100]);
  expectUnbroken(host.farEnd);
  expectUnbroken(guest.farEnd);
});

it('joins the calls of a station whose user is a file', async () => {
  await relay.close();
  const folder = await mkdtemp(join(tmpdir(), 'partyline-conversation-'));
  const [audioIn, audioOut] = [join(folder, 'in.wav'), join(folder, 'out.wav')];
  const recorder = new MulawRecorder(audioIn);
  recorder.write(0, stretch(tone(400), 0, 8000));
  recorder.close();
  relay = createFileMedia({ portRange: [26_000, 26_199], audioIn, audioOut, loop: true });
  [host, guest] = [await open('host'), await open('guest')];
  host.farEnd.play(tone(700), host);
  guest.farEnd.play(tone(1100), guest);
  await farEndHears(guest, [400]);
  relay.join('host', 'guest');
  await farEndHears(guest, [400, 700]);
  await farEndHears(host, [400, 1100]);
  relay.part('guest');
  await farEndHears(host, [400]);
  expectUnbroken(host.farEnd);
  expectUnbroken(guest.farEnd);

  relay.release('host');
  const recorded = await until(() => {
    const sound = readMulawFile(audioOut);
    return sound.length > 0 ? sound : undefined;
  });
  const middle = recorded.length / 2;
  expect(tonesIn(recorded.subarray(middle - 1600, middle + 1600), all)).toEqual([700, 1100]);
  await rm(folder, { recursive: true });
});
