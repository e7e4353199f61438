import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CodecName } from '../../electron/contract/profile.ts';
import { Decoder } from '../../electron/media/codecs/decoder.ts';
import { createRelay } from '../../electron/media/relay.ts';
import { type RtpPacket, readRtp, writeRtp } from '../../electron/media/rtp/rtp.ts';
import { Srtp } from '../../electron/media/srtp/srtp.ts';
import type { LegQuality, MediaEvent, MediaPort, PlainLegParams } from '../../electron/phone/ports.ts';
import { toneLevel } from '../support/fourier.ts';
import { linearOf, tone } from '../support/tones.ts';
import { FarEnd, TestWindow, until } from './media-window.ts';

const loopback = '127.0.0.1';
let relay: MediaPort;
let events: MediaEvent[];
let farEnd: FarEnd;
let window: TestWindow | null;
let port: number;

const params = (codec: PlainLegParams['codec'], over: Partial<PlainLegParams> = {}): PlainLegParams => ({
  remote: { address: loopback, port: farEnd.port },
  codec,
  dtmfPayloadType: null,
  ptime: 20,
  direction: 'sendrecv',
  ...over,
});
const pcmu = { name: 'PCMU', payloadType: 0 } as const;

beforeEach(async () => {
  farEnd = await FarEnd.open(26_340);
  relay = createRelay({ portRange: [26_350, 26_399] });
  events = [];
  relay.on((event) => events.push(event));
  port = (await relay.allocate('call', loopback)).rtpPort;
  window = null;
});

afterEach(async () => {
  await window?.close();
  farEnd.close();
  await relay.close();
});

describe('an encrypted leg', () => {
  const [ours, theirs] = [randomBytes(30).toString('base64'), randomBytes(30).toString('base64')];
  const suite = 'AES_CM_128_HMAC_SHA1_80';

  it('takes each packet of the far end once, and nothing else from anywhere', async () => {
    await relay.configure('call', params(pcmu, { srtp: { suite, local: ours, remote: theirs } }));
    window = await TestWindow.open(relay, 'call');
    window.play(tone(400));
    await until(() => events.find(({ type }) => type === 'web-connected'));
    const { heard } = window;

    const srtp = new Srtp({ suite, local: theirs, remote: ours });
    const voice = (code: number) => Buffer.alloc(160, code);
    const send = (datagram: Buffer) => farEnd.send(datagram, port);
    const secret = srtp.protect(farEnd.packet(0, voice(0x11)));
    const tampered = srtp.protect(farEnd.packet(0, voice(0x22)));
    tampered[40] = (tampered[40] ?? 0) ^ 0x80;
    const stranger = new Srtp({ suite, local: randomBytes(30).toString('base64'), remote: ours });
    send(secret);
    send(secret);
    send(tampered);
    send(stranger.protect(farEnd.packet(0, voice(0x33))));
    // Four that are missing, one after the other, are not made up.
    for (let count = 0; count < 2; count += 1) send(farEnd.packet(0, voice(0x44)));
    send(secret);
    send(srtp.protect(farEnd.packet(0, voice(0x55))));
    await until(() => heard.find(({ payload }) => payload[0] === 0x55));
    expect(heard.map(({ payload }) => payload[0])).toEqual([0x11, 0x55]);

    // What we send is a voice to who has the key, and noise to who has not.
    const level = (payload: Buffer = Buffer.alloc(0)) => toneLevel(linearOf(payload), 400);
    const open = (packet: RtpPacket) => readRtp(srtp.unprotect(writeRtp(packet)) ?? Buffer.alloc(0));
    const wire = await farEnd.hears((packet) => level(open(packet)?.payload) > 7000);
    expect(wire.payload.length).toBe(170);
    expect(level(wire.payload.subarray(0, 160))).toBeLessThan(7000);
  });

  it('is not latched on to who has not the key', async () => {
    await relay.configure('call', params(pcmu, { srtp: { suite, local: ours, remote: theirs } }));
    const thief = await FarEnd.open(26_344);
    thief.send(thief.packet(0, Buffer.alloc(160, 1)), port);
    thief.send(
      new Srtp({ suite, local: ours, remote: ours }).protect(thief.packet(0, Buffer.alloc(160, 1))),
      port,
    );
    await farEnd.hears(() => true);
    expect(thief.heard).toEqual([]);
    expect(events.filter(({ type }) => type === 'first-rtp')).toEqual([]);
    thief.close();
  });

  it('encrypts its reports too', async () => {
    const rtcp = await socketAt(farEnd.port + 1);
    await relay.configure('call', params(pcmu, { srtp: { suite, local: ours, remote: theirs } }));
    const [report] = (await once(rtcp, 'message')) as [Buffer];
    expect(report.includes(`@${loopback}`)).toBe(false);
    const read = new Srtp({ suite, local: theirs, remote: ours }).unprotectControl(report);
    expect(read?.includes(`@${loopback}`)).toBe(true);
    rtcp.close();
  });
});

describe('digits as sound', () => {
  it.each([
    ['PCMU', 0],
    ['PCMA', 8],
    ['G722', 9],
    ['opus', 111],
  ] satisfies [CodecName, number][])('reach a far end that talks %s', async (name, payloadType) => {
    await relay.configure('call', params({ name, payloadType }));
    window = await TestWindow.open(relay, 'call');
    window.play(tone(300));
    await until(() => events.find(({ type }) => type === 'web-connected'));
    const from = farEnd.heard.length;
    relay.sendDtmf('call', '5#', 'auto');
    const decoder = new Decoder(8);
    const wanted = (2 * 170 + 200) / 20;
    await until(() => (farEnd.heard.length >= from + wanted + 4 ? true : undefined));
    const sound = Float64Array.from(
      farEnd.heard
        .slice(from)
        .flatMap((packet) => [...(decoder.decode({ ...packet, codec: name })?.samples ?? [])]),
    );
    const pieces = Array.from({ length: Math.floor(sound.length / 160) - 1 }, (_, index) =>
      sound.subarray(index * 160, index * 160 + 320),
    );
    const has = (...hertz: number[]) =>
      pieces.filter((piece) => hertz.every((each) => toneLevel(piece, each) > 4000)).length;
    expect(has(770, 1336)).toBeGreaterThanOrEqual(3);
    expect(has(941, 1477)).toBeGreaterThanOrEqual(3);
    // In place of our user's voice, which comes back.
    expect(pieces.filter((piece) => toneLevel(piece, 770) > 4000 && toneLevel(piece, 300) > 3000)).toEqual(
      [],
    );
    expect(toneLevel(pieces.at(-1) ?? new Float64Array(0), 300)).toBeGreaterThan(4000);
  });

  it('are telephone events where the far end takes them, unless it must be sound', async () => {
    await relay.configure('call', params(pcmu, { dtmfPayloadType: 101 }));
    relay.sendDtmf('call', '7', 'auto');
    await farEnd.hears(({ payloadType, payload }) => payloadType === 101 && (payload[1] ?? 0) > 127);
    const from = farEnd.heard.length;
    relay.sendDtmf('call', '7', 'inband');
    await farEnd.hears(
      ({ payloadType, payload }) => payloadType === 0 && toneLevel(linearOf(payload), 852) > 4000,
    );
    expect(farEnd.heard.slice(from + 3).every(({ payloadType }) => payloadType === 0)).toBe(true);
  });
});

describe('the quality of a leg', () => {
  const qualities = (): LegQuality[] =>
    events.flatMap((event) => (event.type === 'quality' && event.call === 'call' ? [event.quality] : []));

  it('is told once a second: loss and silence as we hear them, the far end as it reports', async () => {
    // The far end is a relay as well, and its reports come back.
    const other = createRelay({ portRange: [26_360, 26_369] });
    const { rtpPort } = await other.allocate('there', loopback);
    const there: LegQuality[] = [];
    other.on((event) => event.type === 'quality' && there.push(event.quality));
    await relay.configure('call', { ...params(pcmu), remote: { address: loopback, port: rtpPort } });
    await other.configure('there', { ...params(pcmu), remote: { address: loopback, port } });
    const told = await until(() => qualities().find(({ roundTripMs }) => roundTripMs !== null), 15_000);
    expect(told).toMatchObject({ loss: 0, remoteLoss: 0 });
    expect(told.roundTripMs).toBeLessThan(50);
    expect(told.jitterMs).toBeLessThan(20);
    expect(told.silentForMs).toBeLessThan(500);
    const { length } = qualities();
    const began = performance.now();
    await until(() => (qualities().length >= length + 2 ? true : undefined));
    expect(performance.now() - began).toBeGreaterThan(900);

    await other.close();
    const silent = await until(() => qualities().find(({ silentForMs }) => (silentForMs ?? 0) > 1500), 5000);
    expect(silent.loss).toBe(0);
  }, 25_000);

  it('counts the silence of a far end that was never heard, and not that while we hold', async () => {
    const silence = (least: number) =>
      until(() => qualities().find(({ silentForMs }) => silentForMs !== null && silentForMs > least), 5000);
    await relay.configure('call', params(pcmu));
    await silence(1500);
    await relay.configure('call', params(pcmu, { direction: 'sendonly', hold: true }));
    await until(() => qualities().find(({ silentForMs }) => silentForMs === null));
    events.length = 0;
    await relay.configure('call', params(pcmu));
    const first = await silence(0);
    expect(first.silentForMs).toBeLessThan(1500);
  });

  it('takes comfort noise (RFC 3389) neither for loss nor for silence', async () => {
    await relay.configure('call', params(pcmu));
    const send = (payloadType: number) =>
      farEnd.send(farEnd.packet(payloadType, Buffer.alloc(payloadType === 0 ? 160 : 1, 40)), port);
    send(0);
    const noise = setInterval(() => send(13), 20);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    clearInterval(noise);
    send(0);
    const told = await until(() => qualities()[1]);
    expect(told.loss).toBe(0);
    expect(told.silentForMs).toBeLessThan(1200);
  });

  it('shows what is lost on the way', async () => {
    await relay.configure('call', params(pcmu));
    farEnd.play(tone(400), { port, dropEvery: 5 });
    const lossy = await until(() => qualities().find(({ loss }) => loss > 0.15), 4000);
    expect(lossy.loss).toBeLessThan(0.25);
    await relay.configure('call', params(pcmu, { direction: 'inactive', hold: true }));
    events.length = 0;
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(qualities()).toEqual([]);
  });
});

async function socketAt(at: number): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(at, loopback);
  await once(socket, 'listening');
  return socket;
}
