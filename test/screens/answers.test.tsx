/** The prove screen for each form of answer, at 80 by 24: what is judged, what is asked, who is right. */
import stringWidth from 'string-width';
import { afterEach, describe, expect, it } from 'vitest';
import { differingRows, testResult } from '../../src/rollout/evidence/compare.js';
import { answersOf, type Evidence } from '../../src/rollout/evidence/gates/evidence.js';
import { judgeProof } from '../../src/rollout/evidence/judge-proof.js';
import type { Meaning } from '../../src/rollout/evidence/output/meaning.js';
import type { AnswerOf } from '../../src/wizard/effects/index.js';
import type { Tested } from '../../src/wizard/effects/shown.js';
import { clear, draw } from '../support/wizard-screen.js';
import { answerTo } from '../support/wizard-world.js';
import { onScreen, PLAIN, PROD, rollout, sample } from '../support/wizard-states.js';

afterEach(clear);

const { blue, green } = PLAIN;
const ok = (prediction: unknown) => ({ ok: true, prediction, status: 200, latencyMs: 40 });

type Of = (row: number) => unknown;

/** As the wizard's replay answers it. */
function testedOf(
  [ofBlue, ofGreen, truth]: readonly [Of, Of, (row: number) => string],
  meaning: Meaning = {},
): Tested {
  const evidence: Evidence = {
    rows: Array.from({ length: 300 }, (_, index) => ({
      row: index + 1,
      truth: truth(index + 1),
      answers: { [blue]: ok(ofBlue(index + 1)), [green]: ok(ofGreen(index + 1)) },
    })),
    blue,
    green,
    meaning: { target: 'target', ...meaning },
  };
  const { proposal, textOf } = answersOf(evidence);
  const rightOne = new Map(differingRows(evidence).map((each) => [each.row, each.rightOne]));
  const text = (prediction: unknown) => ({
    text: textOf(prediction),
    latencyMs: 40,
    failed: false,
  });
  return {
    ...judgeProof(evidence),
    result: testResult(
      'prove',
      { name: 'rows.csv', sha256: 'f00d', seed: 1 },
      evidence.rows,
      [blue, green],
      evidence,
    ),
    rows: evidence.rows.map(({ row, truth: told, answers }) => {
      const one = rightOne.get(row);
      return {
        number: row,
        ...(told !== undefined && { truth: told }),
        ...(one && { rightOne: one }),
        answers: Object.fromEntries(
          Object.entries(answers).map(([name, { prediction }]) => [name, text(prediction)]),
        ),
      };
    }),
    ...(proposal && { proposal }),
  };
}

const screen = (tested: Tested) =>
  draw(
    onScreen(rollout(PROD, { proved: false }), 'prove', {
      tested,
      sample: sample(),
      renames: {},
      offset: 0,
    }),
  );

const at = (row: number, classes: number): number => (row * 7) % classes;
const softmax = (place: number): number[] => [0, 1, 2].map((each) => (each === place ? 0.8 : 0.1));
const words = 'low middling high grave severe mild'.split(' ');

const FORMS: [string, readonly [Of, Of, (row: number) => string], Meaning, RegExp][] = [
  [
    'softmax whose classes are not known',
    [(row) => softmax(at(row, 3)), (row) => softmax(at(row + 1, 3)), (row) => `${at(row, 3) + 1}`],
    {},
    /evidence\.classes: \[1, 2, 3\]/,
  ],
  [
    'softmax with classes',
    [(row) => softmax(at(row, 3)), (row) => softmax(at(row + 1, 3)), (row) => `${at(row, 3) + 1}`],
    { classes: ['1', '2', '3'] },
    /right answers .* 300 .* 0 .*fail/,
  ],
  [
    'softmax of which some rows are NaN',
    [
      (row) => (row % 50 === 7 ? [null, null, null] : softmax(at(row, 3))),
      (row) => (row % 50 === 7 ? [null, null, null] : softmax(at(row, 3))),
      (row) => `${at(row, 3)}`,
    ],
    {},
    /right answers .* 294 .* 294/,
  ],
  [
    'records',
    [
      (row) => ({ label: words[at(row, 2)], score: 0.6 }),
      (row) => ({ label: words[at(row, 2)], score: 0.604 }),
      (row) => words[at(row, 2)]!,
    ],
    {},
    /no differing rows/,
  ],
  [
    'two numbers',
    [(row) => [row, 1], (row) => [row, 1.001], (row) => `${row + 0.5}`],
    {},
    /evidence\.label: 0/,
  ],
  [
    'numbers from 0 to 1',
    [(row) => row / 301, (row) => row / 302, (row) => `${(row / 300).toFixed(3)}`],
    {},
    /absolute error/,
  ],
  [
    'words',
    [(row) => words[at(row, 6)], (row) => words[at(row, 6)], (row) => words[at(row, 6)]!],
    {},
    /right answers .* 300 .* 300/,
  ],
  [
    'free text',
    [(row) => `case ${row} is ${words[row % 6]}`, (row) => `case ${row}`, () => 'a reference'],
    {},
    /evidence\.output: labels/,
  ],
  [
    '26 classes',
    [(row) => at(row, 26), (row) => at(row, 26), (row) => `${at(row, 26)}`],
    {},
    /right answers .* 300 .* 300/,
  ],
  [
    'softmax over named classes',
    [(row) => softmax(at(row, 3)), (row) => softmax(at(row + 1, 3)), (row) => words[at(row, 3)]!],
    { classes: words.slice(0, 3) },
    /right answers .* 300 .* 0 .*fail/,
  ],
  [
    'a dictionary of lists, row by row',
    [
      (row) => ({ classes: words.slice(0, 3), probs: softmax(at(row, 3)) }),
      (row) => ({ classes: words.slice(0, 3), probs: softmax(at(row + 1, 3)) }),
      (row) => words[at(row, 3)]!,
    ],
    { score: 'probs', classes: words.slice(0, 3) },
    /right answers .* 300 .* 0 .*fail/,
  ],
  [
    'lists of varying length',
    [(row) => words.slice(row % 5), (row) => words.slice(row % 6), () => 'low'],
    {},
    /varying length/,
  ],
  [
    'one column',
    [(row) => [at(row, 2)], (row) => [at(row, 2)], (row) => `${at(row, 2)}`],
    {},
    /right answers .* 300 .* 300/,
  ],
  [
    'missing numbers',
    [(row) => row, (row) => (row === 9 ? null : row), (row) => `${row}`],
    {},
    /Row 9: green returns no value/,
  ],
];

describe('the prove screen', () => {
  it.each(FORMS)('of %s is whole at 80 by 24', async (_, answers, meaning, shown) => {
    const drawn = await screen(testedOf(answers, meaning));
    // A sentence goes on over lines.
    expect(drawn.frame().replace(/\s*\n\s*/g, ' ')).toMatch(shown);
    expect(drawn.lines().length).toBeLessThanOrEqual(24);
    expect(drawn.lines().every((line) => stringWidth(line) <= 80)).toBe(true);
    expect(drawn.errors).toEqual([]);
  });

  it('has the order of classes confirmed by a key, and judges without sending a row', async () => {
    const [, answers] = FORMS[0]!;
    const drawn = await screen(testedOf(answers));
    await drawn.until('confirm classes');
    await drawn.press('c');
    const asked = drawn.issued.at(-1)!.command;
    expect(asked).toMatchObject({
      do: 'usePlan',
      plan: { evidence: { classes: ['1', '2', '3'] } },
    });
    await drawn.answer('usePlan', answerTo(asked, drawn.store.getState()) as AnswerOf<'usePlan'>);
    expect(drawn.issued.at(-1)?.command).toMatchObject({
      do: 'perform',
      move: { id: 'prove', more: { count: 0, again: true } },
      plan: { evidence: { classes: ['1', '2', '3'] } },
    });
  });

  it('says who is right on differing rows by the classes, not by their text', async () => {
    const [, answers, meaning] = FORMS[1]!;
    const drawn = await screen(testedOf(answers, meaning));
    await drawn.press('d');
    await drawn.until('blue right');
    expect(drawn.frame()).not.toMatch(/both wrong|green right/);
  });
});
