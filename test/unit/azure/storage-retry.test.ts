/** When a request for a blob is sent again: no time passes here but the clock's. */
import { expect, test } from 'vitest';
import { retryStorage, retryStream } from '../../../src/azure/storage-retry.js';
import type { Clock } from '../../../src/common/clock.js';

function stubClock(): Clock & { pauses: number[] } {
  const pauses: number[] = [];
  return {
    pauses,
    now: () => 0,
    delay(milliseconds, signal) {
      pauses.push(milliseconds);
      return signal?.aborted ? Promise.reject(signal.reason as Error) : Promise.resolve();
    },
  };
}

const status = (statusCode: number) => Object.assign(new Error('refused'), { statusCode });
const cut = Object.assign(new Error('aborted'), { name: 'AbortError' });

/** Fails with each of the errors in turn, then succeeds. */
function failing(...errors: Error[]) {
  const work = () => {
    const error = errors.shift();
    return error ? Promise.reject(error) : Promise.resolve('read');
  };
  return { work, left: errors };
}

test.each([status(409), status(429), status(502), status(504), cut])(
  'three failures that pass are followed by a longer pause each (%o)',
  async (error) => {
    const clock = stubClock();
    const { work } = failing(error, error, error);
    expect(await retryStorage(work, { clock })).toBe('read');
    expect(clock.pauses).toEqual([400, 800, 1600]);
  },
);

test('the fourth failure is the last, and a body that was cut is one of the network', async () => {
  const clock = stubClock();
  const busy = status(409);
  const refused = retryStorage(failing(cut, cut, cut, busy).work, { clock });
  await expect(refused).rejects.toBe(busy);
  const closed = retryStorage(failing(busy, busy, busy, cut).work, { clock });
  await expect(closed).rejects.toMatchObject({ code: 'ECONNRESET', cause: cut });
  expect(clock.pauses).toHaveLength(6);
});

test('what does not pass, and an abort, are thrown at once', async () => {
  const clock = stubClock();
  for (const code of [400, 403, 404, 412, 500]) {
    const error = status(code);
    await expect(retryStorage(failing(error).work, { clock })).rejects.toBe(error);
  }
  const aborted = retryStorage(failing(cut).work, { clock, signal: AbortSignal.abort() });
  await expect(aborted).rejects.toBe(cut);
  expect(clock.pauses).toEqual([]);
});

test('after a cause is removed the next attempt follows without a pause', async () => {
  const clock = stubClock();
  const { work, left } = failing(status(401), status(403), status(401));
  const renewed: unknown[] = [];
  const renew = (error: unknown) => {
    renewed.push((error as { statusCode: number }).statusCode);
    return Promise.resolve(renewed.length < 3);
  };
  await expect(retryStorage(work, { clock, renew })).rejects.toMatchObject({ statusCode: 401 });
  expect([renewed, left, clock.pauses]).toEqual([[401, 403, 401], [], []]);
});

test('a stream is read on from where it broke, with one count of failures for all of it', async () => {
  const clock = stubClock();
  const letters = [...'abcdef'];
  let at = 0;
  async function* read(): AsyncGenerator<string> {
    for (const letter of letters.slice(at)) {
      at += 1;
      yield letter;
      if (at % 2 === 0) throw cut;
    }
  }
  const pieces: string[] = [];
  for await (const piece of retryStream(read, { clock })) pieces.push(piece);
  expect([pieces.join(''), clock.pauses]).toEqual(['abcdef', [400, 800, 1600]]);

  at = 0;
  letters.push('g', 'h');
  const tooOften = async () => {
    for await (const piece of retryStream(read, { clock })) pieces.push(piece);
  };
  await expect(tooOften()).rejects.toMatchObject({ code: 'ECONNRESET' });
});
