import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, afterEach, expect, it } from 'vitest';
import { readReports } from '../../electron/media/rtp/rtcp.ts';
import { field, isMethod, RawPbx } from '../integration/sip-support.ts';
import { ElectronApp } from '../support/electron-app.ts';
import { hasRedundancy } from '../support/opus.ts';
import { loopback, portBlock } from '../support/ports.ts';
import { userA } from '../support/profiles.ts';
import { Pulse } from '../support/pulse.ts';
import { Rig } from '../support/rig.ts';
import { isRtp, type RtpPacket, rtpPacket } from '../support/rtp.ts';
import { sentences, speak } from '../support/speech.ts';

const rig = new Rig();
afterEach(() => rig.stop());
afterAll(() => rig.stopAndVerify());

const opus = 111;
const everySecond = 1000;

async function socketAt(port: number): Promise<Socket> {
  const socket = createSocket('udp4').bind(port, loopback);
  await once(socket, 'listening');
  rig.use({ stop: () => new Promise((resolve) => socket.close(() => resolve())) });
  return socket;
}

/** A PBX and a far end that talks Opus, says what it wants of ours, and what it loses of it. */
class LosingEnd {
  readonly heard: RtpPacket[] = [];
  readonly left: number[] = [];

  private constructor(
    readonly pbx: RawPbx,
    readonly rtpPort: number,
    readonly control: Socket,
    readonly format: string,
  ) {}

  static async start(format: string): Promise<LosingEnd> {
    const port = await portBlock();
    const pbx = await new RawPbx(port).open();
    rig.use({ stop: () => pbx.close() });
    const [rtp, control] = [await socketAt(port + 2), await socketAt(port + 3)];
    const end = new LosingEnd(pbx, port + 2, control, format);
    pbx.automatic = (text) => {
      if (text.startsWith('REGISTER'))
        return { status: '200 OK', headers: [`Contact: ${field(text, 'Contact')};expires=3600`] };
      return /^(BYE|OPTIONS|NOTIFY|SUBSCRIBE) /.test(text) ? { status: '200 OK' } : null;
    };
    rtp.on('message', (payload, { port: from }) => {
      if (isRtp(payload)) end.heard.push(rtpPacket({ time: Date.now(), from, to: port + 2, payload }));
    });
    control.on('message', (payload) => end.left.push(...readReports(payload).left));
    return end;
  }

  async answer(): Promise<void> {
    const invite = await this.pbx.requests.next(isMethod('INVITE'), 30_000);
    const sdp = [
      ...['v=0', `o=- 1 1 IN IP4 ${loopback}`, 's=-', `c=IN IP4 ${loopback}`, 't=0 0'],
      ...[
        `m=audio ${this.rtpPort} RTP/AVP ${opus}`,
        `a=rtpmap:${opus} opus/48000/2`,
        `a=fmtp:${opus} ${this.format}`,
      ],
      '',
    ].join('\r\n');
    const headers = [`Contact: <sip:5051@${loopback}:${this.pbx.port}>`, 'Content-Type: application/sdp'];
    this.pbx.answer(invite, '200 OK', headers, sdp);
  }

  /** Says once a second that it loses such a share, 0 to 1. */
  loses(share: number): void {
    const timer = setInterval(() => {
      const last = this.heard.at(-1);
      if (!last) return;
      const report = Buffer.alloc(32);
      report.write('81c90007', 'hex');
      report.writeUInt32BE(9, 4);
      report.writeUInt32BE(last.ssrc, 8);
      report.writeUInt8(Math.round(256 * share), 12);
      report.writeUInt32BE(last.sequence, 16);
      this.control.send(report, last.from + 1, loopback);
    }, everySecond);
    rig.use({ stop: async () => clearInterval(timer) });
  }
}

/** Of the packets with sound in them (a frame of silence is shorter), how many carry an earlier one again. */
const redundancyOf = (packets: readonly RtpPacket[]): number => {
  const loud = packets.filter(({ payload }) => payload.length > 30);
  return loud.filter(({ payload }) => hasRedundancy(payload)).length / loud.length;
};
const bitrateOf = (packets: readonly RtpPacket[]): number =>
  packets.reduce((sum, { payload }) => sum + 8 * payload.length, 0) / (0.02 * packets.length);

it('Opus is made as the far end asks: redundancy once it loses packets, and only if it can use it', async () => {
  const folder = await rig.folder();
  const voice = await speak(sentences.caller, folder, 'microphone', { rate: 48_000 });
  const pulse = rig.use(await Pulse.start());

  const callOf = async (format: string) => {
    const end = await LosingEnd.start(format);
    const profile = {
      ...userA(end.pbx.port, await portBlock()),
      calls: { codecs: ['opus' as const, 'PCMU' as const] },
    };
    const app = rig.use(await ElectronApp.start({ profile, env: pulse.env }));
    await app.control.registered();
    const dialed = app.control.command('dial', { lineKey: 1, number: '5051' });
    await end.answer();
    const { call } = await dialed;
    await app.control.call('active');
    const said = async () => {
      const from = end.heard.length;
      await pulse.speak(voice);
      return end.heard.slice(from);
    };
    const clean = await said();
    end.loses(0.2);
    // Chromium smooths what it hears of loss over some ten seconds.
    await said();
    const lossy = await said();
    await app.control.command('hangUp', { call });
    await app.control.until('the call is over', ({ calls }) => calls.length === 0);
    await expect.poll(() => end.left).toEqual([end.heard.at(-1)?.ssrc]);
    await app.stop();
    return { clean, lossy };
  };

  const able = await callOf('useinbandfec=1;maxaveragebitrate=18000');
  const unable = await callOf('stereo=1');
  console.log(
    `e2e, Opus: redundancy without loss ${redundancyOf(able.clean).toFixed(2)}, at 20 % ${redundancyOf(able.lossy).toFixed(2)} ` +
      `(${Math.round(bitrateOf(able.lossy))} bit/s); for who has no use of it ${redundancyOf(unable.lossy).toFixed(2)} ` +
      `(${Math.round(bitrateOf(unable.lossy))} bit/s)`,
  );
  expect(redundancyOf(able.clean)).toBe(0);
  expect(redundancyOf(able.lossy)).toBeGreaterThan(0.3);
  expect(redundancyOf(unable.lossy)).toBe(0);
  expect(bitrateOf(able.lossy)).toBeLessThan(20_000);
  expect(bitrateOf(unable.lossy)).toBeGreaterThan(20_000);
});
