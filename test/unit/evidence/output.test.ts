/** What answers mean, for every form in which models answer, and who is right then. */
import { describe, expect, it } from 'vitest';
import { compare, testResult } from '../../../src/rollout/evidence/compare.js';
import type { Evidence } from '../../../src/rollout/evidence/gates/evidence.js';
import { judge } from '../../../src/rollout/evidence/gates/judge.js';
import { judgeProof } from '../../../src/rollout/evidence/judge-proof.js';
import { DEFAULT_GATES } from '../../../src/rollout/evidence/gates/settings.js';
import { readAnswers } from '../../../src/rollout/evidence/output/answers.js';
import { sortedClasses } from '../../../src/rollout/evidence/output/kind.js';
import { classesLine, type Meaning } from '../../../src/rollout/evidence/output/meaning.js';
import { withChanges } from '../../../src/rollout/plan/proof.js';
import type { GateChanges } from '../../../src/rollout/plan/proof.js';
import type { GateName } from '../../../src/rollout/evidence/gates/registry.js';

type Of = (row: number) => unknown;
const ok = (prediction: unknown) => ({ ok: true, prediction, status: 200, latencyMs: 40 });

/** Rows from 1 to n, each with blue's answer, green's and the file's target. */
const evidence = (
  n: number,
  [blue, green, truth]: readonly [Of, Of, ((row: number) => string | undefined)?],
  meaning: Meaning = {},
): Evidence => ({
  rows: Array.from({ length: n }, (_, index) => {
    const row = index + 1;
    const told = truth?.(row);
    return {
      row,
      ...(told !== undefined && { truth: told }),
      answers: { blue: ok(blue(row)), green: ok(green(row)) },
    };
  }),
  blue: 'blue',
  green: 'green',
  meaning: { ...(truth && { target: 'target' }), ...meaning },
});

const verdicts = (given: Evidence, changes: GateChanges = {}) =>
  Object.fromEntries(
    judge(given, withChanges(DEFAULT_GATES, changes)).map((each) => [each.gate, each]),
  ) as Partial<Record<GateName, ReturnType<typeof judge>[number]>>;

const kindOf = (n: number, blue: Of, truth?: (row: number) => string, meaning?: Meaning) =>
  readAnswers(
    Array.from({ length: n }, (_, at) => ({ prediction: blue(at + 1), truth: truth?.(at + 1) })),
    { meaning },
  );

/** Spread over classes so that no two neighbours are alike. */
const classOf = (row: number, classes: number): number => (row * 7) % classes;
const softmax = (at: number, classes: number): number[] =>
  Array.from({ length: classes }, (_, each) => (each === at ? 0.7 : 0.3 / (classes - 1)));

describe('class scores', () => {
  const names = ['setosa', 'versicolor', 'virginica'];
  const blue: Of = (row) =>
    softmax(row % 10 === 0 ? (classOf(row, 3) + 1) % 3 : classOf(row, 3), 3);
  const bad: Of = (row) => softmax((classOf(row, 3) + 1) % 3, 3);
  const good: Of = (row) =>
    softmax(classOf(row, 3), 3).map((p, at) => p + (at === 0 ? 1e-4 : -5e-5));
  const grade = (row: number) => String(classOf(row, 3) + 1);
  const name = (row: number) => names[classOf(row, 3)]!;
  const from0 = (row: number) => String(classOf(row, 3));

  it('that are NaN on some rows leave the others what they are', () => {
    const some =
      (of: Of): Of =>
      (row) =>
        row % 50 === 7 ? [null, null, null] : of(row);
    const both = verdicts(evidence(300, [some(blue), some(good), from0]));
    expect(both.contract).toMatchObject({ verdict: 'pass' });
    expect(both.accuracy).toMatchObject({ verdict: 'pass', blue: '264', green: '294' });
    const green = verdicts(evidence(300, [blue, some(good), from0]));
    expect(green.contract?.why).toBe(
      'Row 7: green returns no value (null or NaN); blue returns one.',
    );
    const named = verdicts(
      evidence(300, [some(blue), some(good), grade], { classes: ['1', '2', '3'] }),
    );
    expect(named.accuracy).toMatchObject({ verdict: 'pass' });
  });

  it('of targets 0 to k - 1 need no one to say their order', () => {
    expect(verdicts(evidence(300, [blue, good, from0])).accuracy).toMatchObject({
      verdict: 'pass',
      blue: '270',
      green: '300',
    });
    expect(verdicts(evidence(300, [blue, bad, from0])).accuracy).toMatchObject({ verdict: 'fail' });
  });

  it.each([
    ['classes 1 to 3', grade, ['1', '2', '3']],
    ['named classes', name, names],
  ])('of %s hold until somebody says their order', (_, truth, classes) => {
    const asked = verdicts(evidence(300, [blue, bad, truth])).accuracy;
    expect(asked).toMatchObject({ verdict: 'error', mode: 'enforce' });
    expect(asked?.why).toContain(`evidence.classes: [${classes.join(', ')}]`);
    expect(verdicts(evidence(300, [blue, good, truth], { classes })).accuracy).toMatchObject({
      verdict: 'pass',
      blue: '270',
      green: '300',
    });
    expect(verdicts(evidence(300, [blue, bad, truth], { classes })).accuracy).toMatchObject({
      verdict: 'fail',
      green: '0',
    });
  });

  it('take their order from the model’s folder, and doubt one that is wrong', () => {
    const signature = { inputs: [], outputs: [], same: true, unknown: false, breaks: false };
    const classesFrom = 'classes_ in model.pkl';
    const told = (classes: string[]) => ({
      ...evidence(300, [blue, good, name]),
      signature: { ...signature, classes, classesFrom },
    });
    expect(verdicts(told(names)).accuracy).toMatchObject({ verdict: 'pass', blue: '270' });
    const wrong = verdicts(told(['versicolor', 'virginica', 'setosa'])).accuracy;
    expect(wrong).toMatchObject({ verdict: 'error' });
    expect(wrong?.why).toMatch(/no more often than chance/);
    expect(wrong?.why).toContain(
      'are the classes read from classes_ in model.pkl in the order of its scores (versicolor, virginica, setosa)?',
    );
  });

  it('say what is wrong with classes that a plan names', () => {
    const why = (classes: string[]) =>
      verdicts(evidence(300, [blue, good, name], { classes })).accuracy?.why;
    expect(why(['setosa', 'virginica'])).toMatch(/evidence\.classes names 2 classes.*name 3/);
    expect(why(['setosa', 'virginica', 'other'])).toMatch(/leaves out versicolor/);
  });

  it('are not guessed where a class of 0 to k - 1 is not in the rows', () => {
    const two = (row: number) => String(classOf(row, 2));
    const verdict = verdicts(evidence(300, [(row) => softmax(classOf(row, 2), 3), good, two]));
    expect(verdict.accuracy?.verdict).toBe('error');
    expect(verdict.accuracy?.why).toContain('name all 3');
  });

  it('that jitter make no row differ', () => {
    const given = evidence(300, [(row) => softmax(classOf(row, 3), 3), good, from0]);
    expect(compare(given.rows, 'blue', 'green').differing).toEqual([]);
    expect(verdicts(given).labels).toMatchObject({ green: '0' });
    expect(verdicts(given).scores).toMatchObject({ verdict: 'pass' });
  });

  it('one a row: of 0 and 1 as they are, of words when both are named', () => {
    const score: Of = (row) => (row % 2 === 1 ? 0.8 : 0.1) + (row % 7) / 100;
    const binary = (row: number) => (row % 2 === 1 ? 'True' : 'False');
    const words = (row: number) => (row % 2 === 1 ? 'ill' : 'healthy');
    expect(verdicts(evidence(300, [score, score, binary])).accuracy).toMatchObject({ blue: '300' });
    const asked = verdicts(evidence(300, [score, score, words])).accuracy;
    expect(asked?.why).toContain('evidence.classes: [healthy, ill]');
    const classes = ['healthy', 'ill'];
    expect(verdicts(evidence(300, [score, score, words], { classes })).accuracy).toMatchObject({
      verdict: 'pass',
      blue: '300',
    });
  });

  it('in a column for each class are named by it', () => {
    const frame: Of = (row) =>
      Object.fromEntries(softmax(classOf(row, 3), 3).map((p, at) => [names[at], p]));
    const given = evidence(300, [frame, frame, name]);
    expect(verdicts(given).accuracy).toMatchObject({ verdict: 'pass', blue: '300' });
    expect(verdicts(given).scores).toMatchObject({ verdict: 'pass' });
  });
});

describe('rare classes in a wrong order', () => {
  const names = ['common', 'rare', 'odd'];
  /** 8 of 10 rows are of the first class. */
  const at = (row: number) => [1, 2][row % 10] ?? 0;
  const truth = (row: number) => names[at(row)]!;
  const blue: Of = (row) => softmax(row % 7 === 0 ? 0 : at(row), 3);
  const accuracy = (classes: string[], n = 300, of = blue) =>
    verdicts(evidence(n, [of, of, truth], { classes })).accuracy;

  it('are an error, though blue seems right more often than chance', () => {
    expect(accuracy(names)).toMatchObject({ verdict: 'pass' });
    const swapped = accuracy(['common', 'odd', 'rare']);
    expect(swapped).toMatchObject({ verdict: 'error', mode: 'enforce' });
    expect(swapped?.why).toBe(
      'Blue usually answers rare where the target is odd (26 of 30 rows), and odd where the target is rare (26 of 30 rows): is evidence.classes in the order of the model (common, odd, rare)?',
    );
  });

  it('are an error in a circle of three, and as a class that no row has', () => {
    const four: Of = (row) => softmax(row % 10 < 7 ? 0 : (row % 10) - 6, 4);
    const told = (row: number) => ['a', 'b', 'c', 'd'][row % 10 < 7 ? 0 : (row % 10) - 6]!;
    const circle = (classes: string[]) =>
      verdicts(evidence(300, [four, four, told], { classes })).accuracy;
    expect(circle(['a', 'b', 'c', 'd'])?.verdict).toBe('pass');
    expect(circle(['a', 'c', 'd', 'b'])?.verdict).toBe('error');
    const two = (row: number) => (row % 10 === 1 ? 'rare' : 'common');
    const of: Of = (row) => softmax(row % 10 === 1 ? 1 : 0, 3);
    const absent = verdicts(
      evidence(300, [of, of, two], { classes: ['common', 'absent', 'rare'] }),
    ).accuracy;
    expect(absent).toMatchObject({ verdict: 'error' });
    expect(absent?.why).toContain('Blue usually answers absent where the target is rare (30 of 30');
  });

  it('are none where blue takes them for the frequent one, or too few tell', () => {
    const dull: Of = (row) => softmax(row % 50 === 1 ? 1 : 0, 3);
    expect(accuracy(names, 300, dull)).toMatchObject({ verdict: 'pass' });
    const guess: Of = (row) => softmax(at(row) === 0 ? 0 : 1 + (Math.floor(row / 10) % 2), 3);
    expect(accuracy(names, 300, guess)).toMatchObject({ verdict: 'pass' });
    expect(accuracy(['common', 'odd', 'rare'], 20)?.verdict).not.toBe('error');
  });
});

describe('indexes of classes that are numbers', () => {
  const classes = ['1', '2', '3'];
  const grade = (row: number) => String(classOf(row, 3) + 1);
  const index: Of = (row) => classOf(row, 3);
  const always: Of = () => 1;

  it.each<Meaning['output']>(['auto', 'labels'])('are read by the plan (output: %s)', (output) => {
    const meaning = { classes, output: output! };
    const same = verdicts(evidence(300, [index, index, grade], meaning));
    expect(same.accuracy).toMatchObject({ verdict: 'pass', blue: '300', green: '300' });
    expect(same.absoluteError).toBeUndefined();
    const bad = evidence(300, [index, always, grade], meaning);
    expect(verdicts(bad).accuracy).toMatchObject({ verdict: 'fail', green: '100' });
    const { differing, blue, green } = compare(bad.rows, 'blue', 'green', bad);
    expect([blue.right, green.right]).toEqual([300, 100]);
    expect(differing[0]).toMatchObject({ row: 2, rightOne: 'blue' });
    expect(differing[0]?.text).toEqual({ blue: '3', green: '2' });
  });

  it('are read by the model', () => {
    const signature = { inputs: [], outputs: [], same: true, unknown: false, breaks: false };
    const told = { ...signature, classes, classesFrom: 'classes in MLmodel' };
    const found = verdicts({ ...evidence(300, [index, always, grade]), signature: told });
    expect(found.accuracy).toMatchObject({ verdict: 'fail', blue: '300', green: '100' });
  });

  it('are read where most of them are values of the target too', () => {
    const ten = Array.from({ length: 10 }, (_, at) => String(at + 1));
    const blue: Of = (row) => classOf(row, 10);
    const truth = (row: number) => String(classOf(row, 10) + 1);
    expect(verdicts(evidence(300, [blue, blue, truth], { classes: ten })).accuracy).toMatchObject({
      verdict: 'pass',
      blue: '300',
    });
  });

  it('are not read where each answer is a class itself', () => {
    const label: Of = (row) => classOf(row, 3) + 1;
    const labels = verdicts(evidence(300, [label, label, grade], { classes }));
    expect(labels.accuracy).toMatchObject({ verdict: 'pass', blue: '300' });
    // Without class 3 both readings fit.
    const two: Of = (row) => classOf(row, 2) + 1;
    const told = (row: number) => (row % 50 === 0 ? '3' : String(classOf(row, 2) + 1));
    const both = verdicts(evidence(300, [two, two, told], { classes }));
    expect(both.accuracy).toMatchObject({ verdict: 'pass', blue: '294' });
  });

  it('are doubted in an order that is wrong, and where they are no indexes', () => {
    const accuracy = (blue: Of, named: string[]) =>
      verdicts(evidence(300, [blue, blue, grade], { classes: named })).accuracy;
    const wrong = accuracy(index, ['2', '3', '1']);
    expect(wrong).toMatchObject({ verdict: 'error' });
    expect(wrong?.why).toContain('is evidence.classes in the order of the model (2, 3, 1)?');
    const beyond = accuracy((row) => classOf(row, 3) * 5, classes);
    expect(beyond).toMatchObject({ verdict: 'error' });
    expect(beyond?.why).toContain('not a value of the target');
  });
});

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

describe('records', () => {
  const truth = (row: number) => (classOf(row, 2) === 1 ? 'yes' : 'no');
  const record =
    (flipped: number, jitter = 0): Of =>
    (row) => {
      const is = row <= flipped ? 1 - classOf(row, 2) : classOf(row, 2);
      return { label: is === 1 ? 'yes' : 'no', score: 0.1 + 0.8 * is + jitter, id: `r${row}` };
    };

  it('are read by the member whose values are the file’s classes', () => {
    const given = evidence(300, [record(10), record(10, 0.004), truth]);
    expect(verdicts(given).accuracy).toMatchObject({ verdict: 'pass', blue: '290', green: '290' });
    expect(compare(given.rows, 'blue', 'green').differing).toEqual([]);
    expect(verdicts(given).scores).toMatchObject({ verdict: 'pass' });
    const worse = evidence(300, [record(10), record(100), truth]);
    expect(verdicts(worse).accuracy).toMatchObject({ verdict: 'fail', green: '200' });
  });

  it('ask for the member where several could be it, and say when a named one is not there', () => {
    const both: Of = (row) => ({ first: truth(row), second: truth(row + 1) });
    const asked = verdicts(evidence(300, [both, both, truth])).accuracy;
    expect(asked).toMatchObject({ verdict: 'error' });
    expect(asked?.why).toContain('evidence.label: first or second');
    const named = (label: string) =>
      verdicts(evidence(300, [both, both, truth], { label })).accuracy;
    expect(named('first')).toMatchObject({ verdict: 'pass', blue: '300' });
    expect(named('third')?.why).toMatch(/evidence\.label names third, which blue does not answer/);
  });

  it('of one column stand for it, with their name in the contract', () => {
    const column: Of = (row) => ({ prediction: classOf(row, 2) });
    const binary = (row: number) => String(classOf(row, 2));
    expect(verdicts(evidence(300, [column, column, binary])).accuracy).toMatchObject({
      verdict: 'pass',
      blue: '300',
    });
    const bare = verdicts(evidence(300, [column, (row) => classOf(row, 2), binary]));
    expect(bare.contract).toMatchObject({ verdict: 'fail' });
  });

  it('of one column of vectors stand for the vector', () => {
    const binary = (row: number) => String(row + 0.25);
    const pair: Of = (row) => ({ pair: [row * 1.5, row + 0.25] });
    const found = verdicts(evidence(300, [pair, pair, binary], { label: '1' }));
    expect(found.absoluteError).toMatchObject({ verdict: 'pass', blue: '0' });
    const named = verdicts(evidence(300, [pair, pair, binary], { label: 'pair' }));
    expect(named.accuracy?.why).toContain('evidence.label: 0');
  });

  it('take the label beside probabilities, or the probabilities alone', () => {
    const binary = (row: number) => String(classOf(row, 2));
    const beside: Of = (row) => ({ label: classOf(row, 2), probs: softmax(classOf(row, 2), 2) });
    const alone: Of = (row) => ({ probs: softmax(classOf(row, 2), 2) });
    for (const blue of [beside, alone]) {
      const found = verdicts(evidence(300, [blue, blue, binary]));
      expect(found.accuracy).toMatchObject({ verdict: 'pass', blue: '300' });
      expect(found.scores).toMatchObject({ verdict: 'pass' });
    }
  });
});

describe('text and lists', () => {
  const words = 'the quick brown fox jumps over a lazy dog and runs on'.split(' ');
  const text: Of = (row) => words.slice(row % 5, (row % 7) + 6).join(` ${row} `);

  it('of free form are no classes: unseen ones break nothing, and right answers are not counted', () => {
    const other: Of = (row) => `${String(text(row))}!`;
    const found = verdicts(evidence(300, [text, other, () => 'a reference']));
    expect(found.contract).toMatchObject({ verdict: 'pass' });
    expect(found.accuracy).toMatchObject({ verdict: 'error' });
    expect(found.accuracy?.why).toContain('evidence.output: labels');
    expect(found.labels).toMatchObject({ verdict: 'fail', green: '300' });
  });

  it('of varying length break nothing by their length, of one length they do', () => {
    const varying: Of = (row) => words.slice(0, 1 + (row % 4));
    const longer: Of = (row) => words.slice(0, 2 + (row % 6));
    expect(verdicts(evidence(300, [varying, longer])).contract).toMatchObject({ verdict: 'pass' });
    const three: Of = () => words.slice(0, 3);
    expect(verdicts(evidence(300, [three, longer])).contract).toMatchObject({ verdict: 'fail' });
  });

  it('in more than one form are unreadable, and say so', () => {
    const mixed: Of = (row) => (row % 2 ? 1 : 'one');
    const found = verdicts(evidence(300, [mixed, mixed, () => '1'])).accuracy;
    expect(found).toMatchObject({ verdict: 'error' });
    expect(found?.why).toMatch(/more than one form/);
  });

  it.each<[string, Of, Meaning]>([
    ['free text', text, { output: 'text' }],
    ['lists of varying length', (row) => words.slice(0, 1 + (row % 4)), {}],
    ['lists of words', (row) => words.slice(row % 4, (row % 4) + 3), {}],
    ['more than one form', (row) => (row % 2 ? 1 : 'one'), {}],
  ])('of %s get advice by which the same green is promoted', (_, answer, meaning) => {
    const given = evidence(300, [answer, answer, () => 'a reference'], meaning);
    const off = { mode: 'off' as const };
    const advice = /set the gate accuracy to warn, or both accuracy and absoluteError to off\.$/;
    const after = (changes: GateChanges) =>
      judgeProof(given, withChanges(DEFAULT_GATES, changes)).decision.do;
    expect(verdicts(given).accuracy?.why).toMatch(advice);
    expect(after({})).not.toBe('promote');
    const half = verdicts(given, { accuracy: off });
    expect(half.absoluteError).toMatchObject({ verdict: 'error', mode: 'enforce' });
    expect(half.absoluteError?.why).toMatch(advice);
    expect(after({ accuracy: { mode: 'warn' } })).toBe('promote');
    expect(after({ accuracy: off, absoluteError: off })).toBe('promote');
  });
});

describe('whole numbers beside a target of words', () => {
  const large: Of = (row) => 1_700_000_000_000 + (row % 4);

  it('are no error of the program, however large they are', () => {
    const found = verdicts(evidence(20, [large, large, () => 'n/a'])).accuracy;
    expect(found).toMatchObject({ verdict: 'error' });
    expect(found?.why).toContain('the order of their classes is not known');
  });
});

describe('classes that blue never answers', () => {
  it('stop where classes are few', () => {
    const green: Of = (row) => (row === 7 ? 2 : classOf(row, 2));
    const found = verdicts(evidence(300, [(row) => classOf(row, 2), green]));
    expect(found.contract).toMatchObject({ verdict: 'fail' });
  });

  it.each<[string, Of, (row: number) => string]>([
    ['1.0', (row) => Number(row % 10 === 0), (row) => `${Number(row % 10 === 0)}.0`],
    ['True', (row) => row % 10 === 0, (row) => (row % 10 === 0 ? 'True' : 'False')],
    [
      '1.0, of a score',
      (row) => (row % 10 === 0 ? 0.9 : 0.1),
      (row) => `${Number(row % 10 === 0)}.0`,
    ],
    ['1.0, of text', (row) => (row % 10 === 0 ? '1' : '0'), (row) => `${Number(row % 10 === 0)}.0`],
  ])('are known where the file has them in another spelling: %s', (_, right, truth) => {
    // Blue knows the frequent class alone; green knows both, and takes a few rows for the rare one.
    const green: Of = (row) => right(row % 40 === 1 ? 10 : row);
    const found = verdicts(evidence(300, [() => right(1), green, truth]));
    expect(found.contract).toMatchObject({ verdict: 'pass' });
    expect(found.accuracy).toMatchObject({ verdict: 'pass', blue: '270', green: '292' });
  });

  it('do not stop among 60 with 5% of churn', () => {
    // As many as 5 rows a class: some class is met by green alone in most samples.
    const rare = (row: number) => `c${Math.floor(((row * 7919) % 997) ** 2 / 16600)}`;
    const churn: Of = (row) => (row % 20 === 0 ? `c${(row * 31) % 60}` : rare(row));
    const found = verdicts(evidence(300, [rare, churn]));
    expect(found.contract).toMatchObject({ verdict: 'pass' });
  });

  it('do not stop where classes that are met once are usual', () => {
    const rare = (row: number) => (row % 30 === 0 ? `rare ${row}` : `c${classOf(row, 5)}`);
    const green: Of = (row) => (row === 31 ? 'rare 31' : rare(row));
    const found = verdicts(evidence(300, [rare, green]));
    expect(found.contract).toMatchObject({ verdict: 'pass' });
  });
});

describe('right answers', () => {
  it('are counted of the same rows on every page, also where one side failed some', () => {
    const label: Of = (row) => classOf(row, 2);
    const given = evidence(300, [label, label, (row) => String(label(row))]);
    const failed = { ok: false, problem: 'model' as const, status: 424, latencyMs: 40 };
    const rows = given.rows.map((each) =>
      each.row <= 40 ? { ...each, answers: { ...each.answers, green: failed } } : each,
    );
    const found = verdicts({ ...given, rows }).accuracy;
    expect(found).toMatchObject({ blue: '260', green: '260' });
    expect(found?.measured?.counts).toEqual({
      blue: { hits: 260, of: 260 },
      green: { hits: 260, of: 260 },
    });
    const { blue, green } = compare(rows, 'blue', 'green', given);
    expect([blue.right, green.right]).toEqual([260, 260]);
    const csv = { name: 'rows.csv', sha256: '', seed: 1 };
    expect(testResult('prove', csv, rows, ['blue', 'green'], given)).toMatchObject({
      right: { blue: 260, green: 260 },
    });
    // One deployment alone is compared with nothing.
    const alone = testResult('test', csv, rows, ['blue'], given);
    expect(alone.right).toEqual({ blue: 300 });
  });
});

describe('a gate that is enforced', () => {
  const number: Of = (row) => row * 1.5;
  const label: Of = (row) => classOf(row, 2);
  it.each<[GateName, Of, string]>([
    ['labels', number, 'evidence.output: labels'],
    ['scores', label, 'evidence.output: scores'],
    ['numbers', (row) => `class ${classOf(row, 2)}`, 'evidence.output: numbers'],
  ])('%s is an error where it has nothing to judge', (gate, answer, names) => {
    const found = verdicts(evidence(300, [answer, answer]), { [gate]: { mode: 'enforce' } });
    expect(found[gate]).toMatchObject({ verdict: 'error', mode: 'enforce' });
    expect(found[gate]?.why).toContain(names);
    expect(verdicts(evidence(300, [answer, answer]))[gate]).toBeUndefined();
  });

  it('never disappears while a target is named', () => {
    const truth = (row: number) => String(row * 1.5);
    const numbers = evidence(300, [number, number, truth]);
    const off = { mode: 'off' as const };
    expect(verdicts(numbers, { absoluteError: off }).accuracy).toMatchObject({ verdict: 'error' });
    const labels = evidence(300, [label, label, (row) => String(label(row))]);
    expect(verdicts(labels, { accuracy: off }).absoluteError).toMatchObject({ verdict: 'error' });
    const [warn, enforce] = [{ mode: 'warn' as const }, { mode: 'enforce' as const }];
    const demanded = verdicts(numbers, { accuracy: enforce, absoluteError: warn });
    expect(demanded.absoluteError).toMatchObject({ mode: 'warn', verdict: 'pass' });
    expect(demanded.accuracy).toMatchObject({ mode: 'enforce', verdict: 'error' });
    expect(demanded.accuracy?.why).toContain('set it to enforce, or accuracy to warn');
    const other = verdicts(labels, { absoluteError: enforce, accuracy: warn }).absoluteError;
    expect(other).toMatchObject({ mode: 'enforce', verdict: 'error' });
    expect(other?.why).toContain('set it to enforce, or absoluteError to warn');
    // What is enforced by default alone is left to the gate that a plan lets warn.
    expect(verdicts(numbers, { absoluteError: warn }).accuracy).toBeUndefined();
    expect(verdicts(labels, { accuracy: warn }).absoluteError).toBeUndefined();
    expect(
      verdicts(numbers, { accuracy: enforce, absoluteError: enforce }).accuracy,
    ).toBeUndefined();
    const lost = evidence(40, [label, label, (row) => String(label(row))]);
    const failed = { ok: false, problem: 'model' as const, status: 424, latencyMs: 40 };
    const none = {
      ...lost,
      rows: lost.rows.map((row) => ({ ...row, answers: { ...row.answers, green: failed } })),
    };
    const others = { errors: off, contract: off, latency: off };
    expect(verdicts(none, others).accuracy).toMatchObject({ mode: 'enforce', verdict: 'error' });
    expect(judgeProof(none, withChanges(DEFAULT_GATES, others)).decision.do).toBe('hold');
    expect(verdicts(none, { ...others, accuracy: warn }).accuracy).toBeUndefined();
    const empty = verdicts(evidence(300, [label, label, () => undefined]));
    expect(empty.accuracy?.why).toMatch(/target column target/);
    // Each of those that can't judge has a sentence of its own.
    for (const cannot of [empty, verdicts(none, { errors: off, contract: off })]) {
      for (const each of ['accuracy', 'absoluteError'] as const) {
        expect(cannot[each]).toMatchObject({ verdict: 'error' });
        expect(cannot[each]?.why).toMatch(new RegExp(`^The gate ${each} has nothing to judge: `));
      }
    }
  });

  it('measures by wall clock where no answer says the model’s time, and says so', () => {
    const given = evidence(300, [label, label]);
    const changes = { latency: { measure: 'model' as const } };
    const found = verdicts(given, changes).latency;
    expect(found).toMatchObject({ verdict: 'pass', mode: 'enforce' });
    expect(found?.why).toMatch(/wall clock/);
    const timed = {
      ...given,
      rows: given.rows.map((row) => ({
        ...row,
        answers: {
          blue: { ...row.answers['blue']!, modelMs: 10 },
          green: { ...row.answers['green']!, modelMs: 30 },
        },
      })),
    };
    expect(verdicts(timed, changes).latency).toMatchObject({ verdict: 'fail' });
    expect(verdicts(timed, changes).latency?.why).not.toMatch(/wall clock/);
  });
});

describe('right answers', () => {
  it('are one number on every page', () => {
    const classes = ['1', '2', '3'];
    const blue: Of = (row) => softmax(row % 10 === 0 ? classOf(row + 1, 3) : classOf(row, 3), 3);
    const given = evidence(
      300,
      [blue, (row) => softmax(classOf(row, 3), 3), (row) => String(classOf(row, 3) + 1)],
      { classes },
    );
    const { accuracy, labels } = verdicts(given);
    const kept = testResult(
      'prove',
      { name: 'g.csv', sha256: 'f', seed: 1 },
      given.rows,
      ['blue', 'green'],
      given,
    );
    expect(kept.right).toEqual({ blue: 270, green: 300 });
    expect([accuracy?.blue, accuracy?.green]).toEqual(['270', '300']);
    expect(kept.differing).toHaveLength(Number(labels?.green));
    const { differing } = compare(given.rows, 'blue', 'green', given);
    expect(differing.every(({ rightOne }) => rightOne === 'green')).toBe(true);
    // Row 10 is of class 2, as green says.
    expect(differing[0]?.text).toEqual({ blue: '3 0.70', green: '2 0.70' });
    // Without an order there is no number, rather than a wrong one.
    const unknown = compare(given.rows, 'blue', 'green', { meaning: { target: 'grade' } });
    expect(unknown.blue.right).toBeUndefined();
    expect(unknown.differing[0]).not.toHaveProperty('rightOne');
  });
});

it.each<[unknown, string, boolean]>([
  [1, 'True', true],
  [0, 'FALSE', true],
  [true, '1.0', true],
  [false, 'false', true],
  [2, 'true', false],
  ['1', '1.0', true],
  ['true', 'True', false],
  ['a ', 'a', true],
])('knows %j for the class %s of a target: %s', (answer, truth, known) => {
  const found = kindOf(
    40,
    () => answer,
    (row) => (row % 4 === 0 ? 'other' : truth),
    { output: 'labels' },
  );
  expect(found.problem === undefined).toBe(known);
});

it('writes classes as YAML reads them', () => {
  expect(classesLine(['1', '2'])).toBe('evidence.classes: [1, 2]');
  expect(classesLine(['no', 'a, b', 'x y'])).toBe('evidence.classes: ["no", "a, b", x y]');
  expect(sortedClasses(['10', '9', '1.0', '1'])).toEqual(['1', '9', '10']);
  expect(sortedClasses(['b', 'B', 'a '])).toEqual(['B', 'a', 'b']);
});
