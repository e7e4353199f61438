import { ensureElectronLibraries } from '../setup/debian.mjs';
import { lacksDisplay, startVirtualDisplay } from '../setup/display.mjs';
import { findElectron } from '../setup/electron.mjs';
import { isInstalled } from '../setup/programs.mjs';
import { Failure, say } from '../setup/report.mjs';

/** Finds an Electron and what it needs; resolves with the environment that names it to the tests. */
export async function prepareElectron() {
  const { dist, executable, version } = await findElectron();
  await ensureElectronLibraries(executable);
  say(`the tests run on Electron ${version}`);
  return { ELECTRON_OVERRIDE_DIST_PATH: dist };
}

/**
 * The tests have a display to themselves wherever there can be one, so that nobody's windows are in the way.
 *
 * @template T
 * @param {(env: NodeJS.ProcessEnv) => Promise<T>} action
 */
export async function runOnDisplay(action) {
  if (process.platform !== 'linux' || !isInstalled('Xvfb')) {
    if (lacksDisplay()) throw new Failure('There is no display for the tests. Install Xvfb and try again.');
    return action(process.env);
  }
  const display = await startVirtualDisplay();
  say(`the tests have a virtual display (Xvfb ${display.env.DISPLAY})`);
  try {
    return await action(display.env);
  } finally {
    display.stop();
  }
}
