import { readFileSync } from 'node:fs';
import path from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import type { Plugin } from 'vite';

// The oldest Electron the app runs on is 33: Node 20.18, Chromium 130.
const node = 'node20.18';
const chromium = 'chrome130';

/** @evan/opus reads its WebAssembly from the folder that its code is in. */
const opusBesideItsCode: Plugin = {
  name: 'opus-beside-its-code',
  generateBundle() {
    for (const fileName of ['opus.wasm', 'simd.wasm']) {
      const source = readFileSync(path.resolve('node_modules/@evan/opus/wasm', fileName));
      this.emitFile({ type: 'asset', fileName, source });
    }
  },
};

// Everything but Electron itself is bundled, so the packaged app and the headless station need no node_modules.
export default defineConfig({
  main: {
    plugins: [opusBesideItsCode],
    build: {
      externalizeDeps: false,
      outDir: 'out/main',
      target: node,
      sourcemap: true,
      rollupOptions: {
        input: {
          main: 'electron/main.ts',
          headless: 'electron/headless.ts',
          'media-process': 'electron/media/media-process.ts',
          'practice-pbx-process': 'electron/practice-pbx/practice-pbx-process.ts',
          'practice-pbx-cli': 'electron/practice-pbx/practice-pbx-cli.ts',
        },
        // Chunks lie beside the entries: from either, ../../assets is the assets folder, packaged or not.
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunk-[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      externalizeDeps: false,
      outDir: 'out/preload',
      target: node,
      // A sandboxed preload must be CommonJS.
      rollupOptions: {
        input: { preload: 'electron/preload.ts' },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'renderer',
    plugins: [react()],
    build: {
      outDir: path.resolve('out/renderer'),
      target: chromium,
      rollupOptions: { input: { index: path.resolve('renderer/index.html') } },
    },
  },
});
