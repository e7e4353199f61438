import { pathToFileURL } from 'node:url';
import { ensureBuild } from './build.mjs';
import { ensurePackages } from './packages.mjs';
import { outliveParent } from './parent.mjs';
import { inProject } from './project.mjs';

/**
 * Runs a program of the build in this very process, so that signals reach it and it reads our arguments. Nothing of
 * Electron is fetched or loaded.
 *
 * @param {string} program a file of out/main
 */
export async function runBuilt(program) {
  await ensurePackages();
  await ensureBuild();
  // A signal to the whole process group reaches the program by itself, and must not come twice.
  process.once('SIGTERM', outliveParent);
  await import(pathToFileURL(inProject('out', 'main', program)).href);
}
