/** endpoint.yml and deployment.yml of `az ml` in place of a plan, read by the built program. */
import { cpSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../src/azure/connect.js';
import { readDeploymentFile } from '../../src/interop/deployment-file.js';
import { connectionTo } from '../support/connection.js';
import { runWarm } from '../support/run-command.js';
import { startSandbox, temporaryFolder, type TestSandbox } from '../support/sandbox.js';

const SAMPLES = fileURLToPath(new URL('../../samples', import.meta.url));
let home: string;
let cwd: string;
let sandbox: TestSandbox;

beforeAll(async () => {
  home = temporaryFolder();
  sandbox = await startSandbox({ timeScale: 0.02, stateDir: join(home, 'sandbox') });
});
afterAll(async () => {
  await sandbox?.stop();
  rmSync(home, { recursive: true, force: true });
});
beforeEach(() => {
  cwd = temporaryFolder();
  mkdirSync(join(cwd, 'yml'));
  return () => rmSync(cwd, { recursive: true, force: true });
});

const write = (name: string, text: string) => writeFileSync(join(cwd, name), text);
const run = (...args: string[]) =>
  runWarm([...args, '--sandbox'], { env: { AML_ROLLOUT_HOME: home }, cwd });

const ENDPOINT = `name: heart-files
auth_mode: key
description: two words
tags: {team: risk}
properties: {owner: ada}
traffic: {blue: 100}
`;
const deployment = (name: string, version: string, more = '') => `name: ${name}
endpoint_name: heart-files
model: {name: heart-files, path: ../models/${version}, type: mlflow_model}
instance_type: ${name === 'blue' ? 'Standard_DS3_v2' : 'Standard_F4s_v2'}
instance_count: 1
${more}`;
const GREEN = deployment(
  'Green-2',
  'v2',
  `environment_variables: {WORKERS: 2}
request_settings: {request_timeout_ms: 9000}
liveness_probe: {initial_delay: 30}
app_insights_enabled: true
`,
);
const FILES = [
  ['--endpoint-file', 'yml/endpoint.yml', '--blue-file', 'yml/blue.yml'],
  ['--green-file', 'yml/green.yml', '--csv', 'heart.csv', '--target', 'target'],
].flat();

const CODE = `environment: azureml://registries/azureml/environments/mlflow/versions/2
code_configuration: {code: ../src, scoring_script: score.py}`;
const OWN_IMAGE = `environment: {image: placeholder.azurecr.io/repo/mlflow:v1, conda_file: ../conda.yml}
`;

function prepare({ endpoint = ENDPOINT, green = GREEN } = {}) {
  write('yml/endpoint.yml', endpoint);
  write('yml/blue.yml', deployment('blue', 'v1'));
  write('yml/green.yml', green);
  cpSync(join(SAMPLES, 'heart-classifier'), join(cwd, 'models'), { recursive: true });
  cpSync(join(SAMPLES, 'heart.csv'), join(cwd, 'heart.csv'));
  mkdirSync(join(cwd, 'src'));
  write('src/score.py', 'def init(): ...\n');
}

describe('run with the files of az ml', () => {
  it('makes just what they say, and names what it ignores', async () => {
    prepare();
    const begun = run('run', ...FILES, '--yes');
    // What the files can't say has the defaults of a plan, and those hold at the first step.
    await begun.says('hold     at 10%');
    begun.interrupt();
    const { code, stderr, stdout } = await begun;
    expect(code).toBe(130);
    expect(stderr).toContain(
      'yml/endpoint.yml, line 6, column 1: traffic is ignored: the rollout sets',
    );
    expect(stderr).toMatch(
      /yml\/green.yml, line 1, column 7: .*lower case.* Use "green-2" instead/,
    );
    expect(stderr).toContain(
      'Continue:  aml-rollout resume --endpoint-file yml/endpoint.yml --blue-file',
    );
    expect(stdout).toContain('BLUE      blue, heart-files from models/v1');

    const workspace = await connect(connectionTo(sandbox));
    const endpoint = await workspace.getEndpoint('heart-files');
    expect(endpoint).toMatchObject({ description: 'two words', tags: { team: 'risk' } });
    expect(endpoint?.traffic).toEqual({ blue: 90, 'Green-2': 10 });
    const [blue, green] = ['blue', 'Green-2'].map((name) =>
      workspace
        .listDeployments('heart-files')
        .then((all) => all.find((each) => each.name === name)),
    );
    expect(await green).toMatchObject({
      instanceType: 'Standard_F4s_v2',
      instanceCount: 1,
      environmentVariables: { WORKERS: '2' },
      requestSettings: { requestTimeoutMs: 9000 },
      livenessProbe: { initialDelay: 30 },
      appInsightsEnabled: true,
    });
    // The file says nothing of probes, so Azure's default stands and not this program's.
    expect((await blue)?.livenessProbe?.initialDelay).toBe(10);
    await workspace.close();

    // The same words go on with it.
    const again = run('resume', ...FILES);
    await again.says('hold     at 10%');
    again.interrupt();
    expect((await again).code).toBe(130);
  });

  it.each([
    ['instance_cuont: 3', 'yml/green.yml, line 10, column 1: unknown key instance_cuont.'],
    [
      'code_configuration: {code: ../src, scoring_script: score.py}',
      'yml/green.yml, line 10, column 1: code_configuration needs an environment',
    ],
    ['model_mount_path: /models', 'yml/green.yml, line 10, column 1: model_mount_path needs an'],
    [`${CODE.replace('score.py', 'none.py')}`, 'src has no file none.py (or its ignore file'],
  ])('names %j with its line, ends with 2, and changes nothing', async (line, sentence) => {
    prepare({ green: `${GREEN}${line}\n` });
    // An endpoint of its own: a green that exists is not created, and its code not looked for.
    for (const name of ['endpoint', 'blue', 'green']) {
      const path = join(cwd, 'yml', `${name}.yml`);
      writeFileSync(path, readFileSync(path, 'utf8').replaceAll('heart-files', 'heart-refused'));
    }
    const { code, stderr } = await run('run', ...FILES, '--yes');
    expect(code).toBe(2);
    expect(stderr).toContain(sentence);
    expect(stderr).not.toMatch(/\n {4}at /);
  });

  it('changes nothing where the rows could prove nothing', async () => {
    prepare();
    write('yml/endpoint.yml', ENDPOINT.replace('heart-files', 'heart-nothing'));
    const named = FILES.slice(0, 2).concat('--green-file', 'yml/green.yml', '--csv', 'heart.csv');
    for (const name of ['blue', 'green']) {
      const path = join(cwd, 'yml', `${name}.yml`);
      writeFileSync(path, readFileSync(path, 'utf8').replace(/^endpoint_name.*\n/m, ''));
    }
    const typo = await run('run', ...named, '--target', 'taget', '--yes');
    expect(typo).toMatchObject({ code: 2, stdout: '' });
    expect(typo.stderr).toContain('The CSV has no column taget for target. It has age, sex,');
    const without = await run('run', ...named.slice(0, 4), '--yes');
    expect(without).toMatchObject({ code: 2, stdout: '' });
    expect(without.stderr).toContain('The proof needs rows to send');
  });

  it('says which file does not fit the other, or is not there', async () => {
    prepare({ green: GREEN.replace('endpoint_name: heart-files', 'endpoint_name: another') });
    const result = await run('run', ...FILES, '--yes');
    expect(result.code).toBe(2);
    expect(result.stderr).toContain(
      'yml/green.yml, line 2, column 16: endpoint_name is another, but the endpoint is heart-files.',
    );
    const missing = await run('run', '--endpoint-file', 'no.yml', '--green-file', 'yml/green.yml');
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain('no.yml');
  });

  it('says what is missing on the command line', async () => {
    prepare();
    const stderr = async (...args: string[]) => {
      const result = await run(...args);
      expect(result.code).toBe(2);
      return result.stderr;
    };
    expect(await stderr('run')).toContain('Name a plan, or give --endpoint-file and --green-file');
    expect(await stderr('run', '--green-file', 'yml/green.yml')).toContain(
      '--endpoint-file is missing',
    );
    expect(await stderr('run', 'rollout.yml', '--csv', 'heart.csv')).toContain(
      '--csv cannot be combined with a plan',
    );
  });
});

describe('a plan that names the files', () => {
  it('promotes what they say, and leaves YAML that says the same', async () => {
    prepare({ green: `${GREEN.replace('Green-2', 'green-3')}${CODE}\n` });
    write('yml/endpoint.yml', ENDPOINT.replace('heart-files', 'heart-plan-files'));
    write('conda.yml', 'dependencies: [python=3.10, {pip: [mlflow]}]\n');
    write('yml/blue.yml', deployment('blue', 'v1', OWN_IMAGE));
    for (const name of ['blue', 'green']) {
      const path = join(cwd, 'yml', `${name}.yml`);
      writeFileSync(path, readFileSync(path, 'utf8').replace(/^endpoint_name.*\n/m, ''));
    }
    write(
      'rollout.yml',
      `version: 1
endpoint: {file: yml/endpoint.yml}
blue: {file: yml/blue.yml}
green: {file: yml/green.yml, instanceType: Standard_DS3_v2}
evidence: {csv: heart.csv, rows: 300, seed: 4711, target: target}
weights: [100]
holds: {minutes: 0}
gates: {latency: {mode: off}}
`,
    );
    const { code, stderr, events } = await run('run', 'rollout.yml', '--yes', '--json');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const result = events().at(-1) as { report: string };
    expect(events()).toContainEqual(
      expect.objectContaining({
        event: 'note',
        message: expect.stringMatching(/^The sandbox does not run .*skips score\.py/) as string,
      }),
    );
    const exported = readFileSync(join(result.report, '..', 'green-deployment.yml'), 'utf8');
    expect(exported).toContain('request_timeout_ms: 9000');
    expect(exported).toContain('instance_type: Standard_DS3_v2');
    const { spec } = readDeploymentFile(exported, 'green-deployment.yml');
    const { folder = '', scoringScript } = spec.codeConfiguration ?? {};
    expect([resolve(result.report, '..', folder), scoringScript]).toEqual([
      realpathSync(join(cwd, 'src')),
      'score.py',
    ]);

    const workspace = await connect(connectionTo(sandbox));
    const deployments = await workspace.listDeployments('heart-plan-files');
    await workspace.close();
    const [blue, green] = ['blue', 'green-3'].map((wanted) =>
      deployments.find(({ name }) => name === wanted),
    );
    const [, version] =
      /\/environments\/CliV2AnonymousEnvironment\/versions\/([0-9a-f]{64})$/.exec(
        blue?.environment ?? '',
      ) ?? [];
    const named = `azureml:CliV2AnonymousEnvironment:${version ?? 'none'}`;
    const beside = (name: string) => readFileSync(join(result.report, '..', name), 'utf8');
    expect(beside('blue-deployment.yml')).toContain(`environment: ${named}\n`);
    expect(beside('rollout.py')).toContain(`environment="${named}"`);
    expect(beside('report.md')).toContain(
      `| environment | ${blue?.environment ?? ''} | ${green?.environment ?? ''} |`,
    );
    expect(green).toMatchObject({
      environment: 'azureml://registries/azureml/environments/mlflow/versions/2',
      codeConfiguration: {
        codeId: expect.stringMatching(/\/codes\/[^/]+\/versions\/1$/) as string,
        scoringScript: 'score.py',
      },
    });
  });

  it('says the line in the file, not in the plan', async () => {
    prepare({ green: `${GREEN}tags: [\n` });
    write(
      'rollout.yml',
      'version: 1\nendpoint: {file: yml/endpoint.yml}\ngreen: {file: yml/green.yml}\n',
    );
    const { code, stderr } = await run('run', 'rollout.yml', '--yes');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^yml\/green.yml, line 1[12], column \d+: /m);
  });
});
