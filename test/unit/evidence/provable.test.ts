/** What rows can prove, asked before anything is paid for. */
import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/rollout/evidence/gates/judge.js';
import { DEFAULT_GATES } from '../../../src/rollout/evidence/gates/settings.js';
import { labelledRows } from '../../../src/rollout/evidence/gates/accuracy.js';
import { provable, unprovable } from '../../../src/rollout/evidence/provable.js';
import type { RowAnswers } from '../../../src/rollout/evidence/replay.js';

/** Rows that show no harm. */
const harmless = (count: number) => ({
  rows: Array.from({ length: count }, (_, index): RowAnswers => {
    const answer = { ok: true, prediction: 1, status: 200, latencyMs: 40 };
    return { row: index + 1, truth: '1', answers: { blue: answer, green: answer } };
  }),
  blue: 'blue',
  green: 'green',
});

const of = (rows: number, gate: string, gates = DEFAULT_GATES) => {
  const found = provable(rows, gates).find((each) => each.gate === gate);
  if (!found) throw new Error(`nothing is said of ${gate}`);
  return found;
};

describe('what rows can prove', () => {
  it('is said in a sentence, with the choices', () => {
    expect(of(44, 'errors')).toMatchObject({
      proves: false,
      needed: 268,
      best: 0.058,
      why: '44 rows cannot prove errors ≤ 1 pp: 268 needed; with these rows: 5.8 pp.',
      choices: [
        { do: 'more-rows', rows: 268 },
        { do: 'limit', gate: 'errors', setting: 'margin', value: 0.058 },
        { do: 'warn', gate: 'errors' },
        { do: 'override', gate: 'errors' },
      ],
    });
    expect(of(268, 'errors')).toMatchObject({ proves: true, choices: [] });
    expect(of(44, 'labels')).toMatchObject({ mode: 'warn', proves: false, choices: [] });
    expect(unprovable(provable(44)).map(({ gate }) => gate)).toEqual(['errors', 'accuracy']);
    expect(unprovable(provable(300))).toEqual([]);
  });

  it('leaves out what is off, and the target where the file has none', () => {
    const off = { ...DEFAULT_GATES, errors: { ...DEFAULT_GATES.errors, mode: 'off' as const } };
    expect(provable(44, off).map(({ gate }) => gate)).not.toContain('errors');
    const without = provable(44, DEFAULT_GATES, { withTruth: false });
    expect(without.map(({ gate }) => gate)).not.toContain('accuracy');
  });

  it.each(['errors', 'accuracy', 'labels'] as const)('is what the gate %s then does', (gate) => {
    const { needed = 0 } = of(1, gate);
    const verdict = (rows: number) =>
      judge(harmless(rows)).find((each) => each.gate === gate)?.verdict;
    expect(verdict(needed)).toBe('pass');
    expect(verdict(needed - 1)).toBe('inconclusive');
    // The limit that is offered in place of it is one that these rows prove.
    const { best = 0 } = of(44, gate);
    const setting = gate === 'labels' ? { limit: best } : { margin: best };
    const gates = { ...DEFAULT_GATES, [gate]: { ...DEFAULT_GATES[gate], ...setting } };
    expect(of(44, gate, gates).proves).toBe(true);
  });

  it('is nothing for a limit of zero, and for no rows', () => {
    const gates = { ...DEFAULT_GATES, errors: { ...DEFAULT_GATES.errors, margin: 0 } };
    expect(of(300, 'errors', gates).why).toBe(
      '300 rows cannot prove errors ≤ 0 pp: no number of rows can; with these rows: 0.9 pp.',
    );
    expect(of(0, 'errors').best).toBeUndefined();
  });

  it.each([
    ['errors', 'margin'],
    ['accuracy', 'margin'],
    ['labels', 'limit'],
  ] as const)('is nothing for a limit of zero once %s is judged', (gate, setting) => {
    const gates = {
      ...DEFAULT_GATES,
      [gate]: { ...DEFAULT_GATES[gate], mode: 'enforce' as const, [setting]: 0 },
    };
    expect(of(300, gate, gates).why).toContain('no number of rows can');
    expect(unprovable(provable(300, gates)).map((each) => each.gate)).toEqual([gate]);
    const verdict = judge(harmless(300), gates).find((each) => each.gate === gate);
    expect(verdict).toMatchObject({ verdict: 'inconclusive' });
    expect(verdict?.needsMoreRows).toBeUndefined();
    expect(verdict?.why).toMatch(
      /\. No number of rows can prove a limit of 0: raise it, or set mode: warn\.$/,
    );
  });
});

const labelled = (disagreement: number) => labelledRows(disagreement, 0.02, 0.05);

describe('labelled rows', () => {
  it('grow with the disagreement seen so far', () => {
    expect(labelled(0)).toMatchObject({ rows: 133 });
    expect(labelled(0.05).rows).toBeGreaterThan(700);
    expect(labelled(0.05).why).toMatch(
      /^At 5\.0% differing answers it takes \d+ labelled rows to prove a loss of right answers ≤ 2 pp\.$/,
    );
  });
});
