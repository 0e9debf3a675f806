/** What gates look at: the answers of a replay, and what was learned beside it. */
import { printable } from '../../../sampling/input-error.js';
import type { Split } from '../../../common/split.js';
import type { SignatureDiff } from '../../../sampling/signature.js';
import { readAnswers, type Answers } from '../output/answers.js';
import type { Meaning } from '../output/meaning.js';
import type { RowAnswer, RowAnswers } from '../replay.js';
import type { Common } from './gate.js';
import { grouped, rowsOf } from '../../../common/counts.js';

export interface Evidence {
  /** In the order sent. A row number seen before is a repetition, and counts for latency only. */
  rows: readonly RowAnswers[];
  blue: string;
  green: string;
  /** Pairs at the start that don't count for latency; 5 by default. */
  warmUp?: number;
  /** Draws the bootstrap; the replay's own will do. */
  seed?: number;
  /** What the plan says of the answers. */
  meaning?: Meaning;
  /** Blue's model against green's. */
  signature?: SignatureDiff;
  /** The same rows sent to blue twice: how often it answers unlike itself. */
  noise?: { pairs: number; differing: number };
  split?: SplitSeen;
  /** How often a gate stayed open on fewer of these rows, where it could have passed; see `levelsOf`. */
  open?: Readonly<Record<string, number>>;
}

/** Un-pinned probes by the deployment that the response header names, or requests as metered. */
export interface SplitSeen {
  configured: Split;
  served: Record<string, number>;
  sent: number;
  /** Probes that failed; they may name nobody. */
  failed: number;
  /** Failures by the deployment that answered so. */
  errors?: Record<string, number>;
  /** Answers that it was too busy, by the deployment. */
  busy?: Record<string, number>;
  /** Of the last probe that failed, a sentence without a word of its answer. */
  message?: string;
  /** `metrics`: all requests of whole minutes, as Azure Monitor counts them. Absent: probes. */
  source?: 'metrics';
}

export interface Pair {
  row: number;
  truth?: string | undefined;
  blue: RowAnswer;
  green: RowAnswer;
}

/** Each gate asks for the same rows again. */
function once<T>(find: (evidence: Evidence) => T): (evidence: Evidence) => T {
  const known = new WeakMap<Evidence, T>();
  return (evidence) => {
    const found = known.get(evidence) ?? find(evidence);
    known.set(evidence, found);
    return found;
  };
}

/** Rows that both were asked for, in the order sent. */
export const askedPairs = once(({ rows, blue, green }): readonly Pair[] => {
  const pairs: Pair[] = [];
  for (const { row, truth, answers } of rows) {
    const [b, g] = [answers[blue], answers[green]];
    if (b && g) pairs.push({ row, truth, blue: b, green: g });
  }
  return pairs;
});

const firstRows = ({ rows }: Evidence): readonly RowAnswers[] => {
  const seen = new Set<number>();
  return rows.filter(({ row }) => !seen.has(row) && seen.add(row));
};

/** Without repetitions, which would count one patient's answer many times over. */
export const firstPairs = once((evidence): readonly Pair[] => {
  const seen = new Set<number>();
  return askedPairs(evidence).filter(({ row }) => !seen.has(row) && seen.add(row));
});

/** Rows, each once, that both answered with a prediction. */
export const answeredPairs = once((evidence): readonly Pair[] =>
  firstPairs(evidence).filter(({ blue, green }) => blue.ok && green.ok),
);

/** What the answers mean; found once for one body of evidence. */
export const answersOf = once((evidence): Answers => {
  const { meaning, signature } = evidence;
  const blue = firstRows(evidence).flatMap(({ truth, answers }) => {
    const answer = answers[evidence.blue];
    return answer?.ok ? [{ prediction: answer.prediction, truth }] : [];
  });
  return readAnswers(blue, { meaning, modelClasses: signature });
});

/** Of one row, who is right. */
interface Right {
  blue: boolean;
  green: boolean;
}

/**
 * Rows with a target that both answered: what right answers are counted of, everywhere, so that the
 * counts of the two can be compared. None where right answers can't be counted.
 */
export const judgedRows = once((evidence): readonly Right[] => {
  const answers = answersOf(evidence);
  return answeredPairs(evidence).flatMap(({ truth, blue, green }) => {
    const right = answers.isRight(blue.prediction, truth);
    return right === undefined
      ? []
      : [{ blue: right, green: answers.isRight(green.prediction, truth) === true }];
  });
});

/**
 * Why nothing can be held against the truth although a target is named; empty where none is.
 * `undefined`: there are rows with one.
 */
export function targetProblem(
  evidence: Evidence,
  gate: 'accuracy' | 'absoluteError',
): string | undefined {
  const told = answeredPairs(evidence).some(({ truth = '' }) => truth.trim() !== '');
  const target = evidence.meaning?.target;
  if (told) return undefined;
  return target === undefined
    ? ''
    : `The gate ${gate} has nothing to judge: no row that both answered has a value in the target column ${printable(target, 30)}.`;
}

/** Of two gates that hold answers against the target one judges; does it stand for the other, too? */
export const standsFor = (
  judging: 'accuracy' | 'absoluteError',
  other: 'accuracy' | 'absoluteError',
  { modeOf, demands }: Pick<Common, 'modeOf' | 'demands'>,
): boolean => modeOf(judging) === 'enforce' || (modeOf(judging) === 'warn' && !demands(other));

/** Rows that it answered with a prediction. */
const answeredBy = (pairs: readonly Pair[], side: 'blue' | 'green'): number =>
  pairs.filter((pair) => pair[side].ok).length;

const isAnswered = (pairs: readonly Pair[], side: 'blue' | 'green'): boolean =>
  pairs.some((pair) => pair[side].ok);

/** The deployment's fault: the container failed, or refuses what the other takes. */
export const isFailure = ({ ok, problem }: RowAnswer): boolean =>
  !ok && (problem === 'model' || problem === 'request');

/** Says nothing of the deployment: capacity, sign-in and the network are counted apart. */
export const isNoEvidence = (answer: RowAnswer): boolean => !answer.ok && !isFailure(answer);

/** Rows without one answer after which no further row is expected to have one. */
export const SILENT = 5;

const lastAnswer = (asked: readonly Pair[], side: 'blue' | 'green'): string => {
  const summary = asked.at(-1)?.[side].summary;
  return summary === undefined ? '' : ` The last answer: ${summary}`;
};

/** Blue alone answers nothing at all: green has nothing to be compared with. */
export function blueSilence(asked: readonly Pair[]): string | undefined {
  if (asked.length < SILENT || isAnswered(asked, 'blue') || !isAnswered(asked, 'green')) {
    return undefined;
  }
  const green = answeredBy(asked, 'green');
  return `Blue answered none of ${rowsOf(asked.length)}, green answered ${grouped(green)}.${lastAnswer(asked, 'blue')}`;
}

/** Green, or neither of the two, answers anything at all; `undefined` where green does. */
export function silence(asked: readonly Pair[]): string | undefined {
  if (asked.length < SILENT || isAnswered(asked, 'green')) return undefined;
  const blue = answeredBy(asked, 'blue');
  const last = lastAnswer(asked, 'green');
  return blue > 0
    ? `Green answered none of ${rowsOf(asked.length)}, blue answered ${grouped(blue)}.${last}`
    : `Neither deployment answered any of ${rowsOf(asked.length)}.${last}`;
}
