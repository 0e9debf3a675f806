/** What a replay shows of two deployments, before any statistics. */
import { isRight } from '../../sampling/predictions.js';
import type { TestResult } from '../journal/entry.js';
import type { Answer, RowAnswers } from './replay.js';

/** Two floats of the same model on two machines may differ in the last digits. */
const RELATIVE_TOLERANCE = 1e-9;

/** Numbers within rounding, everything else exactly; lists and records member by member. */
export function samePrediction(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number') {
    return (
      Object.is(a, b) || Math.abs(a - b) <= RELATIVE_TOLERANCE * Math.max(Math.abs(a), Math.abs(b))
    );
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = Object.entries(a);
  const right = b as Record<string, unknown>;
  return (
    left.length === Object.keys(b).length &&
    left.every(([name, value]) => name in right && samePrediction(value, right[name]))
  );
}

/** The middle value; between the two middle ones for an even count. `undefined` for none. */
export function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  const lower = sorted[middle - 1];
  if (upper === undefined) return undefined;
  return sorted.length % 2 === 1 || lower === undefined ? upper : (lower + upper) / 2;
}

export interface DeploymentTally {
  sent: number;
  ok: number;
  /** The container failed or timed out. */
  modelErrors: number;
  /** 429. */
  busy: number;
  /** Sign-in, network, refused request. */
  other: number;
  medianLatencyMs?: number;
  medianModelMs?: number;
  /** Rows whose prediction equals the truth; absent when the file tells none. */
  right?: number;
}

export interface DifferingRow {
  row: number;
  blue: unknown;
  green: unknown;
  truth?: string;
  /** Which of the two the truth agrees with. */
  rightOne?: 'blue' | 'green' | 'both' | 'neither';
}

export interface Comparison {
  blue: DeploymentTally;
  green: DeploymentTally;
  /** Rows that both answered. */
  pairs: number;
  agreed: number;
  differing: DifferingRow[];
  /** Median of green's latency divided by blue's on the same row, warm-up left out. */
  latencyRatio?: number;
}

export function tally(
  rows: readonly RowAnswers[],
  deployment: string,
  warmUp = 0,
): DeploymentTally {
  const asked = rows.flatMap((row) => {
    const answer = row.answers[deployment];
    return answer ? [{ answer, truth: row.truth }] : [];
  });
  const answers = asked.map(({ answer }) => answer);
  const count = (which: (answer: Answer) => boolean) => answers.filter(which).length;
  const ok = count((answer) => answer.ok);
  const modelErrors = count((answer) => answer.problem === 'model');
  const busy = count((answer) => answer.problem === 'busy');
  // The first calls pay for cold caches, but some are better than none.
  const warm = answers.length > 2 * warmUp ? answers.slice(warmUp) : answers;
  const timed = warm.filter((answer) => answer.ok);
  const medianLatencyMs = median(timed.map((answer) => answer.latencyMs));
  const medianModelMs = median(
    timed.flatMap((answer) => (answer.modelMs === undefined ? [] : [answer.modelMs])),
  );
  const truths = asked.filter(({ truth }) => truth !== undefined);
  const right = truths.filter(
    ({ answer, truth }) => answer.ok && truth !== undefined && isRight(answer.prediction, truth),
  ).length;
  return {
    sent: answers.length,
    ok,
    modelErrors,
    busy,
    other: answers.length - ok - modelErrors - busy,
    ...(medianLatencyMs !== undefined && { medianLatencyMs }),
    ...(medianModelMs !== undefined && { medianModelMs }),
    ...(truths.length > 0 && { right }),
  };
}

function rightOne(
  blue: unknown,
  green: unknown,
  truth: string,
): 'blue' | 'green' | 'both' | 'neither' {
  const blueIs = isRight(blue, truth);
  const greenIs = isRight(green, truth);
  if (blueIs && greenIs) return 'both';
  return blueIs ? 'blue' : greenIs ? 'green' : 'neither';
}

/** @param warmUp calls per deployment that don't count for latency */
export function compare(
  rows: readonly RowAnswers[],
  blueName: string,
  greenName: string,
  warmUp = 5,
): Comparison {
  const pairs = rows.flatMap(({ row, truth, answers }) => {
    const blue = answers[blueName];
    const green = answers[greenName];
    return blue?.ok && green?.ok ? [{ row, truth, blue, green }] : [];
  });
  const differing = pairs
    .filter(({ blue, green }) => !samePrediction(blue.prediction, green.prediction))
    .map(({ row, truth, blue, green }) => ({
      row,
      blue: blue.prediction,
      green: green.prediction,
      ...(truth !== undefined && {
        truth,
        rightOne: rightOne(blue.prediction, green.prediction, truth),
      }),
    }));
  const warm = pairs.length > 2 * warmUp ? pairs.slice(warmUp) : pairs;
  const ratios = warm
    .filter(({ blue, green }) => blue.latencyMs > 0 && green.latencyMs > 0)
    .map(({ blue, green }) => Math.log(green.latencyMs / blue.latencyMs));
  const logRatio = median(ratios);
  return {
    blue: tally(rows, blueName, warmUp),
    green: tally(rows, greenName, warmUp),
    pairs: pairs.length,
    agreed: pairs.length - differing.length,
    differing,
    ...(logRatio !== undefined && { latencyRatio: Math.exp(logRatio) }),
  };
}

/** What the journal keeps of a replay: row numbers and counts, no cells. */
export function testResult(
  purpose: TestResult['purpose'],
  csv: Omit<TestResult['csv'], 'rows' | 'rowNumbers'>,
  rows: readonly RowAnswers[],
  deployments: readonly string[],
): TestResult {
  const asked = deployments.length > 0 ? deployments : [''];
  const tallies = asked.map((name) => ({ name, tally: tally(rows, name) }));
  const byName = (pick: (each: DeploymentTally) => number | undefined) =>
    Object.fromEntries(
      tallies.flatMap(({ name, tally: each }) => {
        const value = pick(each);
        return value === undefined ? [] : [[name || 'endpoint', value]];
      }),
    );
  const [blue, green] = deployments;
  const pair =
    purpose === 'prove' && blue !== undefined && green !== undefined
      ? compare(rows, blue, green)
      : undefined;
  const right = byName((each) => each.right);
  const ok = tallies.reduce((sum, each) => sum + each.tally.ok, 0);
  return {
    purpose,
    csv: { ...csv, rows: rows.length, rowNumbers: rows.map((row) => row.row) },
    deployments: [...deployments],
    answered: ok,
    failed: tallies.reduce((sum, each) => sum + each.tally.sent, 0) - ok,
    ...(pair && { agreed: pair.agreed, differing: pair.differing.map((each) => each.row) }),
    ...(Object.keys(right).length > 0 && { right }),
    medianLatencyMs: byName((each) => each.medianLatencyMs),
  };
}
