/** Endpoints and deployments as the sandbox remembers them. */
import type { SystemData } from './model.js';

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
