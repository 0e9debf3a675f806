import { describe, expect, it } from 'vitest';
import { HIDDEN } from '../../../src/common/secret-names.js';
import {
  deploymentWithoutSecrets,
  variablesHash,
  withoutSecrets,
} from '../../../src/rollout/secrets.js';
import { deployment } from './fixtures.js';

const environmentVariables = { API_KEY: 'abc', WORKERS: '4', MONKEY: 'chimp', EMPTY: '' };
const create = {
  kind: 'createDeployment',
  endpoint: 'heart',
  deployment: 'x-8',
  role: 'green',
  spec: { model: 'm', instanceType: 't', instanceCount: 1, environmentVariables },
} as const;

describe('environment variables on disk', () => {
  it('have names and no values', () => {
    const hidden = { API_KEY: HIDDEN, WORKERS: HIDDEN, MONKEY: HIDDEN, EMPTY: HIDDEN };
    expect(withoutSecrets(create).spec.environmentVariables).toEqual(hidden);
    const there = { ...deployment('x-8'), environmentVariables };
    expect(deploymentWithoutSecrets(there).environmentVariables).toEqual(hidden);
  });

  it('have the values that the plan allows by name, but never one that looks like a secret', () => {
    const visible = ['WORKERS', 'API_KEY'];
    expect(withoutSecrets(create, visible).spec.environmentVariables).toEqual({
      API_KEY: HIDDEN,
      WORKERS: '4',
      MONKEY: HIDDEN,
      EMPTY: HIDDEN,
    });
  });

  it('can be compared by a hash that does not tell them', () => {
    const hash = variablesHash(environmentVariables, 'heart');
    expect(hash).toMatch(/^[\da-f]{8}$/);
    const turned = Object.fromEntries(Object.entries(environmentVariables).reverse());
    expect(variablesHash(turned, 'heart')).toBe(hash);
    expect(variablesHash({ ...environmentVariables, WORKERS: '5' }, 'heart')).not.toBe(hash);
    expect(variablesHash(environmentVariables, 'other')).not.toBe(hash);
    expect(variablesHash({}, 'heart')).toBeUndefined();
  });
});
