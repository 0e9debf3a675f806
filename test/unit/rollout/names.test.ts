import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deploymentNameFor, nameProblem, nameWarning } from '../../../src/rollout/names.js';

describe('names of endpoints and deployments', () => {
  it.each(['default', 'xgboost-model-8', 'Blue', 'a12', 'a'.repeat(32)])('takes %s', (name) =>
    expect(nameProblem('deployment', name)).toBeUndefined(),
  );

  it.each([
    ['', 'needs a name'],
    ['ab', 'too short'],
    ['a'.repeat(33), 'too long'],
    ['9lives', 'starting with a letter'],
    ['green-', 'ending with a letter or a digit'],
    ['my_green', 'Use letters, digits and "-"'],
    ['my green', 'Use letters, digits and "-"'],
    ['two--dashes', 'single dashes'],
  ])('refuses %j: %s', (name, sentence) =>
    expect(nameProblem('endpoint', name)).toContain(sentence),
  );

  it('shows control characters escaped, so that a sentence can not move the cursor', () => {
    expect(nameProblem('deployment', 'bad\u001b[2J')).not.toContain('\u001b');
  });

  it('warns of capitals, which the official client can not move traffic of', () => {
    expect(nameWarning('Green')).toContain('"green"');
    expect(nameWarning('green')).toBeUndefined();
  });
});

describe('a suggested name', () => {
  it('is always one that Azure takes, and never one in use', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.nat(4), (base, version, copies) => {
        const taken: string[] = [];
        for (let count = 0; count <= copies; count += 1) {
          const name = deploymentNameFor(base, version, taken);
          expect(nameProblem('deployment', name)).toBeUndefined();
          expect(taken).not.toContain(name);
          taken.push(name);
        }
      }),
    );
  });

  it('reads as model and version', () => {
    expect(deploymentNameFor('xgboost-model', '8')).toBe('xgboost-model-8');
    expect(deploymentNameFor('xgboost-model', '8', ['xgboost-model-8'])).toBe('xgboost-model-8-2');
  });
});
