import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { profile } from '../../electron/contract/profile.ts';
import { createFileMedia } from '../../electron/media/file-media.ts';
import { silentLog } from '../../electron/phone/ports.ts';
import { createStation } from '../../electron/station.ts';
import { threadTime } from '../support/thread-time.ts';
import { field, host, isMethod, RawPbx } from './sip-support.ts';

/** PARTYLINE_STORM_SECONDS sets a longer one. */
const seconds = Number(process.env.PARTYLINE_STORM_SECONDS ?? 4);
const perSecond = 10_000;
/** Milliseconds. */
const tick = 5;
/** Not the PBX's address; on loopback all the same. */
const stranger = '127.0.0.2';
const run = promisify(execFile);

it.each([
  [false, 27_300],
  [true, 27_310],
])(
  'a call keeps its sound through 10,000 datagrams a second of strangers (acceptFromAnyone %s)',
  async (acceptFromAnyone, port) => {
    const pbx = await new RawPbx(port).open();
    pbx.automatic = automatic;
    const rtp = createSocket('udp4');
    let [spoken, heard] = [0, 0];
    rtp.on('message', () => {
      heard += 1;
    });
    await new Promise<void>((resolve) => rtp.bind(port + 2, host, resolve));
    const media = createFileMedia({ echo: true });
    const station = createStation({
      profile: profile.parse({
        pbx: { address: host, port, dialect: 'none', acceptFromAnyone },
        station: { name: 'Storm', localAddress: host },
        extensions: [{ userId: '5041', localPort: port + 1 }],
        lineKeys: [
          { extension: 1, label: '5041' },
          { extension: 1, label: '5041' },
        ],
      }),
      media,
      log: silentLog,
      version: '0',
    });
    const changed = (holds: () => boolean): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!holds()) return;
          stop();
          resolve();
        };
        const stop = station.subscribe(look);
        look();
      });
    await station.start();
    await changed(() => station.view().extensions[0]?.registration === 'registered');
    void station.command({ name: 'dial', params: { lineKey: 1, number: '5051' } });
    const invite = await pbx.requests.next(isMethod('INVITE'));
    const contact = `Contact: <sip:5051@${host}:${port}>`;
    pbx.answer(invite, '200 OK', [contact, 'Content-Type: application/sdp'], sdp(port + 2));
    const rtpPort = Number(/m=audio (\d+)/.exec(invite.text)?.[1]);
    await changed(() => station.view().calls[0]?.state === 'active');

    const voice = setInterval(() => {
      spoken += 1;
      rtp.send(rtpPacket(), rtpPort, host);
    }, 20);
    await new Promise((resolve) => setTimeout(resolve, 500));
    [spoken, heard] = [0, 0];
    const delay = monitorEventLoopDelay({ resolution: tick });
    const busy = new BusyTicks();
    const before = memory();
    const started = performance.now();
    delay.enable();
    const script = fileURLToPath(new URL('storm.mjs', import.meta.url));
    const { stdout } = await run(process.execPath, [
      script,
      stranger,
      `${port + 1}`,
      `${perSecond}`,
      `${seconds}`,
    ]);
    delay.disable();
    const lag = busy.stop();
    const took = performance.now() - started;
    const after = memory();
    const [grown, kept] = [(after.rss - before.rss) / 2 ** 20, (after.heapUsed - before.heapUsed) / 2 ** 20];
    const lagHere = delay.percentile(99) / 1e6 - tick;
    const sound = heard / spoken;
    clearInterval(voice);
    console.log(
      `storm of ${Number(stdout)} datagrams in ${(took / 1000).toFixed(1)} s, accepted from anyone: ${acceptFromAnyone}: ` +
        `event-loop lag p99 ${lagHere.toFixed(1)} ms, worst ${(delay.max / 1e6 - tick).toFixed(1)} ms, of our own making p99 ${lag.toFixed(1)} ms, ` +
        `${grown.toFixed(1)} MB more memory, ${kept.toFixed(1)} MB of it still in use (${((kept / took) * 60_000).toFixed(1)} MB a minute), ${(sound * 100).toFixed(0)} % of the sound came back`,
    );
    expect(Number(stdout)).toBeGreaterThan(perSecond * seconds * 0.8);
    expect(lag).toBeLessThan(100);
    expect(grown).toBeLessThan(60);
    expect(kept).toBeLessThan(10);
    expect(sound).toBeGreaterThan(0.95);
    expect(station.view().calls.some(({ state }) => state === 'active')).toBe(true);
    await station.stop();
    await media.close();
    await pbx.close();
    await new Promise<void>((resolve) => rtp.close(() => resolve()));
  },
  seconds * 1000 + 30_000,
);

/** How long this process's own work keeps the event loop from its timers; others on the machine may do so, too. */
class BusyTicks {
  private readonly ran: number[] = [];
  private used = threadTime();
  private readonly timer = setInterval(() => {
    const now = threadTime();
    this.ran.push(now - this.used);
    this.used = now;
  }, tick);

  /** The 99th percentile, milliseconds. */
  stop(): number {
    clearInterval(this.timer);
    const sorted = this.ran.sort((one, other) => one - other);
    return Math.max((sorted[Math.floor(sorted.length * 0.99)] ?? 0) - tick, 0);
  }
}

/** Bytes; the heap without its garbage. */
function memory(): { readonly rss: number; readonly heapUsed: number } {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
  return process.memoryUsage();
}

const sdp = (rtpPort: number): string =>
  [
    'v=0',
    `o=- 1 1 IN IP4 ${host}`,
    's=-',
    `c=IN IP4 ${host}`,
    't=0 0',
    `m=audio ${rtpPort} RTP/AVP 0`,
    'a=rtpmap:0 PCMU/8000',
    'a=ptime:20',
    '',
  ].join('\r\n');

function automatic(text: string): { status: string; headers?: string[] } | null {
  if (text.startsWith('REGISTER')) {
    return { status: '200 OK', headers: [`Contact: ${field(text, 'Contact')};expires=3600`] };
  }
  return text.startsWith('BYE') ? { status: '200 OK' } : null;
}

let sequence = 0;
function rtpPacket(): Buffer {
  sequence += 1;
  const packet = Buffer.alloc(172, 0xff);
  packet.writeUInt16BE(0x8000, 0);
  packet.writeUInt16BE(sequence & 0xffff, 2);
  packet.writeUInt32BE(sequence * 160, 4);
  packet.writeUInt32BE(42, 8);
  return packet;
}
