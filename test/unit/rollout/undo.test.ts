import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Split, sameSplit, shareOf, shift } from '../../../src/common/split.js';
import type { SetTraffic } from '../../../src/rollout/changes/change.js';
import type { JournalEntry } from '../../../src/rollout/journal/entry.js';
import type { JournalEvent } from '../../../src/rollout/journal/journal.js';
import { planUndo, undoStack } from '../../../src/rollout/undo.js';
import { deployment, endpoint, snapshot } from './fixtures.js';

const lines = (events: JournalEvent[]): JournalEntry[] =>
  events.map((event, index) => ({ at: '2026-01-01T00:00:00.000Z', seq: index + 1, ...event }));

function write(
  id: number,
  from: Split,
  to: Split,
  why: SetTraffic['why'],
  ok = true,
): JournalEvent[] {
  const change: SetTraffic = { kind: 'setTraffic', endpoint: 'heart', from, to, why };
  const failure = {
    kind: 'service' as const,
    what: 'w',
    message: 'm',
    advice: 'a',
    retrySafe: false,
  };
  return [
    { event: 'begun', id, change, title: 't', splitBefore: from },
    ok
      ? { event: 'ended', id, ok: true, readBack: 'confirmed', seconds: 1 }
      : { event: 'ended', id, ok: false, failure, seconds: 1 },
  ];
}

const at = (traffic: Split, blueCount = 2) =>
  snapshot(endpoint(traffic), [
    deployment('blue', { instanceCount: blueCount }),
    deployment('green'),
    deployment('other'),
  ]);
const roles = { blue: 'blue', green: 'green' };
const p = (green: number): Split => ({ blue: 100 - green, green });

describe('the undo stack', () => {
  it('holds the split before each confirmed step forward, and loses it when undone', () => {
    const steps = [
      ...write(1, p(0), p(10), 'advance'),
      ...write(2, p(10), p(30), 'advance'),
      ...write(3, p(30), p(50), 'advance', false),
    ];
    expect(undoStack(lines(steps))).toEqual([p(0), p(10)]);
    expect(undoStack(lines([...steps, ...write(4, p(30), p(10), 'undo')]))).toEqual([p(0)]);
  });

  it.each(['abort', 'rollback', 'close'] as const)('is empty after %s', (why) => {
    const steps = [...write(1, p(0), p(10), 'advance'), ...write(2, p(10), p(0), why)];
    expect(undoStack(lines(steps))).toEqual([]);
  });

  it('does not reach past an abort that needed no write', () => {
    const steps = write(1, p(0), p(10), 'advance');
    expect(undoStack(lines([...steps, { event: 'aborted', restored: p(0) }]))).toEqual([]);
  });
});

describe('undoing', () => {
  it('never raises green, never touches the others, whatever happened in between', () => {
    const shares = fc.array(fc.nat(100), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(shares, fc.nat(100), fc.nat(40), (history, nowGreen, other) => {
        const stack = history.map((green) => p(green));
        const traffic = shift({ blue: 100 - other, green: 0, other }, 'blue', 'green', nowGreen);
        const plan = planUndo(stack, at(traffic), roles);
        if ('refused' in plan) {
          expect(history.every((green) => green >= shareOf(traffic, 'green'))).toBe(true);
          return;
        }
        expect(shareOf(plan.to, 'green')).toBeLessThan(shareOf(traffic, 'green'));
        expect(shareOf(plan.to, 'other')).toBe(other);
      }),
    );
  });

  it('walks a whole rollout back to its start', () => {
    const forward = [0, 10, 30, 50, 100];
    let entries = forward
      .slice(1)
      .flatMap((green, index) => write(index + 1, p(forward[index] ?? 0), p(green), 'advance'));
    let now = p(100);
    const seen: number[] = [];
    for (let id = 10; ; id += 1) {
      const plan = planUndo(undoStack(lines(entries)), at(now), roles);
      if ('refused' in plan) break;
      entries = [...entries, ...write(id, now, plan.to, 'undo')];
      now = plan.to;
      seen.push(shareOf(now, 'green'));
    }
    expect(seen).toEqual([50, 30, 10, 0]);
    expect(sameSplit(now, p(0))).toBe(true);
  });

  it('says that blue is smaller than it was', () => {
    const plan = planUndo([p(0)], at(p(100), 1), roles, 3);
    expect(plan).toMatchObject({ warning: expect.stringContaining('1 of the 3 instances') });
  });

  it('refuses when blue is gone, and says how to get it back', () => {
    const now = snapshot(endpoint({ green: 100 }), [deployment('green')]);
    expect(planUndo([p(0)], now, roles)).toMatchObject({
      refused: expect.stringContaining('Recreate'),
    });
  });

  it('refuses when blue can not take traffic', () => {
    const failed = deployment('blue', { provisioningState: 'Failed' });
    const now = snapshot(endpoint(p(50)), [failed, deployment('green')]);
    expect(planUndo([p(0)], now, roles)).toMatchObject({
      refused: expect.stringContaining('failed'),
    });
  });
});
