/** The numbers that stand beside the text of a verdict. */
import { describe, expect, it } from 'vitest';
import type { RowAnswer, RowAnswers } from '../../../src/rollout/evidence/replay.js';
import type { Evidence, SplitSeen } from '../../../src/rollout/evidence/gates/evidence.js';
import { judge, judgeLive } from '../../../src/rollout/evidence/gates/judge.js';
import { measured } from '../../../src/rollout/evidence/gates/measured.js';
import type { GateName } from '../../../src/rollout/evidence/gates/registry.js';
import type { Verdict } from '../../../src/rollout/evidence/gates/verdict.js';
import { judgeLoad } from '../../../src/rollout/evidence/judge-load.js';
import { judgeSplit } from '../../../src/rollout/evidence/judge-split.js';

const ROWS = 300;

const ok = (prediction: unknown, latencyMs: number): RowAnswer => ({
  ok: true,
  prediction,
  status: 200,
  latencyMs,
});
const failed = (problem: 'model' | 'busy'): RowAnswer => ({
  ok: false,
  problem,
  status: problem === 'busy' ? 429 : 424,
  latencyMs: 40,
});
type Side = (row: number) => RowAnswer;
const usual: Side = (row) => ok(row % 2, 30 + ((row * 37) % 41));

/** The class of a row is its truth. */
function evidence(green: Side, blue: Side = usual): Evidence {
  const rows: RowAnswers[] = Array.from({ length: ROWS }, (_, index) => ({
    row: index + 1,
    truth: String((index + 1) % 2),
    answers: { blue: blue(index + 1), green: green(index + 1) },
  }));
  return { rows, blue: 'blue', green: 'green' };
}

const found = (verdicts: readonly Verdict[], gate: GateName): Verdict => {
  const verdict = verdicts.find((each) => each.gate === gate);
  if (!verdict) throw new Error(`no verdict for ${gate}`);
  return verdict;
};
const numbersOf = (gate: GateName, ...sides: Parameters<typeof evidence>) =>
  found(judge(evidence(...sides)), gate).measured;

describe('the numbers of a verdict', () => {
  it('errors: rates in percent, their difference and its bounds in percentage points', () => {
    const late: Side = (row) => (row > 100 && row <= 112 ? failed('model') : usual(row));
    const numbers = numbersOf('errors', late);
    expect(numbers).toMatchObject({ unit: 'pp', blue: 0, green: 4, difference: 4, limit: 1 });
    expect(numbers?.counts).toEqual({ blue: { hits: 0, of: 300 }, green: { hits: 12, of: 300 } });
    // Tango's interval holds what was seen, and a fail lies beyond the limit.
    expect(numbers?.low).toBeGreaterThan(1);
    expect(numbers?.low).toBeLessThan(4);
    expect(numbers?.high).toBeGreaterThan(4);
  });

  it('errors: a deployment that answers nothing has rates, and no bounds', () => {
    const numbers = numbersOf('errors', () => failed('model'));
    expect(numbers).toEqual({
      unit: 'pp',
      blue: 0,
      green: 100,
      difference: 100,
      limit: 1,
      counts: { blue: { hits: 0, of: 300 }, green: { hits: 300, of: 300 } },
    });
  });

  it('accuracy: a loss is negative, like its limit', () => {
    const wrong: Side = (row) => ok(row <= 30 ? (row + 1) % 2 : row % 2, 40);
    const numbers = numbersOf('accuracy', wrong);
    expect(numbers).toMatchObject({
      unit: 'pp',
      blue: 100,
      green: 90,
      difference: -10,
      limit: -2,
      counts: { blue: { hits: 300, of: 300 }, green: { hits: 270, of: 300 } },
    });
    expect(numbers?.high).toBeLessThan(-2);
  });

  it('labels: what differs, and up to how much can not be ruled out', () => {
    const flips: Side = (row) => ok(row <= 3 ? (row + 1) % 2 : row % 2, 40);
    const numbers = numbersOf('labels', flips);
    expect(numbers).toMatchObject({ unit: 'pp', green: 1, difference: 1, limit: 5 });
    expect(numbers).not.toHaveProperty('blue');
    expect(numbers?.high).toBeGreaterThan(1);
    expect(numbers?.high).toBeLessThan(5);
  });

  it('latency: green by blue, or milliseconds where these decide', () => {
    const slow: Side = (row) => ok(row % 2, 2 * usual(row).latencyMs);
    const twice = numbersOf('latency', slow);
    expect(twice).toMatchObject({ unit: 'ratio', difference: 2, limit: 1.1 });
    expect(twice?.green).toBeCloseTo(2 * (twice?.blue ?? 0), 6);
    const quick =
      (factor: number): Side =>
      (row) =>
        ok(row % 2, factor * (2 + (row % 3)));
    const added = numbersOf('latency', quick(1.5), quick(1));
    expect(added).toMatchObject({ unit: 'ms', limit: 5 });
    expect(added?.high).toBeLessThan(5);
  });

  it('capacity: 429 in percent of the answers', () => {
    const busy: Side = (row) => (row <= 15 ? failed('busy') : usual(row));
    const numbers = numbersOf('capacity', busy);
    expect(numbers).toMatchObject({ unit: 'pp', blue: 0, green: 5, difference: 5, limit: 1 });
    expect(numbers?.counts?.green).toEqual({ hits: 15, of: 300 });
  });

  it('split: by how much green is served more than its weight', () => {
    const seen: SplitSeen = {
      configured: { blue: 90, green: 10 },
      served: { blue: 170, green: 30 },
      sent: 200,
      failed: 0,
    };
    const verdict = judgeSplit(seen, { blue: 'blue', green: 'green' });
    expect(verdict?.measured).toMatchObject({
      unit: 'pp',
      blue: 85,
      green: 15,
      difference: 5,
      limit: 10,
      counts: { blue: { hits: 170, of: 200 }, green: { hits: 30, of: 200 } },
    });
    const none = judgeSplit({ ...seen, served: {}, sent: 0 }, { blue: 'blue', green: 'green' });
    expect(none).not.toHaveProperty('measured');
  });

  it('live users: rates of errors and 429, and the p95 of green by that of blue', () => {
    const one = { requests: 100, errors: 0, busy: 0, p95Ms: 90 };
    const minutes = Array.from({ length: 6 }, (_, index) => ({
      at: `2026-01-01T12:0${index}:00Z`,
      blue: one,
      green: { ...one, errors: 8, busy: 2, p95Ms: 99 },
    }));
    const verdicts = judgeLive(minutes);
    const errors = found(verdicts, 'liveErrors');
    expect(errors.measured).toMatchObject({
      unit: 'pp',
      blue: 0,
      green: 8,
      difference: 8,
      limit: 1,
    });
    expect(errors.verdict).toBe('fail');
    expect(errors.measured?.low).toBeGreaterThan(1);
    expect(found(verdicts, 'liveCapacity').measured).toMatchObject({ difference: 2, limit: 1 });
    expect(found(verdicts, 'liveLatency').measured).toMatchObject({
      unit: 'ratio',
      blue: 90,
      green: 99,
      difference: 1.1,
      limit: 1.5,
    });
    for (const { measured: numbers } of judgeLive([])) expect(numbers?.difference).toBeUndefined();
  });

  it('load: rates of green alone', () => {
    const load = { perMinute: 60, seconds: 30, requests: 30, sent: 30, ok: 27, busy: 3 };
    const { verdicts } = judgeLoad({ ...load, errors: 0, other: 0 });
    expect(found(verdicts, 'capacity').measured).toEqual({
      unit: 'pp',
      green: 10,
      difference: 10,
      limit: 1,
      counts: { green: { hits: 3, of: 30 } },
    });
  });

  it('are whole in JSON: no digits of the arithmetic, no null', () => {
    const numbers = measured('ratio', {
      difference: 0.1 + 0.2,
      high: Infinity,
      low: NaN,
      limit: 1,
    });
    expect(JSON.stringify(numbers)).toBe('{"unit":"ratio","difference":0.3,"limit":1}');
    const few = judge({ ...evidence(usual), rows: evidence(usual).rows.slice(0, 3) });
    expect(few.length).toBeGreaterThan(3);
    expect(JSON.stringify(few)).not.toContain('null');
  });
});
