/** Models without an ONNX flavor. The real server is driven by test/conformance/test_flavors_on_sandbox.py. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DeploymentRecord } from '../../../src/sandbox/endpoint-record.js';
import { findPython } from '../../../src/sandbox/scoring/python.js';
import { call, type Host, openHost } from './scoring-support.js';
import { eventually } from '../../support/eventually.js';
import { isAlive } from '../../support/is-alive.js';
import { patience } from '../../support/patience.js';

const STUB = fileURLToPath(new URL('python-stub.mjs', import.meta.url));
let folder: string;
let python: string;
let host: Host;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aml-rollout-stub-'));
  python = join(folder, 'python');
  writeFileSync(python, `#!/bin/sh\nexec "${process.execPath}" "${STUB}" "$@"\n`, { mode: 0o755 });
});
afterEach(() => host?.close());
afterAll(() => rmSync(folder, { recursive: true }));

/** The environment of a sandbox's process: the stub, and what must not reach a model. */
const ours = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}`,
  HOME: folder,
  PYENV_SELF: python,
  AML_ROLLOUT_SANDBOX_PYTHON: python,
  HTTPS_PROXY: 'http://127.0.0.1:1',
  IDENTITY_HEADER: 'a-secret',
  AZURE_CLIENT_SECRET: 'another',
  ...more,
});

/** A host whose model 3 has no ONNX flavor. */
async function openPlain(environment = ours()): Promise<void> {
  host = await openHost(1, undefined, environment);
  host.files['plain/MLmodel'] =
    'flavors:\n  python_function:\n    env: conda.yaml\n  sklearn: {}\n';
  host.files['plain/conda.yaml'] = host.files['LocalUpload/v1/conda.yaml']!;
  host.files['plain/code/feature.py'] = 'pass\n';
  host.model('3', 'plain');
}

async function deployPlain(
  changes: Partial<DeploymentRecord> = {},
  environment = ours(),
): Promise<DeploymentRecord> {
  await openPlain(environment);
  return host.deploy('green', { model: 'azureml:heart:3', ...changes });
}

const log = () => host.runtime.logs('heart', 'green', 'InferenceServer', 100);
const score = (body?: unknown) => call(host, { deployment: 'green', body });
interface Echo {
  body: unknown;
  pid: number;
  env: Record<string, string>;
  model: string;
}
async function echo(body?: unknown): Promise<Echo> {
  return (await score(body)).json<Echo[]>()[0]!;
}
/** What the process said of itself, once it runs. */
async function startedProcess(): Promise<{ pid: number; model: string }> {
  const [, pid, model] = await eventually(() => {
    const said = /started as (\d+) with (\S+)/.exec(log());
    if (!said) throw new Error(`No process in the log: ${log()}`);
    return said;
  });
  return { pid: Number(pid), model: model! };
}

describe('a model without an ONNX flavor', () => {
  it('is served by a process of its own, and its log says by which', async () => {
    await deployPlain();
    const { model } = await echo();
    expect(existsSync(join(model, 'MLmodel'))).toBe(true);
    expect(existsSync(join(model, 'code', 'feature.py'))).toBe(true);
    expect(log()).toContain("Starting MLflow's scoring server: mlflow 2.22.5, Python 3.11.7");
    expect(log()).toContain(`started as`);
    expect(log()).toContain('from sitecustomize');
    expect(log()).toContain('UserContainerStart: Succeeded');
  });

  it.each([
    [
      { columns: ['age'], index: [7], data: [[63]] },
      { dataframe_split: { columns: ['age'], data: [[63]] } },
    ],
    [[[1, 2]], { inputs: [[1, 2]] }],
    [{ a: [1], b: [2] }, { inputs: { a: [1], b: [2] } }],
  ])('is sent %j as MLflow has it', async (input, sent) => {
    await deployPlain();
    expect((await echo({ input_data: input })).body).toEqual(sent);
    const params = { threshold: 0.3 };
    expect((await echo({ input_data: input, params })).body).toEqual({ ...sent, params });
  });

  it('sees nothing of the environment of the sandbox, but its own variables', async () => {
    await deployPlain({ environmentVariables: { THRESHOLD: '0.3', PATH: '/elsewhere' } });
    const { env, model } = await echo();
    expect(env).toMatchObject({ THRESHOLD: '0.3', PATH: ours()['PATH'], HOME: folder });
    expect(env).toMatchObject({ AZUREML_MODEL_DIR: dirname(model) });
    expect(Object.keys(env).filter((name) => /proxy|identity|azure_|rollout/i.test(name))).toEqual(
      [],
    );
  });

  it('answers as its server does where JavaScript has no such value', async () => {
    await deployPlain({ environmentVariables: { STUB: 'not-a-number' } });
    const answer = await score();
    expect([answer.statusCode, answer.body]).toEqual([200, '[0.5, NaN]']);
  });

  it('refuses what its signature refuses, and tells no values', async () => {
    await deployPlain({ environmentVariables: { STUB: 'refuse-input' } });
    const answer = await score();
    expect(answer.statusCode).toBe(424);
    expect(answer.headers['ms-azureml-model-error-statuscode']).toBe('400');
    expect(answer.json()).toEqual({
      error_code: 'BAD_REQUEST',
      message: 'Failed to enforce schema of data',
    });
  });

  it('that fails leaves its traceback in the log', async () => {
    await deployPlain({ environmentVariables: { STUB: 'fail' } });
    const answer = await score();
    expect(answer.headers['ms-azureml-model-error-statuscode']).toBe('500');
    expect(answer.json<{ message: string }>().message).toBe('ValueError: no such feature');
    expect(log()).toContain('Traceback (most recent call last):');
  });

  it('boots again after a crash', async () => {
    await deployPlain();
    const { pid } = await echo();
    process.kill(pid, 'SIGKILL');
    await eventually(() => expect(log()).toContain('Worker exited with code 137'));
    await eventually(async () => expect((await echo()).pid).not.toBe(pid));
  });

  it('crashes in the middle of a request as its variable asks', async () => {
    await deployPlain({ environmentVariables: { AMLR_SANDBOX_CRASH_PERCENT: '100' } });
    const answer = await score();
    expect(answer.headers['ms-azureml-model-error-statuscode']).toBe('502');
  });

  it('keeps to its timeout and its concurrency', async () => {
    await deployPlain({
      environmentVariables: { AMLR_SANDBOX_DELAY_MS: String(patience(400)) },
      requestSettings: {
        requestTimeout: `PT${patience(100) / 1000}S`,
        maxConcurrentRequestsPerInstance: 1,
        maxQueueWait: 'PT0S',
      },
    });
    const answers = await Promise.all([1, 2, 3].map(() => score()));
    expect(answers.map((one) => one.statusCode).sort()).toEqual([408, 408, 429]);
  });
});

describe('its processes', () => {
  it('are one an instance, and end with it and with the deployment', async () => {
    await deployPlain({ sku: { name: 'Default', tier: 'Standard', capacity: 2 } });
    const both = new Set<number>();
    await eventually(async () => {
      for (const { json } of await Promise.all([score(), score()]))
        both.add(json<Echo[]>()[0]!.pid);
      expect(both.size).toBe(2);
    });
    await host.runtime.scale('heart', 'green', 1);
    await eventually(() => expect([...both].filter(isAlive)).toHaveLength(1));
    const { model } = await echo();
    await host.runtime.stop('heart', 'green');
    expect([...both].filter(isAlive)).toEqual([]);
    expect(existsSync(model)).toBe(false);
  });

  it('end when an update has put others in their place', async () => {
    const green = await deployPlain();
    const before = await echo();
    green.environmentVariables = { THRESHOLD: '1' };
    await host.runtime.start('heart', 'green', new AbortController().signal);
    const after = await echo();
    expect(after.env['THRESHOLD']).toBe('1');
    await eventually(() => expect(isAlive(before.pid)).toBe(false));
    await eventually(() => expect(existsSync(before.model)).toBe(false));
    expect(existsSync(after.model)).toBe(true);
  });

  it.each([
    [
      'with the operation',
      (controller: AbortController) => controller.abort(new Error('called off')),
    ],
    ['with the sandbox', () => host.runtime.close()],
  ])('end before they are ready, %s', async (_how, end) => {
    await openPlain();
    host.add('green', {
      model: 'azureml:heart:3',
      environmentVariables: { STUB: 'silent' },
    });
    const controller = new AbortController();
    const starting = host.runtime.start('heart', 'green', controller.signal);
    starting.catch(() => undefined);
    const { pid, model } = await startedProcess();
    expect([isAlive(pid), existsSync(model)]).toEqual([true, true]);
    void end(controller);
    await expect(starting).rejects.toThrow();
    expect([isAlive(pid), existsSync(model)]).toEqual([false, false]);
  });

  it('resume after a restart of the sandbox', async () => {
    const green = await deployPlain();
    green.everSucceeded = true;
    const { state } = host.context;
    const { files } = host;
    await host.close();
    host = await openHost(1, JSON.parse(JSON.stringify(state)) as typeof state, ours());
    Object.assign(host.files, files);
    // The model was asked for at once, when its files were not there yet.
    host.runtime.resume();
    expect((await echo()).pid).toBeGreaterThan(0);
  });
});

describe('what is missing', () => {
  it('is a package of the model: the container crashes with the error of Python', async () => {
    await expect(
      deployPlain({ environmentVariables: { STUB: 'no-module' } }),
    ).rejects.toMatchObject({ name: 'DeploymentFailure', code: 'BadArgument' });
    expect(log()).toContain("ModuleNotFoundError: No module named 'xgboost'");
    expect(log()).toContain(`${python} has to have those that conda.yaml lists`);
    expect(log()).toContain('UserContainerStart: Failed');
    expect(existsSync((await startedProcess()).model)).toBe(false);
  });

  it('is mlflow: the log says who was asked and what to do', async () => {
    await expect(deployPlain({}, ours({ PYENV_STUB: 'no-mlflow' }))).rejects.toMatchObject({
      code: 'BadArgument',
    });
    expect(log()).toContain(`Asked: ${python} (Python 3.11.7) has no mlflow.`);
    expect(log()).toContain('name that Python in AML_ROLLOUT_SANDBOX_PYTHON');
  });

  it('is a file inside of the folder', async () => {
    await openPlain();
    host.files['plain/../../outside'] = 'no';
    await expect(host.deploy('green', { model: 'azureml:heart:3' })).rejects.toThrow();
    expect(host.runtime.logs('heart', 'green', 'StorageInitializer', 9)).toContain(
      "lies outside of the model's folder",
    );
  });
});

describe('the Python', () => {
  it('is the first of the path that has mlflow', async () => {
    const { AML_ROLLOUT_SANDBOX_PYTHON: _, ...unnamed } = ours({ PATH: folder });
    expect(await findPython(unnamed)).toEqual({
      executable: python,
      version: '3.11.7',
      mlflow: '2.22.5',
    });
    expect(await findPython({ ...unnamed, PYENV_STUB: 'no-mlflow' })).toEqual([
      'there is no python3',
      'python (Python 3.11.7) has no mlflow',
    ]);
  });

  it('is none but the one that was named', async () => {
    expect(await findPython(ours({ AML_ROLLOUT_SANDBOX_PYTHON: '/nowhere/python' }))).toEqual([
      'there is no /nowhere/python',
    ]);
    expect(await findPython(ours({ AML_ROLLOUT_SANDBOX_PYTHON: STUB }))).toEqual([
      `${STUB} does not run`,
    ]);
  });
});
