// npm start [-- --profile FILE --control PATH --user-data DIR]
// Opens the phone, from a bare machine too: see README, "Commands".
import { ensureBuild } from './setup/build.mjs';
import { ensureDebianPackages, ensureElectronLibraries, isDebian } from './setup/debian.mjs';
import { displayPackages, lacksDisplay } from './setup/display.mjs';
import { findElectron } from './setup/electron.mjs';
import { runApp } from './setup/launch.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { isInstalled } from './setup/programs.mjs';
import { Failure, runCommand } from './setup/report.mjs';

await runCommand(async () => {
  await ensurePackages();
  const electron = await findElectron();
  await ensureElectronLibraries(electron.executable);
  if (lacksDisplay()) await ensureVirtualDisplay();
  await ensureBuild();
  return runApp(electron, process.argv.slice(2));
});

async function ensureVirtualDisplay() {
  if (isInstalled('Xvfb')) return;
  if (!isDebian())
    throw new Failure('There is no display. Log in to a desktop, or install Xvfb, and try again.');
  await ensureDebianPackages(displayPackages);
}
