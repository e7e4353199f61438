import { parentPort as workerPort } from 'node:worker_threads';
import type { Log } from '../phone/ports.ts';
import { createPracticeOffice } from './practice-office.ts';
import type { PracticePbx } from './practice-pbx.ts';
import {
  type PracticePbxReply,
  type PracticePbxRequest,
  practicePbxRequest,
} from './practice-pbx-messages.ts';

/**
 * The practice PBX as a process of its own: an Electron utilityProcess, or a worker thread of plain Node. It obeys
 * practice-pbx-messages.ts, one request after the other.
 */

/** What Electron adds to `process` in a utilityProcess; declared here, since this runs without Electron too. */
interface UtilityPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (message: { data: unknown }) => void): unknown;
}
const utilityPort = (process as { parentPort?: UtilityPort }).parentPort;

const post = (reply: PracticePbxReply): void => {
  if (utilityPort) utilityPort.postMessage(reply);
  else workerPort?.postMessage(reply);
};

/** Warnings reach the app's own log by way of standard error. */
const write = (fields: object, message: string): void =>
  console.error(
    message,
    JSON.stringify(fields, (_key, value) => (value instanceof Error ? String(value) : value)),
  );
const log: Log = { debug() {}, info() {}, warn: write, error: write };

let office: PracticePbx | null = null;
let changing: Promise<void> = Promise.resolve();

function take(message: unknown): void {
  const request = practicePbxRequest.safeParse(message);
  changing = changing.then(async () => {
    try {
      if (!request.success) throw new Error('The practice PBX was asked for something it does not know.');
      post(await perform(request.data));
    } catch (error) {
      post({ failed: { sentence: error instanceof Error ? error.message : String(error) } });
    }
  });
}

async function perform(request: PracticePbxRequest): Promise<PracticePbxReply> {
  if ('stop' in request) {
    await office?.stop();
    office = null;
    return { stopped: {} };
  }
  const { address, port, assets = null } = request.start;
  office ??= createPracticeOffice({ address, port, assets, log });
  try {
    return { started: { port: (await office.start()).port } };
  } catch (error) {
    office = null;
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`The practice PBX could not listen on ${address}, port ${port} or after (${why}).`);
  }
}

// A colleague's mishap must not take the PBX away from the one who practises.
process.on('uncaughtException', (error) => log.error({ error }, 'uncaught in the practice PBX'));
process.on('unhandledRejection', (error) => log.error({ error }, 'unhandled in the practice PBX'));

utilityPort?.on('message', ({ data }) => take(data));
workerPort?.on('message', take);
