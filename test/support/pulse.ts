import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Child, inHaste, run } from './child.ts';
import { pause } from './pause.ts';
import { Rig, type Stoppable } from './rig.ts';

/**
 * A sound server of the test's own. Programs with its `env` play into the null sink `speaker` and hear the source
 * `voice`, which is what the test plays into the null sink `microphone`. (A sink's monitor alone is no microphone to
 * Chromium: it hides monitors.)
 */
const script = (socket: string): string =>
  [
    '.fail',
    `load-module module-native-protocol-unix auth-anonymous=1 socket=${socket}`,
    'load-module module-null-sink sink_name=speaker rate=48000 sink_properties=device.description=Speaker',
    'load-module module-null-sink sink_name=microphone rate=48000 sink_properties=device.description=Microphone',
    'load-module module-remap-source master=microphone.monitor source_name=voice source_properties=device.description=Voice',
    'set-default-sink speaker',
    'set-default-source voice',
    '',
  ].join('\n');

/** A null sink that nobody listens to yet renders so far ahead, in ms: what is played then waits for as long. */
const renderedAhead = 2000;

export class Pulse implements Stoppable {
  /** Resolves when what is played is heard at once. */
  readonly quick = pause(renderedAhead);

  private constructor(
    /** Environment of the programs that shall use it. */
    readonly env: NodeJS.ProcessEnv,
    readonly child: Child,
    readonly rig: Rig,
  ) {}

  static async start(): Promise<Pulse> {
    const rig = new Rig();
    try {
      const folder = await rig.folder();
      const runtime = join(folder, 'runtime');
      await mkdir(runtime);
      await chmod(runtime, 0o700);
      const socket = join(runtime, 'native');
      await writeFile(join(folder, 'default.pa'), script(socket));
      const env = {
        ...process.env,
        HOME: folder,
        XDG_RUNTIME_DIR: runtime,
        PULSE_RUNTIME_PATH: runtime,
        PULSE_SERVER: `unix:${socket}`,
        DBUS_SESSION_BUS_ADDRESS: 'disabled:',
      };
      const args = [
        '-n',
        '-F',
        join(folder, 'default.pa'),
        '--daemonize=no',
        '--use-pid-file=no',
        '--exit-idle-time=-1',
      ];
      const child = rig.use(
        new Child(...inHaste('pulseaudio', [...args, '--disable-shm=yes', '--high-priority=yes', '-v']), {
          env,
        }),
      );
      await child.says(/Daemon startup complete/);
      const pulse = new Pulse(env, child, rig);
      for (const device of ['speaker.monitor', 'voice']) await pulse.#keepQuick(device);
      return pulse;
    } catch (failure) {
      await rig.stop();
      throw failure;
    }
  }

  /**
   * A null sink renders ahead as far as its most patient client allows, up to two seconds, and lets a newcomer wait for
   * as long: an impatient ear at each device spares the phone that.
   */
  async #keepQuick(device: string): Promise<void> {
    const options = [`--device=${device}`, '--raw', '--latency-msec=50', '-v', '/dev/null'];
    const ear = this.rig.use(new Child('parecord', options, { env: this.env }));
    await ear.says(/Stream successfully created|Connected to device/);
  }

  /** Begins to play a WAV file into the microphone; goes on until it ends or is stopped. */
  play(wav: string): Stoppable {
    return new Child('paplay', ['--device=microphone', wav], { env: this.env });
  }

  /** Speaks a WAV file into the microphone; resolves when it has been said. */
  async speak(wav: string): Promise<void> {
    await run('paplay', ['--device=microphone', wav], { env: this.env });
  }

  /** Records what comes out of the speaker, from when it resolves until `stop`. */
  async record(wav: string): Promise<Stoppable> {
    const recorder = new Child(
      'parecord',
      [
        '--device=speaker.monitor',
        '--file-format=wav',
        '--rate=48000',
        '--channels=1',
        '--latency-msec=50',
        '-v',
        wav,
      ],
      { env: this.env },
    );
    await recorder.says(/Stream successfully created|Connected to device/);
    return { stop: () => recorder.stop('SIGINT') };
  }

  /** Plugs in another speaker (a null sink); it becomes the default. */
  async plugSpeaker(name: string): Promise<void> {
    const properties = `sink_properties=device.description=${name}`;
    const args = ['load-module', 'module-null-sink', `sink_name=${name}`, 'rate=48000', properties];
    await run('pactl', args, { env: this.env });
    await run('pactl', ['set-default-sink', name], { env: this.env });
    await this.#keepQuick(`${name}.monitor`);
  }

  /** Plugs in another microphone, fed by what is played into `microphone`; it becomes the default. */
  async plugMicrophone(name: string): Promise<void> {
    const properties = `source_properties=device.description=${name}`;
    const source = ['master=microphone.monitor', `source_name=${name}`, properties];
    await run('pactl', ['load-module', 'module-remap-source', ...source], { env: this.env });
    await run('pactl', ['set-default-source', name], { env: this.env });
  }

  /** Pulls a speaker or a microphone out. */
  async unplug(name: string): Promise<void> {
    const modules = `${await run('pactl', ['list', 'short', 'modules'], { env: this.env })}`;
    const line = modules.split('\n').find((each) => each.includes(`_name=${name} `));
    if (!line) throw new Error(`no ${name} to unplug`);
    await run('pactl', ['unload-module', line.split('\t')[0] ?? ''], { env: this.env });
  }

  /** Listens at a speaker; tells when (by the clock of this computer) something could be heard. */
  listen(speaker = 'speaker'): Listener {
    const options = [`--device=${speaker}.monitor`, '--format=s16le', '--rate=8000', '--channels=1'];
    return this.rig.use(
      new Listener(
        new Child('parec', ['--raw', '--latency-msec=20', ...options], { env: this.env, binary: true }),
      ),
    );
  }

  /** Takes down all that is played into a sink, with the time of each sample. */
  async takeDown(sink: 'microphone' | 'speaker'): Promise<Ear> {
    const options = [`--device=${sink}.monitor`, '--format=s16le', `--rate=${earRate}`, '--channels=1'];
    const child = new Child('parec', ['--raw', '--latency-msec=10', ...options], {
      env: this.env,
      binary: true,
    });
    const ear = this.rig.use(new Ear(child));
    await ear.hears;
    return ear;
  }

  stop(): Promise<void> {
    return this.rig.stop();
  }
}

/** Samples a second that an Ear takes down. */
export const earRate = 8000;

/** A recording that knows when each of its samples was. */
export class Ear implements Stoppable {
  /** Resolves with the first sound, be it silence. */
  readonly hears: Promise<void>;
  readonly #pieces: Buffer[] = [];
  #octets = 0;
  /** Milliseconds since the epoch of sample 0, by the piece that came soonest. */
  #began = Number.POSITIVE_INFINITY;

  constructor(readonly child: Child) {
    this.hears = new Promise((resolve) => {
      child.stdout.on('data', (piece: Buffer) => {
        this.#pieces.push(piece);
        this.#octets += piece.length;
        this.#began = Math.min(this.#began, Date.now() - (1000 * this.#octets) / 2 / earRate);
        resolve();
      });
    });
  }

  /** What was heard since then, in milliseconds since the epoch. */
  since(time: number): Float64Array {
    const all = Buffer.concat(this.#pieces);
    const first = Math.max(0, Math.round(((time - this.#began) * earRate) / 1000));
    return Float64Array.from(
      { length: Math.max(0, (all.length >> 1) - first) },
      (_, index) => all.readInt16LE((first + index) * 2) / 32768,
    );
  }

  stop(): Promise<void> {
    return this.child.stop();
  }
}

const audibleLevel = 0.01;

/** An ear at a speaker. */
export class Listener implements Stoppable {
  #latest = 0;
  /** When something could be heard, milliseconds since the epoch, each piece of sound once. */
  readonly heard: number[] = [];
  readonly #listeners = new Set<() => void>();

  constructor(readonly child: Child) {
    child.stdout.on('data', (sound: Buffer) => {
      for (let at = 0; at + 1 < sound.length; at += 2) {
        if (Math.abs(sound.readInt16LE(at)) < audibleLevel * 32768) continue;
        this.#latest = Date.now();
        this.heard.push(this.#latest);
        break;
      }
      for (const listener of [...this.#listeners]) listener();
    });
  }

  /** Resolves with the first moment after `time` (milliseconds since the epoch) at which there is sound. */
  async soundAfter(time: number, timeoutMs = 20_000): Promise<number> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#listeners.delete(check);
        reject(new Error(`nothing to be heard at the speaker in ${timeoutMs} ms`));
      }, timeoutMs);
      const check = () => {
        if (this.#latest <= time) return;
        clearTimeout(timer);
        this.#listeners.delete(check);
        resolve(this.#latest);
      };
      this.#listeners.add(check);
      check();
    });
  }

  stop(): Promise<void> {
    return this.child.stop();
  }
}
