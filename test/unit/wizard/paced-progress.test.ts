import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CommandProgress } from '../../../src/wizard/events.js';
import { pacedProgress } from '../../../src/wizard/paced-progress.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setImmediate'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** How many of the counts of ten seconds are told, one a millisecond, where drawing takes so long. */
function toldOf(drawingMs: number): number {
  const told: CommandProgress[] = [];
  const pass = pacedProgress((progress) => {
    told.push(progress);
    vi.advanceTimersByTime(drawingMs);
  });
  const ends = performance.now() + 10_000;
  for (let done = 0; performance.now() < ends; done += 1) {
    pass({ kind: 'count', done, total: 1_000_000, unit: 'rows' });
    vi.advanceTimersByTime(1);
  }
  return told.length;
}

describe('pacedProgress', () => {
  it('tells counts about ten times a second where drawing takes no time', () => {
    expect(toldOf(0)).toBeGreaterThan(85);
    expect(toldOf(0)).toBeLessThan(105);
  });

  it('leaves nearly all of the time to the rows where drawing is slow, and still moves', () => {
    expect(toldOf(40) * 40).toBeLessThanOrEqual(300);
    expect(toldOf(40)).toBeGreaterThan(4);
    expect(toldOf(500)).toBeGreaterThan(2);
  });

  it('always tells the last count, and what is no count', () => {
    const told: CommandProgress[] = [];
    const pass = pacedProgress((progress) => told.push(progress));
    pass({ kind: 'count', done: 1, total: 3, unit: 'rows' });
    pass({ kind: 'count', done: 2, total: 3, unit: 'rows' });
    pass({ kind: 'accepted' });
    pass({ kind: 'count', done: 3, total: 3, unit: 'rows' });
    expect(told.map((each) => (each.kind === 'count' ? each.done : each.kind))).toEqual([
      1,
      'accepted',
      3,
    ]);
  });
});
