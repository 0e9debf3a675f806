/**
 * What the rest of the program knows of Azure: plain data and one interface, `Workspace`.
 * Other rooms import this file only as types, so that no screen ever loads an SDK.
 */

import type {
  DatastoreAccess,
  JobModel,
  ModelContainer,
  ModelVersion,
  PackagedEnvironment,
  StoredFiles,
  UploadProgress,
  UploadedFolder,
} from './types/assets.js';
import type { Connection, WorkspaceInfo } from './types/connection.js';
import type {
  Attachments,
  AutoscaleSetting,
  CodeConfiguration,
  Deployment,
  DeploymentSpec,
  EnvironmentDefinition,
} from './types/deployment.js';
import type {
  Endpoint,
  EndpointCreate,
  EndpointUpdate,
  IdentityName,
  IdentityNeed,
  KeyVault,
  NameUse,
} from './types/endpoint.js';
import type { FamilyUsage, ProviderState, RegionCounts, VmSize } from './types/limits.js';
import type {
  LogContainer,
  LogTable,
  LogsOf,
  MetricQuery,
  MinuteMetrics,
  WebAnswer,
  WebRequest,
} from './types/measured.js';
import type { Operation, OperationStatus } from './types/operation.js';
import type { ScoreOptions, Scored } from './types/scoring.js';

export type * from './types/connection.js';
export type * from './types/endpoint.js';
export type * from './types/deployment.js';
export type * from './types/assets.js';
export type * from './types/limits.js';
export type * from './types/measured.js';
export type * from './types/operation.js';
export type * from './types/scoring.js';

/**
 * One Azure ML workspace. Every method rejects with an `AzureError` (see `errors.ts`), whose
 * `failure` is an `AzureFailure`. Writes return once Azure accepted them; wait with `wait`.
 */
/** Below a model's folder, with slashes. */
export type FilesToUpload = { files: string[] } | { refused: string; advice: string };

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
  /** The very list that `uploadFolder` sends, or why it would refuse; sends nothing. */
  filesToUpload: (folder: string) => Promise<FilesToUpload>;
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
