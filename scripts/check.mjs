// npm run check: lint, types, direction of imports, dead code. No test is run.
import { ensurePackages } from './setup/packages.mjs';
import { runCommand } from './setup/report.mjs';
import { runChecks } from './testing/checks.mjs';

await runCommand(async () => {
  await ensurePackages();
  const results = await runChecks();
  return results.every((check) => check.passed) ? 0 : 1;
});
