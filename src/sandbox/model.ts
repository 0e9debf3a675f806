/**
 * What the sandbox remembers: plain JSON, kept on disk.
 *
 * Records are keyed by lower-case names, because Azure compares resource names without case;
 * each record keeps the name as it was written.
 */
import type { Conditions } from './conditions.js';
import type { TrackingState } from './mlflow/records.js';
import type { Observed } from './observed.js';
import type { EndpointRecord, DeploymentRecord } from './endpoint-record.js';

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
