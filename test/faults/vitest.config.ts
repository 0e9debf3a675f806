/** The matrices of faults: `npm run faults`, see scripts/faults.mjs. */
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { patience } from '../support/patience.js';

const LOAD = 'test/faults/load.test.ts';

const project = (test: TestProjectInlineConfiguration['test']): TestProjectInlineConfiguration => ({
  test: { testTimeout: patience(120_000), hookTimeout: patience(120_000), ...test },
});

export default defineConfig({
  test: {
    globalSetup: ['test/faults/recording.ts'],
    maxWorkers: 2,
    // Most of a cell's time is spent waiting.
    maxConcurrency: Number(process.env['FAULTS_AT_ONCE'] ?? 4),
    projects: [
      project({ name: 'faults', include: ['test/faults/**/*.test.ts'], exclude: [LOAD] }),
      // Alone: the users' requests must not queue up behind the cells' own programs.
      project({
        name: 'load',
        include: [LOAD],
        maxConcurrency: 1,
        sequence: { groupOrder: 1 },
      }),
    ],
  },
});
