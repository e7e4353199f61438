import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { inProject } from './project.mjs';
import { say } from './report.mjs';

const patience = 20_000;

/**
 * Downloads the Electron of the `electron` package, which since version 42 does so at its first run, not when it is
 * installed. Its downloader has no time limit and tells nothing to other programs, so we give it a folder for its
 * temporary files and watch it and the folder it unpacks into grow.
 *
 * @returns {Promise<string | null>} why it failed, in a few words; null when it did not
 */
export async function downloadElectron() {
  const folder = inProject('node_modules', 'electron');
  const { version } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'partyline-electron-'));
  say(`downloading Electron ${version}, about 120 MB`);
  try {
    return await runDownloader(path.join(folder, 'install.js'), [temporary, path.join(folder, 'dist')]);
  } finally {
    fs.rmSync(temporary, { recursive: true, force: true });
  }
}

/**
 * @param {string} script
 * @param {[temporary: string, dist: string]} folders
 * @returns {Promise<string | null>}
 */
function runDownloader(script, folders) {
  const [temporary] = folders;
  const child = spawn(process.execPath, [script], {
    env: {
      ...process.env,
      TMPDIR: temporary,
      TMP: temporary,
      TEMP: temporary,
      ELECTRON_GET_NO_PROGRESS: '1',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const endIt = () => child.kill('SIGKILL');
  process.once('exit', endIt);

  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));

  let bytes = 0;
  let lastProgress = Date.now();
  let stalled = false;
  const watch = setInterval(() => {
    const now = folders.reduce((sum, folder) => sum + bytesUnder(folder), 0);
    if (now !== bytes) lastProgress = Date.now();
    bytes = now;
    if (process.stderr.isTTY) process.stderr.write(`\r${Math.round(bytes / 1e6)} MB `);
    stalled = Date.now() - lastProgress > patience;
    if (stalled) endIt();
  }, 1_000);

  return new Promise((resolve) => {
    child.once('close', (code) => {
      clearInterval(watch);
      process.off('exit', endIt);
      if (process.stderr.isTTY) process.stderr.write('\r');
      if (code === 0) resolve(null);
      else resolve(stalled ? `nothing came for ${patience / 1000} seconds` : reasonIn(errors));
    });
  });
}

/** @param {string} errors what the downloader printed: a message and its stack */
function reasonIn(errors) {
  // What fetch says of a name that does not resolve, a refused connection and the like.
  if (errors.includes('fetch failed')) return "its host can't be reached";
  const [line = 'no reason given'] = errors.split('\n').filter((text) => text.trim() !== '');
  return line.trim();
}

/**
 * @param {string} folder
 * @returns {number}
 */
function bytesUnder(folder) {
  try {
    return fs
      .readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .reduce((sum, name) => sum + fs.statSync(path.join(folder, name)).size, 0);
  } catch {
    return 0; // Not there yet, or a file was moved away while we looked.
  }
}
