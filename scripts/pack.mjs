// npm run pack: the unpacked build for this platform in dist/, made with the Electron at hand and no download.
import fs from 'node:fs';
import { ensureBuild } from './setup/build.mjs';
import { findElectron } from './setup/electron.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { runTool } from './setup/programs.mjs';
import { inProject } from './setup/project.mjs';
import { Failure, runCommand, say } from './setup/report.mjs';

await runCommand(async () => {
  await ensurePackages();
  const { dist, version } = await findElectron();
  await ensureBuild();
  say(`packing with Electron ${version}`);
  const { code, output } = await runTool('electron-builder/cli.js', [
    '--dir',
    '--publish=never',
    `--config.electronDist=${dist}`,
    `--config.electronVersion=${version}`,
  ]);
  if (code !== 0) throw new Failure(`Packing failed. Correct what it names and try again.\n${output.trim()}`);
  // electron-builder leaves it where it did not download Electron itself.
  const leftover = inProject('dist', 'linux-unpacked', 'resources', 'default_app.asar');
  fs.rmSync(leftover, { force: true });
  say('the unpacked build is in dist/');
});
