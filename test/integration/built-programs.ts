import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { opusBesideItsCode } from '../../electron.vite.config.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What electron-vite gives a module of ours that has none. */
const dirname =
  "import { fileURLToPath as pathOf } from 'node:url'; const __dirname = pathOf(new URL('.', import.meta.url));";

/** Builds programs, named with their sources, as the app has them: one bundle each (NAME.mjs), no TypeScript, no node_modules. */
export async function buildPrograms(folder: string, programs: Record<string, string>): Promise<void> {
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    plugins: [opusBesideItsCode],
    ssr: { noExternal: true },
    build: {
      ssr: true,
      target: 'node20',
      outDir: folder,
      rollupOptions: {
        input: programs,
        output: {
          format: 'es',
          entryFileNames: '[name].mjs',
          chunkFileNames: '[name]-[hash].mjs',
          banner: dirname,
        },
      },
    },
  });
}

/** The media process: `media-process.mjs` in the folder. */
export const buildMediaProcess = (folder: string): Promise<void> =>
  buildPrograms(folder, { 'media-process': 'electron/media/media-process.ts' });
