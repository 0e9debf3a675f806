/** Answers that are numbers, one or several a row. */
import { describe, expect, it } from 'vitest';
import { compare } from '../../../src/rollout/evidence/compare.js';
import { sortedClasses } from '../../../src/rollout/evidence/output/classes.js';
import { type Meaning } from '../../../src/rollout/evidence/output/meaning.js';
import { type Of, evidence, verdicts, kindOf, classOf } from './output-support.js';

describe('numbers', () => {
  const share = (row: number) => ((row * 37) % 97) / 100;
  it('from 0 to 1 are numbers where the target is fractional', () => {
    const truth = (row: number) => share(row).toFixed(2);
    const given = evidence(300, [(row) => share(row) + 0.01, (row) => share(row) + 0.05, truth]);
    const found = verdicts(given);
    expect(found.absoluteError).toMatchObject({ verdict: 'fail' });
    expect(found.accuracy).toBeUndefined();
    expect(compare(given.rows, 'blue', 'green').blue.right).toBeUndefined();
  });

  it('that are whole are classes where target and answers are the same few', () => {
    const letters = (row: number) => classOf(row, 26);
    const found = verdicts(evidence(300, [letters, letters, (row) => String(letters(row))]));
    expect(found.accuracy).toMatchObject({ verdict: 'pass', blue: '300' });
    expect(found.absoluteError).toBeUndefined();
    const price = (row: number) => 1000 + ((row * 37) % 211);
    const prices = verdicts(evidence(300, [price, price, (row) => String(price(row) + 3)]));
    expect(prices.absoluteError).toMatchObject({ verdict: 'pass' });
    expect(prices.accuracy).toBeUndefined();
  });

  it('are what the plan says they are', () => {
    const whole = (row: number) => classOf(row, 5);
    expect(kindOf(300, whole, (row) => String(whole(row))).kind).toBe('labels');
    const told = (output: Meaning['output']) =>
      kindOf(300, whole, (row) => String(whole(row)), { output: output! }).kind;
    expect(told('numbers')).toBe('numbers');
    expect(told('labels')).toBe('labels');
    expect(told('auto')).toBe('labels');
  });

  it('that are missing are handled: NaN of both is the same, of green alone a breach', () => {
    const some: Of = (row) => (row % 10 === 0 ? null : row);
    const truth = (row: number) => String(row + (row % 3) - 1);
    const both = verdicts(evidence(300, [some, some, truth]));
    expect(both.contract).toMatchObject({ verdict: 'pass' });
    expect(both.absoluteError).toMatchObject({ verdict: 'pass' });
    const green = verdicts(evidence(300, [(row) => row, some, truth]));
    expect(green.contract).toMatchObject({ verdict: 'fail' });
    expect(green.absoluteError).toMatchObject({ verdict: 'error' });
    expect(green.absoluteError?.why).toMatch(/Row 10/);
    const none = verdicts(evidence(300, [() => null, () => null, truth]));
    expect(none.accuracy?.why).toMatch(/no value at all/);
  });
});

describe('whole numbers that a double does not hold', () => {
  const id = (row: number): bigint => 9007199254740992n + BigInt(row);

  it('are other numbers where only the last digit differs', () => {
    const given = evidence(40, [id, (row) => (row === 5 ? id(row) + 1n : id(row))]);
    expect(kindOf(40, id).kind).toBe('labels');
    const { differing } = compare(given.rows, 'blue', 'green', {});
    expect(differing.map(({ row, text }) => ({ row, text }))).toEqual([
      { row: 5, text: { blue: '9007199254740997', green: '9007199254740998' } },
    ]);
  });

  it('are right by all digits of the target', () => {
    const few = (row: number): bigint => 9007199254740992n + BigInt(row % 4);
    const truth = (row: number): string => String(few(row));
    const answers = kindOf(40, few, truth);
    expect(answers).toMatchObject({ kind: 'labels' });
    expect(answers.problem).toBeUndefined();
    expect(answers.isRight(few(3), truth(3))).toBe(true);
    expect(answers.isRight(few(3), truth(2))).toBe(false);
    expect(sortedClasses(['9007199254740993', '9007199254740992', '9007199254740993.0'])).toEqual([
      '9007199254740992',
      '9007199254740993',
    ]);
  });

  it('break no contract beside smaller ones, and no figure', () => {
    const mixed: Of = (row) => (row % 2 === 0 ? row : 9007199254740992n + BigInt(row % 3));
    const found = verdicts(evidence(40, [mixed, mixed]));
    expect(found.contract?.verdict).toBe('pass');
    expect(
      verdicts(evidence(40, [(row) => ({ id: id(row) }), (row) => ({ id: id(row) })])).contract
        ?.verdict,
    ).toBe('pass');
    expect(kindOf(40, (row) => [id(row), 0.5]).kind).toBe('vectors');
  });

  it('are compared exactly where the plan allows no tolerance, and subtracted exactly', () => {
    const given = evidence(40, [id, (row) => id(row) + 1n, (row) => String(id(row))], {
      output: 'numbers',
    });
    const found = verdicts(given, {
      numbers: { mode: 'enforce', absolute: 0, relative: 0 },
      absoluteError: { mode: 'enforce' },
    });
    expect(found.numbers?.why).toContain('40 rows of 40 are out of tolerance');
    expect(found.absoluteError?.why).toContain('green misses the truth by 1 on average, blue by 0');
  });

  it('and smaller ones that are classes are no other for rounding', () => {
    const large = (row: number): number => 7_200_000_000 + (row % 4);
    const truth = (row: number): string => String(large(row));
    const answers = kindOf(40, large, truth);
    expect(answers.kind).toBe('labels');
    expect(answers.differs(7_200_000_001, 7_200_000_002)).toBe(true);
    expect(answers.differs(0.1 + 0.2, 0.3)).toBe(false);
  });
});

describe('several numbers a row', () => {
  const lists: Of = (row) => [row * 1.5, row + 0.25];
  const truth = (row: number) => String(row);

  it('are compared one by one, and judged once the plan names the one that is meant', () => {
    const worse: Of = (row) => [row * 1.5, row + 2];
    const asked = verdicts(evidence(300, [lists, worse, truth]));
    expect(asked.accuracy).toMatchObject({ verdict: 'error' });
    expect(asked.accuracy?.why).toContain('evidence.label: 0');
    expect(asked.numbers?.green).toBe('174');
    const named = verdicts(evidence(300, [lists, worse, truth], { label: '1' }));
    expect(named.absoluteError).toMatchObject({ verdict: 'fail', blue: '0.25', green: '2' });
    expect(named.accuracy).toBeUndefined();
  });

  it('may be the members of a record', () => {
    const record: Of = (row) => ({ price: row + 0.25, days: row * 1.5 });
    const asked = verdicts(evidence(300, [record, record, truth]));
    expect(asked.accuracy?.why).toContain('evidence.label: price or days');
    const named = verdicts(evidence(300, [record, record, truth], { label: 'price' }));
    expect(named.absoluteError).toMatchObject({ verdict: 'pass' });
  });
});
