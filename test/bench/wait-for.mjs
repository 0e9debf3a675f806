// In place of vitest, for helpers of the tests that a benchmark uses: they wait by `vi.waitFor`.
import { setTimeout as wait } from 'node:timers/promises';

export const vi = {
  async waitFor(holds, { timeout = 10_000, interval = 10 } = {}) {
    for (const last = Date.now() + timeout; ; await wait(interval)) {
      try {
        return await holds();
      } catch (error) {
        if (Date.now() > last) throw error;
      }
    }
  },
};
