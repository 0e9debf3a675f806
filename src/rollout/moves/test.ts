/** A few rows through the endpoint's own traffic rules: does the first deployment answer at all? */
import { grouped, rowsOf } from '../../common/counts.js';
import type { TestResult } from '../journal/entry.js';
import { testResult } from '../evidence/compare.js';
import { meaningOf } from '../evidence/output/meaning.js';
import { replay, type ReplayRow, type RowAnswers } from '../evidence/replay.js';
import type { MoveContext } from './context.js';
import { signInRefused } from './context.js';
import type { Facts } from './facts.js';
import { keepRows } from './prove.js';
import { doMove, refuse, type MoveKind } from './move.js';

/** Enough to see that blue answers at all. */
const TEST_ROWS = 5;
const TRIES = 3;
const PAUSE_MS = 5_000;

export interface TestRun {
  result: TestResult;
  rows: RowAnswers[];
}

export const testMove = {
  id: 'test',
  title: () => 'Test blue with a few rows',

  when({ plan, view, session, blue, green, greenWeight }: Facts) {
    const last = view.tests.findLast(({ result }) => result.purpose === 'test');
    const wanted = view.createdBlue && plan.evidence?.csv !== undefined && !green;
    if (greenWeight > 0 || !wanted || last?.result.failed === 0) return undefined;
    if (!last || last.line < session.firstLine) return doMove({ id: 'test' });
    const { failed, csv } = last.result;
    const name = blue ? ` (${blue.name})` : '';
    return refuse(
      'blue-down',
      `Blue${name} does not answer: ${grouped(failed)} of ${rowsOf(csv.rowNumbers.length)} of the test failed.`,
    );
  },

  async perform(_, context): Promise<TestRun> {
    const blue = context.plan.blue?.name ?? context.engine.roles.roles.blue ?? '';
    const wanted = context.plan.blue ? TEST_ROWS : (context.evidence?.rows ?? TEST_ROWS);
    const { rows, csv, path, target } = await context.rows(wanted, context.deployment(blue).model);
    const meaning = meaningOf(context.evidence, target);
    if (context.evidence) keepRows(context, context.evidence, path, target);
    const sent = await sendUntilAnswered(context, rows, csv.seed);
    const result = testResult('test', csv, sent, [], { meaning });
    context.engine.tested(result);
    context.emit({ event: 'tested', result });
    const bad = sent.find(isBad);
    if (bad) {
      const why = Object.values(bad.answers)[0]?.message ?? 'no reason given';
      context.note(`Row ${bad.row} of the test got no answer from ${blue}: ${why}`);
    }
    return { result, rows: sent };
  },
} satisfies MoveKind<'test'>;

const isBad = (row: RowAnswers): boolean => Object.values(row.answers).some((answer) => !answer.ok);

/** A first deployment may be live a moment before it answers. */
async function sendUntilAnswered(
  context: MoveContext,
  rows: readonly ReplayRow[],
  seed: number,
): Promise<RowAnswers[]> {
  const { engine, clock, signal, emit } = context;
  for (let attempt = 1; ; attempt += 1) {
    const { rows: answered, stopped } = await replay({
      workspace: engine.workspace,
      endpoint: context.endpoint,
      rows,
      deployments: [],
      seed,
      runId: context.runId,
      signal,
      onRow: (_, done, total) => emit({ event: 'count', done, total, unit: 'rows' }),
    });
    signal.throwIfAborted();
    if (stopped === 'sign-in') throw signInRefused('rows were sent');
    if (!answered.some(isBad) || attempt === TRIES) return answered;
    await clock.delay(PAUSE_MS, signal);
  }
}
