import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/{unit,screens,e2e}/**/*.test.{ts,tsx}'],
    // The tests run the built program.
    globalSetup: ['test/support/build.ts'],
    // On two cores the default is one; tests of the whole program mostly wait.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
