import { parentPort as workerPort } from 'node:worker_threads';
import { createRelay } from './relay.ts';
import type { RelayReply } from './relay-protocol.ts';
import { logTo, serveRelay } from './relay-server.ts';

/**
 * The media process: a relay of its own in an Electron utilityProcess, so that nothing the main process does delays a
 * packet; or in a worker thread of plain Node.
 */

/** What Electron adds to `process` in a utilityProcess; declared here, since this runs without Electron too. */
interface UtilityPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (message: { data: unknown }) => void): unknown;
}
const utilityPort = (process as { parentPort?: UtilityPort }).parentPort;

const post = (reply: RelayReply): void => {
  if (utilityPort) utilityPort.postMessage(reply);
  else workerPort?.postMessage(reply);
};

const log = logTo(post);
const serve = serveRelay(createRelay({ log }), post);
utilityPort?.on('message', ({ data }) => serve(data));
workerPort?.on('message', serve);

// A stray rejection inside one call's WebRTC must not take the sound of the others.
process.on('unhandledRejection', (reason) =>
  log.error({ error: String(reason) }, 'unhandled in the media process'),
);
