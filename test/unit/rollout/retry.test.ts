import { describe, expect, it } from 'vitest';
import type { AzureFailure } from '../../../src/azure/types.js';
import { ChangeError, GuardError } from '../../../src/rollout/errors.js';
import { retry, UNTIL_DONE } from '../../../src/rollout/retry.js';

const failure = (kind: AzureFailure['kind'], more: Partial<AzureFailure> = {}): ChangeError =>
  new ChangeError({ kind, what: '', message: kind, advice: '', retrySafe: true, ...more });

/** A clock whose pauses take no time, and that says how long they were. */
function fakeClock() {
  const pauses: number[] = [];
  let now = 0;
  return {
    pauses,
    now: () => now,
    delay: (ms: number) => {
      pauses.push(ms);
      now += ms;
      return Promise.resolve();
    },
  };
}

/** Fails in order, then answers with the number of the attempt. */
function failing(...errors: Error[]) {
  return (attempt: number): Promise<number> => {
    const error = errors[attempt - 1];
    return error ? Promise.reject(error) : Promise.resolve(attempt);
  };
}

describe('retry', () => {
  it('sends again what was throttled, conflicted, failed on the server or dropped', async () => {
    const clock = fakeClock();
    const work = failing(
      failure('throttled', { status: 429, retryAfterSeconds: 7 }),
      failure('conflict', { status: 409 }),
      failure('service', { status: 503 }),
      failure('network'),
    );
    const told: string[] = [];
    const onRetry = ({ kind }: AzureFailure): number => told.push(kind);
    await expect(retry(UNTIL_DONE, work, { clock, onRetry })).resolves.toBe(5);
    expect(clock.pauses).toEqual([7_000, 2_000, 2_000, 2_000]);
    expect(told).toEqual(['throttled', 'conflict', 'service', 'network']);
  });

  it.each([
    ['a refusal', failure('invalid')],
    ['missing rights', failure('forbidden')],
    ['a conflict that stays', failure('conflict', { retrySafe: false })],
    ['a guard', new GuardError('moved')],
    ['a fault of the program', new TypeError('x is undefined')],
  ])('does not send again after %s', async (_, error) => {
    const clock = fakeClock();
    await expect(retry(UNTIL_DONE, failing(error), { clock })).rejects.toBe(error);
    expect(clock.pauses).toEqual([]);
  });

  it('gives up after the tries of a moment, with the last failure', async () => {
    const clock = fakeClock();
    const last = failure('network');
    const work = failing(...Array.from({ length: 4 }, () => failure('service')), last);
    await expect(retry(UNTIL_DONE, work, { clock })).rejects.toBe(last);
    expect(clock.pauses).toHaveLength(4);
  });

  it('waits for a busy endpoint as long as its patience, and no longer', async () => {
    const clock = fakeClock();
    const busy = failure('conflict', { status: 409 });
    await expect(retry(UNTIL_DONE, () => Promise.reject(busy), { clock })).rejects.toBe(busy);
    expect(clock.now()).toBe(UNTIL_DONE.patienceMs);
  });

  it('takes a failure for passing that the caller says passes', async () => {
    const clock = fakeClock();
    const passing = () => 'busy' as const;
    const work = failing(new GuardError('endpoint x is updating'));
    await expect(retry(UNTIL_DONE, work, { clock, passing })).resolves.toBe(2);
  });

  it('ends at once when the signal fires', async () => {
    const stop = new AbortController();
    const last = failure('network');
    const work = (): Promise<never> => {
      stop.abort();
      return Promise.reject(last);
    };
    await expect(retry(UNTIL_DONE, work, { signal: stop.signal })).rejects.toBe(last);
  });

  it('keeps a success that came after the signal fired', async () => {
    const stop = new AbortController();
    const work = (): Promise<string> => {
      stop.abort();
      return Promise.resolve('restored');
    };
    await expect(retry(UNTIL_DONE, work, { signal: stop.signal })).resolves.toBe('restored');
  });
});
