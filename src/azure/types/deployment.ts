/** A deployment, and what is attached to it. */
import type { ProvisioningState } from './endpoint.js';

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
