import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRelayClient, type MediaProcess } from '../../electron/media/relay-client.ts';
import type { MediaEvent, MediaPort } from '../../electron/phone/ports.ts';
import { tone, tonesIn } from '../support/tones.ts';
import { buildMediaProcess } from './built-programs.ts';
import { FarEnd, TestWindow, until } from './media-window.ts';

/** The media process as it is built, in a worker thread. */
let folder: string;
let workers: Worker[] = [];
let relay: MediaPort;
let farEnd: FarEnd;

function startWorker(): MediaProcess {
  const worker = new Worker(join(folder, 'media-process.mjs'));
  workers.push(worker);
  return {
    postMessage: (message) => worker.postMessage(message),
    on: (name: string, listener: (argument: never) => void) =>
      worker.on(name, (argument) => listener(argument as never)),
    kill: () => worker.terminate(),
  };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'partyline-media-'));
  await buildMediaProcess(folder);
});

afterAll(() => rm(folder, { recursive: true }));

beforeEach(async () => {
  farEnd = await FarEnd.open(22310);
});

afterEach(async () => {
  farEnd.close();
  await relay.close();
  await Promise.all(workers.map((worker) => worker.terminate()));
  workers = [];
});

const carries = (code: number) => (packet: { payload: Buffer }) =>
  packet.payload.every((one) => one === code);

async function openCall(call: string, to = farEnd): Promise<{ events: MediaEvent[]; rtpPort: number }> {
  const events: MediaEvent[] = [];
  relay.on((event) => events.push(event));
  const { rtpPort } = await relay.allocate(call, '127.0.0.1');
  await relay.configure(call, {
    remote: { address: '127.0.0.1', port: to.port },
    codec: { name: 'PCMU', payloadType: 0 },
    dtmfPayloadType: 101,
    ptime: 20,
    direction: 'sendrecv',
    hold: false,
  });
  return { events, rtpPort };
}

/** Waits until nothing but these tones has been heard for 400 ms. */
const hears = ({ heard }: FarEnd, expected: number[]) =>
  vi.waitFor(
    async () => {
      const from = heard.length;
      await until(() => (heard.length >= from + 20 ? true : undefined));
      const sound = Buffer.concat(heard.slice(from).map(({ payload }) => payload));
      expect(tonesIn(sound, [700, 1100])).toEqual(expected);
    },
    { timeout: 8000 },
  );

describe('the media process', () => {
  it('carries a call both ways and says what happens', async () => {
    relay = createRelayClient(startWorker);
    const { events, rtpPort } = await openCall('c1');
    const window = await TestWindow.open(relay, 'c1');
    window.speak(0x9b);
    farEnd.speak(0xa3, 0, rtpPort);
    await farEnd.hears(carries(0x9b));
    await until(() => window.heard.find(carries(0xa3)));
    expect(events).toEqual(
      expect.arrayContaining([
        { type: 'web-connected', call: 'c1' },
        { type: 'first-rtp', call: 'c1' },
      ]),
    );
    relay.mute('c1', true);
    await farEnd.hears(carries(0xff));
    relay.sendDtmf('c1', '9', 'auto');
    await farEnd.hears(({ payloadType, payload }) => payloadType === 101 && payload[0] === 9);
    relay.release('c1');
    await window.close();
  });

  it('joins a guest to a call, and takes them out again', async () => {
    relay = createRelayClient(startWorker);
    const other = await FarEnd.open(26_310);
    const { rtpPort } = await openCall('c1');
    const { rtpPort: guestPort } = await openCall('c2', other);
    farEnd.play(tone(700), { port: rtpPort });
    other.play(tone(1100), { port: guestPort });
    relay.join('c1', 'c2');
    await hears(farEnd, [1100]);
    await hears(other, [700]);
    relay.mutePart('c2', true);
    await hears(farEnd, []);
    await hears(other, [700]);
    relay.part('c2');
    await hears(other, []);
    other.close();
  });

  it('passes refusals on with their sentence', async () => {
    relay = createRelayClient(startWorker);
    await expect(relay.allocate('c1', '192.0.2.99')).rejects.toThrow(/cannot receive sound on 192\.0\.2\.99/);
    await expect(relay.attachWeb('c1', 'v=0')).rejects.toThrow(/c1 has no sound/);
  });

  it('fails its calls when it dies and serves the next call anew', async () => {
    relay = createRelayClient(startWorker);
    const { events } = await openCall('c1');
    await workers[0]?.terminate();
    const failed = await until(() => events.find(({ type }) => type === 'failed'));
    expect(failed).toEqual({ type: 'failed', call: 'c1' });
    await expect(relay.attachWeb('c1', 'v=0')).rejects.toThrow(/audio process has stopped/);

    await openCall('c2');
    await farEnd.hears(carries(0xff));
    expect(workers).toHaveLength(2);
  });
});
