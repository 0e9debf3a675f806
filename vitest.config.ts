import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/{unit,screens,e2e}/**/*.test.{ts,tsx}'],
    // The tests run the built program.
    globalSetup: ['test/support/build.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
