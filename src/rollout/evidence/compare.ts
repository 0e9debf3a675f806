/** What a replay shows of two deployments, before any statistics. */
import type { TestResult } from '../journal/entry.js';
import type { SignatureDiff } from '../../sampling/signature.js';
import {
  answeredPairs,
  answersOf,
  judgedRows,
  type Evidence,
  type Pair,
} from './gates/evidence.js';
import type { Meaning } from './output/meaning.js';
import { replayFigures } from './replay-figures.js';
import type { RowAnswer, RowAnswers } from './replay.js';

/** Calls of each deployment that don't count for latency, by default. */
const WARM_UP = 5;

/** The middle value; between the two middle ones for an even count. `undefined` for none. */
export function median(values: readonly number[]): number | undefined {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  const lower = sorted[middle - 1];
  if (upper === undefined) return undefined;
  return sorted.length % 2 === 1 || lower === undefined ? upper : (lower + upper) / 2;
}

interface DeploymentTally {
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
  /** Of the rows that both answered, those whose prediction is the truth; absent when the file tells none. */
  right?: number;
}

export interface DifferingRow {
  row: number;
  blue: unknown;
  green: unknown;
  /** Both as people read them. */
  text: { blue: string; green: string };
  truth?: string;
  /** Which of the two the truth agrees with. */
  rightOne?: 'blue' | 'green' | 'both' | 'neither';
}

interface Comparison {
  blue: DeploymentTally;
  green: DeploymentTally;
  /** Rows that both answered. */
  pairs: number;
  agreed: number;
  differing: DifferingRow[];
  /** Median of green's latency divided by blue's on the same row, warm-up left out. */
  latencyRatio?: number;
}

interface CompareOptions {
  /** Calls per deployment that don't count for latency. */
  warmUp?: number;
  meaning?: Meaning | undefined;
  signature?: SignatureDiff | undefined;
}

/** @param evidence what its answers mean is decided by those of its blue */
function tally(evidence: Evidence, side: 'blue' | 'green'): DeploymentTally {
  const { rows, warmUp = WARM_UP } = evidence;
  const deployment = evidence[side];
  const answers = rows.flatMap((row) => row.answers[deployment] ?? []);
  const count = (which: (answer: RowAnswer) => boolean) => answers.filter(which).length;
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
  const judged = judgedRows(evidence);
  return {
    sent: answers.length,
    ok,
    modelErrors,
    busy,
    other: answers.length - ok - modelErrors - busy,
    ...(medianLatencyMs !== undefined && { medianLatencyMs }),
    ...(medianModelMs !== undefined && { medianModelMs }),
    ...(judged.length > 0 && { right: judged.filter((row) => row[side]).length }),
  };
}

/** Both answered, and not alike. */
function differingPairs(evidence: Evidence): Pair[] {
  const { differs } = answersOf(evidence);
  return answeredPairs(evidence).filter(({ blue, green }) =>
    differs(blue.prediction, green.prediction),
  );
}

export function differingRows(evidence: Evidence): DifferingRow[] {
  const answers = answersOf(evidence);
  return differingPairs(evidence).map(({ row, truth, blue, green }) => {
    const blueIs = answers.isRight(blue.prediction, truth);
    const greenIs = answers.isRight(green.prediction, truth);
    return {
      row,
      blue: blue.prediction,
      green: green.prediction,
      text: { blue: answers.textOf(blue.prediction), green: answers.textOf(green.prediction) },
      ...(truth !== undefined && { truth }),
      ...(blueIs !== undefined && {
        rightOne: blueIs ? (greenIs ? 'both' : 'blue') : greenIs ? 'green' : 'neither',
      }),
    };
  });
}

export function compare(
  rows: readonly RowAnswers[],
  blueName: string,
  greenName: string,
  options: CompareOptions = {},
): Comparison {
  const { warmUp = WARM_UP, meaning, signature } = options;
  const evidence: Evidence = {
    rows,
    blue: blueName,
    green: greenName,
    warmUp,
    ...(meaning && { meaning }),
    ...(signature && { signature }),
  };
  const pairs = answeredPairs(evidence);
  const differing = differingRows(evidence);
  const warm = pairs.length > 2 * warmUp ? pairs.slice(warmUp) : pairs;
  const ratios = warm
    .filter(({ blue, green }) => blue.latencyMs > 0 && green.latencyMs > 0)
    .map(({ blue, green }) => Math.log(green.latencyMs / blue.latencyMs));
  const logRatio = median(ratios);
  return {
    blue: tally(evidence, 'blue'),
    green: tally(evidence, 'green'),
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
  { meaning, signature }: Pick<CompareOptions, 'meaning' | 'signature'> = {},
): TestResult {
  const asked = deployments.length > 0 ? deployments : [''];
  const [blue = '', green = blue] = asked;
  const evidence: Evidence = {
    rows,
    blue,
    green,
    warmUp: 0,
    ...(meaning && { meaning }),
    ...(signature && { signature }),
  };
  const tallies = asked.map((name, at) => ({
    name,
    tally: tally(evidence, at === 0 ? 'blue' : 'green'),
  }));
  const byName = (pick: (each: DeploymentTally) => number | undefined) =>
    Object.fromEntries(
      tallies.flatMap(({ name, tally: each }) => {
        const value = pick(each);
        return value === undefined ? [] : [[name || 'endpoint', value]];
      }),
    );
  const both = purpose === 'prove' && deployments.length > 1;
  const differing = both ? differingPairs(evidence).map(({ row }) => row) : [];
  const right = byName((each) => each.right);
  const figures = both ? replayFigures(evidence) : undefined;
  const ok = tallies.reduce((sum, each) => sum + each.tally.ok, 0);
  return {
    purpose,
    csv: { ...csv, rows: rows.length, rowNumbers: rows.map((row) => row.row) },
    deployments: [...deployments],
    answered: ok,
    failed: tallies.reduce((sum, each) => sum + each.tally.sent, 0) - ok,
    ...(both && { agreed: answeredPairs(evidence).length - differing.length, differing }),
    ...(Object.keys(right).length > 0 && { right }),
    medianLatencyMs: byName((each) => each.medianLatencyMs),
    ...(figures && { figures }),
  };
}
