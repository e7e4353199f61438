import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import {
  type CommandInput,
  type CommandName,
  type CommandResult,
  commands,
} from '../../electron/contract/commands.ts';
import { type Snapshot, snapshot } from '../../electron/contract/snapshot.ts';
import type { Stoppable } from './rig.ts';

const message = z.union([
  z.object({ jsonrpc: z.literal('2.0'), method: z.literal('snapshot'), params: snapshot }),
  z.object({ jsonrpc: z.literal('2.0'), id: z.number(), result: z.unknown() }),
  z.object({
    jsonrpc: z.literal('2.0'),
    id: z.number(),
    error: z.object({
      code: z.number(),
      message: z.string(),
      data: z.object({ code: z.string() }).optional(),
    }),
  }),
]);

/** An error that the phone answered over its control socket. */
export class ControlError extends Error {
  constructor(
    /** Reason code for scripts, such as `line-in-use`. */
    readonly code: string,
    /** The sentence for people. */
    readonly sentence: string,
  ) {
    super(`${code}: ${sentence}`);
  }
}

/** The program behind a control socket, as far as waiting for it goes. */
interface Served {
  readonly hasEnded: boolean;
  readonly output: string;
}

/** A phone, seen and driven through its control socket, as a script would (docs/control.md). */
export class Control implements Stoppable {
  #latest: Snapshot | null = null;
  #id = 0;
  readonly #answers = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  readonly #listeners = new Set<() => void>();

  private constructor(readonly socket: Socket) {
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      for (const { reject } of this.#answers.values()) reject(new Error('the control socket was closed'));
    });
    createInterface({ input: socket }).on('line', (line) => this.#take(line));
  }

  /** Connects, again and again until the phone serves it, and watches. */
  static async open(path: string, phone: Served, timeoutMs = 30_000): Promise<Control> {
    const limit = Date.now() + timeoutMs;
    for (;;) {
      try {
        const socket = connect(path);
        await once(socket, 'connect');
        const control = new Control(socket);
        const first = snapshot.parse(await control.#request('watch', {}));
        // A later one may have come in the same chunk.
        control.#latest ??= first;
        return control;
      } catch (failure) {
        if (phone.hasEnded || Date.now() > limit) {
          throw new Error(`no control socket (${failure}). The phone said:\n${phone.output.slice(-4000)}`);
        }
        // A file that does not exist yet tells nobody when it will.
        await delay(50);
      }
    }
  }

  get snapshot(): Snapshot {
    if (!this.#latest) throw new Error('no snapshot yet');
    return this.#latest;
  }

  /** Gives a command; rejects with ControlError when the phone refuses it. */
  async command<N extends CommandName>(name: N, params: CommandInput<N>): Promise<CommandResult<N>> {
    const result = await this.#request(name, params);
    return commands[name].result.parse(result) as CommandResult<N>;
  }

  /** Any method with anything: what a wrong script may send. */
  raw(method: string, params: unknown): Promise<unknown> {
    return this.#request(method, params);
  }

  /** Resolves with the first snapshot, the present one or a coming one, in which `look` finds something. */
  until<T>(
    what: string,
    look: (now: Snapshot) => T | null | undefined | false,
    timeoutMs = 20_000,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#listeners.delete(check);
        reject(new Error(`not in ${timeoutMs} ms: ${what}. Now:\n${JSON.stringify(this.#latest, null, 1)}`));
      }, timeoutMs);
      const check = () => {
        const found = this.#latest && look(this.#latest);
        if (found === null || found === undefined || found === false) return;
        clearTimeout(timer);
        this.#listeners.delete(check);
        resolve(found);
      };
      this.#listeners.add(check);
      check();
    });
  }

  /** Resolves when all extensions are registered. */
  async registered(): Promise<void> {
    await this.until(
      'all registered',
      ({ extensions }) =>
        extensions.length > 0 && extensions.every(({ registration }) => registration === 'registered'),
    );
  }

  /** Resolves when a line key (1-based) is in a state, with the key. */
  key(index: number, state: Snapshot['lineKeys'][number]['state'], timeoutMs = 20_000) {
    return this.until(
      `line key ${index} ${state}`,
      ({ lineKeys }) => lineKeys.find((key) => key.index === index && key.state === state),
      timeoutMs,
    );
  }

  /** Resolves when some call is in a state, with the call. */
  call(state: Snapshot['calls'][number]['state'], timeoutMs = 20_000) {
    return this.until(
      `a call ${state}`,
      ({ calls }) => calls.find((call) => call.state === state),
      timeoutMs,
    );
  }

  async stop(): Promise<void> {
    this.socket.destroy();
  }

  #request(method: string, params: unknown): Promise<unknown> {
    this.#id += 1;
    const id = this.#id;
    return new Promise((resolve, reject) => {
      this.#answers.set(id, { resolve, reject });
      this.socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    });
  }

  #take(line: string): void {
    const received = message.parse(JSON.parse(line));
    if ('method' in received) {
      this.#latest = received.params;
      for (const listener of [...this.#listeners]) listener();
      return;
    }
    const waiting = this.#answers.get(received.id);
    this.#answers.delete(received.id);
    if ('error' in received) {
      const { data, message: sentence, code } = received.error;
      waiting?.reject(new ControlError(data?.code ?? String(code), sentence));
    } else waiting?.resolve(received.result);
  }
}
