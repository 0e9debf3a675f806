/** One change of each kind, with text that a shell or YAML would trip over. */
import type {
  Change,
  CreateDeployment,
  CreateEndpoint,
} from '../../../src/rollout/changes/change.js';
import { modelId } from '../rollout/fixtures.js';

export const context = { subscriptionId: 'sub', resourceGroup: 'my rg', workspaceName: 'ws' };
export const HOSTILE = `it's "$(touch pwned)" \`id\` \\ $HOME`;

const SETTINGS =
  '/subscriptions/sub/resourceGroups/my rg/providers/Microsoft.Insights/autoscaleSettings';

export const makeEndpoint: CreateEndpoint = {
  kind: 'createEndpoint',
  endpoint: 'heart',
  authMode: 'key',
  identity: { type: 'system_assigned' },
  description: HOSTILE,
  tags: { team: 'a: b # c' },
};
export const makeDeployment: CreateDeployment = {
  kind: 'createDeployment',
  endpoint: 'heart',
  deployment: 'x-8',
  role: 'green',
  spec: {
    model: modelId('heart-classifier', '8'),
    instanceType: 'Standard_DS3_v2',
    instanceCount: 2,
    description: HOSTILE,
    environmentVariables: { WORKERS: '2', API_KEY: 'do-not-show' },
    requestSettings: {
      requestTimeoutMs: 5000,
      maxConcurrentRequestsPerInstance: 2,
      maxQueueWaitMs: 500,
    },
    livenessProbe: {
      initialDelay: 500,
      period: 10,
      timeout: 2,
      successThreshold: 1,
      failureThreshold: 30,
    },
  },
};
export const all: Change[] = [
  {
    kind: 'registerModel',
    model: 'heart-classifier',
    version: '8',
    folder: `/models/it's here`,
    description: HOSTILE,
    tags: { note: 'two words' },
    flavors: { sklearn: { version: '1.5' } },
  },
  makeEndpoint,
  makeDeployment,
  {
    kind: 'setTraffic',
    endpoint: 'heart',
    from: { default: 100 },
    to: { default: 90, 'x-8': 10 },
    tags: { 'amlr-start': 'default=100', 'amlr-previous': null },
    why: 'advance',
  },
  { kind: 'setMirror', endpoint: 'heart', from: { 'x-8': 10 }, to: {} },
  { kind: 'scaleDeployment', endpoint: 'heart', deployment: 'x-8', from: 2, to: 3 },
  {
    kind: 'packageModel',
    model: 'heart-classifier',
    version: '8',
    environment: 'packaged_heart_8',
    environmentVersion: '1',
  },
  {
    kind: 'copyAutoscale',
    endpoint: 'heart',
    deployment: 'x-8',
    source: `${SETTINGS}/scale`,
    setting: `${SETTINGS}/scale-x-8`,
    most: 5,
  },
  {
    kind: 'deleteAutoscale',
    endpoint: 'heart',
    deployment: 'x-8',
    setting: `${SETTINGS}/scale-x-8`,
  },
  { kind: 'deleteDeployment', endpoint: 'heart', deployment: 'default' },
  { kind: 'deleteEndpoint', endpoint: 'heart' },
];

export const byKind = (kind: Change['kind']): Change => all.find((change) => change.kind === kind)!;
