import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { runningChildren } from './child.ts';

/** Anything a test starts and has to end: a process, a socket, a folder. */
export interface Stoppable {
  stop(): Promise<void>;
}

/** The parts one test (or test file) has started, ended in the reverse order by `stop`. */
export class Rig implements Stoppable {
  readonly #parts: Stoppable[] = [];

  use<T extends Stoppable>(part: T): T {
    this.#parts.push(part);
    return part;
  }

  /** A scratch folder that goes with the rig. */
  async folder(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), 'partyline-test-'));
    this.use({ stop: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) });
    return path;
  }

  /** Ends all parts, the last one first; a part that can't be ended doesn't keep the others alive. */
  async stop(): Promise<void> {
    const failures: unknown[] = [];
    for (let part = this.#parts.pop(); part; part = this.#parts.pop()) {
      await part.stop().catch((failure: unknown) => failures.push(failure));
    }
    if (failures.length > 0) throw new AggregateError(failures, `not stopped: ${failures.join('; ')}`);
  }

  /** For `afterAll`: ends everything and insists that no process is left behind. */
  async stopAndVerify(): Promise<void> {
    await this.stop();
    expect(runningChildren(), 'processes left behind').toEqual([]);
  }
}
