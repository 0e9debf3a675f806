/** Answers of blue and green compared, and with the truth where the file has it. */
import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/rollout/evidence/gates/judge.js';
import { DEFAULT_GATES } from '../../../src/rollout/evidence/gates/settings.js';
import { ok, type Side, usual, evidence, gate, of } from './made-up-answers.js';

describe('answers', () => {
  const flip =
    (count: number): Side =>
    (row) => {
      const answer = usual(row);
      return row <= count ? { ...answer, prediction: 1 - Number(answer.prediction) } : answer;
    };

  it('warns of flipped labels by default', () => {
    expect(of('labels', 200, flip(4))).toMatchObject({
      mode: 'warn',
      verdict: 'pass',
      green: '4',
      difference: '2%, up to 4.5',
      limit: '5%',
    });
    expect(of('labels', 100, flip(2))).toMatchObject({
      verdict: 'inconclusive',
      needsMoreRows: 24,
    });
    expect(of('labels', 100, flip(30)).verdict).toBe('fail');
  });

  it('does not pass when the bound is just above the limit', () => {
    expect(of('labels', 200, flip(5))).toMatchObject({
      verdict: 'inconclusive',
      difference: '2.5%, up to 5.2',
    });
  });

  it('tells a shift from churn', () => {
    const up: Side = (row) => ok(row % 2 === 0 && row <= 40 ? 1 : row % 2);
    expect(of('labels', 100, up).why).toMatch(
      /Green returns 1 more often: 20 rows, the reverse on 0/,
    );
    expect(of('labels', 100, flip(20)).why).not.toMatch(/more often/);
  });

  it('judges the excess over the noise of a model that disagrees with itself', () => {
    const noisy = { ...evidence(300, flip(30)), noise: { pairs: 300, differing: 30 } };
    expect(gate(judge(noisy), 'labels').verdict).toBe('pass');
    expect(gate(judge(evidence(300, flip(30))), 'labels').verdict).toBe('fail');
  });

  it('stops a model that is less often right, and lets a better one differ', () => {
    expect(of('accuracy', 300, usual, usual, usual).verdict).toBe('pass');
    expect(of('accuracy', 300, flip(40), usual, usual)).toMatchObject({
      mode: 'enforce',
      verdict: 'fail',
      blue: '300',
      green: '260',
    });
    expect(of('accuracy', 300, usual, flip(40), usual).verdict).toBe('pass');
    const any = { ...DEFAULT_GATES, accuracy: { mode: 'enforce' as const, margin: 1 } };
    for (const lost of [0, 150, 300]) {
      const judged = judge(evidence(300, flip(lost), usual, usual), any);
      expect(gate(judged, 'accuracy')).toMatchObject({
        verdict: 'pass',
        why: `Only blue was right on ${lost} rows, only green on 0; any loss is within the limit.`,
      });
    }
    const open = of('accuracy', 60, flip(2), usual, usual);
    expect(open.verdict).toBe('inconclusive');
    // Of the rows, their labels: how many this disagreement takes.
    expect(open.why).toMatch(/At 3\.3% differing answers it takes \d+ labelled rows to prove a/);
  });

  it('says when the target is written in another way', () => {
    const words: Side = (row) => ok(row % 2 ? 'ill' : 'well');
    expect(of('accuracy', 50, usual, usual, words).verdict).toBe('error');
  });

  it('compares scores by their mean change, and their classes', () => {
    const score =
      (by: number): Side =>
      (row) => {
        const p = 0.2 + ((row * 7) % 10) / 20 + by * (0.5 + (row % 3) / 2);
        return ok([1 - p, p]);
      };
    expect(of('scores', 100, score(0.01), score(0)).verdict).toBe('pass');
    expect(of('scores', 100, score(0.2), score(0)).verdict).toBe('fail');
    expect(Number(of('labels', 100, score(0.2), score(0)).green)).toBeGreaterThan(10);
  });

  it('compares numbers by tolerance and lean, and no labels', () => {
    const price =
      (factor: number): Side =>
      (row) =>
        ok((100.5 + ((row * 37) % 97)) * factor);
    const verdicts = judge(evidence(100, price(1.05), price(1)));
    expect(gate(verdicts, 'numbers')).toMatchObject({ verdict: 'fail', green: '100' });
    expect(gate(verdicts, 'numbers').why).toMatch(/leans up/);
    expect(verdicts.map((each) => each.gate)).not.toContain('labels');
    expect(of('numbers', 100, price(1.001), price(1)).verdict).toBe('pass');
  });

  it('takes an infinite number for equal to itself, and for out of tolerance to all else', () => {
    const infinite =
      (value: number): Side =>
      (row) =>
        ok(row % 10 === 0 ? value : 100.5 + row);
    const green = (one: number, other: number) =>
      of('numbers', 100, infinite(one), infinite(other)).green;
    expect(green(Infinity, Infinity)).toBe('0');
    expect(green(Infinity, -Infinity)).toBe('10');
    expect(green(Infinity, 100.5)).toBe('10');
    expect(green(100.5, Infinity)).toBe('10');
  });
});
