/**
 * Every refusal of `run` comes before the first write: the built program against a sandbox that records
 * what it is sent. Exit 2 says that nothing was changed; so do 6, 7 and 8 before green exists.
 */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RecordedRequest } from '../../src/sandbox/recording.js';
import { ArmClient, deployment, endpoint as endpointBody } from '../support/arm.js';
import { autoscaleBody, autoscalePath } from '../support/autoscale.js';
import { headless } from '../support/headless.js';
import { SAMPLES } from '../support/sample-plan.js';

const desk = headless();
const ML = 'Microsoft.MachineLearningServices/workspaces';
const STANDS = 'stands';
let arm: ArmClient;

/** Reads that are sent as a POST. */
const READS = /\/(listSecrets|listKeys|token|getLogs)$/i;

beforeAll(async () => {
  arm = await ArmClient.connect(desk.sandbox.info);
  const model = await arm.registerSample('registered', '1', 'v1');
  for (const [name, more] of [
    [STANDS, {}],
    ['lacks', { identity: { type: 'SystemAssigned' } }],
  ] as const) {
    await arm.createEndpoint(name);
    const path = `onlineEndpoints/${name}/deployments/default`;
    await arm.finished(await arm.put(path, deployment(model, {}, more)));
    const endpoint = (await arm.get(`onlineEndpoints/${name}`, '2023-10-01')).body;
    endpoint.properties.traffic = { default: 100 };
    await arm.finished(await arm.put(`onlineEndpoints/${name}`, endpoint, '2023-10-01'));
  }
  const idle = `onlineEndpoints/${STANDS}/deployments/idle`;
  await arm.finished(await arm.put(idle, deployment(model)));
  const scaled = `${arm.workspace}/onlineEndpoints/${STANDS}/deployments/default`;
  await arm.put(autoscalePath(arm, 'scale'), autoscaleBody('scale', scaled), '2022-10-01');
  const injects = { enforce_access_to_default_secret_stores: 'enabled' };
  await arm.finished(
    await arm.put('onlineEndpoints/injects', endpointBody({ properties: injects })),
  );
  copyOfModel('bare', (conda) => conda.replace(/^.*azureml-inference-server-http.*\n/m, ''));
  const bare = join(desk.home, 'bare');
  const uri = await desk.workspace.uploadFolder(bare, 'bare');
  await desk.workspace.putModelVersion('bare', '1', uri.uri);
  copyOfModel('columns', (conda) => conda);
  const columns = join(desk.home, 'columns');
  cpSync(ONNX_COLUMNS, join(columns, 'model.onnx'));
  replaceIn(join(columns, 'MLmodel'), (text) => text.replace('mlflow.sklearn', 'mlflow.onnx'));
  const inAzure = await desk.workspace.uploadFolder(columns, 'columns');
  await desk.workspace.putModelVersion('columns', '1', inAzure.uri);
  copyOfModel('other', (conda) => conda);
  replaceIn(join(desk.home, 'other', 'MLmodel'), (text) => text.replaceAll('chol', 'cholesterol'));
  copyOfModel('tensor', (conda) => conda);
  replaceIn(join(desk.home, 'tensor', 'MLmodel'), (text) =>
    text.replace(
      / {2}inputs: '[^']*'/,
      `  inputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 2, 3]}}]'`,
    ),
  );
  writeFileSync(
    join(desk.home, 'taken.yml'),
    `name: green
model: {name: registered, version: 1, path: ${sample('v2')}}
instance_type: Standard_DS3_v2
instance_count: 1
`,
  );
  writeFileSync(
    join(desk.home, 'without-conda.yml'),
    `name: green
model: {name: heart, path: ${sample('v2')}}
environment: {image: mcr.microsoft.com/azureml/mlflow:1, conda_file: envs/none.yaml}
instance_type: Standard_DS3_v2
instance_count: 1
`,
  );
  for (const [name, key] of [
    ['connection', '${{azureml://connections/openai/credentials/key}}'],
    ['vault', '${{keyvault:https://kv-sandbox.vault.azure.net/secrets/key/1}}'],
    ['no-secret', '${{keyvault:kv-sandbox/key}}'],
  ]) {
    writeFileSync(
      join(desk.home, `${name}.yml`),
      `name: green\nmodel: {name: heart, path: ${sample('v2')}}\nenvironment_variables: {KEY: "${key}"}\ninstance_type: Standard_DS3_v2\ninstance_count: 1\n`,
    );
  }
  writeFileSync(
    join(desk.home, 'no-size.yml'),
    `name: green\nmodel: {name: heart, path: ${sample('v2')}}\ninstance_count: 1\n`,
  );
  writeFileSync(
    join(desk.home, 'without-code.yml'),
    `name: green
model: {name: heart, path: ${sample('v2')}}
environment: azureml:e:1
code_configuration: {code: scripts, scoring_script: score.py}
instance_type: Standard_DS3_v2
instance_count: 1
`,
  );
  copyOfModel('unsigned', (conda) => conda);
  replaceIn(join(desk.home, 'unsigned', 'MLmodel'), (text) =>
    text.replace(/^signature:\n(?: .*\n)*/m, ''),
  );
  writeFileSync(join(desk.home, 'xyz.csv'), 'x,y,z\n1,2,3\n2,3,4\n');
  copyOfModel('pointer', (conda) => conda);
  writeFileSync(
    join(desk.home, 'pointer', 'model.pkl'),
    `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12345\n`,
  );
  copyOfModel('no-mlmodel', (conda) => conda);
  rmSync(join(desk.home, 'no-mlmodel', 'MLmodel'));
  const group = arm.workspace.split('/providers/')[0] ?? '';
  const id = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/heart-id`;
  writeFileSync(
    join(desk.home, 'assigned.yml'),
    `name: assigned\nidentity: {type: user_assigned, user_assigned_identities: [{resource_id: ${id}}]}\n`,
  );
  writeFileSync(
    join(desk.home, 'both.yml'),
    `${readFileSync(join(desk.home, 'assigned.yml'), 'utf8')}properties: {enforce_access_to_default_secret_stores: enabled}\n`,
  );
  const [header = '', first = ''] = readFileSync(join(SAMPLES, 'heart.csv'), 'utf8').split('\n');
  const wrong = first.split(',').map((cell, at) => (at === 0 ? 'old' : cell));
  writeFileSync(join(desk.home, 'misfits.csv'), `${header}\n${wrong.join(',')}\n`);
  writeFileSync(join(desk.home, 'short.csv'), 'age,target\n1,0\n');
  const rows = readFileSync(join(SAMPLES, 'heart.csv'), 'utf8').split('\n');
  writeFileSync(join(desk.home, 'few.csv'), rows.slice(0, 4).join('\n'));
  await desk.sandbox.control('POST', '/_sandbox/requests', { record: true });
});
afterEach(async () => {
  await desk.sandbox.control('DELETE', '/_sandbox/conditions');
  await desk.sandbox.control('DELETE', '/_sandbox/faults');
  const usual = { coreLimit: 40, datastoreCredentials: 'account-key' };
  await desk.sandbox.control('POST', '/_sandbox/conditions', usual);
});

function replaceIn(file: string, change: (text: string) => string): void {
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, change(text));
}

function copyOfModel(name: string, change: (conda: string) => string): void {
  const folder = join(desk.home, name);
  cpSync(join(SAMPLES, 'heart-classifier', 'v2'), folder, { recursive: true });
  replaceIn(join(folder, 'conda.yaml'), change);
}

interface Refusal {
  endpoint?: string;
  /** In place of the endpoint's name. */
  plan?: string;
  /** Members of `blue`; empty: what stands is blue. */
  blue?: string;
  green?: string;
  evidence?: string;
  extra?: string;
  /** Conditions of the sandbox. */
  set?: object;
  /** What the endpoint is seen as. */
  fault?: { state?: string; compute?: string; deployments?: number };
  args?: string[];
  code?: number;
  says: string;
}

const sample = (version: string) => join(SAMPLES, 'heart-classifier', version);
const BLUE = `{name: default, model: {name: heart, path: ${sample('v1')}}, instanceType: Standard_DS3_v2}`;
const GREEN = `{name: green, model: {name: heart, path: ${sample('v2')}}}`;
const model = (text: string) => `{name: green, model: ${text}}`;
const csv = (path: string, more = '') =>
  `{csv: ${path}, rows: 100, seed: 1, target: target${more}}`;

/** Each column is an input of its own, of two dimensions, as skl2onnx converts a data frame. */
const ONNX_COLUMNS = fileURLToPath(new URL('../fixtures/classes/columns.onnx', import.meta.url));
const INVALID_RANK = 'Every request of columns fails with "Invalid rank for input"';

const REFUSALS: Record<string, Refusal> = {
  'a plan that is no plan': { extra: 'wieghts: [100]', says: 'wieghts' },
  'an endpoint name': { endpoint: 'a', says: '"a"' },
  'a deployment name': { green: GREEN.replace('green', 'x_y z'), says: 'x_y z' },
  'a folder that is not there': { green: model('{name: heart, path: none}'), says: 'none' },
  'a model that is not registered': {
    green: model('{name: none, version: 1}'),
    says: 'no model none',
  },
  'a version that is not registered': {
    green: model("{name: registered, version: '9'}"),
    says: 'no version 9 of model registered',
  },
  'a version with other content': {
    green: '{file: taken.yml}',
    says: 'already registered with different content',
  },
  'a conda file that is not there': { green: '{file: without-conda.yml}', says: 'envs/none.yaml' },
  'a model folder without its server': {
    green: model('{name: heart, path: bare}'),
    says: 'azureml-inference-server-http',
  },
  'a folder that Git LFS did not fill': {
    green: model('{name: heart, path: pointer}'),
    says: 'git lfs pull',
  },
  'a folder without MLmodel': {
    green: model('{name: heart, path: no-mlmodel}'),
    says: 'MLmodel',
  },
  'a registered model without its server': {
    green: model("{name: bare, version: '1'}"),
    says: 'azureml-inference-server-http',
  },
  'a model folder that MLflow can not feed': {
    green: model('{name: heart, path: columns}'),
    says: INVALID_RANK,
  },
  'a registered model that MLflow can not feed': {
    green: model("{name: columns, version: '1'}"),
    says: INVALID_RANK,
  },
  'a broken contract': { green: model('{name: heart, path: other}'), says: 'cholesterol' },
  'a broken contract with what stands': {
    endpoint: STANDS,
    blue: '',
    green: model('{name: heart, path: other}'),
    says: 'cholesterol',
  },
  'inputs that a CSV can not fill': {
    blue: BLUE.replace(sample('v1'), 'tensor'),
    green: model('{name: heart, path: tensor}'),
    says: 'few.csv',
    evidence: csv('few.csv'),
  },
  'a CSV that is not there': { evidence: csv('none.csv'), says: 'none.csv' },
  'a CSV without the columns': { evidence: csv('short.csv'), says: 'short.csv' },
  'a target that is no column': {
    evidence: csv(join(SAMPLES, 'heart.csv')).replace('target: target', 'target: y1'),
    says: 'y1',
  },
  'a target that could be another': {
    blue: BLUE.replace(sample('v1'), 'unsigned'),
    green: model('{name: heart, path: unsigned}'),
    evidence: csv('xyz.csv').replace(', target: target', ''),
    says: 'Which column of xyz.csv is the target',
  },
  'a data asset that is not there': {
    evidence: csv('azureml:none@latest'),
    says: 'none',
  },
  'a scoring script that is not there': {
    green: '{file: without-code.yml}',
    says: 'scripts',
  },
  'instances that can not carry the last weight': {
    blue: BLUE.replace('DS3_v2', 'DS3_v2, instanceCount: 2'),
    green: GREEN.replace('}}', '}, instanceCount: 1}'),
    says: "green has 1 of blue's 2 instances",
  },
  'a CSV of which no row fits': { evidence: csv('misfits.csv'), says: '"old" is not' },
  'a request in place of rows': {
    evidence: csv(join(SAMPLES, 'sample.json')),
    says: 'sample.json is a request in JSON, and rows need a CSV',
  },
  'fewer rows than the gates need': {
    evidence: csv('few.csv'),
    extra: 'gates: {labels: {mode: enforce}}',
    says: 'The rows of the file cannot prove the limits of the plan',
  },
  'no rows for the gates': { evidence: '', says: 'needs rows' },
  'a size for clusters only': {
    blue: BLUE.replace('DS3_v2', 'DS12_v2'),
    says: 'for compute clusters only',
  },
  'a size that is not there': {
    blue: BLUE.replace('DS3_v2', 'X1'),
    says: 'Standard_X1 is not an instance type',
  },
  'no egress and no package': {
    blue: BLUE.replace('}, inst', '}, egressPublicNetworkAccess: disabled, inst'),
    says: 'MLflow model format with private network is unsupported',
  },
  'egress in a managed network': {
    blue: BLUE.replace('}, inst', '}, egressPublicNetworkAccess: disabled, inst'),
    set: { managedNetwork: 'AllowInternetOutbound' },
    says: 'which governs egress',
  },
  'a secret of a connection that is not there': {
    green: '{file: connection.yml}',
    says: 'has no connection openai, which KEY of green names',
  },
  'a secret that the identity may not read': {
    green: '{file: vault.yml}',
    code: 7,
    says: 'which then lacks Key Vault Secrets User on the key vault kv-sandbox',
  },
  'a reference that names no secret': {
    green: '{file: no-secret.yml}',
    says: 'KEY of green is not a valid reference to a secret',
  },
  'secrets by a property and a user-assigned identity': {
    plan: 'endpoint: {file: both.yml}',
    says: 'only with a system-assigned identity',
  },
  'a file without a size': {
    green: '{file: no-size.yml}',
    says: 'instance_type is missing: name the size of its instances',
  },
  'legacy mode': { set: { v1LegacyMode: true }, says: 'v1 legacy mode is on' },
  'a provider': {
    set: { unregisteredProviders: ['Microsoft.Cdn'] },
    says: 'Microsoft.Cdn is NotRegistered',
  },
  'a broken endpoint': {
    endpoint: STANDS,
    blue: '',
    fault: { state: 'Failed' },
    says: 'failed',
  },
  'as many deployments as Azure allows': {
    endpoint: STANDS,
    blue: '',
    fault: { deployments: 20 },
    says: 'has 20 deployments, the most Azure allows',
  },
  Kubernetes: {
    endpoint: STANDS,
    blue: '',
    fault: { compute: '/subscriptions/s/providers/x/computes/cluster-1' },
    says: 'runs on Kubernetes (cluster-1)',
  },
  'a blue that does not serve': {
    endpoint: STANDS,
    blue: BLUE.replace('default', 'another'),
    says: 'another is not live',
  },
  'a deployment to delete that is not replaced': {
    endpoint: STANDS,
    blue: '',
    extra: 'retire: {delete: another}',
    says: 'The plan deletes another, but what is replaced is default.',
  },
  'quota of the family': { set: { coreLimit: 8 }, code: 7, says: '16 cores' },
  'quota of the region': { set: { regionCoreLimit: 6 }, code: 7, says: 'all families' },
  rights: {
    set: { deniedActions: [`${ML}/onlineEndpoints/deployments/write`] },
    code: 7,
    says: 'create a deployment',
  },
  'the right to copy autoscale': {
    endpoint: STANDS,
    blue: '',
    extra: 'autoscale: copy',
    set: { deniedActions: ['Microsoft.Insights/autoscaleSettings/write'] },
    code: 7,
    says: 'cannot Microsoft.Insights/autoscaleSettings/write',
  },
  'the right to read the secrets that the endpoint reads': {
    endpoint: 'injects',
    set: { deniedActions: [`${ML}/connections/listsecrets/action`] },
    code: 7,
    says: 'connections/listsecrets/action',
  },
  'the right to assign the identity of the endpoint': {
    plan: 'endpoint: {file: assigned.yml}',
    set: { deniedActions: ['Microsoft.ManagedIdentity/userAssignedIdentities/assign/action'] },
    code: 7,
    says: 'userAssignedIdentities/assign/action',
  },
  'the roles of the identity of the endpoint': {
    plan: 'endpoint: {file: assigned.yml}',
    code: 7,
    says: 'heart-id lacks AcrPull on the container registry',
  },
  'the right to upload': {
    set: {
      datastoreCredentials: 'identity',
      deniedDataActions: ['*/blobs/write', '*/blobs/add/action'],
    },
    code: 7,
    says: 'Storage Blob Data Contributor',
  },
  'the right to read keys': {
    set: { deniedActions: [`${ML}/onlineEndpoints/listKeys/action`] },
    code: 7,
    says: 'listKeys',
  },
  'nobody to confirm': { args: [], code: 8, says: 'nothing was changed' },
  'a blue with what green can not be given': {
    endpoint: 'lacks',
    blue: '',
    code: 8,
    says: 'default has identity = {"type":"SystemAssigned"}, which green does not get',
  },
};

async function run(name: string, refusal: Refusal) {
  const { endpoint = 'refused', blue = BLUE, green = GREEN, extra = '' } = refusal;
  const { evidence = csv(join(SAMPLES, 'heart.csv')), set, fault, args = ['--yes'] } = refusal;
  const path = join(desk.home, `${name.replaceAll(' ', '-')}.yml`);
  const lines = [
    'version: 1',
    refusal.plan ?? `endpoint: {name: ${endpoint}}`,
    ...(blue === '' ? [] : [`blue: ${blue}`]),
    `green: ${green}`,
    ...(evidence === '' ? [] : [`evidence: ${evidence}`]),
    'holds: {minutes: 0}',
    extra,
  ];
  writeFileSync(path, `${lines.join('\n')}\n`);
  if (set) await desk.sandbox.control('POST', '/_sandbox/conditions', set);
  if (fault) await seenOtherwise(endpoint, fault);
  await desk.sandbox.control('DELETE', '/_sandbox/requests');
  const result = await desk.command('run', path, '--sandbox', ...args);
  const { body } = await desk.sandbox.control('GET', '/_sandbox/requests');
  const { requests } = body as { requests: RecordedRequest[] };
  const writes = requests.filter(
    ({ method, path: at }) => !/^(GET|HEAD)$/.test(method) && !READS.test(at),
  );
  return { ...result, writes: writes.map(({ method, path: at }) => `${method} ${at}`) };
}

/** The endpoint as it stands, with members of its answer changed. */
async function seenOtherwise(
  name: string,
  { state, compute, deployments }: NonNullable<Refusal['fault']>,
) {
  if (deployments !== undefined) {
    const { body } = await arm.get(`onlineEndpoints/${name}/deployments`, '2025-12-01');
    const [first] = body.value;
    const more = Array.from({ length: deployments - 1 }, (_, at) => ({
      ...first,
      name: `d-${at}`,
    }));
    await desk.sandbox.control('POST', '/_sandbox/faults', {
      match: { method: 'GET', path: `onlineEndpoints/${name}/deployments\\?` },
      action: { status: 200, body: { value: [first, ...more] } },
      times: 100,
    });
    return;
  }
  const { body } = await arm.get(`onlineEndpoints/${name}`, '2025-12-01');
  if (state !== undefined) body.properties.provisioningState = state;
  if (compute !== undefined) body.properties.compute = compute;
  await desk.sandbox.control('POST', '/_sandbox/faults', {
    match: { method: 'GET', path: `onlineEndpoints/${name}\\?` },
    action: { status: 200, body },
    times: 100,
  });
}

describe.sequential('a refusal of run comes before the first write', () => {
  it.each(Object.entries(REFUSALS))('%s', async (name, refusal) => {
    const { code, stdout, stderr, writes } = await run(name, refusal);
    expect(writes, stderr).toEqual([]);
    expect(stdout + stderr).toContain(refusal.says);
    expect(code, stderr).toBe(refusal.code ?? 2);
  });

  it('a deployment of green’s name that serves another model', async () => {
    const { code, stderr, writes } = await run('serves another', {
      endpoint: STANDS,
      blue: '',
      green: `{name: idle, model: {name: never, path: ${sample('v2')}}}`,
      says: '',
    });
    expect(stderr).toContain('Deployment idle already exists and serves another model');
    // An upload is named by its content, and registers nothing.
    expect(writes.filter((each) => !each.includes('/LocalUpload/'))).toEqual([]);
    expect(code, stderr).toBe(2);
  });

  it('and with --approve 0 green is created without it, and the report says so', async () => {
    const { code, stdout, stderr } = await run('approved', {
      endpoint: 'lacks',
      blue: '',
      args: ['--yes', '--approve', '0'],
      extra: 'weights: [100]',
      says: '',
    });
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('differs from default in its model and identity');
    const report = /^Report +(.+)$/m.exec(stdout)?.[1] ?? '';
    expect(readFileSync(report, 'utf8')).toContain('| identity | {"type":"SystemAssigned"} | - |');
  });
});
