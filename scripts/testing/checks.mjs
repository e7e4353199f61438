import { runTool } from '../setup/programs.mjs';
import { say } from '../setup/report.mjs';

/** What is checked without running anything, and the tool of each. */
const checks = [
  { name: 'lint', script: '@biomejs/biome/bin/biome', args: ['check', '.'] },
  { name: 'types', script: 'typescript/bin/tsc', args: ['--noEmit'] },
  {
    name: 'imports',
    script: 'dependency-cruiser/bin/dependency-cruise.mjs',
    args: ['--config', '.dependency-cruiser.cjs', 'electron', 'renderer'],
  },
  { name: 'dead code', script: 'knip/bin/knip.js', args: [] },
];

/**
 * Runs all the checks, showing the output of those that fail.
 *
 * @returns {Promise<{ name: string, passed: boolean }[]>}
 */
export async function runChecks() {
  const results = [];
  for (const { name, script, args } of checks) {
    const { code, output } = await runTool(script, args);
    say(`${name}: ${code === 0 ? 'ok' : 'FAILED'}`);
    if (code !== 0) console.log(output);
    results.push({ name, passed: code === 0 });
  }
  return results;
}
