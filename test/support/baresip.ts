import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { Child, inHaste, run } from './child.ts';
import { NetstringReader, netstring } from './netstring.ts';
import { loopback, portBlock } from './ports.ts';
import { Rig, type Stoppable } from './rig.ts';

const eventMessage = z.object({
  event: z.literal(true),
  type: z.string(),
  direction: z.string().optional(),
  peeruri: z.string().optional(),
  param: z.string().optional(),
});
const responseMessage = z.object({
  response: z.literal(true),
  ok: z.boolean(),
  data: z.string().default(''),
  token: z.string().optional(),
});
export type BaresipEvent = z.infer<typeof eventMessage>;

/** As it names them, and as what it wants its sound file for each. */
const codecs = {
  PCMU: { name: 'pcmu/8000/1', rate: 8000, channels: 1 },
  G722: { name: 'G722/16000/1', rate: 16_000, channels: 1 },
  opus: { name: 'opus/48000/2', rate: 48_000, channels: 2 },
} as const;

export interface BaresipOptions {
  /** Its extension; the password is `pw<user>`. */
  readonly user: string;
  /** UDP port of the PBX on the loopback interface. */
  readonly pbxPort: number;
  /** What it says once the call is up: 8 kHz, mono, 16-bit WAV. */
  readonly says: string;
  /** Answers by itself, or waits for `accept`. */
  readonly answers?: 'auto' | 'manual';
  /** What it speaks; PCMU when absent. */
  readonly codec?: keyof typeof codecs;
  /** Encrypts its sound with keys in SDP: over RTP/AVP where the other can, or over RTP/SAVP (RTP/SAVPF) and not otherwise. */
  readonly encrypts?: 'srtp' | 'srtp-mand' | 'srtp-mandf';
  /** Would have RTCP on the port of RTP (RFC 5761). */
  readonly muxes?: boolean;
  /** The sound server whose microphone and speaker it uses, instead of files (Pulse.env). */
  readonly sound?: NodeJS.ProcessEnv;
  /** Takes noise and unequal loudness out of what the microphone hears. */
  readonly cleans?: boolean;
}

/** A real SIP phone without a screen, driven over its control socket; it records what it hears. */
export class Baresip implements Stoppable {
  readonly events: BaresipEvent[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #answers = new Map<string, (answer: z.infer<typeof responseMessage>) => void>();
  #token = 0;

  private constructor(
    readonly options: BaresipOptions,
    readonly port: number,
    readonly recordings: string,
    readonly child: Child,
    readonly control: Socket,
    readonly rig: Rig,
  ) {
    const reader = new NetstringReader();
    control.on('data', (piece) => {
      for (const text of reader.read(Buffer.from(piece))) this.#take(JSON.parse(text));
    });
  }

  /** Starts it and waits until it is registered with the PBX. */
  static async start(options: BaresipOptions): Promise<Baresip> {
    const rig = new Rig();
    try {
      const folder = await rig.folder();
      const recordings = join(folder, 'recordings');
      await mkdir(recordings);
      const port = await portBlock();
      // It hangs up when its sound file ends: a minute of silence keeps the call up.
      const sound = join(folder, 'says.wav');
      const format = codecs[options.codec ?? 'PCMU'];
      await run('sox', [
        options.says,
        '-r',
        `${format.rate}`,
        '-c',
        `${format.channels}`,
        sound,
        'pad',
        '0',
        '60',
      ]);
      const devices = options.sound ? soundCard(format.rate, options.cleans) : soundFiles(sound, format);
      await writeFile(
        join(folder, 'config'),
        configuration(devices, port, recordings, options.muxes ?? false),
      );
      await writeFile(join(folder, 'accounts'), `${account(options)}\n`);
      await writeFile(join(folder, 'contacts'), '');
      const env = options.sound ? { env: options.sound } : {};
      const child = rig.use(new Child(...inHaste('baresip', ['-f', folder, '-v']), env));
      await child.says(/baresip is ready/);
      const control = connect(port + 5, loopback);
      rig.use({ stop: async () => void control.destroy() });
      await once(control, 'connect');
      const baresip = new Baresip(options, port, recordings, child, control, rig);
      await child.says(/200 OK .*\[\d+ bindings?\]/);
      return baresip;
    } catch (failure) {
      await rig.stop();
      throw failure;
    }
  }

  dial(number: string): Promise<string> {
    return this.command('dial', `sip:${number}@${loopback}:${this.options.pbxPort}`);
  }
  accept(): Promise<string> {
    return this.command('accept');
  }
  hangUp(): Promise<string> {
    return this.command('hangup');
  }
  hold(): Promise<string> {
    return this.command('hold');
  }
  resume(): Promise<string> {
    return this.command('resume');
  }
  /** RFC 4733 digits. */
  async sendDigits(digits: string): Promise<void> {
    for (const digit of digits) await this.command('sndcode', digit);
  }

  /** Resolves with the first event of that type after `since` events; see `events.length`. */
  until(type: string, since = 0, timeoutMs = 20_000): Promise<BaresipEvent> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#listeners.delete(check);
        const seen = this.events.map((event) => event.type).join(', ');
        reject(new Error(`baresip ${this.options.user}: no ${type} in ${timeoutMs} ms, only ${seen}`));
      }, timeoutMs);
      const check = () => {
        const found = this.events.slice(since).find((event) => event.type === type);
        if (!found) return;
        clearTimeout(timer);
        this.#listeners.delete(check);
        resolve(found);
      };
      this.#listeners.add(check);
      check();
    });
  }

  /** The WAV file of what it has heard in its latest call; complete only when that call has ended (or was held). */
  async heard(): Promise<string> {
    return this.#recording('dec');
  }

  /** A command of its `menu` module; resolves with what it answers. */
  async command(command: string, params?: string): Promise<string> {
    this.#token += 1;
    const token = String(this.#token);
    const answered = new Promise<z.infer<typeof responseMessage>>((resolve) =>
      this.#answers.set(token, resolve),
    );
    this.control.write(netstring(JSON.stringify({ command, params, token })));
    const answer = await answered;
    if (!answer.ok) throw new Error(`baresip ${command} ${params ?? ''}: ${answer.data}`);
    return answer.data;
  }

  stop(): Promise<void> {
    return this.rig.stop();
  }

  async #recording(side: 'dec' | 'enc'): Promise<string> {
    const files = (await readdir(this.recordings)).filter((file) => file.endsWith(`-${side}.wav`)).sort();
    const latest = files.at(-1);
    if (!latest) throw new Error(`baresip ${this.options.user} has recorded nothing`);
    return join(this.recordings, latest);
  }

  #take(message: unknown): void {
    const response = responseMessage.safeParse(message);
    if (response.success) {
      this.#answers.get(response.data.token ?? '')?.(response.data);
      return;
    }
    const event = eventMessage.safeParse(message);
    if (event.success) this.events.push(event.data);
    for (const listener of [...this.#listeners]) listener();
  }
}

const account = ({ user, pbxPort, answers = 'auto', codec = 'PCMU', encrypts }: BaresipOptions): string =>
  `<sip:${user}@${loopback}:${pbxPort}>;auth_user=${user};auth_pass=pw${user};answermode=${answers};` +
  `audio_codecs=${codecs[codec].name};regint=300` +
  (encrypts ? `;mediaenc=${encrypts}` : '');

const soundFiles = (says: string, { rate, channels }: { rate: number; channels: number }): string[] => [
  `audio_source aufile,${says}`,
  'audio_player aubridge,silent',
  'audio_alert aubridge,silent',
  `audio_srate ${rate}`,
  `audio_channels ${channels}`,
];
const alsa = 'module alsa.so';
/** ALSA's way to a PulseAudio server. */
const soundCard = (rate: number, cleans = false): string[] => [
  alsa,
  ...(cleans ? ['module speex_pp.so'] : []),
  'audio_source alsa,pulse',
  'audio_player alsa,pulse',
  'audio_alert alsa,pulse',
  `audio_srate ${rate}`,
  'audio_channels 1',
];

/** `net_interface` takes the address (the name `lo` fails); `sip_listen` takes the next port as well. */
const configuration = (
  devices: readonly string[],
  port: number,
  recordings: string,
  muxes: boolean,
): string =>
  [
    'module_path /usr/lib/baresip/modules',
    'module g711.so',
    'module g722.so',
    'module opus.so',
    'module aufile.so',
    'module aubridge.so',
    'module sndfile.so',
    'module srtp.so',
    'module_app account.so',
    'module_app menu.so',
    'module_app ctrl_tcp.so',
    `net_interface ${loopback}`,
    `sip_listen ${loopback}:${port}`,
    `ctrl_tcp_listen ${loopback}:${port + 5}`,
    ...devices,
    'jitter_buffer_delay 5-10',
    `snd_path ${recordings}`,
    // On a sound card it may have more calls than its block has ports.
    devices.includes(alsa) ? `rtp_ports ${port + 2000}-${port + 2039}` : `rtp_ports ${port + 6}-${port + 9}`,
    'rtp_timeout 60',
    `rtcp_mux ${muxes ? 'yes' : 'no'}`,
    '',
  ].join('\n');
