import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fromPcmu } from '../../electron/media/codecs/g711.ts';
import { createRelay } from '../../electron/media/relay.ts';
import type { MediaEvent, MediaPort, PlainLegParams } from '../../electron/phone/ports.ts';
import { FarEnd, TestWindow, until } from './media-window.ts';

const spoken = 0x9b;
const answered = 0xa3;
const call = 'c1';

let relay: MediaPort;
let farEnd: FarEnd;
let rtpPort: number;
let events: MediaEvent[];
const windows: TestWindow[] = [];

const params = (over: Partial<PlainLegParams> = {}): PlainLegParams => ({
  remote: { address: '127.0.0.1', port: farEnd.port },
  codec: { name: 'PCMU', payloadType: 0 },
  dtmfPayloadType: 101,
  ptime: 20,
  direction: 'sendrecv',
  ...over,
});

const openWindow = async (): Promise<TestWindow> => {
  const window = await TestWindow.open(relay, call);
  windows.push(window);
  return window;
};

const event = (type: MediaEvent['type'], ms?: number) =>
  until(() => events.find((one) => one.type === type), ms);
const carries =
  (code: number) =>
  ({ payload }: { payload: Buffer }) =>
    payload.length > 0 && payload.every((one) => one === code);
const isSilence = carries(0xff);
const codesHeard = (window: TestWindow, from = 0) =>
  new Set(window.heard.slice(from).map(({ payload }) => payload[0]));

beforeEach(async () => {
  events = [];
  relay = createRelay({ portRange: [22000, 22199] });
  relay.on((one) => events.push(one));
  farEnd = await FarEnd.open(22300);
  ({ rtpPort } = await relay.allocate(call, '127.0.0.1'));
});

afterEach(async () => {
  for (const window of windows.splice(0)) await window.close();
  farEnd.close();
  await relay.close();
});

describe('a call between the window and the far end', () => {
  it('carries sound both ways, sample for sample', async () => {
    await relay.configure(call, params());
    const window = await openWindow();
    window.speak(spoken);
    farEnd.speak(answered, 0, rtpPort);
    expect((await farEnd.hears(carries(spoken))).payload).toHaveLength(160);
    expect((await until(() => window.heard.find(carries(answered)))).payload).toHaveLength(160);
    expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(['web-connected', 'first-rtp']));
  });

  it('sends one unbroken stream from the first silence through speech', async () => {
    await relay.configure(call, params());
    await farEnd.hears(isSilence);
    const window = await openWindow();
    window.speak(spoken);
    await farEnd.hears(carries(spoken));
    await until(() => (farEnd.heard.filter(carries(spoken)).length > 20 ? true : undefined));
    const sequences = farEnd.heard.map(({ sequenceNumber }) => sequenceNumber);
    expect(new Set(farEnd.heard.map(({ ssrc }) => ssrc)).size).toBe(1);
    for (const [index, sequence] of sequences.slice(1).entries()) {
      expect(sequence).toBe(((sequences[index] ?? 0) + 1) & 0xffff);
    }
    const spokenOnes = farEnd.heard.filter(carries(spoken)).map(({ timestamp }) => timestamp);
    for (const [index, timestamp] of spokenOnes.slice(1).entries()) {
      expect((timestamp - (spokenOnes[index] ?? 0)) >>> 0).toBe(160);
    }
  });

  it('speaks A-law to a far end that wants it, while the window stays with mu-law', async () => {
    await relay.configure(call, params({ codec: { name: 'PCMA', payloadType: 8 } }));
    const window = await openWindow();
    window.speak(spoken);
    farEnd.speak(0x55, 8, rtpPort);
    const [aLaw] = fromPcmu(Buffer.from([spoken]), 'PCMA');
    expect((await farEnd.hears(carries(aLaw ?? 0))).payloadType).toBe(8);
    expect((await until(() => window.heard.find(carries(0x7e)))).header.payloadType).toBe(0);
  });

  it('changes the law in mid-call without the window noticing', async () => {
    await relay.configure(call, params());
    const window = await openWindow();
    window.speak(spoken);
    await farEnd.hears(carries(spoken));
    await relay.configure(call, params({ codec: { name: 'PCMA', payloadType: 8 }, ptime: 30 }));
    const packet = await farEnd.hears(({ payloadType }) => payloadType === 8);
    expect(
      (await farEnd.hears(carries(fromPcmu(Buffer.from([spoken]), 'PCMA')[0] ?? 0))).payload,
    ).toHaveLength(240);
    expect(packet.ssrc).toBe(farEnd.heard[0]?.ssrc);
  });

  it('keeps sending silence without a window, and again when the window stops', async () => {
    await relay.configure(call, params());
    await farEnd.hears(isSilence);
    const window = await openWindow();
    window.speak(spoken);
    await farEnd.hears(carries(spoken));
    window.vanish();
    await farEnd.hears(isSilence, 500);
    const from = farEnd.heard.length;
    await event('web-lost', 4000);
    // Two seconds of packets every 20 ms, timers of a busy machine allowed for.
    expect(farEnd.heard.length - from).toBeGreaterThan(80);
  });

  it('joins a new window in well under two seconds and drops the old one', async () => {
    await relay.configure(call, params());
    const old = await openWindow();
    old.speak(spoken);
    farEnd.speak(answered, 0, rtpPort);
    await farEnd.hears(carries(spoken));
    const begun = performance.now();
    const fresh = await openWindow();
    fresh.speak(0x81);
    await farEnd.hears(carries(0x81));
    await until(() => fresh.heard.find(carries(answered)));
    expect(performance.now() - begun).toBeLessThan(2000);
    const from = farEnd.heard.length;
    await farEnd.hears(carries(0x81));
    expect(farEnd.heard.slice(from).some(carries(spoken))).toBe(false);
    expect(new Set(farEnd.heard.map(({ ssrc }) => ssrc)).size).toBe(1);
  });

  it('sends silence while muted, and speech again after', async () => {
    await relay.configure(call, params());
    const window = await openWindow();
    window.speak(spoken);
    await farEnd.hears(carries(spoken));
    relay.mute(call, true);
    await farEnd.hears(isSilence);
    const from = farEnd.heard.length;
    await until(() => (farEnd.heard.length > from + 20 ? true : undefined));
    expect(farEnd.heard.slice(from).every(isSilence)).toBe(true);
    relay.mute(call, false);
    await farEnd.hears(carries(spoken));
  });

  it('on hold sends silence and lets the window hear nothing', async () => {
    await relay.configure(call, params());
    const window = await openWindow();
    window.speak(spoken);
    farEnd.speak(answered, 0, rtpPort);
    await until(() => window.heard.find(carries(answered)));
    await relay.configure(call, params({ direction: 'sendonly', hold: true }));
    await farEnd.hears(isSilence);
    const [sent, heard] = [farEnd.heard.length, window.heard.length];
    await until(() => (farEnd.heard.length > sent + 20 ? true : undefined));
    expect(farEnd.heard.slice(sent).every(isSilence)).toBe(true);
    expect(window.heard.length).toBeLessThanOrEqual(heard + 1);
    await relay.configure(call, params());
    await farEnd.hears(carries(spoken));
    await until(() => window.heard.slice(heard + 1).find(carries(answered)));
  });

  it('sends nothing at all while the far end holds with inactive', async () => {
    await relay.configure(call, params());
    await farEnd.hears(isSilence);
    await relay.configure(call, params({ direction: 'inactive' }));
    const from = farEnd.heard.length;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(farEnd.heard.length - from).toBeLessThanOrEqual(1);
  });

  it('plays telephone events with the audio kept back meanwhile', async () => {
    await relay.configure(call, params({ dtmfPayloadType: 97 }));
    const window = await openWindow();
    window.speak(spoken);
    await farEnd.hears(carries(spoken));
    relay.sendDtmf(call, '5#', 'auto');
    await farEnd.hears(
      ({ payloadType, payload }) => payloadType === 97 && payload[0] === 11 && (payload[1] ?? 0) > 127,
    );
    await farEnd.hears(carries(spoken));
    const tones = farEnd.heard.filter(({ payloadType }) => payloadType === 97);
    expect(new Set(tones.map(({ timestamp }) => timestamp)).size).toBe(2);
    expect(tones.filter(({ marker }) => marker)).toHaveLength(2);
    expect(tones.filter(({ payload }) => (payload[1] ?? 0) > 127)).toHaveLength(6);

    const first = farEnd.heard.findIndex(({ payloadType }) => payloadType === 97);
    const event = farEnd.heard.slice(first).filter(({ payload }) => payload[0] === 5);
    const last = farEnd.heard.indexOf(event.at(-1) ?? tones[0] ?? farEnd.heard[0] ?? fail());
    expect(farEnd.heard.slice(first, last).every(({ payloadType }) => payloadType === 97)).toBe(true);
    const numbers = farEnd.heard.map(({ sequenceNumber }) => sequenceNumber);
    expect(
      numbers.every((number, index) => index === 0 || number === (((numbers[index - 1] ?? 0) + 1) & 0xffff)),
    ).toBe(true);
  });

  it("drops the far end's telephone events and comfort noise instead of playing them", async () => {
    await relay.configure(call, params());
    const window = await openWindow();
    await event('web-connected');
    farEnd.send(farEnd.packet(101, Buffer.from([5, 10, 0, 160])), rtpPort);
    farEnd.send(farEnd.packet(13, Buffer.from([40])), rtpPort);
    farEnd.speak(answered, 0, rtpPort);
    await until(() => (window.heard.length > 5 ? true : undefined));
    expect(codesHeard(window)).toEqual(new Set([answered]));
  });

  it('makes one stream of two for the window', async () => {
    await relay.configure(call, params());
    const window = await openWindow();
    await event('web-connected');
    const speakOnce = (ssrc: number) =>
      farEnd.send(farEnd.packet(0, Buffer.alloc(160, answered), ssrc), rtpPort);
    for (const ssrc of [1, 1, 1, 2, 2, 2]) {
      speakOnce(ssrc);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await until(() => (window.heard.length === 6 ? true : undefined));
    expect(new Set(window.heard.map(({ header }) => header.ssrc)).size).toBe(1);
    expect(window.heard.map(({ header }) => header.sequenceNumber)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('survives garbage on all its ports', async () => {
    await relay.configure(call, params());
    const window = await openWindow();
    window.speak(spoken);
    farEnd.speak(answered, 0, rtpPort);
    await farEnd.hears(carries(spoken));
    for (let length = 0; length < 300; length += 1) {
      const noise = Buffer.from(Array.from({ length }, (_, i) => (length * 37 + i * 101) & 0xff));
      farEnd.send(noise, rtpPort);
      farEnd.send(noise, rtpPort + 1);
      if (length > 1) noise.writeUInt8(0x80 | (length & 0x3f), 0);
      farEnd.send(noise, rtpPort);
      farEnd.send(noise, rtpPort + 1);
    }
    await farEnd.hears(carries(spoken));
    const from = window.heard.length;
    await until(() => window.heard.slice(from).find(carries(answered)));
  });

  it('hears only the signalled address, and of that only one source', async () => {
    await relay.configure(call, params());
    const window = await openWindow();
    await event('web-connected');
    farEnd.speak(answered, 0, rtpPort);
    await until(() => window.heard.find(carries(answered)));
    const stranger = await FarEnd.open(22302);
    stranger.speak(0x11, 0, rtpPort);
    const from = window.heard.length;
    await until(() => (window.heard.length > from + 20 ? true : undefined));
    stranger.close();
    expect(codesHeard(window, from)).toEqual(new Set([answered]));
  });
});

describe('the relay itself', () => {
  it('gives each call a pair of its own, the same when asked again, and frees it', async () => {
    expect(rtpPort % 2).toBe(0);
    expect((await relay.allocate(call, '127.0.0.1')).rtpPort).toBe(rtpPort);
    expect((await relay.allocate('c2', '127.0.0.1')).rtpPort).not.toBe(rtpPort);
    const small = createRelay({ portRange: [22210, 22211] });
    await small.allocate('a', '127.0.0.1');
    await expect(small.allocate('b', '127.0.0.1')).rejects.toThrow(/no free pair/);
    small.release('a');
    expect((await small.allocate('b', '127.0.0.1')).rtpPort).toBe(22210);
    await small.close();
  });

  it('says what is wrong with an address that is not ours, a call it does not know, an offer that is none', async () => {
    await expect(relay.allocate('c3', '192.0.2.99')).rejects.toThrow(/cannot receive sound on 192\.0\.2\.99/);
    await expect(relay.configure('c9', params())).rejects.toThrow(/c9/);
    await expect(relay.attachWeb(call, 'v=0')).rejects.toThrow(/no audio/);
    await expect(relay.attachWeb(call, 'v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n')).rejects.toThrow(
      /ICE, DTLS or PCMU/,
    );
  });
});

const fail = (): never => {
  throw new Error('no packet');
};
