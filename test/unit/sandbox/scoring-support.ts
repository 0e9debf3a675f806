/** A scoring host over a folder of models: real router, real runtime, real worker threads. */
import Fastify, { type FastifyInstance } from 'fastify';
import { readdirSync, readFileSync } from 'node:fs';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { FaultList } from '../../../src/sandbox/faults.js';
import { type SandboxState, emptyState } from '../../../src/sandbox/model.js';
import {
  type DeploymentRecord,
  type EndpointRecord,
  newDeploymentLog,
} from '../../../src/sandbox/endpoint-record.js';
import type { BlobAccess, SandboxContext } from '../../../src/sandbox/context.js';
import { QUICK } from '../../../src/sandbox/durations.js';
import type { Counters } from '../../../src/sandbox/scoring/counters.js';
import { createScoring, registerScoring } from '../../../src/sandbox/scoring/index.js';
import type { ScoringRuntime } from '../../../src/sandbox/scoring/runtime.js';

export const SAMPLES = new URL('../../../samples/heart-classifier/', import.meta.url);
export const BUILT_WORKER = new URL('../../../dist/scoring-worker.js', import.meta.url);

const WHEN = {
  createdAt: '2026-01-01T00:00:00Z',
  createdBy: 'Tester',
  createdByType: 'User' as const,
  lastModifiedAt: '2026-01-01T00:00:00Z',
  lastModifiedBy: 'Tester',
  lastModifiedByType: 'User' as const,
};

/** A container that holds these blobs. */
function blobsOf(files: Record<string, string | Uint8Array>): BlobAccess {
  return {
    readText: (path) =>
      Promise.resolve(path in files ? Buffer.from(files[path]!).toString('utf8') : undefined),
    list: (prefix) => Promise.resolve(Object.keys(files).filter((one) => one.startsWith(prefix))),
    download: (path) => {
      const file = files[path];
      if (file === undefined) return Promise.reject(new Error(`404 ${path}`));
      return Promise.resolve(Buffer.from(file));
    },
    sas: () => '',
  };
}

function sampleFiles(version: string): Record<string, Uint8Array> {
  const folder = new URL(`${version}/`, SAMPLES);
  return Object.fromEntries(
    readdirSync(folder).map((name) => [
      `LocalUpload/${version}/${name}`,
      readFileSync(new URL(name, folder)),
    ]),
  );
}

export interface Host {
  app: FastifyInstance;
  context: SandboxContext;
  runtime: ScoringRuntime;
  metrics: Counters;
  endpoint: EndpointRecord;
  files: Record<string, string | Uint8Array>;
  /** Registers `heart:version` at a folder of the container. */
  model(version: string, folder: string): void;
  /** Adds a deployment and starts it. */
  deploy(name: string, changes?: Partial<DeploymentRecord>): Promise<DeploymentRecord>;
  add(name: string, changes?: Partial<DeploymentRecord>): DeploymentRecord;
  close(): Promise<void>;
}

/** @param environment where a Python with mlflow is looked for; none is found by default */
export async function openHost(
  seed = 1,
  state?: SandboxState,
  environment: NodeJS.ProcessEnv = { AML_ROLLOUT_SANDBOX_PYTHON: '/nowhere/python' },
): Promise<Host> {
  const files: Record<string, string | Uint8Array> = { ...sampleFiles('v1'), ...sampleFiles('v2') };
  const kept = state ?? newState();
  const clock = {
    now: () => Date.now(),
    delay: (_ms: number, signal?: AbortSignal) => {
      signal?.throwIfAborted();
      return Promise.resolve();
    },
  };
  const base = {
    state: kept,
    save: () => undefined,
    blobs: blobsOf(files),
    container: () => ({
      ...blobsOf({}),
      createContainer: () => Promise.resolve(),
      append: () => Promise.resolve(),
    }),
    clock,
    durations: QUICK,
    faults: new FaultList(),
    checkToken: (authorization: string | undefined) =>
      authorization === 'Bearer entra-token'
        ? { ok: true as const, objectId: 'o', name: 'Tester' }
        : { ok: false as const, reason: 'missing' as const },
  };
  const generator = xoroshiro128plus(seed);
  const random = () => (generator.next() >>> 0) / 2 ** 32;
  const scoring = createScoring(base, { random, workerUrl: BUILT_WORKER, environment });
  const context: SandboxContext = { ...base, ...scoring };
  const app = Fastify();
  registerScoring(app, context);
  await app.ready();
  const endpoint = kept.endpoints['heart']!;
  const host: Host = {
    app,
    context,
    ...scoring,
    endpoint,
    files,
    model(version, folder) {
      kept.models['heart'] ??= {
        name: 'heart',
        description: null,
        tags: {},
        isArchived: false,
        systemData: WHEN,
        versions: {},
      };
      kept.models['heart'].versions[version] = {
        name: 'heart',
        version,
        modelUri: `azureml://subscriptions/s/resourceGroups/g/workspaces/w/datastores/workspaceblobstore/paths/${folder}`,
        modelType: 'mlflow_model',
        description: null,
        tags: {},
        properties: {},
        flavors: {},
        jobName: null,
        stage: null,
        isArchived: false,
        isAnonymous: false,
        systemData: WHEN,
      };
    },
    add(name, changes = {}) {
      const record = { ...newDeployment(name), ...changes };
      endpoint.deployments[name.toLowerCase()] = record;
      return record;
    },
    async deploy(name, changes = {}) {
      const record = host.add(name, changes);
      await scoring.runtime.start('heart', name, new AbortController().signal);
      record.provisioningState = 'Succeeded';
      record.everSucceeded = true;
      return record;
    },
    async close() {
      await app.close();
      await scoring.runtime.close();
    },
  };
  if (state === undefined) {
    host.model('1', 'LocalUpload/v1');
    host.model('2', 'LocalUpload/v2');
  }
  return host;
}

function newState(): SandboxState {
  const state = emptyState({
    subscriptionId: 's',
    tenantId: 't',
    resourceGroup: 'g',
    workspaceName: 'w',
    location: 'westeurope',
    workspaceId: 'i',
    storageAccount: 'account',
    storageKey: '',
    containerName: 'container',
  });
  state.endpoints['heart'] = {
    name: 'heart',
    location: 'westeurope',
    tags: {},
    identity: { type: 'SystemAssigned' },
    authMode: 'Key',
    description: null,
    properties: {},
    publicNetworkAccess: 'Enabled',
    provisioningState: 'Succeeded',
    traffic: {},
    mirrorTraffic: {},
    keys: { primary: 'first-key', secondary: 'second-key' },
    everSucceeded: true,
    operation: null,
    systemData: WHEN,
    deployments: {},
  };
  return state;
}

function newDeployment(name: string): DeploymentRecord {
  const probe = {
    initialDelay: 'PT10S',
    period: 'PT10S',
    timeout: 'PT2S',
    successThreshold: 1,
    failureThreshold: 30,
  };
  return {
    name,
    endpointName: 'heart',
    location: 'westeurope',
    tags: {},
    sku: { name: 'Default', tier: 'Standard', capacity: 1 },
    instanceType: 'Standard_DS3_v2',
    model:
      '/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/models/heart/versions/1',
    modelMountPath: null,
    environmentId: null,
    codeConfiguration: null,
    environmentVariables: {},
    description: null,
    properties: {},
    requestSettings: {
      requestTimeout: 'PT5S',
      maxConcurrentRequestsPerInstance: 1,
      maxQueueWait: 'PT0S',
    },
    livenessProbe: probe,
    readinessProbe: probe,
    appInsightsEnabled: false,
    egressPublicNetworkAccess: 'Enabled',
    dataCollector: null,
    provisioningState: 'Creating',
    everSucceeded: false,
    operation: null,
    systemData: WHEN,
    log: newDeploymentLog(),
  };
}

/** Five rows of the samples, in the split form. */
export const ROWS = (
  JSON.parse(readFileSync(new URL('v1/serving_input_example.json', SAMPLES), 'utf8')) as {
    dataframe_split: { columns: string[]; data: unknown[][] };
  }
).dataframe_split;

export interface CallOptions {
  key?: string | null;
  deployment?: string;
  method?: 'GET' | 'POST';
  path?: string;
  body?: unknown;
}

export function call(host: Host, options: CallOptions = {}) {
  const { key = 'first-key', deployment, method = 'POST', path = '/score' } = options;
  return host.app.inject({
    method,
    url: path,
    headers: {
      host: 'heart.westeurope.inference.ml.azure.com',
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(deployment === undefined ? {} : { 'azureml-model-deployment': deployment }),
      ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
    },
    ...(method === 'POST'
      ? {
          payload: JSON.stringify(
            options.body ?? { input_data: { ...ROWS, index: [0, 1, 2, 3, 4] } },
          ),
        }
      : {}),
  });
}
