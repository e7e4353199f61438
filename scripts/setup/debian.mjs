import fs from 'node:fs';
import { ask, isInstalled, mustRun } from './programs.mjs';
import { Failure, say } from './report.mjs';

/** What Electron needs of Debian beside what every Debian has. */
const electronLibraries = ['libgtk-3-0', 'libnss3', 'libasound2', 'libgbm1', 'libatk-bridge2.0-0', 'libdrm2'];

/** Whether packages can be had by apt: Debian, Ubuntu and their kin. */
export const isDebian = () =>
  process.platform === 'linux' && isInstalled('apt-get') && isInstalled('dpkg-query');

/**
 * Sees that Electron finds all its libraries, whichever Linux this is.
 *
 * @param {string} executable
 */
export async function ensureElectronLibraries(executable) {
  if (process.platform !== 'linux') return;
  const missing = [...(ask('ldd', [executable]) ?? '').matchAll(/^\s*(\S+) => not found$/gm)].map(
    (row) => row[1],
  );
  if (missing.length === 0) return;
  if (isDebian()) return installFromDebian(notInstalled(electronLibraries));
  throw new Failure(
    `Electron misses ${missing.join(', ')}. Install the packages of your distribution that hold them (GTK 3, ` +
      'NSS, ALSA, GBM, ATK bridge, libdrm) and try again.',
  );
}

/**
 * Sees that programs of Debian are there: installs them when we are root, else fails with the line to run.
 *
 * @param {string[]} packages
 */
export async function ensureDebianPackages(packages) {
  const missing = notInstalled(packages);
  if (missing.length > 0) await installFromDebian(missing);
}

/** @param {string[]} packages */
async function installFromDebian(packages) {
  if (process.getuid?.() !== 0) {
    const line = `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages.join(' ')}`;
    throw new Failure(`Some packages of the system are missing. Run this line and try again:\n${line}`);
  }
  say(`installing from Debian: ${packages.join(' ')}`);
  const advice =
    "See that this machine reaches Debian's packages and no other apt is running, then try again.";
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await mustRun('apt-get', ['update', '-q'], advice, { env });
  const install = ['install', '-y', '-q', '--no-install-recommends', ...withTodaysNames(packages)];
  await withoutStartingServices(() => mustRun('apt-get', install, advice, { env }));
}

/** @param {string[]} packages */
function notInstalled(packages) {
  const rows = ask('dpkg-query', ['-W', '-f', `\${db:Status-Abbrev} \${Package}\\n`]) ?? '';
  const installed = new Set([...rows.matchAll(/^ii +(\S+)$/gm)].map((row) => row[1]));
  return packages.filter((name) => !installed.has(name) && !installed.has(`${name}t64`));
}

/**
 * Since Debian 13 and Ubuntu 24.04 some libraries carry the suffix t64 (64-bit time).
 *
 * @param {string[]} packages
 */
function withTodaysNames(packages) {
  return packages.map((name) =>
    name.startsWith('lib') && ask('apt-cache', ['show', `${name}t64`]) ? `${name}t64` : name,
  );
}

/**
 * Kamailio, installed for the tests, would otherwise start as a service and take port 5060.
 *
 * @template T
 * @param {() => Promise<T>} install
 */
async function withoutStartingServices(install) {
  const policy = '/usr/sbin/policy-rc.d';
  if (fs.existsSync(policy)) return install();
  const remove = () => fs.rmSync(policy, { force: true });
  process.once('exit', remove);
  fs.writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return await install();
  } finally {
    remove();
    process.off('exit', remove);
  }
}
