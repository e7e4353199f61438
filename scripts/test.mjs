// npm test [-- KIND ...]
// The checks, the build and the tests of all four kinds; with kinds named, only their tests. See README, "Commands".
import { ensureBuild } from './setup/build.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { Failure, runCommand, say } from './setup/report.mjs';
import { runChecks } from './testing/checks.mjs';
import { prepareElectron, runOnDisplay } from './testing/electron.mjs';
import { kinds, runKind, skipKind } from './testing/kinds.mjs';
import { ensurePeers } from './testing/peers.mjs';
import { kindsWithoutTests, summaryLines } from './testing/summary.mjs';

await runCommand(async () => {
  const named = process.argv.slice(2);
  const unknown = named.filter((kind) => !kinds.includes(kind));
  if (unknown.length > 0)
    throw new Failure(`Unknown kind ${unknown.join(', ')}: name some of ${kinds.join(', ')}.`);
  const chosen = named.length > 0 ? kinds.filter((kind) => named.includes(kind)) : kinds;

  await ensurePackages();
  const missing = chosen.some((kind) => kind === 'peers' || kind === 'e2e') ? await ensurePeers() : null;
  const electronEnv = chosen.includes('e2e') ? await prepareElectron() : {};
  const checks = named.length > 0 ? [] : await runChecks();
  await ensureBuild();

  const byKind = new Map();
  for (const kind of chosen) byKind.set(kind, await runOrSkip(kind, missing, electronEnv));
  return summarize(byKind, checks);
});

/**
 * @param {string} kind
 * @param {string | null} missing programs of the peers
 * @param {NodeJS.ProcessEnv} electronEnv
 */
async function runOrSkip(kind, missing, electronEnv) {
  if (kind === 'peers' && missing) {
    say(`the peers tests are skipped: they need ${missing}, which npm test installs only on Debian`);
    return skipKind(kind);
  }
  if (kind !== 'e2e') return runKind(kind, process.env);
  if (missing)
    say(`the e2e tests of sound are skipped: they need ${missing}, which npm test installs only on Debian`);
  return runOnDisplay((env) => runKind(kind, { ...env, ...electronEnv }));
}

/**
 * @param {Map<string, import('./testing/summary.mjs').Counts>} byKind
 * @param {{ name: string, passed: boolean }[]} checks
 * @returns {number} the exit code
 */
function summarize(byKind, checks) {
  const without = kindsWithoutTests(byKind);
  for (const kind of without) console.log(`no ${kind} test ran`);
  if (checks.length > 0) {
    console.log(
      `checks: ${checks.map(({ name, passed }) => `${name} ${passed ? 'ok' : 'FAILED'}`).join(', ')}`,
    );
  }
  for (const line of summaryLines(byKind)) console.log(line);
  const allPassed = [...byKind.values()].every((counts) => counts.failed === 0);
  return allPassed && without.length === 0 && checks.every((check) => check.passed) ? 0 : 1;
}
