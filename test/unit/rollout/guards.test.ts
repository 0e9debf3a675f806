import { describe, expect, it } from 'vitest';
import type { Change } from '../../../src/rollout/changes/change.js';
import { kindOf } from '../../../src/rollout/changes/kinds.js';
import type { Snapshot } from '../../../src/rollout/snapshot.js';
import { deployment, endpoint, modelId, snapshot } from './fixtures.js';

const blue = deployment('default');
const green = deployment('x-8');
const live = snapshot(endpoint({ default: 90, 'x-8': 10 }), [blue, green]);
const settled = snapshot(endpoint({ default: 100 }), [blue, green]);
const missing = snapshot(undefined);
const busy = snapshot(endpoint({ default: 100 }, { provisioningState: 'Updating' }), [blue, green]);
const broken = snapshot(endpoint({}, { provisioningState: 'Failed' }));

const withGreen = (change: Parameters<typeof deployment>[1]): Snapshot =>
  snapshot(endpoint({ default: 100 }), [blue, deployment('x-8', change)]);

const registered = snapshot(endpoint({}), [], {
  m: [
    {
      id: modelId('m', '1'),
      name: 'm',
      version: '1',
      type: 'mlflow_model',
      uri: 'azureml://x/resourceGroups/rg/a',
      tags: {},
      flavors: [],
    },
  ],
});

const traffic = (change: Partial<Extract<Change, { kind: 'setTraffic' }>> = {}): Change => ({
  kind: 'setTraffic',
  endpoint: 'heart',
  from: { default: 100 },
  to: { default: 90, 'x-8': 10 },
  why: 'advance',
  ...change,
});
const mirror = (to: Record<string, number>, from: Record<string, number> = {}): Change => ({
  kind: 'setMirror',
  endpoint: 'heart',
  from,
  to,
});
const scale = (from: number, to: number): Change => ({
  kind: 'scaleDeployment',
  endpoint: 'heart',
  deployment: 'x-8',
  from,
  to,
});
const remove = (name: string): Change => ({
  kind: 'deleteDeployment',
  endpoint: 'heart',
  deployment: name,
});
const make = (
  name = 'x-9',
  spec: Partial<Extract<Change, { kind: 'createDeployment' }>['spec']> = {},
): Change => ({
  kind: 'createDeployment',
  endpoint: 'heart',
  deployment: name,
  role: 'green',
  spec: { model: modelId('m', '2'), instanceType: 'Standard_DS3_v2', instanceCount: 1, ...spec },
});
const request = (requestTimeoutMs: number, perInstance = 1) => ({
  requestSettings: {
    requestTimeoutMs,
    maxConcurrentRequestsPerInstance: perInstance,
    maxQueueWaitMs: 500,
  },
});
const create = (change: Partial<Extract<Change, { kind: 'createEndpoint' }>> = {}): Change => ({
  kind: 'createEndpoint',
  endpoint: 'heart',
  authMode: 'key',
  identity: { type: 'system_assigned' },
  tags: {},
  ...change,
});
const register = (change: Partial<Extract<Change, { kind: 'registerModel' }>>): Change => ({
  kind: 'registerModel',
  model: 'm',
  version: '1',
  ...change,
});
const deleteEndpoint: Change = { kind: 'deleteEndpoint', endpoint: 'heart' };
const twenty = Array.from({ length: 20 }, (_, index) => deployment(`dep-${index}`));
const mirrored = snapshot(endpoint({ default: 100 }, { mirrorTraffic: { 'x-8': 10 } }), [
  blue,
  green,
]);

describe('guards', () => {
  const allowed: [string, Change, Snapshot][] = [
    ['traffic to a ready deployment', traffic(), settled],
    ['traffic with the zeros said', traffic({ from: { default: 100, 'x-8': 0 } }), settled],
    ['all traffic off', traffic({ to: {} }), settled],
    [
      'less traffic for a deployment that failed',
      traffic({ from: { default: 90, 'x-8': 10 }, to: { default: 100 } }),
      snapshot(endpoint({ default: 90, 'x-8': 10 }), [
        blue,
        deployment('x-8', { provisioningState: 'Failed' }),
      ]),
    ],
    [
      'an abort on an endpoint whose last update failed',
      traffic({ from: { default: 90, 'x-8': 10 }, to: { default: 100 }, why: 'abort' }),
      snapshot(endpoint({ default: 90, 'x-8': 10 }, { provisioningState: 'Failed' }), [
        blue,
        green,
      ]),
    ],
    ['tags alone', traffic({ to: { default: 100 }, tags: { a: null }, why: 'close' }), settled],
    ['a mirror', mirror({ 'x-8': 50 }), settled],
    ['a mirror off', mirror({}, { 'x-8': 10 }), mirrored],
    ['scaling', scale(2, 3), settled],
    ['deleting what serves nobody', remove('x-8'), settled],
    ['deleting what failed', remove('x-8'), withGreen({ provisioningState: 'Failed' })],
    ['a new deployment', make(), settled],
    ['a request time of three minutes', make('x-9', request(180_000)), settled],
    ['a new endpoint', create(), missing],
    ['the same model again', register({ uri: 'azureml://x/resourcegroups/RG/a' }), registered],
    ['a folder whose content only the upload tells', register({ folder: '/f' }), registered],
    ['deleting an endpoint', deleteEndpoint, settled],
    ['deleting a failed endpoint', deleteEndpoint, broken],
  ];
  it.each(allowed)('allow %s', (_, change, now) => {
    expect(kindOf(change).guard(change, now)).toBeUndefined();
  });

  const refused: [string, Change, Snapshot][] = [
    ['no endpoint heart', traffic(), missing],
    ['add up to 90', traffic({ to: { default: 90 } }), settled],
    ['whole number', traffic({ to: { default: 99.5, 'x-8': 0.5 } }), settled],
    ['you saw default=100, now it is default=90 x-8=10', traffic(), live],
    ['another change is under way', traffic(), busy],
    ['no deployment ghost', traffic({ to: { default: 90, ghost: 10 } }), settled],
    ["is failed: it can't get more", traffic(), withGreen({ provisioningState: 'Failed' })],
    ["is creating: it can't get more", traffic(), withGreen({ provisioningState: 'Creating' })],
    ['live or mirrored traffic, not both', traffic(), mirrored],
    ['is already default=100', traffic({ to: { default: 100, 'x-8': 0 } }), settled],
    ['at most 256', traffic({ tags: { a: 'x'.repeat(257) } }), settled],
    ['tag name', traffic({ tags: { 'a/b': 'x' } }), settled],
    ['from 0 to 50', mirror({ 'x-8': 51 }), settled],
    ['from 0 to 50', mirror({ 'x-8': 0.5 }), settled],
    ['one deployment only', mirror({ 'x-8': 10, default: 10 }), settled],
    ['has live traffic', mirror({ default: 10 }), settled],
    ['no deployment ghost', mirror({ ghost: 10 }), settled],
    ['Mirrored traffic was moved', mirror({ 'x-8': 10 }, { 'x-8': 5 }), settled],
    ['under way', mirror({ 'x-8': 10 }), busy],
    ['is updating', mirror({ 'x-8': 10 }), withGreen({ provisioningState: 'Updating' })],
    ['1 to 50 instances', scale(2, 0), settled],
    ['1 to 50 instances', scale(2, 51), settled],
    ['scaled by someone else', scale(1, 3), settled],
    ['already has 2 instances', scale(2, 2), settled],
    ['is scaling', scale(2, 3), withGreen({ provisioningState: 'Scaling' })],
    ['under way', scale(2, 3), busy],
    ['100% of the live traffic', remove('default'), settled],
    ['10% of mirrored traffic', remove('x-8'), mirrored],
    ['no deployment ghost', remove('ghost'), settled],
    ['is creating', remove('x-8'), withGreen({ provisioningState: 'Creating' })],
    ['under way', remove('x-8'), busy],
    ['no endpoint heart', make(), missing],
    ['under way', make(), busy],
    ['refuses new deployments', make(), broken],
    ['already exists', make('x-8'), settled],
    ['already exists', make('X-8'), settled],
    ["can't be repaired", make('x-8'), withGreen({ provisioningState: 'Failed' })],
    ['Wait until', make('x-8'), withGreen({ provisioningState: 'Creating' })],
    ['20 deployments', make(), snapshot(endpoint({}), twenty)],
    ['traffic rule for the name x-9', make(), snapshot(endpoint({ 'x-9': 100 }), [blue])],
    ['needs a model', make('x-9', { model: '' }), settled],
    ['instance type', make('x-9', { instanceType: '' }), settled],
    ['1 to 50 instances', make('x-9', { instanceCount: 1.5 }), settled],
    ['180000 ms', make('x-9', request(180_001)), settled],
    ['Concurrent requests', make('x-9', request(5000, 0)), settled],
    ['too short', make('ab'), settled],
    ['already exists', create(), settled],
    ['its creation failed', create(), broken],
    ['user-assigned identity', create({ identity: { type: 'user_assigned' } }), missing],
    ['single dashes', create({ endpoint: 'a--b' }), missing],
    ['different content', register({ uri: 'azureml://other' }), registered],
    ['either a folder', register({}), registered],
    ['either a folder', register({ folder: '/f', uri: 'azureml://x' }), registered],
    ['model name', register({ model: 'a b', folder: '/f' }), registered],
    ['no endpoint', deleteEndpoint, missing],
    ['under way', deleteEndpoint, busy],
    ['x-8 is creating', deleteEndpoint, withGreen({ provisioningState: 'Creating' })],
  ];
  it.each(refused)('refuse, saying "%s"', (sentence, change, now) => {
    expect(kindOf(change).guard(change, now)).toContain(sentence);
  });
});

describe('reading back', () => {
  const cases: [string | undefined, Change, Snapshot][] = [
    [undefined, traffic(), live],
    ['Traffic is default=100, not default=90 x-8=10', traffic(), settled],
    [
      'tag amlr-owner differs from what was written',
      traffic({ tags: { 'amlr-owner': 'ada' } }),
      live,
    ],
    [undefined, traffic({ tags: { 'amlr-owner': null } }), live],
    ['x-8 is failed', make('x-8'), withGreen({ provisioningState: 'Failed' })],
    ['serves', make('x-8'), settled],
    [undefined, make('x-8'), withGreen({ model: modelId('m', '2').toUpperCase() })],
    ['should start at 0%, but has 10%', make('x-8', { model: green.model }), live],
    ['does not list deployment x-9', make(), settled],
    [undefined, scale(1, 2), settled],
    ['has 2 instances, not 3', scale(2, 3), settled],
    ['still lists', remove('x-8'), settled],
    [undefined, remove('x-9'), settled],
    [undefined, create(), settled],
    ['is updating', create(), busy],
    ['uses key authentication', create({ authMode: 'aml_token' }), settled],
    ['still lists', deleteEndpoint, settled],
    [undefined, register({ folder: '/f' }), registered],
    ['does not list version 2', register({ version: '2', folder: '/f' }), registered],
    ['Mirrored traffic is no traffic, not x-8=10', mirror({ 'x-8': 10 }), settled],
  ];
  it.each(cases)('says %j', (sentence, change, now) => {
    const said = kindOf(change).readBack(change, now);
    if (sentence === undefined) expect(said).toBeUndefined();
    else expect(said).toContain(sentence);
  });
});
