// Electron's resources/default_app.asar, as far as a developer needs it: `electron [-r MODULE] [--SWITCH] FOLDER`.
// An ES module with a top-level await: Electron holds back `ready` until it has run, and so until the app's main
// module has, which may set switches and schemes only before `ready`.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { app } from 'electron/main';

const { modules, folder } = readArguments(process.argv.slice(1));
if (folder === null) {
  console.error('Usage: electron [-r MODULE] [--SWITCH] FOLDER');
  process.exit(1);
}
const require = createRequire(path.join(folder, 'package.json'));
for (const module of modules) require(path.resolve(module));
await openApp(folder);

/** @param {string[]} args */
function readArguments(args) {
  /** @type {string[]} */
  const modules = [];
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    if (arg === '-r' || arg === '--require') modules.push(args[++at] ?? '');
    else if (!arg.startsWith('-')) return { modules, folder: path.resolve(arg) };
  }
  return { modules, folder: null };
}

/** @param {string} folder */
async function openApp(folder) {
  const { name, productName, version, main } = JSON.parse(
    fs.readFileSync(path.join(folder, 'package.json'), 'utf8'),
  );
  Object.defineProperty(process, 'defaultApp', { value: true, enumerable: true });
  app.setName(productName ?? name);
  // Of these two Electron tells only its own default app.
  const untold = /** @type {typeof app & Record<'setVersion' | 'setAppPath', (to: string) => void>} */ (app);
  untold.setVersion(version);
  untold.setAppPath(folder);
  await import(pathToFileURL(path.join(folder, main)).href);
}
