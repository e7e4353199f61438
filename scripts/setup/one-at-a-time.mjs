import fs from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { inProject } from './project.mjs';
import { say } from './report.mjs';

/**
 * Does a piece of set-up while no other command of this checkout does the same: two stations started together
 * must not both build. A command that died leaves its mark behind; the mark of a dead process does not count.
 *
 * @template T
 * @param {string} work names the piece of work, in a file name's letters
 * @param {() => Promise<T>} action
 * @returns {Promise<T>}
 */
export async function oneAtATime(work, action) {
  const mark = inProject('.cache', `${work}.lock`);
  fs.mkdirSync(inProject('.cache'), { recursive: true });
  for (let waited = false; !take(mark); waited = true) {
    if (!waited) say(`waiting for another command's set-up (${work})`);
    await pause(200);
  }
  try {
    return await action();
  } finally {
    fs.rmSync(mark, { force: true });
  }
}

/** @param {string} mark */
function take(mark) {
  try {
    fs.writeFileSync(mark, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    if (ownerIsGone(mark)) fs.rmSync(mark, { force: true });
    return false;
  }
}

/** @param {string} mark */
function ownerIsGone(mark) {
  try {
    const owner = Number(fs.readFileSync(mark, 'utf8'));
    // Between creating the mark and writing into it the owner is not yet known.
    if (!owner) return Date.now() - fs.statSync(mark).mtimeMs > 5_000;
    process.kill(owner, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
