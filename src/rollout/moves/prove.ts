/**
 * Green against blue on the same rows, one round at a time: a failure ends a round at once, and
 * what is inconclusive asks for more rows while the file has some.
 */
import { rowsOf } from '../../common/counts.js';
import { differingRows, testResult, type DifferingRow } from '../evidence/compare.js';
import type { Decision } from '../evidence/gates/decision.js';
import { answersOf } from '../evidence/gates/evidence.js';
import type { Verdict } from '../evidence/gates/verdict.js';
import { openAfter } from '../evidence/gates/judge.js';
import { judgeProof } from '../evidence/judge-proof.js';
import { signatureChange } from '../evidence/model-signatures.js';
import { meaningOf } from '../evidence/output/meaning.js';
import { isByRepeating, rowsToRepeat } from '../evidence/repeat.js';
import type { ReplayRow, RowAnswers } from '../evidence/replay.js';
import type { TestResult } from '../journal/entry.js';
import { evidenceProblem } from '../plan.js';
import { proofAt, type PlannedEvidence } from '../plan/proof.js';
import type { MoveContext } from './context.js';
import { showDiffering } from './differing.js';
import { isOfThisSession, type Facts } from './facts.js';
import { hasPassed, notPassed } from './judged.js';
import { showFailures } from './model-words.js';
import { doMove, waitFor, type MoreRows, type MoveKind } from './move.js';
import { type ProofSoFar, noiseOf, inFlightOf, sendRound } from './send-rows.js';

/** Asking for one row more and one more again would never end. */
const FEWEST_MORE = 50;

export interface ProofRound {
  result: TestResult;
  /** Each row once. */
  rows: RowAnswers[];
  verdicts: Verdict[];
  decision: Decision;
  /** Rows sent again, for latency only. */
  repeated: number;
  /** All answers, those of rows sent again included. */
  answers: RowAnswers[];
  /** Rows of the file that were not sampled yet. */
  rowsLeft: number;
  /** The next round, where more rows can decide. */
  more?: MoreRows | undefined;
  differing: DifferingRow[];
  /** Order of classes that a person may confirm: right answers can't be counted without. */
  proposal?: readonly string[] | undefined;
  /** An answer as people read it. */
  textOf(prediction: unknown): string;
}

export const proveMove = {
  id: 'prove',
  title: ({ more }) =>
    more === undefined
      ? 'Send the same rows to blue and green'
      : more.again
        ? `Send ${rowsOf(more.count)} again`
        : `Send ${rowsOf(more.count, 'more row')}`,

  when(facts: Facts) {
    const { plan, session, blue, green, greenWeight, proof } = facts;
    if (greenWeight > 0 || !blue || !green || hasPassed(proof)) return undefined;
    const pair = { blue: blue.name, green: green.name };
    if (proof && isOfThisSession(facts, proof)) {
      const { more } = session;
      if (proof.decision === 'send-more' && more) return doMove({ id: 'prove', ...pair, more });
      const { stage, decision } = proof;
      const verdicts = notPassed(proof.verdicts);
      return waitFor({ for: 'reason', stage, weight: 0, decision, verdicts });
    }
    if (hasRows(facts)) return doMove({ id: 'prove', ...pair });
    const sentence = evidenceProblem(plan);
    return sentence === undefined ? undefined : waitFor({ for: 'rows', sentence });
  },

  async perform(move, context): Promise<ProofRound> {
    const { engine, plan, memory, emit } = context;
    const { blue, green } = move;
    const { evidence } = context;
    const planned = evidence?.rows ?? 0;
    const { model } = context.deployment(green);
    const sampled = await context.rows(planned, model);
    const { path, target, csv } = sampled;
    if (evidence) keepRows(context, evidence, path, target);
    const { gates } = proofAt(plan, 0);
    const of = JSON.stringify([csv, answering(context, blue), answering(context, green)]);
    const known = memory.proof?.of === of ? memory.proof : undefined;
    const before = move.more || known?.unfinished ? known : undefined;
    const signature = await signatureChange(context.deployment(blue).model, model, (each) =>
      context.signature(each),
    );
    const start = before ?? { rows: [], wanted: planned, repeated: 0 };
    const meaning = meaningOf(evidence, target, gates.numbers);
    const so: ProofSoFar = { ...start, of, blue, green, seed: csv.seed, signature, meaning };
    so.wanted = Math.max(so.wanted, planned);
    const queue = move.more?.again
      ? await rowsAgain(context, so, move.more, model)
      : await rowsNotSent(context, so, move.more, model);
    memory.proof = { ...so, unfinished: true };
    so.noise ??= await noiseOf(context, move, queue, gates, meaning);
    const { inFlight = 1 } = evidence ?? {};
    const atOnce = inFlightOf(context, [blue, green]);
    if (atOnce < inFlight) {
      context.note(
        `${atOnce} of the plan's ${inFlight} rows are sent at once: the smaller deployment handles no more.`,
      );
    }
    emit({ event: 'doing', title: proveMove.title(move) });
    const stopped: Verdict[] = [];
    const sent = await sendRound(context, move, queue, { so, gates, stopped });
    delete so.unfinished;
    so.rows = [...so.rows, ...sent];
    memory.proof = so;
    const judged = judgeProof(so, gates, stopped);
    if (sent.length > 0) so.open = openAfter(so, gates, judged.verdicts);
    const rowsLeft = Math.max(0, sampled.total - so.wanted);
    memory.more = nextRound(judged.decision, so, { planned, rowsLeft });
    const rows = unique(so.rows);
    const result = testResult('prove', csv, rows, [blue, green], so);
    engine.tested(result);
    emit({ event: 'tested', result });
    const { verdicts, decision } = judged;
    const answers = answersOf(so);
    const differing = differingRows({ ...so, rows });
    if (!memory.more) showDiffering(context, differing);
    showFailures(context, sent, [blue, green]);
    await context.judge(
      'prove',
      0,
      verdicts,
      decision.do === 'send-more' && !memory.more ? 'hold' : decision.do,
    );
    return {
      result,
      rows,
      verdicts,
      decision,
      repeated: so.repeated,
      answers: so.rows,
      rowsLeft,
      more: memory.more,
      differing,
      proposal: target === undefined ? undefined : answers.proposal,
      textOf: answers.textOf,
    };
  },
} satisfies MoveKind<'prove'>;

const hasRows = ({ plan, view }: Facts): boolean =>
  plan.evidence?.csv !== undefined || view.choice.csv !== undefined;

/** For whoever resumes, and for probes of a later session. */
export function keepRows(
  { engine }: MoveContext,
  { rows, seed, renames }: PlannedEvidence,
  path: string,
  target: string | undefined,
): void {
  const csv = { path, rows, seed, target, ...(renames && { renames }) };
  if (JSON.stringify(engine.view.choice.csv) !== JSON.stringify(csv)) engine.choose({ csv });
}

/** A deployment of the same name that was made again is another one. */
function answering(context: MoveContext, name: string): unknown[] {
  const { id, model, createdAt } = context.deployment(name);
  return [id, model, createdAt];
}

/** Rows of the first round, of a further one, or of one that was cancelled. */
async function rowsNotSent(
  context: MoveContext,
  so: ProofSoFar,
  more: MoreRows | undefined,
  model: string,
): Promise<ReplayRow[]> {
  if (more && !so.unfinished) so.wanted += more.count;
  const { rows } = await context.rows(so.wanted, model);
  const sent = new Set(so.rows.map(({ row }) => row));
  return rows.filter(({ number }) => !sent.has(number));
}

async function rowsAgain(
  context: MoveContext,
  so: ProofSoFar,
  { count }: MoreRows,
  model: string,
): Promise<ReplayRow[]> {
  const { rows } = await context.rows(so.wanted, model);
  so.repeated += Math.min(count, rows.length);
  return rows.slice(0, count);
}

function nextRound(
  decision: Decision,
  { wanted, repeated }: ProofSoFar,
  { planned, rowsLeft }: { planned: number; rowsLeft: number },
): MoreRows | undefined {
  if (decision.do !== 'send-more') return undefined;
  const count = Math.max(decision.rows, FEWEST_MORE);
  // Rows that can't settle it at their best would cost blue requests for nothing.
  const tooFew = decision.because.some(
    ({ gate, leastMoreRows = 0 }) => leastMoreRows > rowsLeft && !isByRepeating(gate),
  );
  if (tooFew) return undefined;
  if (rowsLeft > 0) return { count: Math.min(count, rowsLeft), again: false };
  const again = rowsToRepeat(decision.because, { wanted: count, planned, repeated });
  return again > 0 ? { count: Math.min(again, wanted), again: true } : undefined;
}

/** Rows that were sent again count once. */
function unique(rows: readonly RowAnswers[]): RowAnswers[] {
  const seen = new Set<number>();
  return rows.filter(({ row }) => !seen.has(row) && seen.add(row));
}
