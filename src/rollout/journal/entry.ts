/** The lines of a rollout's journal. Holds row numbers and hashes, never cells, never secrets. */
import type { AzureFailure, Deployment, WorkspaceRef } from '../../azure/types.js';
import type { Change } from '../changes/change.js';
import type { Decision } from '../evidence/gates/decision.js';
import type { Verdict } from '../evidence/gates/verdict.js';
import type { ReplayFigures } from '../evidence/replay-figures.js';
import type { Difference } from '../inherit.js';
import type { ProofPlan } from '../plan/proof.js';
import type { Split } from '../../common/split.js';

export interface Roles {
  /** The deployment that serves now. */
  blue?: string;
  /** The deployment being proved. */
  green?: string;
}

export interface ModelChoice {
  name: string;
  version?: string;
  folder?: string;
  /** A registry's model, which is served from there: `azureml://registries/...`. */
  id?: string;
}

/** A choice the person made, as far as a later session needs it. */
export interface Choice {
  endpoint?: string;
  blueModel?: ModelChoice;
  newModel?: ModelChoice;
  roles?: Roles;
  csv?: {
    path: string;
    rows: number;
    seed: number;
    target?: string;
    /** Model input to column of the file. */
    renames?: Record<string, string>;
  };
  retire?: 'delete' | 'scale-to-one' | 'keep';
  keepUntil?: string;
  /** As edited on the screen, or read from `planFile`; paths in it are absolute. */
  plan?: ProofPlan;
  /** The file that the plan was read from, by its base name and hash. */
  planFile?: { name: string; sha256: string };
  /** Why checks or a hold that stood in the way were changed; `hold`: green's weight in percent. */
  planReason?: { gates: string[]; hold?: number; reason: string };
  /** Members of blue that green can't be given, and that a person approved of. */
  approvedLosses?: string[];
  /** A hold that a person ended, of the split that the change with this id set. */
  holdEnded?: HoldEnded;
}

export interface HoldEnded {
  change: number;
  /** Green's traffic weight in percent. */
  weight: number;
  /** `approved`: the yes that the plan wants. `early`: before its time or requests were over. */
  why: 'approved' | 'early';
  reason?: string;
}

/** Rows sent to one or both deployments, and the result. */
export interface TestResult {
  purpose: 'test' | 'prove';
  csv: { name: string; sha256: string; seed: number; rows: number; rowNumbers: number[] };
  deployments: string[];
  answered: number;
  failed: number;
  /** Rows on which both deployments answered alike; only for `prove`. */
  agreed?: number;
  /** Row numbers that differ. */
  differing?: number[];
  /** Rows whose answer equals the target, by deployment, where the file tells the truth. */
  right?: Record<string, number>;
  medianLatencyMs: Record<string, number>;
  /** Only for `prove`, and from journals of this version on. */
  figures?: ReplayFigures;
}

/** What the gates said of the evidence, and what followed from it. */
export interface Judgement {
  /**
   * `prove`: before traffic; `load`: green alone at the rate of its next weight; `mirror`: on copies
   * of live requests; `split`: after a traffic change; `watch`: while holding; `checks`: the
   * plan's own, before traffic and before blue is retired.
   */
  stage: 'prove' | 'load' | 'mirror' | 'split' | 'watch' | 'checks';
  deployment: string;
  /** Green's weight in percent when this was seen. */
  weight: number;
  verdicts: Verdict[];
  decision: Decision['do'];
  /** Why it does not go on, where no verdict says it. */
  why?: string;
  /** Set when a person went on in spite of it. */
  override?: string;
}

interface Line {
  /** `JOURNAL_FORMAT` of the program that wrote it; absent from lines older than that. */
  format?: number;
  /** ISO time. */
  at: string;
  /** Counts from 1 in each journal. */
  seq: number;
}

export type JournalEntry = Line &
  (
    | {
        event: 'opened';
        rolloutId: string;
        workspace: WorkspaceRef;
        endpoint: string;
        owner: string;
        version: string;
      }
    | { event: 'choice'; choice: Choice }
    | {
        event: 'begun';
        id: number;
        change: Change;
        title: string;
        splitBefore?: Split;
        /** Hash of the environment variables of each deployment created or deleted, by its name. */
        variables?: Record<string, string>;
        /** What a deletion takes away, so that it can be made again; without secret values. */
        deleted?: Deployment[];
      }
    | { event: 'accepted'; id: number; operation: string }
    | {
        event: 'ended';
        id: number;
        ok: true;
        readBack: 'confirmed';
        seconds: number;
        /** Of a new green: what it has otherwise than blue, but for the model. */
        differences?: Difference[];
      }
    | { event: 'ended'; id: number; ok: false; failure: AzureFailure; seconds: number }
    | { event: 'tested'; result: TestResult }
    | ({ event: 'judged' } & Judgement)
    /** Until when live users were watched at this split, and until when their minutes are judged. */
    | { event: 'watched'; weight: number; until: string; judgedUntil: string }
    /** Un-pinned requests of ours, by who answered; they count against the plan's budget. */
    | { event: 'probed'; weight: number; sent: number; served: Record<string, number> }
    /** Someone else changed the endpoint, and a person decided to go on from that. */
    | { event: 'adopted'; traffic: Split; drift: string }
    | { event: 'aborted'; restored: Split }
    | { event: 'completed'; report: string }
  );
