import { spawn } from 'node:child_process';
import { Failure } from './report.mjs';

/**
 * @typedef {object} Display
 * @property {NodeJS.ProcessEnv} env the environment for programs that shall use it
 * @property {() => void} stop ends it
 */

/** Whether a window would have nowhere to go: Linux with neither X nor Wayland. */
export const lacksDisplay = () =>
  process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY;

/** The Debian packages of a virtual display. */
export const displayPackages = ['xvfb'];

/**
 * Starts a virtual display on the first free number. It ends with this process at the latest.
 *
 * @returns {Promise<Display>}
 * @throws {Failure} when Xvfb does not start
 */
export function startVirtualDisplay() {
  return new Promise((resolve, reject) => {
    // A group of its own: Ctrl-C in the terminal must reach the app first, and the display only after it.
    const xvfb = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x800x24', '-nolisten', 'tcp'], {
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    const stop = () => {
      process.off('exit', stop);
      xvfb.kill();
    };
    process.once('exit', stop);
    xvfb.once('error', (error) =>
      reject(new Failure(`Xvfb did not start (${error.message}). Install xvfb.`)),
    );
    xvfb.once('exit', (code) =>
      reject(new Failure(`Xvfb ended with code ${code}. See that /tmp is writable.`)),
    );
    xvfb.stdio[3]?.once('data', (number) => {
      const { WAYLAND_DISPLAY: _, ...env } = process.env;
      resolve({ env: { ...env, DISPLAY: `:${String(number).trim()}` }, stop });
    });
  });
}
