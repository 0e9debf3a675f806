/** What moves tell as they go; plain data, each fit for one line of JSON. */
import type { Split } from '../../common/split.js';
import type { Progress } from '../changes/change.js';
import type { Verdict } from '../evidence/gates/verdict.js';
import type { LoadPlan, LoadSeen } from '../evidence/load-check.js';
import type { Judgement, TestResult } from '../journal/entry.js';
import type { Hold } from '../plan/proof.js';
import type { Live } from './watch-live.js';

/** What verdicts are about. */
type Stage = 'contract' | Judgement['stage'];

/** A row on which blue and green answer differently; no cell of the file. */
export interface Differing {
  row: number;
  blue: string;
  green: string;
  /** Where the file knows the truth. */
  right?: 'blue' | 'green' | 'both' | 'neither';
}

export type MoveEvent =
  /** A change that is sent now. */
  | { event: 'sending'; title: string; usualSeconds: number }
  /** How far a change is that was sent. */
  | { event: 'progress'; progress: Progress }
  /** How much of a move's own work is done. */
  | { event: 'count'; done: number; total: number; unit: 'rows' | 'probes' | 'requests' }
  /** What a move does now, where it does several things. */
  | { event: 'doing'; title: string }
  /** What live users meet, whenever that changes. */
  | { event: 'live'; live: Live }
  | { event: 'confirmed'; title: string; seconds: number }
  | { event: 'failed'; title: string; message: string }
  /** The end of the log of a deployment that failed. */
  | { event: 'log'; deployment: string; lines: string[] }
  /** Something that is there already, and is as the plan wants it. */
  | { event: 'adopted'; what: string; message: string }
  /** Somebody else's operation, or one of an earlier run. */
  | { event: 'waiting'; message: string }
  | { event: 'tested'; result: TestResult }
  | { event: 'differing'; total: number; rows: Differing[] }
  | { event: 'verdict'; stage: Stage; weight: number; verdict: Verdict }
  | { event: 'more'; what: 'rows' | 'probes'; count: number; message: string }
  | ({ event: 'loading'; deployment: string } & LoadPlan)
  | { event: 'loaded'; deployment: string; seen: LoadSeen; message: string }
  | { event: 'mirroring'; deployment: string; percent: number; minutes: number }
  | {
      event: 'mirrored';
      deployment: string;
      percent: number;
      minutes: number;
      requests: number;
    }
  | {
      event: 'probed';
      weight: number;
      sent: number;
      failed: number;
      served: Record<string, number>;
      /** Answers name nobody: requests as Azure Monitor counts them, users' among them. */
      source?: 'metrics';
    }
  /** Probes sent while holding, and how likely they are under the configured split. */
  | { event: 'probing'; sent: number; p: number }
  | ({ event: 'holding'; weight: number } & Hold)
  | { event: 'watched'; weight: number; minutes: number; requests: number }
  | { event: 'aborting'; message: string }
  | { event: 'aborted'; restored: Split }
  | { event: 'note'; message: string };

/** How a rollout, or a session of it, ended. */
export type OutcomeKind =
  | 'promoted'
  /** The plan, or what it names, can't be carried out. */
  | 'refused'
  /** A gate failed, or green never came up; the split at the start is live. */
  | 'stopped'
  /** Blue did not start, or answers nothing: nothing could be decided of green, which has no traffic. */
  | 'blue-down'
  | 'not-rolled-back'
  /** Not decided: inconclusive, or Azure could not be reached. Nothing was moved back. */
  | 'held'
  | 'drift'
  | 'access'
  | 'approval'
  | 'interrupted';

export interface Outcome {
  kind: OutcomeKind;
  /** Sentences for a person, the first one says it all. */
  lines: string[];
}

export type Emit = (event: MoveEvent) => void;

/** Ends the rollout where it is. */
export class Ended extends Error {
  override readonly name = 'Ended';
  constructor(readonly outcome: Outcome) {
    super(outcome.lines[0]);
  }
}

export const end = (kind: OutcomeKind, ...lines: string[]): Ended => new Ended({ kind, lines });
