import { join } from 'node:path';
import { build } from 'vite';
import { opusBesideItsCode } from '../../electron.vite.config.ts';

/** What electron-vite gives a module of ours that has none. */
const dirname =
  "import { fileURLToPath as pathOf } from 'node:url'; const __dirname = pathOf(new URL('.', import.meta.url));";

/** Builds the media process into a folder, as the app has it; returns its file. */
export async function buildMediaProcess(folder: string): Promise<string> {
  await build({
    configFile: false,
    logLevel: 'error',
    plugins: [opusBesideItsCode],
    ssr: { noExternal: true },
    build: {
      ssr: true,
      target: 'node20',
      outDir: folder,
      rollupOptions: {
        input: 'electron/media/media-process.ts',
        output: { format: 'es', entryFileNames: '[name].mjs', banner: dirname },
      },
    },
  });
  return join(folder, 'media-process.mjs');
}
