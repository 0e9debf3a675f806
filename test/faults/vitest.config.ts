/** The matrices of faults: `npm run faults`, see scripts/faults.mjs. */
import { defineConfig } from 'vitest/config';
import { patience } from '../support/patience.js';

export default defineConfig({
  test: {
    include: ['test/faults/**/*.test.ts'],
    globalSetup: ['test/faults/recording.ts'],
    maxWorkers: 2,
    maxConcurrency: 4,
    testTimeout: patience(120_000),
    hookTimeout: patience(120_000),
  },
});
