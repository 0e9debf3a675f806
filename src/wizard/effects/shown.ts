/** What a performed move shows on the screen. */
import { join } from 'node:path';
import { makeFolder } from '../../common/make-folder.js';
import type { Split } from '../../common/split.js';
import type { Decision } from '../../rollout/evidence/gates/decision.js';
import type { Verdict } from '../../rollout/evidence/gates/verdict.js';
import { plannedMeaning, type PlannedMeaning } from '../../rollout/evidence/output/meaning.js';
import type { RowAnswer, RowAnswers } from '../../rollout/evidence/replay.js';
import type { TestResult } from '../../rollout/journal/entry.js';
import type { RolloutPlan } from '../../rollout/moves/facts.js';
import type { ResultOf } from '../../rollout/moves/index.js';
import type { MoreRows, Move, MoveId } from '../../rollout/moves/move.js';
import type { ProofRound } from '../../rollout/moves/prove.js';
import type { TestRun } from '../../rollout/moves/test.js';
import type { SplitLook } from '../../rollout/moves/verify-split.js';
import { saveSample } from '../../sampling/payload.js';
import { shownPrediction, single } from '../../sampling/predictions.js';
import { bodyOf } from './sample-body.js';
import { rolloutOf, workspaceOf, type Context, type Opened } from './world.js';

export interface TestedRow {
  number: number;
  truth?: string;
  /** Which of the two is right, where both answered and that can be counted. */
  rightOne?: 'blue' | 'green' | 'both' | 'neither';
  /** By deployment. */
  answers: Record<string, { text: string; latencyMs: number; failed: boolean }>;
}

/** Un-pinned requests, by who answered, and what that says of the split that is really served. */
export interface SplitProof {
  served: Record<string, number>;
  sent: number;
  failed: number;
  verdict?: Verdict | undefined;
  /** Probes that failed are live requests that failed. */
  failing?: Verdict | undefined;
  /** The split that was configured while they were sent. */
  configured: Split;
}

/** Green under load, alone. */
export interface Loaded {
  /** What was sent and how long the answers took. */
  text: string;
  verdicts: Verdict[];
  decision: Decision;
}

export interface Tested {
  result: TestResult;
  /** What the gates say; only for a proof. */
  verdicts?: Verdict[];
  decision?: Decision;
  /** Order of classes that a person may confirm: right answers can't be counted without. */
  proposal?: readonly string[] | undefined;
  /** What the plan said of the answers when they were judged. */
  meaning?: PlannedMeaning | undefined;
  /** Rows of a further round, where they can decide. */
  more?: MoreRows | undefined;
  rows: TestedRow[];
  /** Rows that were sent again, for latency only. */
  repeated?: number;
  /** By deployment: refusals that say nothing of its model. */
  refused?: Record<string, { busy: number; signIn: number; network: number }>;
  /** Where `sample.json` was written, for a test. */
  savedAs?: string;
  /** The key it was sent with, all but its end hidden. */
  keyHint?: string;
}

/** By move; the others show nothing. */
interface Shown {
  test: Tested;
  prove: Tested;
  'verify-split': SplitProof;
  'check-load': Loaded | undefined;
  'run-checks': Verdict[];
  'watch-mirror': ResultOf<'watch-mirror'>;
}

export type Performed = {
  [K in MoveId]: { id: K; shown: K extends keyof Shown ? Shown[K] : null; opened: Opened };
}[MoveId];

export async function shownOf(
  move: Move,
  result: unknown,
  plan: RolloutPlan,
  context: Context,
): Promise<unknown> {
  switch (move.id) {
    case 'test':
      return testShown(result as TestRun, context);
    case 'prove':
      return proofShown(result as ProofRound, plan);
    case 'verify-split': {
      const { seen, verdict, failing } = result as SplitLook;
      return { ...seen, verdict, failing };
    }
    case 'check-load':
    case 'run-checks':
    case 'watch-mirror':
      return result;
    default:
      return null;
  }
}

/** The rows as they were sent, for a request by hand; and all but the end of the key hidden. */
async function testShown({ result, rows }: TestRun, { world, signal }: Context): Promise<Tested> {
  const { outputs, engine } = rolloutOf(world);
  makeFolder(outputs);
  const { sample } = world;
  const savedAs = sample
    ? await saveSample(join(outputs, 'sample.json'), bodyOf(sample, sample.rows))
    : undefined;
  const endpoint = engine.snapshot?.endpoint;
  const keyHint = endpoint
    ? await workspaceOf(world)
        .keyHint(endpoint, signal)
        .catch(() => undefined)
    : undefined;
  return {
    result,
    rows: rows.map((row) => testedRow(row)),
    ...(savedAs !== undefined && { savedAs }),
    ...(keyHint !== undefined && { keyHint }),
  };
}

function proofShown(round: ProofRound, plan: RolloutPlan): Tested {
  const { result, rows, verdicts, decision, repeated, more } = round;
  const refused = refusals(round.answers);
  const right = new Map(round.differing.map(({ row, rightOne }) => [row, rightOne]));
  return {
    result,
    rows: rows.map((row) => {
      const rightOne = right.get(row.row);
      return { ...testedRow(row, round.textOf), ...(rightOne && { rightOne }) };
    }),
    verdicts,
    proposal: round.proposal,
    meaning: plannedMeaning(plan.evidence ?? {}),
    decision,
    more,
    ...(repeated > 0 && { repeated }),
    ...(refused && { refused }),
  };
}

function shownAnswer(
  answer: RowAnswer,
  textOf: (prediction: unknown) => string,
): { text: string; latencyMs: number; failed: boolean } {
  const text = answer.ok
    ? textOf(answer.prediction)
    : (answer.message ?? `status ${answer.status}`);
  return { text, latencyMs: answer.latencyMs, failed: !answer.ok };
}

/** Unpinned answers stand under whoever gave them. */
const testedRow = (
  row: RowAnswers,
  textOf = (prediction: unknown): string => shownPrediction(single(prediction)),
): TestedRow => ({
  number: row.row,
  ...(row.truth !== undefined && { truth: row.truth }),
  answers: Object.fromEntries(
    Object.entries(row.answers).map(([name, answer]) => [
      name || answer.deployment || 'endpoint',
      shownAnswer(answer, textOf),
    ]),
  ),
});

/** Refusals by deployment that say nothing of its model; none where nothing was refused. */
function refusals(rows: readonly RowAnswers[]): Tested['refused'] {
  const refused: NonNullable<Tested['refused']> = {};
  for (const [name, { problem }] of rows.flatMap(({ answers }) => Object.entries(answers))) {
    const is = problem === 'sign-in' ? 'signIn' : problem;
    if (is !== 'busy' && is !== 'signIn' && is !== 'network') continue;
    const counts = (refused[name] ??= { busy: 0, signIn: 0, network: 0 });
    counts[is] += 1;
  }
  return Object.keys(refused).length === 0 ? undefined : refused;
}
