import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { patience } from './test/support/patience.js';

export default defineConfig({
  // React is the build that the program ships; see test/support/ink-environment.ts.
  oxc: { jsx: { development: false } },
  test: {
    include: ['test/{unit,screens,e2e,parity}/**/*.test.{ts,tsx}'],
    // The tests run the built program.
    globalSetup: ['test/support/build.ts'],
    // On two cores the default is one; tests of the whole program mostly wait.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Waits inside a test end sooner, and say what they waited for.
    testTimeout: patience(120_000),
    hookTimeout: patience(120_000),
  },
});
