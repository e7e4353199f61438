import { resolve } from 'node:path';
import { version } from '../package.json';
import { readCommandLine } from './command-line.ts';
import { openControlSocket } from './control/control-socket.ts';
import { createLog } from './log.ts';
import { createFileMedia } from './media/file-media.ts';
import type { MediaPort } from './phone/ports.ts';
import { createStationHost } from './station-host.ts';

/** The headless station: the same core without a window (docs/control.md). Ends on SIGTERM or SIGINT, unregistering. */
const usage =
  'Usage: npm run station -- --profile FILE [--control PATH] [--audio-in F.wav] [--audio-out F.wav] [--verbose]';

const fail = (sentence: string): never => {
  console.error(sentence);
  process.exit(2);
};

const options = readCommandLine(process.argv.slice(2));
if (options.profile === null) fail(`Say which profile to use.\n${usage}`);

const log = createLog({ file: null, level: options.verbose ? 'debug' : 'warn' });
const media = openFileMedia();
const host = createStationHost({
  media,
  log,
  version,
  profileFile: options.profile,
  memory: null,
  settings: null,
  practicePbx: null,
  recordingFolder: resolve('recordings'),
});

const lastTold = new Map<string, string>();
function tellOnce(key: string, sentence: string): void {
  if (lastTold.get(key) === sentence) return;
  lastTold.set(key, sentence);
  console.log(sentence);
}

host.subscribe(({ problems, extensions }) => {
  for (const { id, sentence } of problems) tellOnce(`${id} ${sentence}`, sentence);
  for (const { index, registration, reason, userId, sharedUserId } of extensions) {
    const state = `${sharedUserId ?? userId}: ${registration}${reason ? `. ${reason}` : ''}`;
    tellOnce(`x${index}`, state);
  }
});

const control =
  options.control === null
    ? null
    : await openControlSocket(options.control, host).catch((error: Error) =>
        fail(`The control socket could not be opened: ${error.message}`),
      );

let ending = false;
async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  await host.stop();
  await control?.close();
  await media.close();
  process.exit(0);
}
process.on('SIGTERM', () => void end());
process.on('SIGINT', () => void end());

await host.start();
// Without a socket nobody could mend what is wrong.
if (host.snapshot().phase === 'first-run' && control === null) process.exit(2);

function openFileMedia(): MediaPort {
  try {
    return createFileMedia({
      ...(options.audioIn === null ? {} : { audioIn: options.audioIn }),
      ...(options.audioOut === null ? {} : { audioOut: options.audioOut }),
      log,
    });
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}
