/**
 * All that the wizard knows at one moment, as plain data. `update.ts` is the only place that makes
 * a next state out of it, and the screens draw nothing that is not in it.
 */
import type { AzureFailure, Endpoint, WorkspaceInfo } from '../azure/types.js';
import type { DeploymentFile } from '../interop/deployment-file.js';
import type { EndpointFile } from '../interop/endpoint-file.js';
import type { SavedConnection } from '../profiles/profile.js';
import type { Change } from '../rollout/changes/change.js';
import type { HourlyPrices } from '../rollout/cost.js';
import type { Command } from './effects/index.js';
import type { Opened } from './effects/world.js';
import type { NamedFile } from './file-values.js';
import type { Overlay } from './overlays.js';
import type { PlanFile } from './plan.js';
import type { Screens, StepId } from './step.js';

/** A workspace one can open from the start screen. */
export interface ProfileChoice {
  /** The saved profile's id, or `sandbox` for the built-in one. */
  id: string;
  name: string;
  prod: boolean;
  /** The built-in workspace on this machine: the only place where Enter alone acts. */
  sandbox: boolean;
  detail: string;
  /** How it is reached; the sandbox has none. */
  connection?: SavedConnection;
  /** ISO time; absent: not used yet, or the sandbox. */
  lastUsedAt?: string;
}

export interface Session {
  profile: ProfileChoice;
  who?: string;
  info: WorkspaceInfo;
  /** The address of Azure ML studio, where it shows this workspace. */
  studio?: string;
  endpoints: Endpoint[];
  /** Sentences found on connecting: missing permissions, legacy mode. */
  warnings: string[];
  /** US dollars an hour by instance type, as far as they are known. */
  prices?: HourlyPrices;
  opened?: Opened;
}

/** Work that a person waits for. Only one runs at a time. */
export interface Task {
  command: Command['do'];
  title: string;
  startedAt: number;
  /** How long it usually takes on Azure, when known. */
  usualSeconds?: number;
  /** It alters the workspace: keys are dropped while it runs, and abort waits for it. */
  writes: boolean;
  /** The deployment whose log tells how far it is. */
  deployment?: string;
  change?: Change;
  /** `done` of `total` in `unit`, where the work counts. */
  count?: { done: number; total: number; unit: string };
  phases?: Phase[];
  accepted?: boolean;
  abortQueued?: boolean;
}

/** One phase of a deployment's start, as read from its log. */
export interface Phase {
  name: string;
  state: 'waiting' | 'running' | 'done' | 'failed';
}

export interface Notice {
  level: 'info' | 'good' | 'warning' | 'error';
  text: string;
}

/** A line of the command log at the foot of the traffic screen. */
export interface LogLine {
  at: number;
  text: string;
}

/** Sensible values for fields nobody has touched yet. */
export interface Defaults {
  endpoint: string;
  /** Absolute folders of the sample models; only the sandbox proposes them. */
  blueFolder: string;
  newFolder: string;
  /** Proposed where `newFolder` is what serves already. */
  afterNewFolder?: string;
  csv: string;
  seed: number;
  /** endpoint.yml and deployment.yml named on the command line. */
  endpointFile?: NamedFile<EndpointFile>;
  deploymentFile?: NamedFile<DeploymentFile>;
  /** The plan named on the command line. */
  planFile?: PlanFile;
  /** The saved workspace named on the command line, until it is connected to. */
  profile?: string;
  /** ISO date until which a kept blue is said to be kept. */
  keepUntil: string;
}

export interface State {
  now: number;
  defaults: Defaults;
  session?: Session;
  /** The profile being connected to. */
  connecting?: ProfileChoice;
  /** The step that workspace and journal imply, and those shown, in order; `place.ts` keeps both. */
  implied: StepId;
  shown: readonly StepId[];
  /** The step looked at, when it is not the implied one. */
  view?: StepId;
  /** What each visited step holds on its screen. */
  screens: Partial<Screens>;
  overlays: Overlay[];
  task?: Task;
  notice?: Notice;
  log: LogLine[];
  /** Commands under way, by kind; a result of any other run is dropped. */
  runs: Partial<Record<Command['do'], number>>;
  lastRun: number;
  startedAt: number;
  /** Set once: the program ends with this code and prints this summary. */
  leaving?: { code: number; summary: string[] };
}

/** The last failure of a step's work, drawn by its failure screen. */
export interface StepFailure {
  failure: AzureFailure;
  /** Lines of the deployment's log worth reading. */
  logTail?: string[];
  likelyCause?: string;
  usersNotice: string;
  deployment?: string;
  phases?: Phase[];
  seconds?: number;
}
