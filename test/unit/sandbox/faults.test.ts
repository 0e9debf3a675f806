/** Which requests a fault strikes, and requests that wait for another operator. */
import { describe, expect, it } from 'vitest';
import { type Fault, FaultList, parseFault } from '../../../src/sandbox/faults.js';

const fault = (body: object): Fault => {
  const read = parseFault(body);
  if (typeof read === 'string') throw new Error(read);
  return read;
};
const listOf = (...bodies: object[]): FaultList => {
  const list = new FaultList();
  for (const body of bodies) list.add(fault(body));
  return list;
};
const SCORE = { method: 'POST', path: '/score' };

describe('a fault', () => {
  it('strikes one endpoint only, and only requests that name no deployment', () => {
    const list = listOf({
      match: { endpoint: 'mine', pinned: false },
      times: 9,
      action: { serve: { blue: 100 } },
    });
    const take = (target: object) => list.take(['serve'], { ...SCORE, ...target });
    expect(take({ endpoint: 'other', pinned: false })).toBeUndefined();
    expect(take({ endpoint: 'mine', pinned: true })).toBeUndefined();
    expect(take({ endpoint: 'MINE', pinned: false })).toEqual({ serve: { blue: 100 } });
  });

  it('strikes after so many other requests, and not before', async () => {
    const list = listOf({
      match: { method: 'PUT' },
      after: { match: { path: '^/score' }, times: 2 },
      action: { status: 409 },
    });
    const put = () => list.take(['status'], { method: 'PUT' });
    await list.arrive(SCORE);
    expect(put()).toBeUndefined();
    await list.arrive(SCORE);
    expect(put()).toEqual({ status: 409 });
    expect(put()).toBeUndefined();
  });

  it('lets a request wait until it is released', async () => {
    const list = listOf({ match: SCORE, action: { hold: 'abort' } });
    const seen: string[] = [];
    const first = list.arrive(SCORE).then(() => seen.push('first'));
    await list.arrive(SCORE);
    seen.push('second');
    expect(list.holds.list()).toEqual({ abort: 1 });
    list.holds.release('abort');
    await first;
    expect(seen).toEqual(['second', 'first']);
    expect(list.holds.list()).toEqual({});
  });

  it('lets nobody wait when faults are cleared', async () => {
    const list = listOf({ match: SCORE, action: { hold: 'abort' } });
    const held = list.arrive(SCORE);
    list.clear();
    await expect(held).resolves.toBeUndefined();
  });

  it.each([
    [{ match: { colour: 'green' }, action: { status: 500 } }, '"match" accepts method, path,'],
    [{ match: { pinned: 'no' }, action: { status: 500 } }, '"match.pinned" must be true or false.'],
    [{ after: { match: { path: '(' }, times: 1 }, action: { status: 500 } }, '"after.match.path"'],
    [{ after: { match: {}, times: 0 }, action: { status: 500 } }, '"after.times" must be'],
  ])('that can not be read is refused: %o', (body, sentence) => {
    expect(parseFault(body)).toContain(sentence);
  });
});
