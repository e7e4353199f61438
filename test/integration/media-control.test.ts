import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRelay } from '../../electron/media/relay.ts';
import { isControl, readReports } from '../../electron/media/rtp/rtcp.ts';
import { RtcpReporter } from '../../electron/media/rtp/rtcp-reporter.ts';
import { readRtp, writeRtp } from '../../electron/media/rtp/rtp.ts';
import { Srtp } from '../../electron/media/srtp/srtp.ts';
import type { LegQuality, MediaPort, PlainLegParams } from '../../electron/phone/ports.ts';
import { TestWindow, until } from './media-window.ts';

/** RTCP of the plain leg as it is on the wire: where it goes and comes from, and how it ends. */

const loopback = '127.0.0.1';
const [rtpPort, controlPort, elsewherePort] = [26_440, 26_441, 26_447];

/** A socket that keeps what comes. */
class Ear {
  readonly heard: Buffer[] = [];
  readonly #socket: Socket;

  static async open(port: number): Promise<Ear> {
    const socket = createSocket('udp4');
    socket.bind(port, loopback);
    await once(socket, 'listening');
    return new Ear(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (datagram) => this.heard.push(datagram));
  }

  get reports(): Buffer[] {
    return this.heard.filter(isControl);
  }

  send(datagram: Buffer, port: number): void {
    this.#socket.send(datagram, port, loopback);
  }

  close(): void {
    this.#socket.close();
  }
}

let relay: MediaPort;
let ears: { rtp: Ear; control: Ear; elsewhere: Ear };
let port: number;
let qualities: LegQuality[];

const pcmu = { name: 'PCMU', payloadType: 0 } as const;
const params = (over: Partial<PlainLegParams> = {}): PlainLegParams => ({
  remote: { address: loopback, port: rtpPort },
  codec: pcmu,
  dtmfPayloadType: null,
  ptime: 20,
  direction: 'sendrecv',
  ...over,
});
/** What the far end would say of the stream that it hears. */
const reportOn = (ssrc: number): Buffer => {
  const packet = {
    payloadType: 0,
    marker: false,
    sequenceNumber: 1,
    timestamp: 0,
    payload: Buffer.alloc(160),
  };
  const reporter = new RtcpReporter('far@end');
  reporter.countSent({ ...packet, ssrc: 9 }, 0);
  reporter.countHeard({ ...packet, ssrc }, 0);
  reporter.countHeard({ ...packet, ssrc, sequenceNumber: 4 }, 60);
  return reporter.write(100, 0) ?? Buffer.alloc(0);
};
const ssrcOf = async (ear: Ear): Promise<number> =>
  until(() => ear.heard.flatMap((each) => (isControl(each) ? [] : (readRtp(each)?.ssrc ?? [])))[0]);
const isRemoteLossTold = (): true | undefined =>
  qualities.some(({ remoteLoss }) => remoteLoss === 0.5) || undefined;

beforeEach(async () => {
  const [rtp, control, elsewhere] = [
    await Ear.open(rtpPort),
    await Ear.open(controlPort),
    await Ear.open(elsewherePort),
  ];
  ears = { rtp, control, elsewhere };
  relay = createRelay({ portRange: [26_450, 26_479] });
  qualities = [];
  relay.on((event) => event.type === 'quality' && qualities.push(event.quality));
  port = (await relay.allocate('call', loopback)).rtpPort;
});

afterEach(async () => {
  await relay.close();
  for (const ear of Object.values(ears)) ear.close();
});

describe('RTCP', () => {
  it('shares the port of RTP where that is agreed, both ways', async () => {
    await relay.configure('call', params({ rtcp: 'mux' }));
    ears.rtp.send(reportOn(await ssrcOf(ears.rtp)), port);
    await until(() => ears.rtp.reports[0]);
    await until(isRemoteLossTold);
    expect(ears.control.heard).toEqual([]);
  });

  it('is encrypted there too', async () => {
    const [ours, theirs] = [randomBytes(30).toString('base64'), randomBytes(30).toString('base64')];
    const suite = 'AES_CM_128_HMAC_SHA1_80';
    const mki = { localMki: '1:4', remoteMki: '2:1' };
    await relay.configure(
      'call',
      params({ rtcp: 'mux', srtp: { suite, local: ours, remote: theirs, ...mki } }),
    );
    const far = new Srtp({ suite, local: theirs, remote: ours, localMki: '2:1', remoteMki: '1:4' });
    ears.rtp.send(far.protectControl(reportOn(await ssrcOf(ears.rtp))), port);
    const report = await until(() => ears.rtp.reports[0]);
    expect(readReports(far.unprotectControl(report) ?? Buffer.alloc(0)).senders).toHaveLength(1);
    await until(isRemoteLossTold);
  });

  it('is not looked for among RTP where it is not agreed', async () => {
    await relay.configure('call', params());
    ears.rtp.send(reportOn(await ssrcOf(ears.rtp)), port);
    await until(() => ears.control.reports[0]);
    expect(isRemoteLossTold()).toBeUndefined();
  });

  it('goes where the far end has said', async () => {
    await relay.configure('call', params({ rtcp: { address: loopback, port: elsewherePort } }));
    await until(() => ears.elsewhere.reports[0]);
    expect(ears.control.heard).toEqual([]);
  });

  it('goes where that of the far end comes from, once it has come', async () => {
    await relay.configure('call', params());
    ears.elsewhere.send(reportOn(await ssrcOf(ears.rtp)), port + 1);
    await until(() => ears.elsewhere.reports[0]);
    await until(isRemoteLossTold);
    expect(ears.control.heard).toEqual([]);
  });
});

it('what the far end loses is told to the window, of what that has said', async () => {
  await relay.configure('call', params());
  const window = await TestWindow.open(relay, 'call');
  window.speak(0x22);
  await until(() => ears.rtp.heard.find((each) => each.at(-1) === 0x22));
  ears.control.send(reportOn(await ssrcOf(ears.rtp)), port + 1);
  const report = await until(() => window.reports[0]);
  // By TestWindow's own SSRC.
  expect(report).toMatchObject({ type: 201, reports: [{ ssrc: 1, fractionLost: 128 }] });
  await window.close();
});

describe('BYE', () => {
  const byes = (ear: Ear): number[] => ear.reports.flatMap((report) => readReports(report).left);

  it.each([
    ['control', undefined],
    ['rtp', 'mux'],
  ] as const)('ends the stream on the port of %s when the call is over', async (ear, rtcp) => {
    await relay.configure('call', params(rtcp ? { rtcp } : {}));
    const ssrc = await ssrcOf(ears.rtp);
    relay.release('call');
    await until(() => byes(ears[ear])[0]);
    expect(byes(ears[ear])).toEqual([ssrc]);
    const { length } = ears.rtp.heard;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(ears.rtp.heard).toHaveLength(length);
  });

  it('ends a stream that gives way to one with another clock (RFC 7160, 4.1)', async () => {
    await relay.configure('call', params());
    const before = await ssrcOf(ears.rtp);
    await relay.configure('call', params({ codec: { name: 'opus', payloadType: 111 } }));
    await until(() => byes(ears.control)[0]);
    const after = await until(() =>
      ears.rtp.heard.map((each) => readRtp(each)?.ssrc).find((ssrc) => ssrc !== before),
    );
    expect(byes(ears.control)).toEqual([before]);
    expect(after).not.toBe(before);
  });

  it('is not sent where nothing was', async () => {
    await relay.configure('call', params({ direction: 'recvonly' }));
    relay.release('call');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(ears.control.heard).toEqual([]);
  });

  it('of the far end does no harm, whatever comes after it', async () => {
    await relay.configure('call', params());
    const voice = (sequenceNumber: number) =>
      writeRtp({
        ...{ payloadType: 0, marker: false, ssrc: 9, payload: Buffer.alloc(160, 1) },
        ...{ sequenceNumber, timestamp: 160 * sequenceNumber },
      });
    ears.rtp.send(voice(1), port);
    const reporter = new RtcpReporter('far@end');
    reporter.countSent(
      {
        ...{ payloadType: 0, marker: false, sequenceNumber: 1, timestamp: 0 },
        ssrc: 9,
        payload: Buffer.alloc(1),
      },
      0,
    );
    const bye = reporter.bye(0, 0) ?? Buffer.alloc(0);
    ears.control.send(bye, port + 1);
    ears.control.send(bye.subarray(0, -2), port + 1);
    ears.control.send(Buffer.from('9fcb0001', 'hex'), port + 1);
    await until(() => qualities.find(({ silentForMs }) => silentForMs !== null));
    ears.rtp.send(voice(2), port);
    const { length } = qualities;
    const told = await until(() =>
      qualities.slice(length).find(({ silentForMs }) => (silentForMs ?? 9999) < 1000),
    );
    expect(told.loss).toBe(0);
  });
});
