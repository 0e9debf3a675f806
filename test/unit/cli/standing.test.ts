import { expect, test } from 'vitest';
import { statusOf } from '../../../src/cli/standing.js';
import { journalView } from '../../../src/rollout/journal/view.js';
import { endpoint, snapshot } from '../rollout/fixtures.js';

/** A rollout that ended before anything was there; its journal holds no definitions. */
const begun = journalView([]);

test.each([
  [snapshot(undefined), 'Create the endpoint: there is none of this name.'],
  [snapshot(endpoint({})), 'Create blue: no deployment is live yet.'],
])('what comes next is no fault of a plan that is not known', (now, next) => {
  expect(statusOf({ now, view: begun }).next).toBe(next);
});
