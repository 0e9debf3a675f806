/** What a failed change is said to be: whether users notice, and its likely cause. */
import { describe, expect, it } from 'vitest';
import { likelyCause } from '../../../screens/parts/failure-view.js';
import type { World } from '../../../src/wizard/effects/world.js';
import { Runner } from '../../../src/wizard/runner.js';
import { Store } from '../../../src/wizard/store.js';
import { stepFailure } from '../../../src/wizard/update.js';
import { eventually } from '../../support/eventually.js';
import {
  blueOnly,
  failure,
  openedOf,
  journal,
  PROD,
  withSession,
} from '../../support/wizard-states.js';
import { deployment, endpoint, snapshot } from '../rollout/fixtures.js';

describe('whether users notice', () => {
  const noticed = (provisioningState: 'Succeeded' | 'Failed', share: number): string => {
    const now = snapshot(endpoint({ default: 100 - share, green: share }), [
      deployment('default'),
      deployment('green', { provisioningState }),
    ]);
    return stepFailure({ failure: failure() }, withSession(PROD, openedOf(now, journal())))
      .usersNotice;
  };

  it.each([
    ['Succeeded', 0, 'Users notice nothing: default still serves.'],
    ['Failed', 0, 'Users notice nothing: default still serves.'],
    ['Failed', 40, 'Users may notice: green is failed and has 40% of the traffic.'],
  ] as const)('is told of a green that is %s with %i %%', (state, share, sentence) => {
    expect(noticed(state, share)).toBe(sentence);
  });

  it('is not told where no endpoint was read', () => {
    const { usersNotice } = stepFailure({ failure: failure() }, withSession(PROD));
    expect(usersNotice).toBe('No endpoint was changed.');
  });
});

describe('a command that fails', () => {
  it('is named as a person would name it', async () => {
    const store = new Store({ ...blueOnly(PROD), runs: { listModels: 7 } });
    const nothingOpen = {} as World;
    new Runner(store, nothingOpen).start({ run: 7, command: { do: 'listModels' } });
    await eventually(() =>
      expect(store.getState().screens['new-model']?.failure?.failure).toMatchObject({
        what: 'listing models',
        message: 'No workspace is open.',
      }),
    );
  });
});

describe('the likely cause in a log', () => {
  it.each([
    [["ModuleNotFoundError: No module named 'azureml.ai'"], /lacks azureml-ai-monitoring/],
    [
      ['CondaHTTPError: HTTP 000 CONNECTION FAILED for url <https://x>'],
      /allow egress, or package/,
    ],
    [['all is well'], undefined],
  ])('of %j', (log, sentence) => {
    if (sentence === undefined) expect(likelyCause(log)).toBeUndefined();
    else expect(likelyCause(log)).toMatch(sentence);
  });
});
