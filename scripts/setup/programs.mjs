import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { inProject, projectRoot } from './project.mjs';
import { Failure } from './report.mjs';

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd] where to run; the checkout unless told
 * @property {NodeJS.ProcessEnv} [env] the whole environment; ours unless told
 * @property {boolean} [show] let the output through as it comes; else it is kept, and comes with the result
 * @property {number} [limit] milliseconds after which it is ended
 * @property {string} [name] what to call it when it fails; the program unless told
 *
 * @typedef {{ code: number, output: string, timedOut: boolean }} Ended
 */

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
const posix = process.platform !== 'win32';

/**
 * Signals a child and all that it started: on POSIX our children lead process groups of their own.
 *
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
export function signalGroup(child, signal) {
  if (child.pid === undefined) return;
  try {
    if (posix) process.kill(-child.pid, signal);
    else child.kill(signal);
  } catch {
    // Nothing is left of the group.
  }
}

/** @param {NodeJS.Signals} signal */
function endWithChildren(signal) {
  for (const child of running) signalGroup(child, signal);
  process.exit(signal === 'SIGINT' ? 130 : 143);
}

/** @type {NodeJS.Signals[]} */
const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'];

// Listened for only while a child runs: a station that runs in this process later has listeners of its own.
/** @param {import('node:child_process').ChildProcess} child */
function endWithUs(child) {
  if (running.size === 0) for (const signal of endings) process.on(signal, endWithChildren);
  running.add(child);
  const forget = () => {
    running.delete(child);
    if (running.size === 0) for (const signal of endings) process.off(signal, endWithChildren);
  };
  child.once('close', forget);
  child.once('error', forget);
}

/**
 * Runs a program to its end, and ends it when this process is told to end.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<Ended>} whatever its exit code was
 */
export function run(program, args, options = {}) {
  const { cwd = projectRoot, env = process.env, show = false, limit } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env,
      detached: posix,
      stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
      // Windows starts npm.cmd only through its shell.
      shell: !posix && !program.endsWith('.exe'),
    });
    let output = '';
    let timedOut = false;
    child.stdout?.setEncoding('utf8').on('data', (text) => (output += text));
    child.stderr?.setEncoding('utf8').on('data', (text) => (output += text));
    endWithUs(child);
    const timer = limit === undefined ? undefined : setTimeout(giveUp, limit);
    function giveUp() {
      timedOut = true;
      signalGroup(child, 'SIGKILL');
    }
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(new Failure(`${program} could not be started (${error.message}). Install it and try again.`));
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? 1, output, timedOut });
    });
  });
}

/**
 * Runs a program that has to succeed.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {string} advice what to do when it fails, a sentence
 * @param {RunOptions} [options]
 * @returns {Promise<string>} what it printed
 * @throws {Failure} with its output and the advice
 */
export async function mustRun(program, args, advice, options = {}) {
  const { code, output } = await run(program, args, options);
  if (code === 0) return output;
  throw new Failure(`${options.name ?? path.basename(program)} failed.\n${excerpt(output)}\n${advice}`);
}

/** @param {string} output of which the beginning and the end tell the reason */
function excerpt(output) {
  const lines = output.trim().split('\n');
  return lines.length <= 30
    ? lines.join('\n')
    : [...lines.slice(0, 15), '...', ...lines.slice(-15)].join('\n');
}

/**
 * Runs a script of an installed package with this Node.
 *
 * @param {string} script path inside node_modules
 * @param {string[]} args
 * @param {RunOptions} [options]
 */
export const runTool = (script, args, options) =>
  run(process.execPath, [inProject('node_modules', script), ...args], options);

/**
 * Runs npm, the very one that runs us if there is one.
 *
 * @param {string[]} args
 * @param {string} advice
 * @param {RunOptions} [options]
 */
export function runNpm(args, advice, options) {
  const cli = process.env.npm_execpath;
  const named = { name: `npm ${args[0] ?? ''}`, ...options };
  return cli?.endsWith('npm-cli.js')
    ? mustRun(process.execPath, [cli, ...args], advice, named)
    : mustRun('npm', args, advice, named);
}

/**
 * Whether a program can be found on the PATH.
 *
 * @param {string} program
 */
export function isInstalled(program) {
  const names = posix ? [program] : [`${program}.exe`, `${program}.cmd`];
  const folders = [
    ...(process.env.PATH ?? '').split(path.delimiter),
    ...(posix ? ['/usr/sbin', '/sbin'] : []),
  ];
  return folders.some((folder) => names.some((name) => folder !== '' && existsSync(path.join(folder, name))));
}

/**
 * What a quick program prints, or null when it is missing or fails.
 *
 * @param {string} program
 * @param {string[]} args
 * @returns {string | null}
 */
export function ask(program, args) {
  const { status, stdout } = spawnSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return status === 0 ? stdout : null;
}
