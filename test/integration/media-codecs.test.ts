import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CodecName } from '../../electron/contract/profile.ts';
import { codedSilence, ticksPerMs } from '../../electron/media/codecs/codec.ts';
import { Decoder } from '../../electron/media/codecs/decoder.ts';
import { createRelay } from '../../electron/media/relay.ts';
import { mappings } from '../../electron/media/sdp/payload-types.ts';
import type { MediaPort, PlainLegParams } from '../../electron/phone/ports.ts';
import { tone, tonesInSamples } from '../support/tones.ts';
import { FarEnd, TestWindow, until } from './media-window.ts';

const candidates = [400, 700, 1100, 5000, 6000];
const [spoken, answered] = [tone(400), tone(700)];
const call = 'c1';
const webNumbers: Readonly<Record<number, CodecName>> = { 0: 'PCMU', 9: 'G722', 111: 'opus' };

let relay: MediaPort;
let farEnd: FarEnd;
let rtpPort: number;
let isConnected: boolean;
const windows: TestWindow[] = [];

const openWindow = async (): Promise<TestWindow> => {
  const window = await TestWindow.open(relay, call);
  windows.push(window);
  await until(() => (isConnected ? true : undefined));
  return window;
};

const params = (name: CodecName, over: Partial<PlainLegParams> = {}): PlainLegParams => ({
  remote: { address: '127.0.0.1', port: farEnd.port },
  codec: { name, payloadType: mappings[name].payloadType },
  dtmfPayloadType: 101,
  dtmfClock: mappings[name].rate,
  ptime: 20,
  direction: 'sendrecv',
  ...over,
});

interface Heard {
  readonly codec: CodecName | undefined;
  readonly timestamp: number;
  readonly payload: Buffer;
}

/** The tones in what comes from now on, once it is clear: where a jitter buffer has just left something out, it is not. */
const tonesHeard = (all: () => readonly Heard[]): Promise<number[]> =>
  vi.waitFor(() => tonesJustHeard(all), { timeout: 5000 });

/** In 400 ms, of which 200 before are left out: echoes of what was before. */
async function tonesJustHeard(all: () => readonly Heard[]): Promise<number[]> {
  const from = all().length;
  await until(() => (all().length >= from + 30 ? true : undefined));
  const decoder = new Decoder(16);
  const sound = all()
    .slice(from, from + 30)
    .flatMap(({ codec, timestamp, payload }) => {
      const heard = codec ? decoder.decode({ codec, timestamp, payload, ssrc: 1 }) : null;
      return [...(heard?.samples ?? new Int16Array(320))];
    });
  return tonesInSamples(Float64Array.from(sound.slice(10 * 320)), candidates, 16);
}

const byFarEnd = () =>
  farEnd.heard
    .filter(({ payloadType }) => payloadType !== 101)
    .map(({ payloadType, timestamp, payload }) => ({
      codec: payloadType === 8 ? ('PCMA' as const) : webNumbers[payloadType],
      timestamp,
      payload,
    }));
const byWindow = (window: TestWindow) => () =>
  window.heard.map(({ header, payload }) => ({
    codec: webNumbers[header.payloadType],
    timestamp: header.timestamp,
    payload,
  }));

beforeEach(async () => {
  relay = createRelay({ portRange: [22600, 22699] });
  isConnected = false;
  relay.on(({ type }) => {
    if (type === 'web-connected') isConnected = true;
  });
  farEnd = await FarEnd.open(22700);
  ({ rtpPort } = await relay.allocate(call, '127.0.0.1'));
});

afterEach(async () => {
  for (const window of windows.splice(0)) await window.close();
  farEnd.close();
  await relay.close();
});

describe.each(['G722', 'opus'] as const)('a call in %s', (codec) => {
  it('passes between the window and the far end untouched, and no packet is coded anew', async () => {
    await relay.configure(call, params(codec));
    const window = await openWindow();
    // Nearly silence, but not what is sent while nothing comes from the window.
    const quiet = codedSilence(codec, 20);
    const said = Array.from({ length: 40 }, (_, index) =>
      Buffer.concat([codec === 'opus' ? quiet : quiet.subarray(1), Buffer.from([index])]),
    );
    let next = 0;
    window.say(codec, () => said[Math.min(next++, 39)] ?? Buffer.alloc(0));
    const last = said.at(-1) ?? Buffer.alloc(0);
    const { timestamp } = await farEnd.hears(({ payload }) => payload.equals(last));
    const after = await farEnd.hears(({ payload }) => payload.equals(last));
    expect((after.timestamp - timestamp) % (20 * ticksPerMs(codec))).toBe(0);

    farEnd.play(answered, { port: rtpPort, codec });
    const heard = await until(() => window.heard[20]);
    expect(webNumbers[heard.header.payloadType]).toBe(codec);
    const [first, second] = window.heard.slice(18, 20).map(({ header }) => header.timestamp);
    expect((second ?? 0) - (first ?? 0)).toBe(20 * ticksPerMs(codec));
  });

  it('is heard both ways, from whatever the window sends', async () => {
    await relay.configure(call, params(codec));
    const window = await openWindow();
    farEnd.play(answered, { port: rtpPort, codec });
    for (const sent of [codec, 'PCMU'] as const) {
      window.play(spoken, sent);
      expect(await tonesHeard(byFarEnd)).toEqual([400]);
      expect(await tonesHeard(byWindow(window))).toEqual([700]);
    }
  });

  it('begins and ends in mid-call, a new clock with a new stream (RFC 7160)', async () => {
    await relay.configure(call, params('PCMA'));
    const window = await openWindow();
    window.play(spoken);
    farEnd.play(answered, { port: rtpPort, codec: 'PCMA' });
    expect(await tonesHeard(byFarEnd)).toEqual([400]);
    const [before] = farEnd.heard;
    await relay.configure(call, params(codec));
    farEnd.play(answered, { port: rtpPort, codec });
    window.play(spoken, codec);
    expect(await tonesHeard(byFarEnd)).toEqual([400]);
    expect(await tonesHeard(byWindow(window))).toEqual([700]);
    expect(farEnd.heard.at(-1)?.ssrc === before?.ssrc).toBe(codec === 'G722');
    await relay.configure(call, params('PCMU'));
    farEnd.play(answered, { port: rtpPort });
    expect(await tonesHeard(byFarEnd)).toEqual([400]);
    expect(await tonesHeard(byWindow(window))).toEqual([700]);
  });

  it('is silence without a window, while muted and on hold, and events keep its clock', async () => {
    await relay.configure(call, params(codec));
    const silence = codedSilence(codec, 20);
    const isSilence = ({ payload }: { payload: Buffer }) => payload.equals(silence);
    await farEnd.hears(isSilence);
    const window = await openWindow();
    window.play(spoken, codec);
    expect(await tonesHeard(byFarEnd)).toEqual([400]);
    relay.mute(call, true);
    await farEnd.hears(isSilence);
    expect(await tonesHeard(byFarEnd)).toEqual([]);
    relay.mute(call, false);
    expect(await tonesHeard(byFarEnd)).toEqual([400]);
    await relay.configure(call, params(codec, { direction: 'sendonly', hold: true }));
    await farEnd.hears(isSilence);
    await relay.configure(call, params(codec));
    relay.sendDtmf(call, '5', 'rfc4733');
    const end = await farEnd.hears(
      ({ payloadType, payload }) => payloadType === 101 && (payload[1] ?? 0) > 127,
    );
    expect(end.payload.readUInt16BE(2)).toBe(100 * ticksPerMs(codec));
  });

  it('joins another wide one and one of A-law: the wide ones hear all of each other', async () => {
    const [other, narrow] = [await FarEnd.open(22702), await FarEnd.open(22704)];
    try {
      const otherCodec = codec === 'opus' ? 'G722' : 'opus';
      const { rtpPort: otherPort } = await relay.allocate('c2', '127.0.0.1');
      const { rtpPort: narrowPort } = await relay.allocate('c3', '127.0.0.1');
      const remote = ({ port }: FarEnd) => ({ remote: { address: '127.0.0.1', port } });
      await relay.configure(call, params(codec));
      await relay.configure('c2', params(otherCodec, remote(other)));
      await relay.configure('c3', params('PCMA', remote(narrow)));
      const window = await openWindow();
      window.play(spoken, codec);
      farEnd.whistle(5000, { port: rtpPort, codec });
      other.whistle(6000, { port: otherPort, codec: otherCodec });
      narrow.play(tone(1100), { port: narrowPort, codec: 'PCMA' });
      relay.join(call, 'c2');
      relay.join(call, 'c3');
      // The beeps of coming in.
      await until(() => (narrow.heard.length > 80 ? true : undefined));
      const heardBy = (end: FarEnd, name: CodecName) => () =>
        end.heard.map(({ timestamp, payload }) => ({ codec: name, timestamp, payload }));
      const sorted = async (all: () => readonly Heard[]) => (await tonesHeard(all)).sort((a, b) => a - b);
      expect(await sorted(byFarEnd)).toEqual([400, 1100, 6000]);
      expect(await sorted(heardBy(other, otherCodec))).toEqual([400, 1100, 5000]);
      expect(await sorted(byWindow(window))).toEqual([1100, 5000, 6000]);
      expect(await sorted(heardBy(narrow, 'PCMA'))).toEqual([400]);
    } finally {
      other.close();
      narrow.close();
    }
  });

  it('joins another of A-law: each hears the others', async () => {
    const other = await FarEnd.open(22702);
    try {
      const { rtpPort: otherPort } = await relay.allocate('c2', '127.0.0.1');
      await relay.configure(call, params(codec));
      await relay.configure('c2', params('PCMA', { remote: { address: '127.0.0.1', port: other.port } }));
      const window = await openWindow();
      window.play(spoken, codec);
      farEnd.play(answered, { port: rtpPort, codec });
      other.play(tone(1100), { port: otherPort, codec: 'PCMA' });
      relay.join(call, 'c2');
      // The beeps of coming in.
      await until(() => (other.heard.length > 60 ? true : undefined));
      const sorted = async (all: () => readonly Heard[]) => (await tonesHeard(all)).sort((a, b) => a - b);
      expect(await sorted(byFarEnd)).toEqual([400, 1100]);
      expect(await sorted(byWindow(window))).toEqual([700, 1100]);
      expect(
        await sorted(() =>
          other.heard.map(({ timestamp, payload }) => ({ codec: 'PCMA' as const, timestamp, payload })),
        ),
      ).toEqual([400, 700]);
    } finally {
      other.close();
    }
  });
});
