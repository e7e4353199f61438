import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { UdpSocket } from '../../../electron/sip/transport/udp-socket.ts';
import { createStation, field, type TestStation } from '../../integration/sip-support.ts';
import { PhoneUnderTest } from '../phone/phone-under-test.ts';
import { createMemoryNetwork } from './memory-network.ts';

const address = '192.0.2.1';
let station: TestStation;
let pbx: UdpSocket;
/** What the station has sent to the PBX, and when. */
let sent: { readonly text: string; readonly at: number }[];

/** A station on a fake clock, and a PBX that registers it and sends no PRACK. */
beforeEach(async () => {
  vi.useFakeTimers();
  sent = [];
  const network = createMemoryNetwork();
  pbx = await network.bind(
    { address, port: 6060 },
    {
      onDatagram: (datagram) => {
        const text = datagram.toString();
        sent.push({ text, at: Date.now() });
        if (text.startsWith('REGISTER')) send(answerTo(text));
      },
      onError() {},
    },
  );
  station = createStation(
    {
      pbx: { address, port: 6060, dialect: 'none' },
      station: { name: 'User-A', localAddress: address },
      extensions: [{ userId: '5031', localPort: 5060 }],
      lineKeys: [{ extension: 1, label: '5031' }],
    },
    { bind: network.bind },
  );
  await station.port.start();
  await vi.advanceTimersByTimeAsync(100);
});
afterEach(async () => {
  const stopped = station.port.stop();
  await vi.advanceTimersByTimeAsync(40_000);
  await stopped;
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const send = (text: string): void => pbx.send(Buffer.from(text), { address, port: 5060 });
const answerTo = (request: string): string => {
  const kept = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].map((name) => `${name}: ${field(request, name)}`);
  return `SIP/2.0 200 OK\r\n${kept.join('\r\n')}\r\nExpires: 3600\r\nContent-Length: 0\r\n\r\n`;
};

const sdp = `v=0\r\no=- 1 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\nm=audio 5000 RTP/AVP 0\r\n`;
function invite(body: string): void {
  send(
    [
      `INVITE sip:5031@${address}:5060 SIP/2.0`,
      `Via: SIP/2.0/UDP ${address}:6060;branch=z9hG4bK-reliable`,
      'From: <sip:5052@pbx>;tag=bob',
      'To: <sip:5031@pbx>',
      'Call-ID: reliable@pbx',
      'CSeq: 1 INVITE',
      'Max-Forwards: 70',
      `Contact: <sip:5052@${address}:6060>`,
      'Require: 100rel',
      ...(body ? ['Content-Type: application/sdp'] : []),
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n'),
  );
}

const answers = (status: number) => sent.filter(({ text }) => text.startsWith(`SIP/2.0 ${status} `));
/** What the screen shows of all that the station has told so far. */
function screen() {
  const tested = new PhoneUnderTest();
  for (const event of station.events.all) tested.take(event);
  return tested.view;
}
/** 64*T1 (RFC 3262, 3). */
const patience = 32_000;

describe('our ringing, when its PRACK never comes (RFC 3262, 3)', () => {
  it.each([
    ['an offer', sdp],
    ['no offer, so that ours is in the 180', ''],
  ])('is repeated, and refused with 504 after 64*T1: INVITE with %s', async (_with, body) => {
    const began = Date.now();
    invite(body);
    await vi.advanceTimersByTimeAsync(patience - 100);
    expect(screen().calls).toMatchObject([{ state: 'incoming', remote: { number: '5052' } }]);
    // At T1, and each time after twice as long.
    expect(answers(180).map(({ at }) => at - began)).toEqual([0, 500, 1_500, 3_500, 7_500, 15_500, 31_500]);
    expect(new Set(answers(180).map(({ text }) => text)).size).toBe(1);
    expect(answers(504)).toEqual([]);

    await vi.advanceTimersByTimeAsync(200);
    expect(answers(504)).toHaveLength(1);
    expect(field(answers(504)[0]?.text ?? '', 'CSeq')).toBe('1 INVITE');
    expect(screen().calls).toEqual([]);
    expect(screen().sound.ring).toBeNull();
    expect(screen().history).toMatchObject([{ outcome: 'missed', remote: { number: '5052' } }]);
    const ringing = answers(180).length;
    await vi.advanceTimersByTimeAsync(patience);
    expect(answers(180)).toHaveLength(ringing);
  });

  it('ends a call that its user has answered but that waits for the answer to our offer', async () => {
    invite('');
    await vi.advanceTimersByTimeAsync(1_000);
    const { call } = await station.is('incoming');
    station.port.perform({ type: 'accept', call });
    await vi.advanceTimersByTimeAsync(patience);
    expect([
      answers(200).filter(({ text }) => field(text, 'CSeq').endsWith('INVITE')).length,
      answers(504).length > 0,
    ]).toEqual([0, true]);
    expect(station.events.all.findLast(({ type }) => type === 'ended')).toMatchObject({
      call,
      reason: { code: 'call-lost' },
    });
    expect(screen().calls).toEqual([]);
  });

  it('does not keep the 200 to an INVITE with an offer waiting', async () => {
    invite(sdp);
    await vi.advanceTimersByTimeAsync(1_000);
    const { call } = await station.is('incoming');
    station.port.perform({ type: 'accept', call });
    await vi.advanceTimersByTimeAsync(100);
    await station.is('answered');
    const ringing = answers(180).length;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(answers(180)).toHaveLength(ringing);
    expect(answers(504)).toEqual([]);
  });
});
