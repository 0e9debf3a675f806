/** Blue has it, so green has it, or the screen says no: each member of a deployment's schema. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ENDPOINT_API } from '../../../src/azure/arm-request.js';
import { connect } from '../../../src/azure/connect.js';
import { toDeployment } from '../../../src/azure/deployment-wire.js';
import type { Workspace } from '../../../src/azure/types.js';
import {
  CARRIED_MEMBERS,
  differences,
  inherited,
  notCarried,
  type CarriedMember,
} from '../../../src/rollout/inherit.js';
import { AZURE_PROBE } from '../../../src/rollout/probes.js';
import { greenSpec } from '../../../src/rollout/planned-spec.js';
import { DEPLOYMENT_MEMBERS } from '../../../src/sandbox/arm/deployment-spec.js';
import { ArmClient, deployment } from '../../support/arm.js';
import { connectionTo } from '../../support/connection.js';
import { startSandbox, type TestSandbox } from '../../support/sandbox.js';

const NEWEST = ENDPOINT_API;
const ENDPOINT = 'inherits';
const probe = (initialDelay: string) => ({
  initialDelay,
  period: 'PT20S',
  timeout: 'PT3S',
  successThreshold: 2,
  failureThreshold: 40,
});

/** What blue has, by the schema's member; each unlike Azure's default. */
const members = (workspace: string): Record<string, unknown> => ({
  description: 'Scores patients',
  properties: { owner: 'cardiology' },
  codeConfiguration: { codeId: `${workspace}/codes/score/versions/1`, scoringScript: 'score.py' },
  environmentId: 'azureml://registries/azureml/environments/mlflow/versions/2',
  environmentVariables: { WORKER_COUNT: '4' },
  appInsightsEnabled: true,
  dataCollector: {
    collections: {
      request: {
        dataCollectionMode: 'Enabled',
        samplingRate: 0.5,
        dataId: `${workspace}/data/requests/versions/1`,
        clientId: '7a1b2c3d-0000-0000-0000-000000000000',
      },
      response: { dataCollectionMode: 'Disabled' },
    },
    rollingRate: 'Hour',
    requestLogging: { captureHeaders: ['x-tenant'] },
  },
  egressPublicNetworkAccess: 'Disabled',
  instanceType: 'Standard_F4s_v2',
  livenessProbe: probe('PT1M'),
  readinessProbe: probe('PT2M'),
  startupProbe: probe('PT3M'),
  modelMountPath: '/var/model',
  requestSettings: {
    requestTimeout: 'PT1M30S',
    maxConcurrentRequestsPerInstance: 3,
    maxQueueWait: 'PT0.5S',
  },
});
/**
 * The model is green's own; the others are the same for every managed deployment, or of one preview
 * whose successors do not know them.
 */
const NOT_INHERITED = [
  'model',
  'endpointComputeType',
  'provisioningState',
  'scaleSettings',
  'privateNetworkConnection',
];
const OWN_IDENTITY = { type: 'SystemAssigned' };

let sandbox: TestSandbox;
let arm: ArmClient;
let workspace: Workspace;
let blue: Record<string, unknown>;
let green: Record<string, unknown>;
/** What is said to be missing from green. */
let said: string[];

async function raw(name: string) {
  const path = `onlineEndpoints/${ENDPOINT}/deployments/${name}`;
  return (await arm.get(path, NEWEST)).body as Record<string, Record<string, unknown>>;
}

beforeAll(async () => {
  sandbox = await startSandbox();
  arm = await ArmClient.connect(sandbox.info);
  workspace = await connect(connectionTo(sandbox));
  const [first, second] = [
    await arm.registerSample('heart', '1', 'v1'),
    await arm.registerSample('heart', '2', 'v2'),
  ];
  await arm.createEndpoint(ENDPOINT);
  const path = `onlineEndpoints/${ENDPOINT}/deployments/blue`;
  const more = {
    tags: { costs: '4711' },
    sku: { name: 'Default', capacity: 2 },
    identity: OWN_IDENTITY,
  };
  const body = deployment(first, members(arm.workspace), more);
  // Neither comes up, for that code is not registered; what was asked for stays readable.
  await arm.finished(await arm.put(path, body, NEWEST));
  const [seen] = await workspace.listDeployments(ENDPOINT);
  const model = { name: 'heart', version: '2' };
  const spec = greenSpec({ name: 'green', model }, second, seen!);
  const operation = await workspace.createDeployment(ENDPOINT, 'green', spec);
  await workspace.wait(operation).catch(() => undefined);
  said = notCarried(seen!, spec).map(({ member }) => member);
  blue = await raw('blue');
  green = await raw('green');
});
afterAll(async () => {
  await workspace?.close();
  await arm?.close();
  await sandbox?.stop();
});

const properties = (body: Record<string, unknown>) => body['properties'] as Record<string, unknown>;

describe('green is given what blue has', () => {
  test.each(DEPLOYMENT_MEMBERS.filter((member) => !NOT_INHERITED.includes(member)))(
    '%s',
    (member) => {
      const asked = members(arm.workspace)[member];
      expect(asked, `the test gives blue no ${member}`).toBeDefined();
      if (member === 'properties') {
        expect(properties(green)[member]).toMatchObject(asked as object);
        return;
      }
      expect(properties(blue)[member]).toEqual(asked);
      expect(properties(green)[member]).toEqual(asked);
    },
  );

  test('tags and instances', () => {
    expect(green).toMatchObject({ tags: { costs: '4711' }, sku: { capacity: 2 } });
  });

  test('but no identity of its own, which is said', () => {
    expect([blue['identity'], green['identity']]).toEqual([OWN_IDENTITY, undefined]);
    expect(said).toEqual(['identity']);
  });

  test('but its own model, and so they differ in that and in what was said', async () => {
    expect(properties(green)['model']).toContain('/versions/2');
    const [first, second] = await workspace.listDeployments(ENDPOINT);
    expect(differences(first!, second!)).toEqual([
      { member: 'identity', blue: JSON.stringify(OWN_IDENTITY), green: '-' },
    ]);
  });
});

describe('what green is not given', () => {
  const answered = (more: Record<string, unknown>, outer: Record<string, unknown> = {}) =>
    toDeployment(
      {
        name: 'blue',
        ...outer,
        properties: { provisioningState: 'Succeeded', model: '/m/versions/1', ...more },
      },
      'e',
    );

  test.each([
    ['a member that this program does not know', answered({ burst: { max: 3 } }), 'burst'],
    [
      'a scale that managed deployments do not take',
      answered({ scaleSettings: { scaleType: 'TargetUtilization' } }),
      'scaleSettings',
    ],
    [
      'a private connection of the preview',
      answered({ privateNetworkConnection: true }),
      'privateNetworkConnection',
    ],
    [
      'a part of a probe that this program does not know',
      answered({ livenessProbe: { period: 'PT10S', path: '/live' } }),
      'livenessProbe.path',
    ],
    [
      'a part of a collection that this program does not know',
      answered({
        dataCollector: { collections: { in: { dataCollectionMode: 'Enabled', ttl: 'P1D' } } },
      }),
      'dataCollector.collections.in.ttl',
    ],
    ['an identity of its own', answered({}, { identity: { type: 'SystemAssigned' } }), 'identity'],
    [
      'another tier',
      answered({}, { sku: { name: 'Default', tier: 'Premium', capacity: 1 } }),
      'sku.tier',
    ],
  ])('is said: %s', (_, seen, member) => {
    expect(notCarried(seen, inherited(seen))).toEqual([
      { member, sentence: expect.stringContaining(`blue has ${member} = `) as string },
    ]);
  });

  test.each(
    DEPLOYMENT_MEMBERS.filter((each) => !NOT_INHERITED.includes(each) && each !== 'instanceType'),
  )('a file that leaves out %s', async (member) => {
    const [seen] = await workspace.listDeployments(ENDPOINT);
    const settings = inherited(seen!);
    const all = notCarried(seen!, settings).map((each) => each.member);
    expect(all).toEqual(['identity']);
    const own = member === 'environmentId' ? 'environment' : member;
    expect(Object.keys(settings)).toContain(own);
    const { [own as CarriedMember]: _, ...others } = settings;
    const lost = notCarried(seen!, others).filter((each) => !all.includes(each.member));
    expect(lost).toEqual([
      {
        member: CARRIED_MEMBERS[own as CarriedMember],
        sentence: expect.stringMatching(/^blue has .* which green does not get/) as string,
      },
    ]);
    expect(JSON.stringify(lost)).not.toContain('"4"');
  });

  test('a definition with a part of what blue has: each part that it leaves out', () => {
    const blue = {
      name: 'blue',
      environmentVariables: { A: '1', MODE: 'safe' },
      tags: { team: 'risk', costs: '4711' },
      requestSettings: {
        requestTimeoutMs: 60_000,
        maxConcurrentRequestsPerInstance: 1,
        maxQueueWaitMs: 250,
      },
      livenessProbe: { ...AZURE_PROBE, initialDelay: 600, failureThreshold: 5 },
      readinessProbe: { ...AZURE_PROBE, timeout: 9 },
      startupProbe: { ...AZURE_PROBE, period: 7, initialDelay: 20 },
      dataCollector: {
        rollingRate: 'Day',
        captureHeaders: ['x-trace'],
        collections: {
          model_inputs: { enabled: true, samplingRate: 0.5 },
          model_outputs: { enabled: true, samplingRate: 0.5 },
          request: { enabled: false, samplingRate: 0.1 },
        },
      },
    };
    const green = {
      environmentVariables: { A: '2' },
      tags: { team: 'fraud', new: 'x' },
      requestSettings: { maxConcurrentRequestsPerInstance: 2 },
      livenessProbe: { period: 30 },
      readinessProbe: { timeout: 2 },
      startupProbe: { period: 7 },
      dataCollector: { collections: { model_inputs: { enabled: true } } },
    };
    const lost = notCarried(blue, green);
    expect(lost.map(({ member }) => member).sort()).toEqual([
      'data_collector.capture_headers',
      'data_collector.model_inputs.sampling_rate',
      'data_collector.model_outputs',
      'data_collector.rolling_rate',
      'environment_variables.MODE',
      'liveness_probe.failure_threshold',
      'liveness_probe.initial_delay',
      'request_settings.max_queue_wait_ms',
      'request_settings.request_timeout_ms',
      'startup_probe.initial_delay',
      'tags.costs',
    ]);
    // What a definition says itself is its own, even where it is Azure's default.
    const said = { ...green, requestSettings: { requestTimeoutMs: 5_000, maxQueueWaitMs: 0 } };
    expect(notCarried(blue, said).filter(({ member }) => /^request/.test(member))).toEqual([]);
    expect(JSON.stringify(lost)).not.toContain('safe');
    expect(notCarried(blue, { ...green, ...blue })).toEqual([]);
  });

  test('Azure’s defaults are no loss', () => {
    const seen = answered(
      {
        scaleSettings: { scaleType: 'Default' },
        privateNetworkConnection: false,
        dataCollector: null,
      },
      { sku: { name: 'Default', tier: 'Standard', capacity: 1 }, kind: 'Managed', identity: null },
    );
    expect(notCarried(seen, inherited(seen))).toEqual([]);
    const none = answered({}, { identity: { type: 'None' } });
    expect(notCarried(none, inherited(none))).toEqual([]);
  });
});

describe('in what two deployments differ', () => {
  const one = toDeployment(
    {
      name: 'blue',
      tags: { team: 'a' },
      properties: {
        provisioningState: 'Succeeded',
        model: '/m/versions/1',
        instanceType: 'Standard_DS3_v2',
        environmentVariables: { API_KEY: 'one', MODE: 'fast' },
      },
    },
    'e',
  );

  test('is told by the names that files have, and without secrets', () => {
    const other = {
      ...one,
      instanceType: 'Standard_F4s_v2',
      tags: {},
      environmentVariables: { API_KEY: 'two', MODE: 'fast' },
      otherMembers: { burst: 1 },
    };
    expect(differences(one, other)).toEqual([
      { member: 'instance_type', blue: 'Standard_DS3_v2', green: 'Standard_F4s_v2' },
      { member: 'tags.team', blue: 'a', green: '-' },
      { member: 'environment_variables.API_KEY', blue: '••••', green: '••••' },
      { member: 'burst', blue: '-', green: '1' },
    ]);
  });
});
