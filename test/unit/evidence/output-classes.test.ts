/** Answers that are classes or scores of classes. */
import { describe, expect, it } from 'vitest';
import { compare } from '../../../src/rollout/evidence/compare.js';
import { sortedClasses } from '../../../src/rollout/evidence/output/classes.js';
import { classesLine, type Meaning } from '../../../src/rollout/evidence/output/meaning.js';
import { type Of, evidence, verdicts, kindOf, classOf, softmax } from './output-support.js';

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

describe('whole numbers beside a target of words', () => {
  const large: Of = (row) => 1_700_000_000_000 + (row % 4);

  it('are no error of the program, however large they are', () => {
    const found = verdicts(evidence(20, [large, large, () => 'n/a'])).accuracy;
    expect(found).toMatchObject({ verdict: 'error' });
    expect(found?.why).toContain('the order of their classes is not known');
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
