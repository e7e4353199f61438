import fs from 'node:fs';
import { runTool } from '../setup/programs.mjs';
import { inProject } from '../setup/project.mjs';
import { say } from '../setup/report.mjs';
import { countTests } from './summary.mjs';

/** The kinds of test, in the order they run: the quick and pure ones first. */
export const kinds = ['unit', 'integration', 'peers', 'e2e'];

/** A run that hangs is ended after this many milliseconds and counts as failed. */
const limit = 30 * 60 * 1000;

/**
 * Runs the tests of one kind, their output let through.
 *
 * @param {string} kind a project of vitest.config.ts
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<import('./summary.mjs').Counts>}
 */
export async function runKind(kind, env) {
  const file = inProject('test-results', `${kind}.json`);
  fs.rmSync(file, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const args = ['run', '--project', kind, ...reporters];
  const { code, timedOut } = await runTool('vitest/vitest.mjs', args, { env, show: true, limit });
  if (timedOut) say(`the ${kind} tests did not end within ${limit / 60_000} minutes`);
  return countTests(readJson(file), code);
}

/**
 * Counts the tests of a kind that cannot run on this machine, without running them.
 *
 * @param {string} kind
 * @returns {Promise<import('./summary.mjs').Counts>}
 */
export async function skipKind(kind) {
  const file = inProject('test-results', `${kind}.json`);
  await runTool('vitest/vitest.mjs', ['list', '--project', kind, `--json=${file}`]);
  const tests = readJson(file);
  return { passed: 0, failed: 0, skipped: Array.isArray(tests) ? tests.length : 0 };
}

/** @param {string} file */
function readJson(file) {
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : null;
}
