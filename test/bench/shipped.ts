import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'vite';

/**
 * Runs a program of this folder made as the phone is made, in one file with its packages: in vitest, our modules call each
 * other at twice the cost, and packages do not. Resolves with what it prints.
 */
export async function runShipped(program: string): Promise<string> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const outDir = join(root, 'out/bench');
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    ssr: { noExternal: true },
    build: {
      ssr: join(root, 'test/bench', program),
      outDir,
      minify: false,
      rolldownOptions: { output: { entryFileNames: 'program.mjs' } },
    },
  });
  const { stdout } = await promisify(execFile)(process.execPath, [join(outDir, 'program.mjs')]);
  return stdout;
}
