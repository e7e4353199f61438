// npm run bench:media: calls and their sound in the real app, beside baresip in the same run. See README, "Commands".
import { ensureBuild } from './setup/build.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { runTool } from './setup/programs.mjs';
import { Failure, runCommand } from './setup/report.mjs';
import { prepareElectron, runOnDisplay } from './testing/electron.mjs';
import { ensurePeers } from './testing/peers.mjs';

await runCommand(async () => {
  await ensurePackages();
  const missing = await ensurePeers();
  if (missing) throw new Failure(`The bench needs ${missing}. Install it and try again.`);
  const electron = await prepareElectron();
  await ensureBuild();
  return runOnDisplay(async (env) => {
    const options = { env: { ...env, ...electron }, show: true };
    const { code } = await runTool(
      'vitest/vitest.mjs',
      ['run', '--project', 'bench', 'test/bench/media'],
      options,
    );
    return code;
  });
});
