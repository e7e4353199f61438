import { join } from 'node:path';
import { type UtilityProcess, utilityProcess } from 'electron';
import type { Log } from '../phone/ports.ts';
import {
  type PracticePbxReply,
  type PracticePbxRequest,
  practicePbxReply,
} from '../practice-pbx/practice-pbx-messages.ts';
import { practiceProfile } from '../practice-pbx/practice-profile.ts';
import type { PracticePbxPort } from '../station-host.ts';

export interface PracticePbxProcessOptions {
  readonly script: string;
  /** The app's assets folder; the colleagues' speech is in its `practice`. */
  readonly assets: string;
  readonly log: Log;
}

const address = '127.0.0.1';
/** How long a start or a farewell may take, in ms. */
const patience = 10_000;

/** The practice PBX in a process of its own, as far from the phone as a PBX in the office would be. */
export function createPracticePbxProcess({
  script,
  assets,
  log,
}: PracticePbxProcessOptions): PracticePbxPort {
  let running: { readonly process: UtilityProcess; readonly port: number } | null = null;

  async function start(): Promise<number> {
    const process = utilityProcess.fork(script, [], { serviceName: 'Partyline practice PBX' });
    process.on('exit', (code) => {
      if (running?.process === process) {
        running = null;
        log.error({ code }, 'the practice PBX has stopped');
      }
    });
    const reply = await ask(process, { start: { address, port: 6060, assets: join(assets, 'practice') } });
    if (!('started' in reply)) {
      process.kill();
      throw new Error('failed' in reply ? reply.failed.sentence : 'it does not start');
    }
    running = { process, port: reply.started.port };
    return reply.started.port;
  }

  return {
    async start() {
      return practiceProfile({ address, port: running?.port ?? (await start()) });
    },
    async stop() {
      const stopping = running;
      running = null;
      if (!stopping) return;
      await ask(stopping.process, { stop: {} }).catch(() => undefined);
      stopping.process.kill();
    },
  };
}

/** One question, one answer; a process that dies or is silent is an error. */
function ask(process: UtilityProcess, request: PracticePbxRequest): Promise<PracticePbxReply> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      clearTimeout(timer);
      process.off('message', heard);
      process.off('exit', exited);
      finish();
    };
    const heard = (message: unknown): void => {
      const reply = practicePbxReply.safeParse(message);
      if (reply.success) settle(() => resolve(reply.data));
    };
    const exited = (): void => settle(() => reject(new Error('its process ended')));
    const timer = setTimeout(() => settle(() => reject(new Error('it does not answer'))), patience);
    process.on('message', heard);
    process.on('exit', exited);
    process.postMessage(request);
  });
}
