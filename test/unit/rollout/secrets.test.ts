import { describe, expect, it } from 'vitest';
import {
  HIDDEN,
  hideSecretsIn,
  isSecretVariable,
  looksSecret,
  secretPath,
  withoutSecrets,
} from '../../../src/rollout/secrets.js';

describe('what looks like a secret', () => {
  it.each([
    [
      'a shared access signature',
      'https://a.blob.core.windows.net/c?sv=1&sig=aB3%2FcdEfGhIjKlMnOpQrStUv',
    ],
    ['a storage key', `${'aB3+'.repeat(21)}aB==`],
    ['an account key', 'DefaultEndpointsProtocol=https;AccountKey=abc123=='],
    ['a token', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl'],
    ['a header', 'Authorization: Bearer abcdefghijklmnop1234'],
    ['an endpoint key', 'q1W2e3R4t5Y6u7I8o9P0a1S2d3F4g5H6'],
    ['a password in a url', 'http://ada:hunter2@proxy:8080'],
  ])('%s', (_, text) => expect(looksSecret(text)).toBe(true));

  it.each([
    ['a SHA-256', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['an MD5 in upper case', 'E3B0C44298FC1C149AFBF4C8996FB924'],
    [
      'an operation',
      'https://management.azure.com/subscriptions/1c2b0d2a-1b1b-4b1b-8b1b-0123456789ab/providers/Microsoft.MachineLearningServices/locations/westeurope/mfeOperationsStatus/od:1c2b0d2a-1b1b-4b1b-8b1b-0123456789ab:0f0e0d0c-1b1b-4b1b-8b1b-0123456789ab?api-version=2023-04-01',
    ],
    ['a shortened key', '••••1f2c'],
    ['a split', 'default=90 xgboost-model-8=10'],
    ['a path', '/home/ada/Projects/HeartClassifierVersion2/models/v1'],
  ])('not %s', (_, text) => expect(looksSecret(text)).toBe(false));
});

describe('keeping secrets out', () => {
  it('says where one is', () => {
    const key = 'q1W2e3R4t5Y6u7I8o9P0a1S2d3F4g5H6';
    expect(secretPath({ a: { b: ['x', key] } })).toBe('a.b.1');
    expect(secretPath({ a: 1, b: 'x' })).toBeUndefined();
    expect(hideSecretsIn({ a: [`key ${key}`], n: 1 })).toEqual({ a: [`key ${HIDDEN}`], n: 1 });
  });

  it('keeps the names of secret variables, and the values of others', () => {
    const change = withoutSecrets({
      kind: 'createDeployment',
      endpoint: 'heart',
      deployment: 'x-8',
      role: 'green',
      spec: {
        model: 'm',
        instanceType: 't',
        instanceCount: 1,
        environmentVariables: { API_KEY: 'abc', WORKERS: '4', EMPTY_TOKEN: '' },
      },
    });
    expect(change.spec.environmentVariables).toEqual({
      API_KEY: HIDDEN,
      WORKERS: '4',
      EMPTY_TOKEN: '',
    });
    expect(isSecretVariable('DB_PASSWORD', 'x')).toBe(true);
    expect(isSecretVariable('LOG_LEVEL', 'debug')).toBe(false);
  });
});
