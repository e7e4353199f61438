import type { KnipConfig } from 'knip';

/** Entries come from electron.vite.config.ts, vitest.config.ts and the scripts of package.json. */
const config: KnipConfig = {
  entry: ['scripts/setup/default-app/main.js', 'test/bench/{line-states,line-state-burst}.ts'],
  project: ['{electron,renderer,scripts,test}/**/*.{ts,tsx,js,mjs,css}', '*.ts'],
  // Started by scripts/setup/display.mjs, which sees that it is there; the other side of npm run bench:sip.
  ignoreBinaries: ['Xvfb', 'sipp'],
  // A schema may be exported beside the larger one it is part of.
  ignoreExportsUsedInFile: true,
  compilers: {
    css: (text) => [...text.matchAll(/@import ("[^"]+")/g)].map(([, name]) => `import ${name};`).join('\n'),
  },
};

export default config;
