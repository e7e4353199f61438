import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { oneAtATime } from './one-at-a-time.mjs';
import { runTool } from './programs.mjs';
import { inProject } from './project.mjs';
import { Failure, say } from './report.mjs';

const sources = [
  'electron',
  'renderer',
  'assets',
  'electron.vite.config.ts',
  'tsconfig.json',
  'package-lock.json',
];
const stampFile = inProject('out', '.sources');

/** Builds the app into out/ when a source was added, changed or removed since the last build. */
export async function ensureBuild() {
  if (isFresh()) return;
  await oneAtATime('build', async () => {
    if (isFresh()) return;
    const stamp = stampOfSources();
    say('building');
    const { code, output } = await runTool('electron-vite/bin/electron-vite.js', [
      'build',
      '--logLevel',
      'warn',
    ]);
    if (code !== 0)
      throw new Failure(`The build failed. Correct what it names and try again.\n${output.trim()}`);
    fs.writeFileSync(stampFile, stamp);
  });
}

function isFresh() {
  return fs.existsSync(stampFile) && fs.readFileSync(stampFile, 'utf8') === stampOfSources();
}

function stampOfSources() {
  const hash = createHash('sha256');
  for (const file of sources.flatMap((source) => filesUnder(inProject(source))).sort()) {
    const { size, mtimeMs } = fs.statSync(file);
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/**
 * @param {string} place a file or a folder
 * @returns {string[]}
 */
function filesUnder(place) {
  if (!fs.existsSync(place)) return [];
  if (!fs.statSync(place).isDirectory()) return [place];
  return fs.readdirSync(place).flatMap((name) => filesUnder(path.join(place, name)));
}
