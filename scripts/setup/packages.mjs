import fs from 'node:fs';
import { oneAtATime } from './one-at-a-time.mjs';
import { runNpm } from './programs.mjs';
import { inProject } from './project.mjs';
import { say } from './report.mjs';

/** @typedef {{ version?: string, integrity?: string, optional?: boolean }} LockedPackage */

/** Installs the packages of package-lock.json when they are missing or others than it names. */
export async function ensurePackages() {
  if (packagesMatchLock()) return;
  await oneAtATime('packages', async () => {
    if (packagesMatchLock()) return;
    say('installing the packages (npm ci)');
    await runNpm(
      ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'],
      'See that this machine reaches the npm registry (a proxy goes into npm config), then try again.',
    );
  });
}

/**
 * npm notes in node_modules/.package-lock.json what it installed, as its last step, so an install that broke off
 * leaves no such file. Optional packages of other platforms are in the lock only.
 */
function packagesMatchLock() {
  const wanted = readLock(inProject('package-lock.json'));
  const installed = readLock(inProject('node_modules', '.package-lock.json'));
  if (!installed) return false;
  return Object.entries(wanted ?? {}).every(([place, wants]) => {
    const has = installed[place];
    if (place === '') return true;
    if (!has) return wants.optional === true;
    return has.version === wants.version && has.integrity === wants.integrity;
  });
}

/**
 * @param {string} file
 * @returns {Record<string, LockedPackage> | null} by place in the tree; null when there is none
 */
function readLock(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')).packages;
  } catch {
    return null;
  }
}
