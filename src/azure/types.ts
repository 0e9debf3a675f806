/**
 * What the rest of the program knows of Azure: plain data and one interface, `Workspace`.
 * Other rooms import this file only as types, so that no screen ever loads an SDK.
 */

import type { StoredFile } from '../common/stored-file.js';
import type { Split } from '../common/split.js';

export type CloudName = 'public' | 'usgov' | 'china';

/** How a person or a build agent signs in; each is one credential of `@azure/identity`. */
export type SignIn = 'default' | 'browser' | 'device-code' | 'cli' | 'managed-identity';

export interface WorkspaceRef {
  subscriptionId: string;
  resourceGroup: string;
  workspaceName: string;
}

/** Everything needed to reach one workspace. Holds no secret but `identityHeader`. */
export interface Connection extends WorkspaceRef {
  cloud: CloudName;
  signIn: SignIn;
  tenantId?: string;
  /** A proxy on the way out, e.g. a company's TLS-inspecting one, or the sandbox. */
  proxyUrl?: string;
  /** PEM file with extra certificate authorities to trust. */
  caFile?: string;
  /** Managed-identity endpoint spoken to directly when `signIn` is `managed-identity`. */
  identityEndpoint?: string;
  /** The header secret of `identityEndpoint`. Lives in memory only: profiles never keep it. */
  identityHeader?: string;
  /** Milliseconds after its end until Azure Monitor tells a minute, where that is known: the sandbox says so. */
  metricsLagMs?: number;
}

export interface WorkspaceInfo extends WorkspaceRef {
  id: string;
  location: string;
  /** GUID that names the workspace's containers. */
  workspaceId: string;
  /** A workspace in v1 legacy mode refuses the v2 API. */
  v1LegacyMode: boolean;
  /** Absent where the service does not say. */
  publicNetworkAccess?: 'enabled' | 'disabled';
  /** How the workspace's managed network isolates what runs in it, which then governs egress too. */
  managedNetwork?: 'AllowInternetOutbound' | 'AllowOnlyApprovedOutbound';
  /** ARM id of the storage account that uploads go to, where the service tells. */
  storageAccountId?: string;
  /** ARM id of the registry of its images; absent until the first is built. */
  containerRegistryId?: string;
  tags: Record<string, string>;
}

export type ProvisioningState =
  'Creating' | 'Updating' | 'Scaling' | 'Deleting' | 'Succeeded' | 'Failed' | 'Canceled';

export type AuthMode = 'key' | 'aml_token' | 'aad_token';

export interface EndpointIdentity {
  type: 'system_assigned' | 'user_assigned';
  userAssignedIds?: string[];
  /** Of the one that Azure made, as it is read. */
  principalId?: string;
}

export interface KeyVault {
  id: string;
  /** Whether roles say who may read it, and not access policies of its own. */
  usesRoles: boolean;
}

/** By the ARM id of a user-assigned one, or by its principal's. */
export type IdentityName = { id: string } | { principalId: string };

/** A right on a resource, by its ARM id, or on the data in it. */
export interface IdentityNeed {
  on: string;
  action: string;
  of: 'resource' | 'data';
}

export interface Endpoint {
  id: string;
  name: string;
  location: string;
  authMode: AuthMode;
  identity: EndpointIdentity;
  /** ARM id of the cluster that it runs on; absent for a managed endpoint. */
  kubernetes?: string;
  publicNetworkAccess?: 'enabled' | 'disabled';
  description?: string;
  /** Azure's property bag, as far as it is text. */
  properties?: Record<string, string>;
  tags: Record<string, string>;
  traffic: Split;
  mirrorTraffic: Split;
  provisioningState: ProvisioningState;
  scoringUri?: string;
  swaggerUri?: string;
  createdAt?: string;
  /** Of its last write, whoever made it. */
  modifiedAt?: string;
}

export interface RequestSettings {
  /** Milliseconds, at most 180 000. */
  requestTimeoutMs: number;
  maxConcurrentRequestsPerInstance: number;
  maxQueueWaitMs: number;
}

/** Seconds, as in deployment.yml. */
export interface Probe {
  initialDelay: number;
  period: number;
  timeout: number;
  successThreshold: number;
  failureThreshold: number;
}

/** One stream of data that a deployment collects; `request` and `response` are payloads. */
export interface DataCollection {
  enabled: boolean;
  /** 0 to 1. */
  samplingRate?: number;
  /** ARM id of the data asset it is written to, or for a new deployment `azureml:NAME:VERSION`. */
  dataId?: string;
  /** Client id of the identity that writes. */
  clientId?: string;
}

/** What a deployment keeps of its requests, for model monitoring. */
export interface DataCollector {
  collections: Record<string, DataCollection>;
  /** How often a new file is started, e.g. `Hour`. */
  rollingRate?: string;
  /** Request headers that are kept beside the payload. */
  captureHeaders?: string[];
}

export interface CodeConfiguration {
  /** ARM id of a registered code version, or for a new deployment `azureml:NAME:VERSION`. */
  codeId?: string;
  /** Absolute path of a folder that becomes a code version when the deployment is made. */
  folder?: string;
  /** Its path in the folder. */
  scoringScript: string;
}

interface Route {
  port: number;
  path: string;
}

/** An environment that is registered when the deployment is made, unless its version is there. */
export interface EnvironmentDefinition {
  image: string;
  /** Registered as `az` registers one without a name, under a version made of its content. */
  isAnonymous: boolean;
  /** Text of the conda specification. */
  condaFile?: string;
  /** Absolute path of the file that it was read from; absent: it is written in the deployment's own. */
  condaPath?: string;
  inferenceConfig?: { livenessRoute: Route; readinessRoute: Route; scoringRoute: Route };
  description?: string;
  tags?: Record<string, string>;
}

/** What one asks for when a deployment is made; everything that it leaves out is Azure's default. */
export interface DeploymentSpec {
  /** ARM id of a model version, or `azureml://registries/...`. */
  model: string;
  instanceType: string;
  instanceCount: number;
  description?: string;
  tags?: Record<string, string>;
  environmentVariables?: Record<string, string>;
  requestSettings?: Partial<RequestSettings>;
  livenessProbe?: Partial<Probe>;
  readinessProbe?: Partial<Probe>;
  startupProbe?: Partial<Probe>;
  /** Where a custom container finds the model. */
  modelMountPath?: string;
  /**
   * The environment that it runs in beside the model: an ARM id, a registry's, or for a new deployment
   * `azureml:NAME:VERSION` or `azureml:NAME@latest`. Absent: the model's own.
   */
  environment?: string;
  /** Of a new deployment: what `environment` is registered as; never written to a journal. */
  environmentDefinition?: EnvironmentDefinition;
  codeConfiguration?: CodeConfiguration;
  dataCollector?: DataCollector;
  appInsightsEnabled?: boolean;
  egressPublicNetworkAccess?: 'enabled' | 'disabled';
  /** Azure's property bag; nothing in it is known to change what is served. */
  properties?: Record<string, string>;
  /**
   * ARM id of the environment that the model was packaged into. Azure is then given this and not
   * the model, which stays named here.
   */
  packagedEnvironment?: string;
}

export interface Deployment extends DeploymentSpec {
  id: string;
  name: string;
  endpointName: string;
  provisioningState: ProvisioningState;
  tags: Record<string, string>;
  environmentVariables: Record<string, string>;
  /**
   * Members of its definition that this program has no words for, as Azure answered them; `sku.tier`
   * is a path.
   */
  otherMembers?: Record<string, unknown>;
  createdAt?: string;
}

export interface ModelVersion {
  id: string;
  name: string;
  version: string;
  type: string;
  /** `azureml://.../paths/LocalUpload/<hash>/<folder>` */
  uri: string;
  description?: string;
  tags: Record<string, string>;
  flavors: string[];
  createdAt?: string;
}

/** A model that a job logged or wrote, not registered yet. */
export interface JobModel {
  job: string;
  displayName?: string;
  /** `azureml://jobs/<job>/outputs/...` */
  uri: string;
  createdAt?: string;
}

/** What packaging a model makes; a deployment takes it in place of the model. */
export interface PackagedEnvironment {
  id: string;
  name: string;
  version: string;
  provisioningState?: string;
}

/** How the default datastore signs requests; `identity`: each person's own sign-in has to do. */
export interface DatastoreAccess {
  name: string;
  account: string;
  credentials: 'account-key' | 'sas' | 'identity' | 'service-principal';
}

/** Endpoints and deployments of a subscription in one region, batch endpoints too. */
export interface RegionCounts {
  endpoints: number;
  /** Absent where there are too few endpoints for the limit to matter. */
  deployments?: number;
  /** Not all of it may be read: there are more. */
  more: boolean;
}

/** Who has an endpoint's name in the region, as far as can be seen from here. */
export type NameUse =
  | { by: 'this-workspace'; provisioningState: ProvisioningState }
  | { by: 'another-workspace'; workspace: string }
  /** Something answers as that endpoint, and it is not of this subscription. */
  | { by: 'someone' }
  | { by: 'nobody-seen' };

/** `undefined` from `Workspace.modelContainer` means that no such model exists yet. */
export interface ModelContainer {
  name: string;
  latestVersion?: string;
  nextVersion: string;
}

export interface VmSize {
  name: string;
  family: string;
  vCpus: number;
  memoryGb: number;
  /** Whether online endpoints take it; absent where the service does not say. */
  forEndpoints?: boolean;
}

/** Cores in use and allowed, in the workspace's region; each of the limits can refuse. */
export interface FamilyUsage {
  /** Empty for the total of the region. */
  family: string;
  used: number;
  /** -1: no limit. */
  limit: number;
  /** Absent: the family's limit of the subscription. */
  scope?: 'region' | 'workspace';
}

/** What outside of a deployment points at it, and does not follow to another one. */
export interface Attachment {
  kind: 'autoscale setting' | 'metric alert' | 'log alert' | 'diagnostic setting' | 'model monitor';
  name: string;
  /** ARM id. */
  id: string;
}

export interface Attachments {
  found: Attachment[];
  /** Kinds that could not be listed, mostly for want of rights. */
  unread: Attachment['kind'][];
}

/** Autoscale of one deployment, as far as a copy of it has to be the same. */
export interface AutoscaleSetting {
  /** ARM id. */
  id: string;
  name: string;
  /** ARM id of the deployment. */
  target: string;
  /** The most instances that any of its profiles allows. */
  most: number;
  /** Profiles, limits and rules, without the deployment that they are about. */
  scaling: unknown;
}

/** A service of the subscription; `state` is `Registered` when it can be used. */
export interface ProviderState {
  namespace: string;
  state: string;
}

/**
 * One minute of one deployment, as Azure Monitor counted it: live requests, pinned ones and
 * mirrored ones alike. Whole requests, not rates.
 */
export interface MinuteMetrics {
  /** ISO time of its start. */
  at: string;
  deployment: string;
  requests: number;
  /** Not 2xx and not 429. */
  failed: number;
  /** The part of `failed` that is the deployment's doing and not the caller's: 408, 424, 5xx. */
  errors: number;
  /** 429: turned away for want of capacity. */
  busy: number;
  p50Ms?: number;
  p95Ms?: number;
  p99Ms?: number;
}

/** One metric of a resource, as Azure Monitor keeps it. */
export interface MetricQuery {
  /** ARM id. */
  resource: string;
  metric: string;
  /** Where the resource has several: those of a guest, or custom ones. */
  namespace?: string | undefined;
  aggregation: 'average' | 'total' | 'minimum' | 'maximum' | 'count';
  /** Of one value: 1, 5, 15 or 30 minutes, 1, 6 or 12 hours, a day. */
  grainMinutes: number;
  /** OData, such as `deployment eq 'green' and statusCode ne '200'`. */
  filter?: string | undefined;
}

/** Of any server; the body as it comes. */
export interface WebRequest {
  headers: Record<string, string>;
  /** The body of a POST; without it, it is a GET. */
  post?: string;
}

export interface WebAnswer {
  status: number;
  /** What `Retry-After` asks for. */
  retryAfterSeconds?: number;
  body: AsyncIterable<Uint8Array>;
}

/** A Log Analytics workspace by its customer id, or a resource by its ARM id. */
export type LogsOf = { workspace: string } | { resource: string };

export interface LogTable {
  columns: string[];
  rows: unknown[][];
}

/** A long-running operation that Azure accepted. `url` is its `Azure-AsyncOperation`. */
export interface Operation {
  url: string;
}

export interface OperationStatus {
  status: 'running' | 'succeeded' | 'failed' | 'canceled';
  startedAt?: string;
  endedAt?: string;
  error?: AzureFailure;
}

/** The one shape in which every failure of Azure reaches a person. */
export interface AzureFailure {
  kind:
    | 'sign-in'
    | 'forbidden'
    | 'not-found'
    | 'conflict'
    | 'drift'
    | 'quota'
    | 'throttled'
    | 'invalid'
    | 'policy'
    | 'provisioning'
    | 'network'
    | 'service'
    | 'cancelled';
  /** What we were doing: `create deployment green`. */
  what: string;
  /** Azure's innermost message. */
  message: string;
  /** What the person can do about it. */
  advice: string;
  code?: string;
  status?: number;
  correlationId?: string;
  /** Whether sending the same request again can do no harm. */
  retrySafe: boolean;
  retryAfterSeconds?: number;
}

export interface UploadProgress {
  sentBytes: number;
  totalBytes: number;
  sentFiles: number;
  totalFiles: number;
}

export interface UploadedFolder {
  /** `azureml://` uri for a model version. */
  uri: string;
  /** The official client's content hash of the folder. */
  hash: string;
  /** The same content was there already; nothing was sent. */
  alreadyThere: boolean;
  /** The version that this content was last registered as, where its upload says so. */
  registeredAs?: { name: string; version: string };
  totalBytes: number;
  totalFiles: number;
}

/** One call to the scoring URI, answered or not. Never holds a key. */
export interface Scored {
  status: number;
  /** Parsed JSON when it parses, else the text. Absent when no answer came. */
  body?: unknown;
  /** `azureml-model-deployment`: who answered. */
  deployment?: string;
  latencyMs: number;
  /** `x-ms-run-fn-exec-ms`: time inside the model, where the server says. */
  modelMs?: number;
  requestId?: string;
  /** What a refused or failed request was told, the model's own words where it has some; one line. */
  reason?: string;
  /** The container's own status behind a 424. */
  modelStatus?: number;
  /** Set when no HTTP answer came. */
  failure?: AzureFailure;
}

export interface ScoreOptions {
  /** Pin to one deployment by header, past the traffic rules. */
  deployment?: string;
  clientRequestId?: string;
  /** Use a connection of its own instead of a kept-alive one. */
  freshConnection?: boolean;
  signal?: AbortSignal;
}

export interface EndpointCreate {
  authMode: AuthMode;
  identity: EndpointIdentity;
  description?: string;
  tags: Record<string, string>;
  /** Written to wire as `publicNetworkAccess`. */
  publicNetworkAccess?: 'enabled' | 'disabled';
  /** Azure's property bag. */
  properties?: Record<string, string>;
  /** A region; the workspace's own where it is absent. */
  location?: string;
}

/**
 * A change of an existing endpoint. Only what is named is changed; the rest is kept as it is
 * on the wire, unknown members included. `expect` is what the caller observed: when the
 * endpoint differs from it, nothing is sent and the failure's kind is `drift`.
 */
export interface EndpointUpdate {
  expect?: {
    traffic?: Split;
    mirrorTraffic?: Split;
    /** By name; `undefined` where it was not there. Others may have changed. */
    tags?: Record<string, string | undefined>;
  };
  traffic?: Split;
  mirrorTraffic?: Split;
  /** Merged into the endpoint's tags; `null` removes one. */
  tags?: Record<string, string | null>;
}

export type LogContainer = 'inference-server' | 'storage-initializer';

export interface StoredFiles {
  /** Finds the same ones again: `azureml:NAME:VERSION` where a label was asked for. */
  path: string;
  files: StoredFile[];
}

/**
 * One Azure ML workspace. Every method rejects with an `AzureError` (see `errors.ts`), whose
 * `failure` is an `AzureFailure`. Writes return once Azure accepted them; wait with `wait`.
 */
export interface Workspace {
  readonly connection: Connection;
  /** Where a browser shows it: the address of Azure ML studio. */
  readonly studio: string;
  /** Name of the signed-in person or identity, when the token tells. */
  who(signal?: AbortSignal): Promise<string | undefined>;
  info(signal?: AbortSignal): Promise<WorkspaceInfo>;

  listModels(signal?: AbortSignal): Promise<string[]>;
  modelContainer(name: string, signal?: AbortSignal): Promise<ModelContainer | undefined>;
  /**
   * Newest first. Empty when there is no such model. @param newest only this many, in one request; a
   * model can have thousands
   */
  listModelVersions(name: string, signal?: AbortSignal, newest?: number): Promise<ModelVersion[]>;
  getModelVersion(
    name: string,
    version: string,
    signal?: AbortSignal,
  ): Promise<ModelVersion | undefined>;
  /** The hashes of its content under which a folder may be uploaded already; sends nothing. */
  folderHashes(folder: string): Promise<string[]>;
  uploadFolder(
    folder: string,
    modelName: string,
    onProgress?: (progress: UploadProgress) => void,
    signal?: AbortSignal,
  ): Promise<UploadedFolder>;
  /** Rejects where a folder of code, its script or a registered code version is not there; sends nothing. */
  checkCode(code: CodeConfiguration, signal?: AbortSignal): Promise<void>;
  /**
   * The version that a deployment's environment means now. Rejects where there is none, or where it
   * is there with other content than the definition; sends nothing.
   */
  pinEnvironment(
    environment: string,
    definition: EnvironmentDefinition | undefined,
    signal?: AbortSignal,
  ): Promise<string>;
  putModelVersion(
    name: string,
    version: string,
    uri: string,
    extra?: {
      description?: string;
      tags?: Record<string, string>;
      flavors?: Record<string, Record<string, string>>;
    },
    signal?: AbortSignal,
  ): Promise<ModelVersion>;
  /** Models of completed jobs, the newest first; a few of the latest jobs are looked into. */
  listJobModels(signal?: AbortSignal): Promise<JobModel[]>;
  /**
   * Begins to package a model version into an environment version; `undefined`: it is done.
   * Preview of Azure ML.
   */
  packageModel(
    model: { name: string; version: string },
    environment: { name: string; version: string },
    signal?: AbortSignal,
  ): Promise<Operation | undefined>;
  environmentVersion(
    name: string,
    version: string,
    signal?: AbortSignal,
  ): Promise<PackagedEnvironment | undefined>;
  /**
   * Text of one file of a model, e.g. `MLmodel`; `undefined` when absent, or where this
   * workspace's datastores don't reach it.
   */
  readModelFile(
    model: { uri: string; name?: string; version?: string },
    path: string,
    signal?: AbortSignal,
  ): Promise<string | undefined>;

  /** The same for any file; `undefined` too when it has more than `most` bytes. */
  readModelBytes(
    model: { uri: string; name?: string; version?: string },
    path: string,
    most: number,
    signal?: AbortSignal,
  ): Promise<Uint8Array | undefined>;

  /**
   * The files of a data asset (`azureml:NAME@latest`, `azureml:NAME:VERSION`) or of a place in a
   * datastore (`azureml://datastores/NAME/paths/PATH`).
   */
  dataFiles(reference: string, signal?: AbortSignal): Promise<StoredFiles>;
  /** JSON lines of what a deployment was asked, one event a request, as its data collector kept it. */
  collectedFiles(
    deployment: Deployment,
    from: Date,
    to: Date,
    signal?: AbortSignal,
  ): Promise<StoredFiles>;

  listEndpoints(signal?: AbortSignal): Promise<Endpoint[]>;
  /** What counts against Azure's limits for the subscription in the workspace's region. */
  regionCounts(signal?: AbortSignal): Promise<RegionCounts>;
  /** Whether a new endpoint may be called so. */
  endpointNameUse(name: string, signal?: AbortSignal): Promise<NameUse>;
  getEndpoint(name: string, signal?: AbortSignal): Promise<Endpoint | undefined>;
  createEndpoint(name: string, spec: EndpointCreate, signal?: AbortSignal): Promise<Operation>;
  updateEndpoint(name: string, update: EndpointUpdate, signal?: AbortSignal): Promise<Operation>;
  /** `undefined`: it was not there. */
  deleteEndpoint(name: string, signal?: AbortSignal): Promise<Operation | undefined>;
  /** The endpoint's key, shortened for display: `••••1f2c`. */
  keyHint(endpoint: Endpoint, signal?: AbortSignal): Promise<string | undefined>;
  /** The whole key or token, for copying on demand only; never log or store it. */
  revealKey(endpoint: Endpoint, signal?: AbortSignal): Promise<string>;
  regenerateKey(
    endpoint: string,
    which: 'primary' | 'secondary',
    signal?: AbortSignal,
  ): Promise<Operation>;

  listDeployments(endpoint: string, signal?: AbortSignal): Promise<Deployment[]>;
  createDeployment(
    endpoint: string,
    name: string,
    spec: DeploymentSpec,
    signal?: AbortSignal,
  ): Promise<Operation>;
  scaleDeployment(
    endpoint: string,
    name: string,
    instanceCount: number,
    signal?: AbortSignal,
  ): Promise<Operation>;
  deleteDeployment(
    endpoint: string,
    name: string,
    signal?: AbortSignal,
  ): Promise<Operation | undefined>;
  deploymentLogs(
    endpoint: string,
    name: string,
    options?: { container?: LogContainer; tail?: number },
    signal?: AbortSignal,
  ): Promise<string>;

  /** Autoscale, alerts, diagnostic settings and monitors of a deployment, by its ARM id. */
  attachments(deploymentId: string, signal?: AbortSignal): Promise<Attachments>;
  /** Azure Monitor keeps at most one for each deployment. */
  autoscaleOf(deploymentId: string, signal?: AbortSignal): Promise<AutoscaleSetting | undefined>;
  /** By the setting's own ARM id. */
  autoscaleSetting(id: string, signal?: AbortSignal): Promise<AutoscaleSetting | undefined>;
  /** Makes the setting `to` as `from` is, for another deployment of the same endpoint. */
  copyAutoscale(from: string, to: string, deployment: string, signal?: AbortSignal): Promise<void>;
  deleteAutoscale(id: string, signal?: AbortSignal): Promise<void>;

  /** One look at a running operation. */
  operation(operation: Operation, signal?: AbortSignal): Promise<OperationStatus>;
  /**
   * Polls until the operation ends, from every 0.5 s growing to every 5 s; rejects with the
   * operation's own error when it failed. Aborting stops the waiting, not the operation.
   */
  wait(
    operation: Operation,
    onPoll?: (status: OperationStatus) => void,
    signal?: AbortSignal,
  ): Promise<void>;

  /** Sends one request to the endpoint. Resolves for every HTTP status and for network failures. */
  score(endpoint: Endpoint, body: unknown, options?: ScoreOptions): Promise<Scored>;

  /**
   * Minutes from `from` to `to`, oldest first. A minute of a deployment that Azure Monitor says
   * nothing about is left out: no data yet (it lags by one to three minutes) is not zero. Wants
   * `Microsoft.Insights/metrics/read`, which Monitoring Reader has and AzureML Data Scientist has not.
   */
  metrics(
    endpoint: Endpoint,
    deployments: readonly string[],
    from: Date,
    to: Date,
    signal?: AbortSignal,
  ): Promise<MinuteMetrics[]>;
  /** Any metric of any resource: a list of values for each series that the filter leaves apart. */
  metricSeries(query: MetricQuery, from: Date, to: Date, signal?: AbortSignal): Promise<number[][]>;

  /** To any address, by this connection's proxy and certificate authorities; follows no redirect. */
  webRequest(url: string, request: WebRequest, signal?: AbortSignal): Promise<WebAnswer>;

  /** KQL; rejects where the query ended early, although there are rows then. */
  queryLogs(
    of: LogsOf,
    query: string,
    from: Date,
    to: Date,
    signal?: AbortSignal,
  ): Promise<LogTable[]>;

  vmSizes(signal?: AbortSignal): Promise<VmSize[]>;
  usages(signal?: AbortSignal): Promise<FamilyUsage[]>;
  /** List prices in US dollars an hour by instance type; without those that are not known soon. */
  hourlyPrices(sizes: readonly string[], signal?: AbortSignal): Promise<Record<string, number>>;
  /** Which of these actions this identity may not do. @param on ARM id; of the workspace by default */
  missingPermissions(
    actions: readonly string[],
    signal?: AbortSignal,
    on?: string,
  ): Promise<string[]>;
  /** Which of these rights another identity lacks; rejects where its roles can't be read. */
  missingOfIdentity<N extends IdentityNeed>(
    identity: IdentityName,
    needs: readonly N[],
    signal?: AbortSignal,
  ): Promise<N[]>;
  /** Whether the workspace has a connection of this name; rejects where that can't be read. */
  hasConnection(name: string, signal?: AbortSignal): Promise<boolean>;
  /** A key vault of the subscription, by its name; `undefined`: there is none that can be seen. */
  keyVault(name: string, signal?: AbortSignal): Promise<KeyVault | undefined>;
  /** Which of these actions on data in a storage account it may not do. */
  missingOnStorage(
    storageAccountId: string,
    dataActions: readonly string[],
    signal?: AbortSignal,
  ): Promise<string[]>;
  defaultDatastore(signal?: AbortSignal): Promise<DatastoreAccess>;
  /** The services of the subscription that online endpoints need. */
  providerStates(signal?: AbortSignal): Promise<ProviderState[]>;

  /** Ends kept-alive connections. */
  close(): Promise<void>;
}

/** What can be listed before a workspace is chosen. */
export interface Subscriptions {
  list(signal?: AbortSignal): Promise<{ id: string; name: string }[]>;
  resourceGroups(subscriptionId: string, signal?: AbortSignal): Promise<string[]>;
  workspaces(
    subscriptionId: string,
    resourceGroup?: string,
    signal?: AbortSignal,
  ): Promise<{ name: string; resourceGroup: string; location: string }[]>;
}
