/** What gates look at: the answers of a replay, and what was learned beside it. */
import type { Split } from '../../../azure/types.js';
import type { SignatureDiff } from '../../../sampling/signature.js';
import type { Answer, RowAnswers } from '../replay.js';

export interface Evidence {
  /** In the order sent. A row number seen before is a repetition, and counts for latency only. */
  rows: readonly RowAnswers[];
  blue: string;
  green: string;
  /** Pairs at the start that don't count for latency; 5 unless told. */
  warmUp?: number;
  /** Draws the bootstrap; the replay's own will do. */
  seed?: number;
  /** Blue's model against green's. */
  signature?: SignatureDiff;
  /** The same rows sent to blue twice: how often it answers unlike itself. */
  noise?: { pairs: number; differing: number };
  split?: SplitSeen;
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
  /** `metrics`: all requests of whole minutes, as Azure Monitor counts them. Absent: probes. */
  source?: 'metrics';
}

export interface Pair {
  row: number;
  truth?: string;
  blue: Answer;
  green: Answer;
}

/** Rows that both were asked for, in the order sent. */
export function askedPairs({ rows, blue, green }: Evidence): Pair[] {
  return rows.flatMap(({ row, truth, answers }) => {
    const [b, g] = [answers[blue], answers[green]];
    return b && g ? [{ row, ...(truth !== undefined && { truth }), blue: b, green: g }] : [];
  });
}

/** Without repetitions, which would count one patient's answer many times over. */
export function firstPairs(evidence: Evidence): Pair[] {
  const seen = new Set<number>();
  return askedPairs(evidence).filter(({ row }) => !seen.has(row) && seen.add(row));
}

/** Rows, each once, that both answered with a prediction. */
export const answeredPairs = (evidence: Evidence): Pair[] =>
  firstPairs(evidence).filter(({ blue, green }) => blue.ok && green.ok);

/** The deployment's fault: the container failed, or refuses what the other takes. */
export const isFailure = ({ problem }: Answer): boolean =>
  problem === 'model' || problem === 'request';

/** Says nothing of the deployment: capacity, sign-in and the network are counted apart. */
export const isNoEvidence = (answer: Answer): boolean => !answer.ok && !isFailure(answer);
