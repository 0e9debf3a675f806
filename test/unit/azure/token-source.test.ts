import { describe, expect, test } from 'vitest';
import type { AccessToken, GetTokenOptions } from '@azure/identity';
import { TokenSource } from '../../../src/azure/token-source.js';

/** A credential that counts, at a time the test sets. */
function counting(lifeMs: number) {
  const state = { now: 1_000_000, asked: [] as (GetTokenOptions | undefined)[] };
  const source = new TokenSource(
    {
      getToken(_scopes, options): Promise<AccessToken> {
        state.asked.push(options);
        const token = `token-${state.asked.length}`;
        return Promise.resolve({ token, expiresOnTimestamp: state.now + lifeMs });
      },
    },
    { now: () => state.now, delay: () => Promise.resolve() },
  );
  return { state, source };
}

const HOUR = 3_600_000;

describe('tokens', () => {
  test('are kept by scope, and renewed five minutes ahead', async () => {
    const { state, source } = counting(HOUR);
    expect((await source.token('a')).token).toBe('token-1');
    expect((await source.token('b')).token).toBe('token-2');
    state.now += HOUR - 301_000;
    expect((await source.token('a')).token).toBe('token-1');
    state.now += 2000;
    expect((await source.token('a')).token).toBe('token-3');
  });

  test('that live shortly are not asked for each time', async () => {
    const { state, source } = counting(60_000);
    await source.token('a');
    state.now += 47_000;
    expect((await source.token('a')).token).toBe('token-1');
    state.now += 2000;
    expect((await source.token('a')).token).toBe('token-2');
  });

  test('many callers at once ask once', async () => {
    const { state, source } = counting(HOUR);
    await Promise.all([source.token('a'), source.token('a'), source.token('a')]);
    expect(state.asked).toHaveLength(1);
  });

  test('a refused one is replaced, but only that one', async () => {
    const { source } = counting(HOUR);
    await source.token('a');
    expect((await source.token('a', { refused: 'token-1' })).token).toBe('token-2');
    // A late answer to a request with the old token must not throw away the new one.
    expect((await source.token('a', { refused: 'token-1' })).token).toBe('token-2');
  });

  test('claims are handed on, past what is kept', async () => {
    const { state, source } = counting(HOUR);
    await source.token('a');
    await source.token('a', { claims: '{"nbf":1}' });
    expect(state.asked[1]?.claims).toBe('{"nbf":1}');
    expect((await source.token('a')).token).toBe('token-2');
  });

  test('one caller’s abort is not another’s', async () => {
    const gate = new AbortController();
    let asked = 0;
    const source = new TokenSource({
      getToken(_scopes, options) {
        asked++;
        const token = { token: `token-${asked}`, expiresOnTimestamp: Date.now() + HOUR };
        const signal = options?.abortSignal as AbortSignal | undefined;
        if (!signal) return Promise.resolve(token);
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        });
      },
    });
    const first = source.token('a', { signal: gate.signal });
    const second = source.token('a');
    gate.abort();
    await expect(first).rejects.toThrow(/abort/i);
    expect((await second).token).toBe('token-2');
  });
});
