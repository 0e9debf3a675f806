/** Every refusal is found before the first write, on the sandbox; and looking writes nothing. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../../src/azure/connect.js';
import type { Workspace } from '../../../src/azure/types.js';
import { toUsage } from '../../../src/azure/compute.js';
import type { Plan } from '../../../src/rollout/plan.js';
import { nameFinding } from '../../../src/rollout/preflight/endpoint-name.js';
import { preflight } from '../../../src/rollout/preflight/plan.js';
import { quotaFor, tightestLimit } from '../../../src/rollout/quota.js';
import type { RecordedRequest } from '../../../src/sandbox/recording.js';
import { ArmClient } from '../../support/arm.js';
import { connectionTo } from '../../support/connection.js';
import { SAMPLES } from '../../support/sample-plan.js';
import { startSandbox, type TestSandbox } from '../../support/sandbox.js';

const ML = 'Microsoft.MachineLearningServices/workspaces';
const folder = mkdtempSync(join(tmpdir(), 'aml-rollout-preflight-'));
let sandbox: TestSandbox;
let arm: ArmClient;
let workspace: Workspace;

const conditions = (body: object) => sandbox.control('POST', '/_sandbox/conditions', body);
const sample = (version: string) => join(SAMPLES, 'heart-classifier', version);

beforeAll(async () => {
  sandbox = await startSandbox();
  arm = await ArmClient.connect(sandbox.info);
  workspace = await connect(connectionTo(sandbox));
  await arm.registerSample('registered', '1', 'v1');
  cpSync(sample('v2'), join(folder, 'model.v2'), { recursive: true });
  cpSync(sample('v2'), join(folder, 'other'), { recursive: true });
  const mlmodel = join(folder, 'other', 'MLmodel');
  const text = readFileSync(mlmodel, 'utf8');
  writeFileSync(mlmodel, text.replaceAll('chol', 'cholesterol'));
  mkdirSync(join(folder, 'empty'));
  mkdirSync(CODE.folder);
  writeFileSync(join(CODE.folder, CODE.scoringScript), 'def init(): pass\n');
  writeFileSync(join(folder, 'short.csv'), 'age,target\n1,0\n2,1\n');
  writeFileSync(
    join(folder, 'unknown.csv'),
    readFileSync(join(SAMPLES, 'heart.csv'), 'utf8').replace('target', 'y1'),
  );
});
afterEach(async () => {
  await sandbox.control('DELETE', '/_sandbox/conditions');
  await conditions({ coreLimit: 40 });
});
afterAll(async () => {
  await workspace?.close();
  await arm?.close();
  await sandbox?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const PLAN: Plan = {
  endpoint: { name: 'preflight', auth: 'key' },
  blue: {
    name: 'default',
    model: { name: 'heart', path: sample('v1') },
    instanceType: 'Standard_DS3_v2',
    instanceCount: 1,
  },
  green: { name: 'green', model: { name: 'heart', path: sample('v2') } },
  evidence: { csv: join(SAMPLES, 'heart.csv'), rows: 100, seed: 1, target: 'target' },
  weights: [100],
  retire: 'keep',
};

const CODE = { folder: join(folder, 'scripts'), scoringScript: 'score.py' };
const REGISTRY_MODEL = {
  name: 'shared',
  version: '1',
  uri: 'azureml://registries/r/models/shared/versions/1',
};

/** The plan with some of it changed. */
const planned = (change: Partial<Plan>): Plan => ({ ...PLAN, ...change });
const green = (change: Partial<Plan['green']>): Partial<Plan> => ({
  green: { ...PLAN.green, ...change },
});

/** Its failures, and every request that was not a read. */
async function looked(plan: Plan) {
  await sandbox.control('POST', '/_sandbox/requests', { record: true });
  await sandbox.control('DELETE', '/_sandbox/requests');
  const findings = await preflight(plan, workspace, folder);
  const { body } = await sandbox.control('GET', '/_sandbox/requests');
  const { requests } = body as { requests: RecordedRequest[] };
  const writes = requests.filter(
    ({ method, path }) => !/^(GET|HEAD)$/.test(method) && !/listSecrets|listKeys/i.test(path),
  );
  return {
    findings,
    failures: findings.filter(({ state }) => state === 'fail').map(({ detail }) => detail),
    writes: writes.map(({ method, path }) => `${method} ${path}`),
  };
}

describe('a plan that can be carried out', () => {
  it('needs no egress where green is packaged as blue is', async () => {
    const blue = { ...PLAN.blue!, package: true, egressPublicNetworkAccess: 'disabled' as const };
    const { failures } = await looked(planned({ blue }));
    expect(failures).toEqual([]);
  });

  it('has no failure, and nothing was written', async () => {
    const { failures, writes, findings } = await looked(PLAN);
    expect(failures).toEqual([]);
    expect(writes).toEqual([]);
    expect(findings).toContainEqual(
      expect.objectContaining({
        state: 'ok',
        what: 'quota',
        detail: expect.stringContaining("with Azure's 20% reserve") as string,
      }),
    );
  });
});

it('what a package replaces of blue is named before blue is paid for', async () => {
  const settings = { environment: 'azureml:own:1', codeConfiguration: CODE };
  const { findings } = await looked(
    planned({ blue: { ...PLAN.blue!, settings }, ...green({ package: true }) }),
  );
  const lost = findings.filter(({ detail }) => detail.includes('a package brings its own'));
  expect(lost.map(({ state, detail }) => [state, detail.split(' = ')[0]])).toEqual([
    ['warn', 'default has environment'],
    ['warn', 'default has code_configuration'],
  ]);
  expect(findings.map(({ detail }) => detail).join('\n')).not.toContain('A packaged model brings');
});

describe('a refusal is found before anything is written', () => {
  const refusals: [string, () => Plan, string, object?][] = [
    ['an endpoint name', () => planned({ endpoint: { name: 'a', auth: 'key' } }), '"a"'],
    ['a deployment name', () => planned(green({ name: 'x y' })), '"x y"'],
    [
      'weights that green has too few instances for',
      () =>
        planned({
          weights: [10, 100],
          blue: { ...PLAN.blue!, instanceCount: 2 },
          ...green({ instanceCount: 1 }),
        }),
      "green has 1 of blue's 2 instances, enough for 50% of the traffic: the plan's 100% is out of reach.",
    ],
    [
      'no rows for the gates',
      () => ({ ...PLAN, evidence: undefined }),
      'The proof needs rows to send',
    ],
    [
      'a model folder that is not there',
      () => planned(green({ model: { name: 'heart', path: 'none' } })),
      'none',
    ],
    [
      'a folder without MLmodel',
      () => planned(green({ model: { name: 'heart', path: 'empty' } })),
      'MLmodel',
    ],
    [
      'a folder with a dot in its name',
      () => planned(green({ model: { name: 'heart', path: 'model.v2' } })),
      'has a dot in it',
    ],
    [
      'a model that is not registered',
      () => planned(green({ model: { name: 'none', version: '1' } })),
      'no version 1 of model none',
    ],
    [
      'a version that is not registered',
      () => planned(green({ model: { name: 'registered', version: '9' } })),
      'no version 9 of model registered',
    ],
    [
      'a version with other content',
      () => planned(green({ model: { name: 'registered', version: '1', path: sample('v2') } })),
      'Version 1 of model registered is already registered with different content.',
    ],
    [
      'a broken contract',
      () => planned(green({ model: { name: 'heart', path: 'other' } })),
      'cholesterol',
    ],
    [
      'a CSV that is not there',
      () => planned({ evidence: { ...PLAN.evidence!, csv: 'none.csv' } }),
      'none.csv',
    ],
    [
      'a CSV that lacks columns',
      () => planned({ evidence: { ...PLAN.evidence!, csv: 'short.csv' } }),
      'short.csv: ',
    ],
    [
      'a target that is not in the file',
      () => planned({ evidence: { ...PLAN.evidence!, csv: 'unknown.csv' } }),
      'target',
    ],
    [
      'a size that endpoints do not take',
      () => planned(green({ instanceType: 'Standard_DS12_v2' })),
      'for compute clusters only',
    ],
    [
      'a size that is not there',
      () => planned(green({ instanceType: 'Standard_X1' })),
      'Standard_X1 is not an instance type',
    ],
    [
      'no egress and no package',
      () => planned({ blue: { ...PLAN.blue!, egressPublicNetworkAccess: 'disabled' } }),
      'MLflow model format with private network is unsupported',
    ],
    [
      'egress that green has from blue in a managed network',
      () => planned({ blue: { ...PLAN.blue!, egressPublicNetworkAccess: 'disabled' } }),
      'green has the setting from default: to change it, write egressPublicNetworkAccess: enabled at green in the plan.',
      { managedNetwork: 'AllowInternetOutbound' },
    ],
    ['quota of the family', () => PLAN, '1 + 1 × Standard_DS3_v2 takes 16 cores', { coreLimit: 8 }],
    ['quota of the region', () => PLAN, 'all families of the region', { regionCoreLimit: 6 }],
    [
      'quota of the family, for two sizes of it',
      () => planned(green({ instanceType: 'Standard_DS4_v2' })),
      'green beside default: 1 × Standard_DS4_v2 takes 16 cores',
      { coreLimit: 20 },
    ],
    [
      'quota of the region, for two families',
      () => planned(green({ instanceType: 'Standard_F4s_v2' })),
      'all families of the region',
      { regionCoreLimit: 12 },
    ],
    [
      'code for a package',
      () => planned(green({ package: true, settings: { codeConfiguration: CODE } })),
      'A packaged model brings its own scoring',
    ],
    [
      'a package from a registry',
      () => planned(green({ package: true, model: REGISTRY_MODEL })),
      'green can only be packaged from a model of this workspace',
    ],
    [
      'the right to register code',
      () => planned(green({ settings: { codeConfiguration: CODE } })),
      'codes/versions/write',
      { deniedActions: [`${ML}/codes/versions/write`] },
    ],
    [
      'the right to register an environment',
      () =>
        planned(
          green({
            settings: {
              environment: 'azureml:own:1',
              environmentDefinition: {
                isAnonymous: false,
                image: 'mcr.microsoft.com/azureml/mlflow:1',
              },
            },
          }),
        ),
      'environments/versions/write',
      { deniedActions: [`${ML}/environments/versions/write`] },
    ],
    [
      'the right to delete blue, which the plan does',
      () => planned({ retire: { delete: 'default' } }),
      'onlineEndpoints/deployments/delete',
      { deniedActions: [`${ML}/onlineEndpoints/deployments/delete`] },
    ],
    ['legacy mode', () => PLAN, 'v1 legacy mode', { v1LegacyMode: true }],
    [
      'a provider',
      () => PLAN,
      'Microsoft.Cdn is NotRegistered',
      { unregisteredProviders: ['Microsoft.Cdn'] },
    ],
    [
      'rights',
      () => PLAN,
      'create a deployment',
      { deniedActions: [`${ML}/onlineEndpoints/deployments/write`] },
    ],
    [
      'the right to read keys',
      () => PLAN,
      'listKeys',
      { deniedActions: [`${ML}/onlineEndpoints/listKeys/action`] },
    ],
    [
      'the right to get tokens',
      () => planned({ endpoint: { name: 'preflight', auth: 'aml_token' } }),
      'onlineEndpoints/token/action',
      { deniedActions: [`${ML}/onlineEndpoints/token/action`] },
    ],
    [
      'the right to score',
      () => planned({ endpoint: { name: 'preflight', auth: 'aad_token' } }),
      'onlineEndpoints/score/action',
      { deniedActions: [`${ML}/onlineEndpoints/score/action`], deniedDataActions: ['*'] },
    ],
  ];

  it.each(refusals)('%s', async (_, plan, sentence, set) => {
    if (set) await conditions(set);
    const { failures, writes } = await looked(plan());
    expect(failures.join('\n')).toContain(sentence);
    expect(writes).toEqual([]);
  });

  it('rights that this way of signing in does not need are not asked for', async () => {
    await conditions({ deniedActions: [`${ML}/onlineEndpoints/listKeys/action`] });
    const plan = planned({ endpoint: { name: 'preflight', auth: 'aad_token' } });
    expect((await looked(plan)).failures).toEqual([]);
  });

  it('a name that answers elsewhere is a warning, for only Azure knows for certain', async () => {
    await conditions({ takenEndpointNames: ['preflight'] });
    const { findings } = await looked(PLAN);
    expect(findings).toContainEqual(
      expect.objectContaining({
        state: 'warn',
        detail: expect.stringContaining('seems to be taken') as string,
      }),
    );
  });

  it('a name of another workspace is to be changed, and there is nothing to adopt', () => {
    const use = { by: 'another-workspace', workspace: 'ml-other' } as const;
    expect(nameFinding('heart', 'westeurope', use)).toMatchObject({
      state: 'fail',
      kind: 'invalid',
      advice: expect.stringContaining('choose another') as string,
    });
  });

  it('an endpoint on Kubernetes', async () => {
    await arm.createEndpoint('on-kubernetes');
    const seen = (await arm.get('onlineEndpoints/on-kubernetes')).body;
    seen.properties.compute = '/subscriptions/s/providers/x/computes/cluster-1';
    await sandbox.control('POST', '/_sandbox/faults', {
      match: { path: 'onlineEndpoints/on-kubernetes\\?' },
      action: { status: 200, body: seen },
      times: 5,
    });
    const { failures } = await looked(
      planned({ endpoint: { name: 'on-kubernetes', auth: 'key' } }),
    );
    await sandbox.control('DELETE', '/_sandbox/faults');
    expect(failures.join('\n')).toContain('runs on Kubernetes (cluster-1): it opens read-only');
  });
});

describe('limits of cores', () => {
  const size = { name: 'Standard_DS3_v2', family: 'standardDSv2Family', vCpus: 4, memoryGb: 14 };
  const row = (value: string, currentValue: number, limit: number, id = '') =>
    toUsage({ name: { value }, currentValue, limit, id, type: '' });
  const family = 'Standard DSv2 Family Cluster Dedicated vCPUs';
  const total = 'Total Cluster Dedicated Regional vCPUs';

  it('are the tightest of family, workspace and region', () => {
    const rows = [
      row(family, 4, 40),
      row(family, 4, 10, '/x/workspaces/w/usages/f'),
      row(total, 90, 100),
      row('Standard DSv2 Family Cluster LowPriority vCPUs', 0, 1),
      row('Clusters', 5, 20),
    ].filter((each) => each !== undefined);
    expect(tightestLimit(size.family, rows)).toMatchObject({
      of: `${size.family} in this workspace`,
      free: 6,
    });
    const [first, , region] = rows;
    expect(quotaFor(size, 2, [first!, region!])).toMatchObject({
      free: 10,
      of: 'all families of the region',
      enough: false,
    });
  });

  it('are none where Azure says -1', () => {
    const unlimited = row(family, 4, -1)!;
    expect(quotaFor(size, 40, [unlimited])).toMatchObject({
      enough: true,
      sentence: "Needs 192 cores with Azure's 20% reserve (standardDSv2Family has no limit).",
    });
  });
});
