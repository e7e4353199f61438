import { defineConfig } from 'vitest/config';

const project = (name: string, extra: object = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], ...extra },
});

/** The four kinds of test; `npm test` runs them in this order (see README, "Tests"). */
export default defineConfig({
  test: {
    projects: [
      project('unit'),
      project('integration', { testTimeout: 30_000, hookTimeout: 30_000, fileParallelism: false }),
      project('peers', { testTimeout: 60_000, hookTimeout: 60_000, fileParallelism: false }),
      project('e2e', { testTimeout: 120_000, hookTimeout: 120_000, fileParallelism: false }),
    ],
  },
});
