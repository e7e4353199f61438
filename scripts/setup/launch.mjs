import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { lacksDisplay, startVirtualDisplay } from './display.mjs';
import { signalGroup } from './programs.mjs';
import { projectRoot } from './project.mjs';
import { Failure, say } from './report.mjs';

/** How long the app may take to unregister and quit once it was told to, in milliseconds. */
const gracePeriod = 10_000;

const isRoot = () => process.getuid?.() === 0;

/**
 * The switches this machine needs: Chromium's sandbox refuses to run as root, and a virtual display has no GPU.
 *
 * @param {{ virtualDisplay: boolean }} on
 */
function electronSwitches({ virtualDisplay }) {
  return [...(isRoot() ? ['--no-sandbox'] : []), ...(virtualDisplay ? ['--disable-gpu'] : [])];
}

/**
 * Opens the app and waits until it has quit.
 *
 * @param {import('./electron.mjs').Electron} electron
 * @param {string[]} args
 * @returns {Promise<number>} its exit code
 */
export async function runApp(electron, args) {
  const virtualDisplay = lacksDisplay();
  if (isRoot()) say('running as root, so without the sandbox of Chromium (--no-sandbox)');
  else refuseWithoutSandbox(electron.dist);
  const display = virtualDisplay ? await startVirtualDisplay() : null;
  if (display) say(`there is no display, so the window opens on a virtual one (Xvfb ${display.env.DISPLAY})`);
  try {
    const all = [...electronSwitches({ virtualDisplay }), projectRoot, ...args];
    return await untilEnd(electron.executable, all, display?.env ?? process.env);
  } finally {
    display?.stop();
  }
}

/**
 * Ctrl-C and SIGTERM reach the app as one SIGTERM, on which it unregisters and quits. The terminal's Ctrl-C would
 * reach it a second time, and Electron takes a second signal as an order to die: so it leads a group of its own.
 *
 * @param {string} executable
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>}
 */
function untilEnd(executable, args, env) {
  const posix = process.platform !== 'win32';
  const app = spawn(executable, args, { env, detached: posix, stdio: ['ignore', 'inherit', 'inherit'] });
  /** @type {NodeJS.Timeout | undefined} */
  let lastResort;
  const end = () => {
    if (lastResort) return;
    app.kill('SIGTERM');
    lastResort = setTimeout(() => {
      say('the app did not quit, ending it');
      signalGroup(app, 'SIGKILL');
    }, gracePeriod);
  };
  /** @type {NodeJS.Signals[]} */
  const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of endings) process.on(signal, end);

  return new Promise((resolve, reject) => {
    app.once('error', (error) => reject(new Failure(`Electron did not start (${error.message}).`)));
    app.once('exit', (code, signal) => {
      clearTimeout(lastResort);
      for (const ending of endings) process.off(ending, end);
      // Helpers of a crashed app outlive it.
      signalGroup(app, 'SIGKILL');
      if (signal && !lastResort) say(`the app was ended by ${signal}`);
      resolve(code ?? 1);
    });
  });
}

/**
 * Chromium wants unprivileged user namespaces or its set-uid helper; some distributions (Ubuntu since 24.04) allow
 * the first to packaged programs only, and then Electron aborts with a riddle.
 *
 * @param {string} dist
 */
function refuseWithoutSandbox(dist) {
  const restricted =
    setting('kernel/apparmor_restrict_unprivileged_userns') === '1' ||
    setting('kernel/unprivileged_userns_clone') === '0';
  const helper = path.join(dist, 'chrome-sandbox');
  const { uid, mode = 0 } = fs.statSync(helper, { throwIfNoEntry: false }) ?? {};
  const helperReady = uid === 0 && (mode & 0o4000) !== 0;
  if (!restricted || helperReady) return;
  throw new Failure(
    `This system does not let Chromium set up its sandbox. Run this line and try again:\n` +
      `sudo chown root '${helper}' && sudo chmod 4755 '${helper}'`,
  );
}

/** @param {string} name below /proc/sys */
function setting(name) {
  const file = path.join('/proc/sys', name);
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trim() : null;
}
