/**
 * What the wizard may ask of the world, as plain values, and what each answer holds. The reducer
 * returns commands; `runner.ts` carries them out and sends back the answer with its run id.
 */
import type {
  Attachments,
  AzureFailure,
  Deployment,
  Endpoint,
  FamilyUsage,
  JobModel,
  ModelVersion,
  Scored,
  SignIn,
  CloudName,
  VmSize,
  WorkspaceInfo,
} from '../../azure/types.js';
import type { Change } from '../../rollout/changes/change.js';
import type { PlannedMeaning } from '../../rollout/evidence/output/meaning.js';
import type { LoadPlan } from '../../rollout/evidence/load-check.js';
import type { Decision } from '../../rollout/evidence/gates/decision.js';
import type { Verdict } from '../../rollout/evidence/gates/verdict.js';
import type { Drift } from '../../rollout/drift.js';
import type {
  Choice,
  HoldEnded,
  Judgement,
  Roles,
  TestResult,
} from '../../rollout/journal/entry.js';
import type { RolloutPlan, SessionFacts } from '../../rollout/moves/facts.js';
import type { ResultOf } from '../../rollout/moves/index.js';
import type { MoreRows, Move, MoveId, MoveOf } from '../../rollout/moves/move.js';
import type { Live, Watched } from '../../rollout/moves/watch-live.js';
import type { ProofPlan } from '../../rollout/plan/proof.js';
import type { RolesFound } from '../../rollout/roles.js';
import type { Snapshot } from '../../rollout/snapshot.js';
import type { JournalView } from '../../rollout/journal/view.js';
import type { CellValue } from '../../sampling/cast.js';
import type { Signature } from '../../sampling/signature.js';
import type { PlanFile } from '../plan.js';
import type { Phase, ProfileChoice } from '../state.js';
import type { Split } from '../../common/split.js';

/** An endpoint under rollout: what is observed now, and what its journal says. */
export interface Opened {
  endpoint: string;
  rolloutId: string;
  snapshot: Snapshot;
  journal: JournalView;
  roles: Roles;
  /** How the roles were found; `ask`: several deployments are live and the person has to say. */
  found: RolesFound;
  /** Absolute folder for `sample.json`, report and scripts. */
  outputs: string;
  /** What someone else changed; nothing is written before a person decided. */
  drift?: Drift | undefined;
  /** What this session has done that the journal does not keep. */
  session: SessionFacts;
}

export interface RolloutUnderWay {
  profileId: string;
  profileName: string;
  prod: boolean;
  endpoint: string;
  rolloutId: string;
  /** ISO time of the journal's last line. */
  lastAt: string;
  summary: string;
  /** Over, but its blue was kept and is still billed. */
  kept?: true;
}

export interface ConnectionForm {
  name: string;
  prod: boolean;
  cloud: CloudName;
  signIn: SignIn;
  subscriptionId: string;
  resourceGroup: string;
  workspaceName: string;
  tenantId?: string;
  proxyUrl?: string;
  caFile?: string;
  identityEndpoint?: string;
}

export interface StartInfo {
  profiles: ProfileChoice[];
  rollouts: RolloutUnderWay[];
  /** Found in config.json, az defaults or the environment. */
  discovered?: { from: string; connection: Partial<ConnectionForm> };
  /** Something a person must know, e.g. that a broken profile file was kept aside. */
  notices: string[];
}

export interface ModelFinding {
  level: 'error' | 'warning';
  text: string;
  advice: string;
}

export interface Column {
  name: string;
  type: string;
}

/** An MLflow model, in a folder or registered. */
export interface ModelLook {
  flavors: string[];
  /** Absent: the model names none, and nothing can be compared. */
  signature?: Signature;
  inputs: Column[];
  outputs: Column[];
  findings: ModelFinding[];
  metadata: Record<string, string>;
  /** For the registration's `flavors` member. */
  flavorData: Record<string, Record<string, string>>;
  /** Absolute, when it is a folder. */
  folder?: string;
  /** As MLflow wrote it: the same id is the same model, however often it was registered. */
  modelUuid?: string;
  sizeBytes?: number;
}

export interface SampleSpec {
  path: string;
  rows: number;
  seed: number;
  /** Rows under way at once; 1 unless told. */
  inFlight?: number;
  /** Empty: found from the model's signature. */
  target: string;
  /** `model column` -> `CSV column`, where they differ. */
  renames: Record<string, string>;
}

/** One line of the table "model wants / CSV has / what to do". */
export interface ColumnMatch {
  wants?: string;
  has?: string;
  action: string;
  problem?: boolean;
}

export interface Sample {
  spec: SampleSpec;
  absolutePath: string;
  target?: string;
  columns: (string | number)[];
  /** By column names, or rows of a tensor. */
  form: 'columns' | 'tensor';
  /** Sentences about rows and cells that were left out. */
  problems: string[];
  /** Rows as the model wants them; `number` counts the CSV's data rows from 1. */
  rows: { number: number; values: CellValue[]; truth?: string }[];
  totalRows: number;
  sha256: string;
  matches: ColumnMatch[];
}

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

/** What a performed move shows on the screen. */
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

interface Commands {
  loadStart: { ask: object; answer: StartInfo };
  connect: {
    ask: { profile: ProfileChoice };
    answer: { who?: string; info: WorkspaceInfo; endpoints: Endpoint[]; warnings: string[] };
  };
  saveProfile: { ask: { form: ConnectionForm; id?: string }; answer: ProfileChoice };
  renameProfile: { ask: { id: string; name: string }; answer: ProfileChoice };
  deleteProfile: { ask: { id: string }; answer: null };
  loadProfile: { ask: { id: string }; answer: ConnectionForm };
  findWorkspaces: {
    ask: { form: ConnectionForm };
    answer: { subscriptionId: string; resourceGroup: string; name: string; location: string }[];
  };
  openEndpoint: { ask: { endpoint: string; rolloutId?: string }; answer: Opened };
  observe: { ask: object; answer: Opened };
  record: { ask: { choice: Choice }; answer: Opened };
  listModels: { ask: object; answer: { name: string; versions: ModelVersion[] }[] };
  /** Models that jobs left behind, where the service tells. */
  listJobModels: { ask: object; answer: JobModel[] };
  /** A place in Azure that is not registered yet; `why` it can't be read from here. */
  lookAtUri: { ask: { uri: string }; answer: { look: ModelLook } | { why: string } };
  lookAtFolder: { ask: { folder: string }; answer: ModelLook };
  /** The model that serves, to compare the new one with. */
  lookAtBlue: { ask: { model: string; version: string }; answer: ModelLook };
  lookAtVersion: { ask: { model: string; version: string }; answer: ModelLook };
  /** Resolves the next free version before the change is made, or finds the uri registered. */
  nextVersion: {
    ask: { model: string; folder?: string; uri?: string };
    answer: { model: string; version: string; registered?: true };
  };
  listSizes: { ask: object; answer: { sizes: VmSize[]; usages: FamilyUsage[] } };
  /** Runs changes one after another; stops at the first that fails. */
  run: { ask: { changes: Change[]; choice?: Choice }; answer: Opened };
  /** Waits for a change that an earlier session began. */
  settle: { ask: object; answer: Opened };
  /** Performs a move of the rollout, under a plan. */
  perform: { ask: { move: Move; plan: RolloutPlan }; answer: Performed };
  /** Watches live users for as long as the screen wants to know; tells by progress. */
  watch: {
    ask: {
      move: MoveOf<'hold'>;
      plan: RolloutPlan;
      /** Of the time since the split was set, what was not watched in this session. */
      lostMs?: number;
    };
    answer: { watched: Watched; opened: Opened };
  };
  /** Goes on from what someone else changed. */
  adopt: { ask: object; answer: Opened };
  sample: { ask: { spec: SampleSpec; model: string; version: string }; answer: Sample };
  /** How much load the next share will bring. */
  planLoad: {
    ask: { blue: string; weight: number; plan: RolloutPlan };
    /** Absent: blue has no traffic to go by. */
    answer: { load?: LoadPlan | undefined };
  };
  /**
   * Keeps a plan for this rollout. With a reason where it changes checks that stand in the way; it
   * overrides the judgements in which nothing else does.
   */
  usePlan: {
    ask: {
      plan: ProofPlan;
      file?: PlanFile['file'];
      gates?: Verdict['gate'][];
      stages?: Judgement['stage'][];
      /** Green's share in percent, where the plan cuts its hold short. */
      hold?: number;
      reason?: string;
    };
    answer: Opened;
  };
  readPlan: { ask: { path: string }; answer: PlanFile };
  /** Never writes over a file. */
  savePlan: { ask: { path: string; plan: ProofPlan }; answer: { path: string } };
  /** A person ends a hold; `early` wants a reason. */
  endHold: { ask: HoldEnded & { verdicts: Verdict[] }; answer: Opened };
  /** Requests that blue answered since it has no traffic. */
  bake: { ask: { blue: string }; answer: { hits: number; minutes: number } };
  /** What scales and watches blue from outside. */
  attachments: { ask: { blue: Deployment }; answer: Attachments };
  /** Goes on in spite of what the gates say; the reason is kept in the journal. */
  override: { ask: { stage: Judgement['stage']; reason: string }; answer: Opened };
  logs: {
    ask: { deployment: string; container: 'inference-server' | 'storage-initializer' };
    answer: string;
  };
  /** `close`: also takes the rollout's tags off the endpoint, which is a write. */
  writeReport: {
    ask: { close: boolean };
    answer: { files: { what: string; path: string }[]; opened: Opened };
  };
  copy: {
    ask: { what: 'key' | 'curl' | 'support'; text?: string };
    answer: { said: string };
  };
}

export type CommandName = keyof Commands;
export type Command = { [K in CommandName]: { do: K } & Commands[K]['ask'] }[CommandName];
export type AnswerOf<K extends CommandName> = Commands[K]['answer'];

/** How far a running command is. */
export type CommandProgress =
  | { kind: 'count'; done: number; total: number; unit: string }
  | { kind: 'accepted' }
  | { kind: 'title'; title: string; change?: Change; usualSeconds?: number; deployment?: string }
  | { kind: 'phases'; phases: Phase[] }
  | { kind: 'message'; text: string }
  | { kind: 'live'; live: Live; opened?: Opened }
  | { kind: 'rows'; rows: { number: number; scored: Record<string, Scored> }[] };

/** A failure plus what was found out about it meanwhile. */
export interface CommandFailure {
  failure: AzureFailure;
  /** The state after it, when it could be observed. */
  opened?: Opened;
  deployment?: string;
  log?: string;
  phases?: Phase[];
}

export type WizardEvent =
  | { type: 'key'; key: import('../keys.js').KeyPress }
  | { type: 'chosen'; list: string; value: string }
  | { type: 'highlighted'; list: string; value: string }
  | { type: 'tick'; now: number }
  | { type: 'signal'; signal: 'interrupt' }
  | { type: 'progress'; run: number; do: CommandName; progress: CommandProgress }
  | { type: 'failed'; run: number; do: CommandName; failed: CommandFailure }
  | {
      [K in CommandName]: { type: 'answered'; run: number; do: K; answer: AnswerOf<K> };
    }[CommandName];
