/** Answers that are numbers, where the file tells the truth. */
import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/rollout/evidence/gates/judge.js';
import { DEFAULT_GATES } from '../../../src/rollout/evidence/gates/settings.js';
import { needed } from '../../../src/rollout/evidence/gates/text.js';
import { ok, type Side, usual, evidence, gate } from './made-up-answers.js';

describe('numbers where the file tells the truth', () => {
  const truth = (row: number) => 200 + ((row * 37) % 97);
  /** Spread like a model's errors, and no row twice. */
  const error = (row: number) => (((row * 53) % 41) - 20) / 2 + ((row * 7) % 11) / 100;
  const side =
    (of: (row: number) => number): Side =>
    (row) =>
      ok(truth(row) + of(row));
  const known = side(() => 0);
  const missing = (green: (row: number) => number, n = 300, blue = error) =>
    gate(judge(evidence(n, side(green), side(blue), known)), 'absoluteError');

  it('pass when green misses it no more, and stop when it misses it by a fifth more', () => {
    expect(missing((row) => error(row) + 0.01)).toMatchObject({
      mode: 'enforce',
      verdict: 'pass',
      limit: '10%',
    });
    expect(missing((row) => 1.2 * error(row))).toMatchObject({ verdict: 'fail' });
    expect(missing((row) => 0.5 * error(row)).verdict).toBe('pass');
    expect(missing((row) => 1.2 * error(row)).why).toMatch(
      /^On 300 rows green misses the truth by 6\.\d+ on average, blue by 5\.\d+: clearly more than 10% more\.$/,
    );
  });

  it('stop a model that is far off on few rows and right on most', () => {
    expect(missing((row) => error(row) + (row % 10 === 0 ? 60 : 0)).verdict).toBe('fail');
  });

  it('stop a worse green whatever a wrong target makes of blue’s error, and name the row', () => {
    const wrongAt =
      (wrong: number, isWrong: (row: number) => boolean) => (factor: number, n: number) => {
        const told: Side = (row) => (isWrong(row) ? ok(wrong) : known(row));
        const green = side((row) => factor * error(row) + 0.01);
        return gate(judge(evidence(n, green, side(error), told)), 'absoluteError');
      };
    const typo = wrongAt(1e9, (row) => row === 17);
    expect(typo(80, 300)).toMatchObject({ verdict: 'fail' });
    expect(typo(80, 300).why).toMatch(
      /^Row 17 carries more than half of blue's error, .* blue misses it by 1000000000: is its target right\? On the other 299 rows green/,
    );
    expect(typo(80, 20).verdict).not.toBe('pass');
    expect(typo(1, 300)).toMatchObject({ verdict: 'pass' });
    expect(typo(1, 300).why).toMatch(/ without it too; blue misses it .* On 300 rows green/);
    for (const every of [20, 5]) {
      const mark = wrongAt(-999, (row) => row % every === 0);
      expect(mark(2, 300)).toMatchObject({ verdict: 'fail' });
      expect(mark(2, 300).why).toMatch(/^\d+ rows carry more than half of blue's error, .* row \d+ most, which blue misses by 12\d0: is its target right\? On the other \d+ rows green/); // prettier-ignore
      expect(mark(1.2, 300).verdict).not.toBe('pass');
      expect(mark(1, 300)).toMatchObject({ verdict: 'pass' });
    }
    expect(missing(error).why).toMatch(/^On 300 rows/);
  });

  it('pass a better green that is not exact where most targets are 0 and blue answers 0', () => {
    const isSale = (row: number) => row % 8 === 0;
    const told: Side = (row) => ok(isSale(row) ? 100 + row : 0);
    const answers =
      (factor: number, beside: number): Side =>
      (row) =>
        ok(isSale(row) ? 100 + row + factor * error(row) : beside);
    const found = (factor: number, beside: number, targets = told) =>
      gate(judge(evidence(600, answers(factor, beside), answers(1, 0), targets)), 'absoluteError')
        .verdict;
    expect(found(0.6, 0.001)).toBe('pass');
    expect(found(2, 0.001)).toBe('fail');
    expect(found(0.6, 1)).toBe('fail');
    const typo: Side = (row) => (row === 17 ? ok(1e9) : told(row));
    expect(found(2, 0.001, typo)).not.toBe('pass');
    const mark: Side = (row) => (row % 10 === 1 ? ok(-999) : told(row));
    expect(found(2, 0.001, mark)).not.toBe('pass');
    expect(found(1, 20, mark)).toBe('fail');
  });

  it('pass a better or equal green where most targets are 0 and blue is nearly exact there', () => {
    const isSale = (row: number) => row % 8 === 0;
    const told: Side = (row) => ok(isSale(row) ? 100 + row : 0);
    const answers =
      (factor: number, beside: number): Side =>
      (row) =>
        ok(isSale(row) ? 100 + row + factor * error(row) : beside * (1 + ((row * 7) % 11) / 10));
    const found = (factor: number, beside: number, targets = told, blueBeside = 0.02) =>
      gate(
        judge(evidence(600, answers(factor, beside), answers(1, blueBeside), targets)),
        'absoluteError',
      ).verdict;
    for (const beside of [0.02, 0.03, 0.05]) expect([beside, found(0.6, beside)]).toEqual([beside, 'pass']); // prettier-ignore
    expect(found(1, 0.03)).toBe('pass');
    expect(found(1, 1)).toBe('fail');
    expect(found(2, 0.02)).toBe('fail');
    const typo: Side = (row) => (row === 17 ? ok(1e9) : told(row));
    expect(found(1, 0.03, typo)).toBe('pass');
    expect(found(2, 0.02, typo)).toBe('fail');
    const mark: Side = (row) => (row % 10 === 1 ? ok(-999) : told(row));
    expect(found(1, 0.03, mark)).toBe('pass');
    expect(found(2, 0.02, mark)).toBe('fail');
    expect(found(1, 1, mark)).toBe('fail');
  });

  it('stop a green that is off where blue is exact, also beside marks for a missing value', () => {
    const exact = side(() => 0.5);
    const told: Side = (row) => (row % 10 === 1 ? ok(-999) : exact(row));
    const found = evidence(300, side(error), exact, told);
    expect(gate(judge(found), 'absoluteError').verdict).toBe('fail');
  });

  it('stop a worse green whatever one answer of blue alone makes of its error', () => {
    const blueOff = (factor: number, rows: number[]) => {
      const blue = (row: number) => (rows.includes(row) ? 1e9 : error(row));
      return missing((row) => factor * error(row) + 0.01, 300, blue);
    };
    expect(blueOff(3, [17])).toMatchObject({ verdict: 'fail' });
    expect(blueOff(3, [17]).why).toMatch(
      /^Blue alone is far off on 1 row, .* on row 17 most, by 1000000000\. On 300 rows green .* by 5\.\d+: clearly/,
    );
    expect(blueOff(3, [17, 60, 200])).toMatchObject({ verdict: 'fail' });
    expect(blueOff(1.2, [17]).verdict).not.toBe('pass');
    expect(blueOff(1, [17])).toMatchObject({ verdict: 'pass' });
    // Of green alone it is harm, which no row that is set aside hides.
    expect(missing((row) => (row % 30 === 17 ? 1e6 : error(row))).verdict).not.toBe('pass');
  });

  it('are inconclusive for too few rows, and say how many more', () => {
    expect(missing(error, 12)).toMatchObject({ verdict: 'inconclusive', needsMoreRows: 8 });
    const wide = missing((row) => error(row) * (row % 2 ? 1.6 : 0.45), 40);
    expect(wide.verdict).toBe('inconclusive');
    expect(wide.needsMoreRows).toBeGreaterThan(0);
    expect(wide.why).toContain(`${wide.needsMoreRows} more rows should settle it.`);
  });

  it('separate the thousands of that number', () => {
    expect(needed(2552)).toBe(' 2,552 more rows should settle it.');
    expect(needed(1)).toBe(' 1 more row should settle it.');
  });

  it('take another machine’s last digits for no error', () => {
    const exact = evidence(
      40,
      (row) => ok((truth(row) + 0.5) * (1 + 1e-15)),
      (row) => ok(truth(row) + 0.5),
      (row) => ok(truth(row) + 0.5),
    );
    expect(gate(judge(exact), 'absoluteError')).toMatchObject({ verdict: 'pass', blue: '0' });
    expect(
      missing(
        (row) => (row % 2 ? 1.5 : 0.5),
        40,
        () => 0.1,
      ).verdict,
    ).toBe('fail');
  });

  it('say when the target is no number, and are not asked without one, or of classes', () => {
    const words = evidence(40, side(error), side(error), (row) => ok(row % 2 ? 'high' : 'low'));
    expect(gate(judge(words), 'absoluteError')).toMatchObject({ verdict: 'error' });
    expect(gate(judge(words), 'absoluteError').why).toMatch(/40 rows no target is a number/);
    const gates = (...parts: Parameters<typeof evidence>) =>
      judge(evidence(...parts)).map((each) => each.gate);
    expect(gates(40, side(error), side(error))).not.toContain('absoluteError');
    expect(gates(40, usual, usual, usual)).not.toContain('absoluteError');
  });

  it('say how many targets are no number, and are an error where most are none', () => {
    const worded = (isWord: (row: number) => boolean) => {
      const told: Side = (row) => (isWord(row) ? ok('n/a') : known(row));
      return gate(judge(evidence(300, side(error), side(error), told)), 'absoluteError');
    };
    expect(worded((row) => row % 10 !== 0)).toMatchObject({
      verdict: 'error',
      why: '270 of 300 rows have no number in the target (row 1). Is another column the target?',
    });
    const few = worded((row) => row % 10 === 0);
    expect(few.verdict).toBe('pass');
    expect(few.why).toMatch(
      /^30 of 300 rows have no number in the target \(row 10\) and are left out\. On 270 rows green/,
    );
    expect(worded((row) => row === 4).why).toMatch(
      /^1 of 300 rows has no number .* and is left out/,
    );
  });

  it('are an error where the answer is infinite, unless the truth is or blue’s alone', () => {
    const infinite = (row: number) => (row === 7 ? Infinity : error(row));
    expect(missing(infinite, 300, infinite)).toMatchObject({
      verdict: 'error',
      why: 'Row 7: both return an infinite number, which has no distance to the truth. Leave the row out, or fix the models.',
    });
    expect(missing(infinite)).toMatchObject({
      verdict: 'error',
      why: 'Row 7: green returns an infinite number and blue does not.',
    });
    expect(missing(error, 300, infinite).why).toMatch(/^On 299 rows/);
    const bothAndTruth = evidence(300, side(infinite), side(infinite), side(infinite));
    expect(gate(judge(bothAndTruth), 'absoluteError')).toMatchObject({ verdict: 'pass' });
    expect(
      gate(judge(evidence(300, side(infinite), side(error), known)), 'contract'),
    ).toMatchObject({
      verdict: 'fail',
      why: 'Row 7: green returns an infinite number; blue never does.',
    });
  });

  it('have a tolerance of the plan’s', () => {
    const gates = { ...DEFAULT_GATES, absoluteError: { mode: 'warn' as const, relative: 0.5 } };
    const worse = evidence(
      300,
      side((row) => 1.2 * error(row)),
      side(error),
      known,
    );
    expect(gate(judge(worse, gates), 'absoluteError')).toMatchObject({
      mode: 'warn',
      verdict: 'pass',
      limit: '50%',
    });
  });
});
