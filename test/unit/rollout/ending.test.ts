import { expect, test } from 'vitest';
import type { Verdict } from '../../../src/rollout/evidence/gates/verdict.js';
import { adviceOf } from '../../../src/rollout/moves/ending.js';

const open: Verdict = {
  gate: 'accuracy',
  mode: 'enforce',
  verdict: 'inconclusive',
  blue: '250',
  green: '249',
  difference: '-0.4 pp',
  limit: '-2.0 pp',
  why: 'Green may still lose more than 2 pp. 7,067 more rows should settle it.',
};
const short: Verdict = { ...open, needsMoreRows: 7067 };

test.each([
  [
    'a proof whose file is used up',
    'prove',
    0,
    'hold',
    short,
    [/rows left in the file cannot.*warn.*--override/],
  ],
  ['a proof that rows cannot settle', 'prove', 0, 'hold', open, []],
  ['a proof that failed', 'prove', 0, 'stop', short, []],
  ['a hold with traffic', 'watch', 10, 'hold', open, [/^To override it, resume/]],
] as const)('of %s', (_, stage, weight, decision, verdict, advice) => {
  const said = adviceOf({ for: 'reason', stage, weight, decision, verdicts: [verdict] });
  expect(said).toEqual(advice.map((each) => expect.stringMatching(each) as unknown));
});
