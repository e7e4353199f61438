import { afterEach, describe, expect, it } from 'vitest';
import type { ProfileInput } from '../../electron/contract/profile.ts';
import { createFileMedia } from '../../electron/media/file-media.ts';
import { silentLog } from '../../electron/phone/ports.ts';
import { bindMovable } from '../../electron/sip/transport/movable-socket.ts';
import { bindUdpSocket } from '../../electron/sip/transport/udp-socket.ts';
import { createStation, field, host, Inbox, isMethod, RawPbx, type Received } from './sip-support.ts';

const pbxPort = 28_100;
const localPort = 28_110;
const profile: ProfileInput = {
  pbx: { address: host, port: pbxPort },
  station: { name: 'User-A', localAddress: host },
  extensions: [{ userId: '5031', localPort }],
  lineKeys: [{ extension: 1, label: '5031' }],
};
const sdp =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** A PBX that takes every registration, and a call from it that the station has answered. */
async function answeredCall() {
  const pbx = await new RawPbx(pbxPort).open();
  open.push(() => pbx.close());
  pbx.automatic = (text) => {
    if (text.startsWith('REGISTER'))
      return { status: '200 OK', headers: [`Contact: ${field(text, 'Contact')}`] };
    return text.startsWith('BYE') ? { status: '200 OK' } : null;
  };
  const station = createStation(profile);
  open.push(() => station.port.stop());
  await station.port.start();
  await station.is('registered');
  const lines = [
    `INVITE sip:5031@${host}:${localPort} SIP/2.0`,
    `Via: SIP/2.0/UDP ${host}:${pbxPort};branch=z9hG4bK-one`,
    `From: <sip:5051@${host}>;tag=far`,
    `To: <sip:5031@${host}>`,
    'Call-ID: renewal@far',
    'CSeq: 1 INVITE',
    'Max-Forwards: 70',
    `Contact: <sip:5051@${host}:${pbxPort}>`,
    'Content-Type: application/sdp',
    `Content-Length: ${sdp.length}`,
  ];
  pbx.send(`${lines.join('\r\n')}\r\n\r\n${sdp}`, localPort);
  const { call } = await station.is('incoming');
  station.port.perform({ type: 'accept', call });
  const ok = await pbx.responses.next(
    ({ text }) => text.startsWith('SIP/2.0 200') && text.includes('1 INVITE'),
  );
  const ack = [
    `ACK sip:5031@${host}:${localPort} SIP/2.0`,
    `Via: SIP/2.0/UDP ${host}:${pbxPort};branch=z9hG4bK-two`,
    `From: <sip:5051@${host}>;tag=far`,
    `To: ${field(ok.text, 'To')}`,
    'Call-ID: renewal@far',
    'CSeq: 1 ACK',
    'Content-Length: 0',
  ];
  pbx.send(`${ack.join('\r\n')}\r\n\r\n`, localPort);
  await station.is('answered');
  return { pbx, station, call };
}

const answerWithSdp = (pbx: RawPbx, request: Received): void => {
  const text = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].map(
    (name) => `${name}: ${field(request.text, name)}`,
  );
  const more = [`Contact: <sip:5051@${host}:${pbxPort}>`, 'Content-Type: application/sdp'];
  const head = ['SIP/2.0 200 OK', ...text, ...more, `Content-Length: ${sdp.length}`];
  pbx.send(`${head.join('\r\n')}\r\n\r\n${sdp}`, request.port);
};

describe('a phone that wakes', () => {
  it('registers freshly and asks after its call, which goes on', async () => {
    const { pbx, station, call } = await answeredCall();
    station.port.woken();
    expect(await station.is('registered')).toMatchObject({ fresh: true });
    const reinvite = await pbx.requests.next(isMethod('INVITE'));
    expect(field(reinvite.text, 'Contact')).toContain(`${host}:${localPort}`);
    answerWithSdp(pbx, reinvite);
    await pbx.requests.next(isMethod('ACK'));
    // It was no hold, so it is not told as one.
    station.port.perform({ type: 'hold', call });
    answerWithSdp(pbx, await pbx.requests.next(isMethod('INVITE')));
    await station.is('held');
    expect(station.events.all.map(({ type }) => type)).not.toContain('resumed');
  });

  it('ends a call that the far end no longer knows, and says so', async () => {
    const { pbx, station, call } = await answeredCall();
    station.port.woken();
    pbx.answer(await pbx.requests.next(isMethod('INVITE')), '481 Call/Transaction Does Not Exist');
    expect(await station.is('ended')).toEqual({ type: 'ended', call, reason: { code: 'call-lost' } });
  });
});

describe('a socket that moves', () => {
  it('keeps its port at another address, and takes another port when that is taken', async () => {
    const arrived = new Inbox<string>();
    const listener = { onDatagram: (datagram: Buffer) => arrived.add(String(datagram)), onError: () => {} };
    const socket = await bindMovable(bindUdpSocket, { address: host, port: 28_120 }, listener);
    open.push(() => socket.close());
    await socket.move('127.0.0.2');
    expect(socket.local).toEqual({ address: '127.0.0.2', port: 28_120 });
    const other = await bindUdpSocket({ address: '127.0.0.3', port: 28_120 }, listener);
    open.push(() => other.close());
    other.send(Buffer.from('hello'), socket.local);
    expect(await arrived.next()).toBe('hello');
    await socket.move('127.0.0.3');
    expect(socket.local.address).toBe('127.0.0.3');
    expect(socket.local.port).not.toBe(28_120);
    await expect(socket.move('192.0.2.99')).rejects.toThrow('EADDRNOTAVAIL');
    expect(socket.local.address).toBe('127.0.0.3');
  });
});

describe('the sound of a call that moves', () => {
  it('has ports at the new address, and the same ones when asked again', async () => {
    const media = createFileMedia({ portRange: [28_130, 28_149], log: silentLog });
    open.push(() => media.close());
    const first = await media.allocate('one', host);
    const moved = await media.allocate('one', '127.0.0.2');
    expect(await media.allocate('one', '127.0.0.2')).toEqual(moved);
    // The old pair is free again.
    const ports = await Promise.all(
      ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].map((call) => media.allocate(call, host)),
    );
    expect(ports).toContainEqual(first);
    await expect(media.allocate('one', '192.0.2.99')).rejects.toThrow('cannot receive sound on 192.0.2.99');
    expect(await media.allocate('one', '127.0.0.2')).toEqual(moved);
  });
});
