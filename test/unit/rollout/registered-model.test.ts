import { describe, expect, it } from 'vitest';
import { pinned } from '../../../src/rollout/moves/registered-model.js';
import { LATEST } from '../../../src/rollout/plan.js';
import { modelId } from './fixtures.js';

describe('the latest version', () => {
  const latest = { name: 'heart', version: LATEST };

  it('is the one that green serves already, whatever came since', () => {
    expect(pinned(latest, modelId('heart', '7'))).toEqual({ name: 'heart', version: '7' });
  });

  it.each([
    ['nothing of it is there yet', latest, undefined],
    ['green serves another model', latest, modelId('lung', '7')],
    ['a version was named', { name: 'heart', version: '8' }, modelId('heart', '7')],
    ['a folder was named', { name: 'heart', path: 'v2' }, modelId('heart', '7')],
  ])('is not known before where %s', (_, planned, standing) => {
    expect(pinned(planned, standing)).toBe(planned);
  });
});
