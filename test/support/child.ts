import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setPriority } from 'node:os';
import type { Readable } from 'node:stream';
import type { Stoppable } from './rig.ts';

const running = new Map<number, string>();

/** Processes started by this test file that have not ended yet: "pid command". */
export const runningChildren = (): string[] => [...running].map(([pid, command]) => `${pid} ${command}`);

// A test run that is cut short takes its processes with it.
process.once('exit', () => {
  for (const pid of running.keys()) killGroup(pid);
});

const keptOutput = 200_000;

interface ChildOptions extends SpawnOptions {
  /** Standard output is data, read by the caller; only standard error is kept. */
  readonly binary?: boolean;
}

/**
 * A command line for a program that plays or hears sound: on a busy machine it must not be the rig that stutters. Only
 * root may ask for that.
 */
export const inHaste = (command: string, args: readonly string[]): [string, readonly string[]] =>
  process.getuid?.() === 0 ? ['nice', ['-n', '-10', command, ...args]] : [command, args];

/** The same for this process and, unless they ask for more, those that it starts from now on. */
export function hurry(): void {
  if (process.getuid?.() === 0) setPriority(-10);
}

/** A process of the rig: its output is kept for the error message, its end is awaited. */
export class Child implements Stoppable {
  readonly process: ChildProcess;
  readonly ended: Promise<number | null>;
  #output = '';
  #hasEnded = false;
  readonly #listeners = new Set<() => void>();

  constructor(
    readonly command: string,
    args: readonly string[],
    { binary = false, ...options }: ChildOptions = {},
  ) {
    // A process group of its own: what it spawns ends with it.
    this.process = spawn(command, [...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      ...options,
    });
    const { pid } = this.process;
    if (pid !== undefined) running.set(pid, [command, ...args].join(' ').slice(0, 120));
    this.#keep(this.process.stderr);
    if (!binary) this.#keep(this.process.stdout);
    this.ended = new Promise((resolve) => {
      const end = (code: number | null) => {
        if (pid !== undefined) running.delete(pid);
        this.#hasEnded = true;
        resolve(code);
        this.#tell();
      };
      this.process.once('error', (error) => {
        this.#output += `${command}: ${error.message}\n`;
        end(null);
      });
      this.process.once('exit', end);
    });
  }

  /** Standard output of a `binary` child. */
  get stdout(): Readable {
    if (!this.process.stdout) throw new Error(`${this.command} has no standard output`);
    return this.process.stdout;
  }

  get output(): string {
    return this.#output;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Resolves when the output matches; rejects, with the output, when the process ends first or takes longer. */
  async says(pattern: RegExp, timeoutMs = 20_000): Promise<RegExpMatchArray> {
    return this.until(`said ${pattern}`, () => this.#output.match(pattern), timeoutMs);
  }

  /** Resolves with what `look` finds, asked again whenever there is output. */
  async until<T>(what: string, look: () => T | null | undefined, timeoutMs = 20_000): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        this.#listeners.delete(check);
        act();
      };
      const check = () => {
        const found = look();
        if (found !== null && found !== undefined) settle(() => resolve(found));
        else if (this.#hasEnded) settle(() => reject(this.#complaint(`ended before it ${what}`)));
      };
      const timer = setTimeout(
        () => settle(() => reject(this.#complaint(`has not ${what} in ${timeoutMs} ms`))),
        timeoutMs,
      );
      this.#listeners.add(check);
      check();
    });
  }

  /** SIGTERM (or another) to the process and its children, SIGKILL when that doesn't help. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', patienceMs = 8_000): Promise<void> {
    this.#signal(signal);
    const timer = setTimeout(() => this.#signal('SIGKILL'), patienceMs);
    await this.ended;
    clearTimeout(timer);
    // Children that outlived their parent (a crashed daemon's workers).
    if (this.process.pid !== undefined) killGroup(this.process.pid);
  }

  #signal(signal: NodeJS.Signals): void {
    if (!this.#hasEnded) this.process.kill(signal);
  }

  #keep(stream: Readable | null): void {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      this.#output = (this.#output + text).slice(-keptOutput);
      this.#tell();
    });
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #complaint(what: string): Error {
    return new Error(`${this.command} ${what}. Its output:\n${this.#output.slice(-4000)}`);
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The group is gone: as it should be.
  }
}

/** Runs a tool to its end; resolves with its standard output, rejects with what it complained of. */
export async function run(
  command: string,
  args: readonly string[],
  options: SpawnOptions = {},
): Promise<Buffer> {
  const child = spawn(command, [...args], { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const out: Buffer[] = [];
  const complaints: Buffer[] = [];
  child.stdout?.on('data', (data: Buffer) => out.push(data));
  child.stderr?.on('data', (data: Buffer) => complaints.push(data));
  const [code] = await once(child, 'close');
  if (code !== 0)
    throw new Error(`${command} ${args.join(' ')} ended with ${code}: ${Buffer.concat(complaints)}`);
  return Buffer.concat(out);
}
