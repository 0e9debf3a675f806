/**
 * What the sandbox remembers (plain JSON, kept on disk) and the seams between its three parts:
 * the front door (proxy, identity, blobs), ARM (`arm/`) and scoring (`scoring/`).
 *
 * Records are keyed by lower-case names, because Azure compares resource names without case;
 * each record keeps the name as it was written.
 */
import type { Clock } from '../common/clock.js';
import type { Conditions } from './conditions.js';
import type { FaultList } from './faults.js';
import type { TrackingState } from './mlflow/records.js';
import type { Observed } from './observed.js';

export interface SandboxConfig {
  subscriptionId: string;
  tenantId: string;
  resourceGroup: string;
  workspaceName: string;
  location: string;
  /** GUID; part of the container name and of operation names. */
  workspaceId: string;
  storageAccount: string;
  /** Base64, generated. */
  storageKey: string;
  /** `azureml-blobstore-<workspaceId>`. */
  containerName: string;
  /** How the default datastore hands out access. Missing means `account-key`. */
  datastoreCredentials?: 'account-key' | 'sas' | 'identity';
  /** Signs the tokens of `aml_token` endpoints; generated on first use where missing. */
  scoringTokenSecret?: string;
  /** Core limit a VM family; missing means 40. */
  coreLimit?: number;
  /** Requests are spread by weight without chance, so that two runs serve alike; missing means no. */
  evenRouting?: boolean;
  /** Public, US government or China cloud; missing means public. */
  cloud?: 'public' | 'usgov' | 'china';
}

export interface SystemData {
  createdAt: string;
  createdBy: string;
  createdByType: 'User' | 'Application';
  lastModifiedAt: string;
  lastModifiedBy: string;
  lastModifiedByType: 'User' | 'Application';
}

export interface ModelVersionRecord {
  name: string;
  version: string;
  modelUri: string;
  modelType: string;
  description: string | null;
  tags: Record<string, string>;
  properties: Record<string, string>;
  flavors: Record<string, { data: Record<string, string> }>;
  jobName: string | null;
  stage: string | null;
  isArchived: boolean;
  isAnonymous: boolean;
  systemData: SystemData;
}

export interface ModelRecord {
  name: string;
  description: string | null;
  tags: Record<string, string>;
  isArchived: boolean;
  systemData: SystemData;
  versions: Record<string, ModelVersionRecord>;
}

/** A code, environment or data version: the sandbox stores its properties as they were sent. */
export interface PlainAssetRecord {
  name: string;
  version: string;
  properties: Record<string, unknown>;
  systemData: SystemData;
  /** The model that was packaged into this environment. */
  packaged?: PackagedModel;
}

/** What a client said of all versions of a code, an environment or a data asset. */
export interface AssetContainer {
  description: string | null;
  tags: Record<string, string>;
  properties: Record<string, string>;
  isArchived: boolean;
  systemData: SystemData;
}

export interface PackagedModel {
  name: string;
  version: string;
  /** Of the version at that time: a package outlives it. */
  modelUri: string;
  /** Its server is the one of online endpoints. */
  servesOnline: boolean;
  /** A scoring script was packaged too. */
  hasCode: boolean;
}

type EndpointState = 'Creating' | 'Updating' | 'Deleting' | 'Succeeded' | 'Failed';
type DeploymentState = EndpointState | 'Scaling';

export interface EndpointRecord {
  name: string;
  location: string;
  tags: Record<string, string>;
  identity: {
    type: string;
    principalId?: string;
    tenantId?: string;
    userAssignedIdentities?: Record<string, { clientId: string; principalId: string }>;
  };
  authMode: 'Key' | 'AMLToken' | 'AADToken';
  description: string | null;
  properties: Record<string, string>;
  publicNetworkAccess: string;
  provisioningState: EndpointState;
  /** What the router obeys now; a write in flight does not change it before it has succeeded. */
  traffic: Record<string, number>;
  mirrorTraffic: Record<string, number>;
  /** The keys of a `Key` endpoint. */
  keys: { primary: string; secondary: string };
  /** Was it ever `Succeeded`? A first provisioning that failed cannot be repaired. */
  everSucceeded: boolean;
  /** Name of the latest operation; in `state.operations`. */
  operation: string | null;
  systemData: SystemData;
  /** By lower-case name. */
  deployments: Record<string, DeploymentRecord>;
}

export type PhaseState = 'Waiting' | 'InProgress' | 'Succeeded' | 'Failed';

/** Written by the scoring runtime as it happens, read by getLogs. */
export interface DeploymentLog {
  phases: {
    SystemSetup: PhaseState;
    UserContainerImagePull: PhaseState;
    ModelDownload: PhaseState;
    UserContainerStart: PhaseState;
  };
  /** Lines of "Container events:", without secrets or payloads. */
  events: string[];
  /** Lines of the InferenceServer container. */
  server: string[];
  /** Lines of the StorageInitializer container. */
  initializer: string[];
}

interface ProbeSettings {
  initialDelay: string;
  period: string;
  timeout: string;
  successThreshold: number;
  failureThreshold: number;
}

export interface DeploymentRecord {
  name: string;
  endpointName: string;
  location: string;
  tags: Record<string, string>;
  sku: { name: string; tier: string; capacity: number };
  /** Kept and given back: what the service makes of it is not documented. */
  identity?: unknown;
  instanceType: string;
  /** As sent: an ARM id, `azureml:NAME:VERSION` or a registry URI. */
  model: string | null;
  modelMountPath: string | null;
  environmentId: string | null;
  codeConfiguration: { codeId: string | null; scoringScript: string } | null;
  environmentVariables: Record<string, string>;
  description: string | null;
  properties: Record<string, string>;
  /** ISO 8601 durations, as on the wire. */
  requestSettings: {
    requestTimeout: string;
    maxConcurrentRequestsPerInstance: number;
    maxQueueWait: string;
  };
  livenessProbe: ProbeSettings;
  readinessProbe: ProbeSettings;
  /** Absent in states of older sandboxes. */
  startupProbe?: ProbeSettings | null;
  appInsightsEnabled: boolean;
  egressPublicNetworkAccess: string;
  dataCollector: unknown;
  /** Absent in states of older sandboxes. */
  privateNetworkConnection?: boolean;
  provisioningState: DeploymentState;
  everSucceeded: boolean;
  operation: string | null;
  systemData: SystemData;
  log: DeploymentLog;
}

export type OperationKind =
  | 'endpoint-write'
  | 'endpoint-delete'
  | 'deployment-write'
  | 'deployment-delete'
  | 'regenerate-keys'
  | 'model-package';

export interface OperationRecord {
  /** `oeidp:<workspaceId>:<guid>` or `odidp:…`. */
  name: string;
  kind: OperationKind;
  endpoint: string;
  deployment: string | null;
  /** What a deployment's write asks of the runtime; null for other kinds. */
  effect: 'start' | 'scale' | 'metadata' | null;
  status: 'Updating' | 'Succeeded' | 'Failed' | 'Canceled';
  startTime: string;
  endTime: string | null;
  error: { code: string; message: string } | null;
  /** What becomes true when the operation succeeds: applied then, or at a restart. */
  pending: PendingEndpoint | null;
  /** What a package makes when it succeeds; missing for other kinds. */
  package?: PackagePending;
}

export interface PackagePending {
  environment: PlainAssetRecord & { packaged: PackagedModel };
  /** The result of the operation, as JSON. */
  response: unknown;
}

/** The part of an endpoint that changes only when the operation ends. */
export interface PendingEndpoint {
  traffic: Record<string, number>;
  mirrorTraffic: Record<string, number>;
}

export interface RoleAssignment {
  id: string;
  name: string;
  type: string;
  properties: {
    roleDefinitionId: string;
    principalId: string;
    scope: string;
  } & Record<string, unknown>;
}

export interface SandboxState {
  config: SandboxConfig;
  /** By lower-case model name. */
  models: Record<string, ModelRecord>;
  /** By `lower-case name/version`. */
  codes: Record<string, PlainAssetRecord>;
  environments: Record<string, PlainAssetRecord>;
  /** Missing while there are none. */
  data?: Record<string, PlainAssetRecord>;
  /** By lower-case endpoint name. */
  endpoints: Record<string, EndpointRecord>;
  /** So that a restart can finish or fail what was running. */
  operations: Record<string, OperationRecord>;
  /** MLflow's experiments and runs; missing until something is tracked. */
  tracking?: TrackingState;
  /** The models of the sandbox's registry, by lower-case name; missing while there are none. */
  registryModels?: Record<string, ModelRecord>;
  /** Azure Monitor's rules and settings by lower-case id; missing while there are none. */
  monitoring?: Record<string, unknown>;
  /** Azure's role assignments by lower-case id; missing while there are none. */
  roleAssignments?: Record<string, RoleAssignment>;
  /** The workspace's connections by lower-case name, with their secrets; missing while there are none. */
  connections?: Record<string, ConnectionRecord>;
  /** By `data/name`, in lower case. */
  assetContainers?: Record<string, AssetContainer>;
  /** What blocks the caller, set by the control route; missing means nothing does. */
  conditions?: Conditions;
  /** What Azure Monitor is said to have seen; missing means nothing but what scoring counts. */
  observed?: Observed;
}

export interface ConnectionRecord {
  id: string;
  name: string;
  type: string;
  properties: Record<string, unknown>;
}

export function emptyState(config: SandboxConfig): SandboxState {
  return { config, models: {}, codes: {}, environments: {}, endpoints: {}, operations: {} };
}

/** What a person is told in a sentence instead of a stack trace; `exitCode` as documented. */
export class SandboxProblem extends Error {
  override name = 'SandboxProblem';
  constructor(
    message: string,
    readonly exitCode = 1,
  ) {
    super(message);
  }
}

/** Thrown by `Runtime.start`, worded as Azure words it; becomes the operation's error. */
export class DeploymentFailure extends Error {
  override name = 'DeploymentFailure';
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Scoring (`scoring/`), as ARM sees it. Names are matched without case. */
export interface Runtime {
  /**
   * Downloads the model of the deployment's record and starts `sku.capacity` instances, writing
   * phases and lines to the record's log over about `durations.deployment`. On an update the
   * instances that serve now go on until the new ones are ready, and stay if those fail.
   * Rejects with DeploymentFailure, or with the signal's reason.
   */
  start(endpoint: string, deployment: string, signal: AbortSignal): Promise<void>;
  stop(endpoint: string, deployment: string): Promise<void>;
  /**
   * Downloads a model and judges whether an image builds from its environment, over about
   * `durations.deployment`'s part of that. Rejects with DeploymentFailure, or the signal's reason.
   */
  buildPackage(model: PackagedModel, signal: AbortSignal): Promise<void>;
  /** Brings a running deployment to this many instances, without a gap in serving. */
  scale(endpoint: string, deployment: string, instances: number): Promise<void>;
  /** The text of getLogs; `tail` is a number of lines. */
  logs(
    endpoint: string,
    deployment: string,
    container: 'InferenceServer' | 'StorageInitializer',
    tail: number,
  ): string;
  /** Ends every instance. */
  close(): Promise<void>;
}

/** What scoring counted, for the Azure Monitor route. */
export interface MetricsSource {
  /** Buckets whose minute lies in [from, to), epoch milliseconds. */
  minutes(endpoint: string, from: number, to: number): MinuteBucket[];
}

export interface MinuteBucket {
  /** Start of the minute, epoch milliseconds. */
  minute: number;
  deployment: string;
  statusCode: number;
  /** What the model's container answered, where it was asked. */
  modelStatusCode?: number;
  count: number;
  /** Milliseconds; a sample where there were many. */
  latencies: number[];
  /** Of a metric that was set, which has others than those of requests. */
  dimensions?: Record<string, string>;
}

/** A blob container, mostly the workspace's own. Paths are relative to the container. */
export interface BlobAccess {
  readText(path: string): Promise<string | undefined>;
  list(prefix: string): Promise<string[]>;
  download(path: string): Promise<Uint8Array>;
  /** A container SAS query string without `?`, e.g. permissions `rwlc`. */
  sas(permissions: string, lifetimeMs: number): string;
}

/** Any container of the workspace's storage account. */
export interface BlobContainer extends BlobAccess {
  /** Does nothing where it is there already. */
  createContainer(): Promise<void>;
  /** Adds text to an append blob, which it makes where there is none. */
  append(path: string, text: string): Promise<void>;
}

/** Milliseconds; `--time-scale` multiplies them, and 0 means at once. */
export interface Durations {
  endpointCreate: number;
  deployment: number;
  /** Traffic, tags, scale. */
  update: number;
  delete: number;
  /** After a minute has ended, until its metrics are told; 0 tells even the running one. */
  metricsLag: number;
}

export const QUICK: Durations = {
  endpointCreate: 2_000,
  deployment: 6_000,
  update: 1_000,
  delete: 1_000,
  metricsLag: 0,
};

/** As recorded from the service: 90 s, 9 min 10 s and 20 s. */
export const REALISTIC: Durations = {
  endpointCreate: 90_000,
  deployment: 550_000,
  update: 20_000,
  delete: 20_000,
  metricsLag: 120_000,
};

export type TokenVerdict =
  | { ok: true; objectId: string; name: string }
  | { ok: false; reason: 'missing' | 'malformed' | 'expired' | 'audience' };

export type TokenAudience = 'management' | 'storage' | 'ml' | 'logs';

/** Implemented by the identity endpoint, which issued the tokens. */
export type CheckToken = (
  authorization: string | undefined,
  audience: TokenAudience,
) => TokenVerdict;

/** Everything ARM and scoring are given. */
export interface SandboxContext {
  state: SandboxState;
  /** Marks the state as changed; the store writes it soon. */
  save(): void;
  runtime: Runtime;
  metrics: MetricsSource;
  blobs: BlobAccess;
  /** Another container of the same account: a job's artifacts, a registry's models. */
  container(name: string): BlobContainer;
  clock: Clock;
  durations: Durations;
  faults: FaultList;
  checkToken: CheckToken;
}

export function newDeploymentLog(): DeploymentLog {
  return {
    phases: {
      SystemSetup: 'Waiting',
      UserContainerImagePull: 'Waiting',
      ModelDownload: 'Waiting',
      UserContainerStart: 'Waiting',
    },
    events: [],
    server: [],
    initializer: [],
  };
}

export function findEndpoint(state: SandboxState, name: string): EndpointRecord | undefined {
  return own(state.endpoints, name.toLowerCase());
}

export function deploymentRecord(
  endpoint: EndpointRecord | undefined,
  name: string,
): DeploymentRecord | undefined {
  return endpoint === undefined ? undefined : own(endpoint.deployments, name.toLowerCase());
}

/** A record's own entry: names come from outside, and `constructor` is a valid one. */
export function own<T>(record: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
