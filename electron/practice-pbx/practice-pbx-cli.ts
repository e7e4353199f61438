import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createLog } from '../log.ts';
import { createPracticeOffice } from './practice-office.ts';
import { createPracticePbx } from './practice-pbx.ts';

/** The practice PBX by itself, for phones of other processes. Ends on SIGTERM or SIGINT. */
const usage = `Usage: npm run practice-pbx -- [options]

  --address IP      where to listen (127.0.0.1)
  --port N          UDP port; the next free one when it is taken (6060)
  --no-colleagues   nobody but the phones that register
  --no-auth         registers without asking for a password
  --verbose         tells what happens on standard error`;

const options = readOptions();
const pbxOptions = {
  address: options.address,
  port: options.port,
  digest: options.auth,
  log: createLog({ file: null, level: options.verbose ? 'debug' : 'warn' }),
};
const pbx = options.colleagues
  ? createPracticeOffice({ ...pbxOptions, assets: speechFolder() })
  : createPracticePbx(pbxOptions);

let ending = false;
async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  await pbx.stop();
  process.exit(0);
}
process.on('SIGTERM', () => void end());
process.on('SIGINT', () => void end());

try {
  const { address, port } = await pbx.start();
  const taken = port === options.port ? '' : ` (port ${options.port} is taken)`;
  console.log(`The practice PBX listens on ${address}:${port}${taken}.`);
} catch (error) {
  fail(`The practice PBX could not listen: ${error instanceof Error ? error.message : error}`);
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        address: { type: 'string', default: '127.0.0.1' },
        port: { type: 'string', default: '6060' },
        'no-colleagues': { type: 'boolean', default: false },
        'no-auth': { type: 'boolean', default: false },
        verbose: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      console.log(usage);
      process.exit(0);
    }
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) return fail(`No such port: ${values.port}`);
    const { address, verbose } = values;
    return { address, port, verbose, colleagues: !values['no-colleagues'], auth: !values['no-auth'] };
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

/** Two folders up both from the source and from the build. */
function speechFolder(): string | null {
  const folder = fileURLToPath(new URL('../../assets/practice', import.meta.url));
  return existsSync(folder) ? folder : null;
}

function fail(sentence: string): never {
  console.error(`${sentence}\n${usage}`);
  process.exit(2);
}
