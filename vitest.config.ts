import { defineConfig } from 'vitest/config';

const project = (name: string, extra: object = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], ...extra },
});

/**
 * The four kinds of test that `npm test` runs (see README, "Tests"), and what is run on demand: `npm run fuzz`,
 * `npm run model`, `npm run soak`, `npm run bench:sip`.
 */
export default defineConfig({
  test: {
    projects: [
      // Seconds of work on a busy machine are no failure.
      project('unit', { testTimeout: 20_000 }),
      project('integration', { testTimeout: 30_000, hookTimeout: 30_000, fileParallelism: false }),
      project('peers', { testTimeout: 60_000, hookTimeout: 60_000, fileParallelism: false }),
      project('fuzz', { testTimeout: 3_600_000 }),
      project('model', { testTimeout: 3_600_000 }),
      project('soak', {
        testTimeout: 12 * 3_600_000,
        hookTimeout: 60_000,
        fileParallelism: false,
      }),
      project('bench', { testTimeout: 600_000, hookTimeout: 60_000, fileParallelism: false }),
      project('e2e', { testTimeout: 120_000, hookTimeout: 120_000, fileParallelism: false }),
    ],
  },
});
