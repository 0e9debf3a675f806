import { availableParallelism } from 'node:os';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { patience } from './test/support/patience.js';

/** Tests of parts of the program, for which its screens are drawn in the test's own process. */
const PARTS = [
  'test/screens/**/*.test.tsx',
  'test/unit/{cli,common,evidence,house,interop,profiles,rollout,sampling,terminal,wizard}/**/*.test.{ts,tsx}',
];
/** Limits the size of files that its process writes. */
const JOURNAL = 'test/unit/rollout/journal.test.ts';

const project = (test: TestProjectInlineConfiguration['test']): TestProjectInlineConfiguration => ({
  // React is the build that the program ships; see test/support/ink-environment.ts.
  oxc: { jsx: { development: false } },
  test: {
    // Waits inside a test end sooner, and say what they waited for.
    testTimeout: patience(120_000),
    hookTimeout: patience(120_000),
    // The program prints other lines in the log of a CI service.
    env: { GITHUB_ACTIONS: '', TF_BUILD: '' },
    // Tests leave their process as they found it: files share one, and what they import is loaded once.
    isolate: false,
    ...test,
  },
});

export default defineConfig({
  test: {
    // The tests run the built program.
    globalSetup: ['test/support/build.ts'],
    // On two cores the default is one; tests of the whole program mostly wait.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      project({ name: 'journal', include: [JOURNAL] }),
      // One after the other: else the next file of a process is often one that can't share it.
      project({ name: 'parts', include: PARTS, exclude: [JOURNAL], sequence: { groupOrder: 1 } }),
      project({
        name: 'whole',
        include: ['test/{unit,e2e,parity}/**/*.test.{ts,tsx}'],
        exclude: PARTS,
        sequence: { groupOrder: 2 },
      }),
    ],
  },
});
