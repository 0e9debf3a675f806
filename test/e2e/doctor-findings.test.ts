/** What `doctor` finds on a workspace where something is in the way, and that a paid step stops there. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ArmClient } from '../support/arm.js';
import { serveBlue } from '../support/live-endpoint.js';
import { runWarm } from '../support/run-command.js';
import { startSandbox, temporaryFolder, type TestSandbox } from '../support/sandbox.js';

/** Each column is an input of its own, of two dimensions. */
const COLUMNS = fileURLToPath(new URL('../fixtures/pyfunc/onnx-many-inputs', import.meta.url));

const SAMPLES = fileURLToPath(new URL('../../samples', import.meta.url));
const ML = 'Microsoft.MachineLearningServices/workspaces';
const BLOBS = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs';

let home: string;
let sandbox: TestSandbox;

beforeAll(async () => {
  home = temporaryFolder();
  sandbox = await startSandbox({ timeScale: 0.02, stateDir: join(home, 'sandbox') });
  const arm = await ArmClient.connect(sandbox.info);
  await serveBlue(arm, 'heart-live').finally(() => arm.close());
});
afterEach(() => sandbox.control('DELETE', '/_sandbox/faults'));
afterAll(async () => {
  await sandbox?.stop();
  rmSync(home, { recursive: true, force: true });
});

const env = () => ({ AML_ROLLOUT_HOME: home });
const doctor = (...args: string[]) =>
  runWarm(['doctor', '--sandbox', ...args], { env: env(), cwd: home });
const answer = (path: string, body: object, times = 1) =>
  sandbox.control('POST', '/_sandbox/faults', {
    match: { method: 'GET', path },
    times,
    action: { status: 200, body },
  });
/** All but these actions and data actions. */
const denying = (path: string, notActions: string[], notDataActions: string[] = [], times = 1) =>
  answer(
    path,
    { value: [{ actions: ['*'], notActions, dataActions: ['*'], notDataActions }] },
    times,
  );

/** A datastore that keeps no credentials: each person's own identity has to do. */
async function withoutKey(): Promise<void> {
  const { body } = await sandbox.control('GET', '/_sandbox/state');
  const { storageAccount } = (body as { config: { storageAccount: string } }).config;
  await answer('workspaces/sandbox/datastores\\?', {
    value: [
      {
        name: 'workspaceblobstore',
        properties: {
          isDefault: true,
          datastoreType: 'AzureBlob',
          credentials: { credentialsType: 'None' },
          accountName: storageAccount,
          containerName: 'c',
          endpoint: 'core.windows.net',
          protocol: 'https',
        },
      },
    ],
  });
}

describe('doctor', () => {
  it('has a row for each step: allowed, or the action that is missing and its role', async () => {
    await denying('workspaces/sandbox/providers/Microsoft.Authorization', [
      `${ML}/onlineEndpoints/deployments/*`,
      'Microsoft.Insights/metrics/read',
    ]);
    const { code, stdout } = await doctor();
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ok +permissions +read the workspace: allowed$/m);
    expect(stdout).toMatch(/^ok +permissions +create an endpoint: allowed$/m);
    expect(stdout).toMatch(
      /^fail +permissions +create a deployment: this sign-in cannot \S+deployments\/write\n +Ask an owner for the role AzureML Data Scientist on the workspace/m,
    );
    expect(stdout).toMatch(/^warn +permissions +read metrics of live traffic: .*optional/m);
    expect(stdout).toMatch(/^warn +permissions +delete blue: .*optional/m);
  });

  it('says how the storage lets this sign-in write, and which role is missing', async () => {
    expect((await doctor()).stdout).toMatch(
      /^ok +storage +workspaceblobstore on \w+: uploads are signed with the account key$/m,
    );
    await withoutKey();
    expect((await doctor()).stdout).toMatch(
      /^ok +storage +workspaceblobstore on \w+ keeps no key, so your own sign-in must write there: allowed$/m,
    );
    await withoutKey();
    await denying(
      'storageAccounts/[^/]+/providers/Microsoft.Authorization',
      [],
      [`${BLOBS}/write`],
    );
    const { code, stdout } = await doctor();
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^fail +storage .*not allowed\.\n.*Storage Blob Data Contributor on st/m,
    );
    await withoutKey();
    const unknown = { status: 403, body: { error: { code: 'AuthorizationFailed' } } };
    await sandbox.control('POST', '/_sandbox/faults', {
      match: { method: 'GET', path: 'storageAccounts/[^/]+/providers/Microsoft.Authorization' },
      action: unknown,
    });
    // Who may not look at roles may still write.
    expect((await doctor()).stdout).toMatch(/^warn +storage .*permission unknown/m);
  });

  it('says that the workspace is in legacy mode', async () => {
    const { body } = await sandbox.control('GET', '/_sandbox/state');
    const { location } = (body as { config: { location: string } }).config;
    await answer('workspaces/sandbox\\?', {
      name: 'sandbox',
      location,
      properties: { v1LegacyMode: true },
    });
    const { code, stdout } = await doctor();
    expect(code).toBe(1);
    expect(stdout).toMatch(/^fail +legacy mode .*\n.*set v1_legacy_mode to false/m);
  });

  it('tells whether an endpoint may have a name', async () => {
    const says = async (name: string) => (await doctor('--endpoint', name)).stdout;
    expect(await says('a_b')).toMatch(/^fail +endpoint name .*Invalid/m);
    expect(await says('heart-free')).toMatch(/^ok +endpoint name +heart-free seems free/m);
    expect(await says('taken-in-region')).toMatch(
      /^warn +endpoint name .*seems to be taken\.\n.*unique in a region/m,
    );
    expect(await says('heart-live')).toMatch(/^ok +endpoint name .*it is opened, not created/m);
  });

  it('counts the cores of both deployments, or of green beside what serves', async () => {
    const both = await doctor('--instances', '2');
    expect(both.stdout).toMatch(
      /^ok +quota +blue and green together: 2 \+ 2 × Standard_DS3_v2 takes 24 cores .*of 40 are free/m,
    );
    const beside = await doctor('--endpoint', 'heart-live');
    expect(beside.stdout).toMatch(/^ok +quota +green beside default: 1 × \S+ takes 8 cores/m);
    const short = await doctor('--endpoint', 'heart-live', '--instances', '9');
    expect(short.code).toBe(1);
    expect(short.stdout).toMatch(/^fail +quota .* 44 cores .*\n +Choose a smaller type\./m);
    const many = await doctor('--instances', '9');
    expect(many.stdout).toMatch(/^fail +quota .*\n +Use \d instances for each, or a smaller type/m);
    const none = await doctor('--instance-type', 'Standard_Nothing');
    expect(none.stdout).toMatch(/^fail +quota +Standard_Nothing is not an instance type/m);
    const wrong = await doctor('--instances', '0');
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('whole number from 1 to 50');
  });

  it('lints model folders, several at once', async () => {
    const folder = join(mkdtempSync(join(home, 'models-')), 'v.1');
    cpSync(join(SAMPLES, 'heart-classifier', 'v1'), folder, { recursive: true });
    const conda = join(folder, 'conda.yaml');
    const text = readFileSync(conda, 'utf8');
    writeFileSync(conda, text.replace(/^.*azureml-inference-server-http.*\n/m, ''));
    const good = join(SAMPLES, 'heart-classifier', 'v2');
    const { code, stdout } = await doctor('--model', good, folder, join(home, 'nowhere'), COLUMNS);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ok +model +v2: .*python_function.*with a signature$/m);
    expect(stdout).toMatch(/^fail +model +v\.1, \.: The folder's name.*\n +Rename it/m);
    expect(stdout).toMatch(
      /^fail +model +v\.1, conda.yaml line \d+: azureml-inference-server-http/m,
    );
    expect(stdout).toMatch(/^fail +model .*nowhere/m);
    expect(stdout).toMatch(
      /^fail +model +onnx-many-inputs, model\.onnx: Its inputs bmi, bp and s5 have more than one dimension.*\n +Convert the model with one input/m,
    );
  });
});

describe('a paid step', () => {
  const planFor = (endpoint: string, instances = 1): string => {
    const path = join(home, `${endpoint}.yml`);
    const model = (version: string) =>
      `{name: heart-classifier, path: ${join(SAMPLES, 'heart-classifier', version)}}`;
    writeFileSync(
      path,
      `version: 1
endpoint: {name: ${endpoint}}
blue: {name: default, model: ${model('v1')}, instanceType: Standard_DS3_v2, instanceCount: ${instances}}
green: {name: xgboost-model, model: ${model('v2')}}
evidence: {csv: ${join(SAMPLES, 'heart.csv')}, rows: 30, seed: 1, target: target}
`,
    );
    return path;
  };
  const run = (endpoint: string, instances?: number) =>
    runWarm(['run', planFor(endpoint, instances), '--sandbox', '--yes'], {
      env: env(),
      cwd: home,
    });
  const endpoints = async () => {
    const { body } = await sandbox.control('GET', '/_sandbox/state');
    return (body as { endpoints: Record<string, { deployments: object }> }).endpoints;
  };

  it('is not begun while a service of the subscription is not registered', async () => {
    const body = { namespace: 'Microsoft.PolicyInsights', registrationState: 'NotRegistered' };
    // The first endpoint of all: where one stands, the services are there.
    await answer('onlineEndpoints\\?', { value: [] });
    await answer('providers/Microsoft.PolicyInsights', body);
    const { code, stderr, stdout } = await run('heart-unregistered');
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain('Microsoft.PolicyInsights is NotRegistered.');
    expect(stdout + stderr).toMatch(
      /az provider register --namespace Microsoft\.PolicyInsights --subscription [\da-f-]{36}$/m,
    );
    expect(await endpoints()).not.toHaveProperty('heart-unregistered');
  });

  it('is not begun without the right to it', async () => {
    await denying('workspaces/sandbox/providers/Microsoft.Authorization', [
      `${ML}/onlineEndpoints/write`,
    ]);
    const { code, stdout, stderr } = await run('heart-forbidden');
    expect(code).toBe(7);
    expect(stdout + stderr).toContain('AzureML Data Scientist');
    expect(await endpoints()).not.toHaveProperty('heart-forbidden');
  });

  it('is not begun where the quota does not reach', async () => {
    const { code, stdout, stderr } = await run('heart-large', 20);
    expect(code).toBe(7);
    expect(stdout + stderr).toMatch(/20 \+ 20 × Standard_DS3_v2 takes 192 cores /);
    expect(await endpoints()).not.toHaveProperty('heart-large');
  });
});
