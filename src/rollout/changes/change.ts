/**
 * A change is a plain value that says what shall become different in the workspace. The file of
 * each kind holds all that is true of that kind; dialects (az, Python, ...) are maps over `Change`.
 */
import type {
  AuthMode,
  DeploymentSpec,
  EndpointIdentity,
  Operation,
  UploadProgress,
  Workspace,
} from '../../azure/types.js';
import type { Snapshot } from '../snapshot.js';
import type { Split } from '../../common/split.js';
import type { Members } from './members.js';

/** In place of a version: the next free one, where code is shown or written before it is known. */
export const NEXT_VERSION = '@next';

/** The version is resolved before the change is made, so that doing it twice registers once. */
export interface RegisterModel {
  kind: 'registerModel';
  model: string;
  version: string;
  /** Absolute path of an MLflow model folder to upload; or ... */
  folder?: string;
  /** ... a place that Azure can read already: job output, datastore path, registry model. */
  uri?: string;
  description?: string;
  tags?: Record<string, string>;
  flavors?: Record<string, Record<string, string>>;
}

/**
 * Builds an environment that holds the model, its packages and its server, for a deployment
 * without egress. Preview of Azure ML.
 */
export interface PackageModel {
  kind: 'packageModel';
  model: string;
  version: string;
  environment: string;
  environmentVersion: string;
}

export interface CreateEndpoint {
  kind: 'createEndpoint';
  endpoint: string;
  authMode: AuthMode;
  identity: EndpointIdentity;
  description?: string;
  tags: Record<string, string>;
  publicNetworkAccess?: 'enabled' | 'disabled';
  properties?: Record<string, string>;
  /** A region; the workspace's own where it is absent. */
  location?: string;
}

export interface CreateDeployment {
  kind: 'createDeployment';
  endpoint: string;
  deployment: string;
  role: 'blue' | 'green';
  spec: DeploymentSpec;
}

/** `from` is what was observed when the person decided; the write is refused when it moved since. */
export interface SetTraffic {
  kind: 'setTraffic';
  endpoint: string;
  from: Split;
  to: Split;
  /** Endpoint tags that ride on this write. */
  tags?: Record<string, string | null>;
  /** `close` ends a rollout: it only takes the rollout's tags off the endpoint. */
  why: 'first' | 'advance' | 'undo' | 'abort' | 'rollback' | 'close';
}

export interface SetMirror {
  kind: 'setMirror';
  endpoint: string;
  from: Split;
  to: Split;
}

export interface ScaleDeployment {
  kind: 'scaleDeployment';
  endpoint: string;
  deployment: string;
  from: number;
  to: number;
}

/** Gives green the autoscale of blue; rules about blue's own metrics are about green's then. */
export interface CopyAutoscale {
  kind: 'copyAutoscale';
  endpoint: string;
  deployment: string;
  /** ARM id of blue's setting. */
  source: string;
  /** ARM id of the new one. */
  setting: string;
  /** Instances that it allows at most. */
  most: number;
}

/** Of a deployment that goes: what this rollout copied to it. */
export interface DeleteAutoscale {
  kind: 'deleteAutoscale';
  endpoint: string;
  deployment: string;
  /** ARM id. */
  setting: string;
}

export interface DeleteDeployment {
  kind: 'deleteDeployment';
  endpoint: string;
  deployment: string;
}

export interface DeleteEndpoint {
  kind: 'deleteEndpoint';
  endpoint: string;
}

export type Change =
  | RegisterModel
  | PackageModel
  | CreateEndpoint
  | CreateDeployment
  | SetTraffic
  | SetMirror
  | ScaleDeployment
  | CopyAutoscale
  | DeleteAutoscale
  | DeleteDeployment
  | DeleteEndpoint;

export type Progress =
  | { stage: 'uploading'; upload: UploadProgress }
  | { stage: 'sent'; operation: Operation }
  /** What the person has to know of what was made. */
  | { stage: 'note'; message: string }
  | { stage: 'waiting'; operation: Operation; elapsedMs: number };

export interface ApplyContext {
  workspace: Workspace;
  /** What the change was decided on. */
  before: Snapshot;
  onProgress(progress: Progress): void;
  /** Stops waiting (or uploading); what Azure accepted goes on. */
  signal: AbortSignal;
}

/** All that is true of one kind of change. */
export interface ChangeKind<C extends Change> {
  /** What a line of a journal has to hold. */
  members: Members<C>;
  /** One line for logs and journals. */
  title(change: C): string;
  /** May it run against what is observed now? If not, the sentence that says why. */
  guard(change: C, now: Snapshot): string | undefined;
  /** Sends it and waits for Azure; rejects with an AzureError. */
  apply(change: C, context: ApplyContext): Promise<void>;
  /** Did the workspace really end up so? If not, the sentence that says what it shows instead. */
  readBack(change: C, after: Snapshot): string | undefined;
  /** How long it usually takes on Azure, in seconds, as recorded from the service. */
  usualSeconds: number;
}
