import { afterEach, describe, expect, it } from 'vitest';
import { call, type Host, openHost, ROWS } from './scoring-support.js';
import { patience } from '../../support/patience.js';

let host: Host;
afterEach(() => host.close());

const CONDA = (python: string, ...pip: string[]) =>
  `name: m\ndependencies:\n- python=${python}\n- pip\n- pip:\n${pip.map((one) => `  - ${one}`).join('\n')}\n`;
const SERVER = ['azureml-inference-server-http', 'azureml-ai-monitoring'];

/** Starts a copy of v1 with one file changed or left out. */
async function startChanged(file: string, content: string | undefined): Promise<unknown> {
  host = await openHost();
  for (const [path, bytes] of Object.entries(host.files))
    if (path.startsWith('LocalUpload/v1/')) host.files[path.replace('/v1/', '/changed/')] = bytes;
  if (content === undefined) delete host.files[`LocalUpload/changed/${file}`];
  else host.files[`LocalUpload/changed/${file}`] = content;
  host.model('3', 'LocalUpload/changed');
  return host.deploy('green', { model: 'azureml:heart:3' }).then(
    () => undefined,
    (error: unknown) => error,
  );
}
const log = () => host.runtime.logs('heart', 'green', 'InferenceServer', 50);

describe('a start', () => {
  it('goes through the four phases and leaves the log of the service', async () => {
    host = await openHost();
    await host.deploy('green');
    expect(log()).toMatch(
      /^Instance status:\nSystemSetup: Succeeded\nUserContainerImagePull: Succeeded\nModelDownload: Succeeded\nUserContainerStart: Succeeded\n\nContainer events:\nKind: Pod, Name: Pulling, Type: Normal, Time: \d{8}-\d\d:\d\d:\d\d\.\d{6}, Message: Start pulling container image\n/,
    );
    expect(host.runtime.logs('heart', 'green', 'StorageInitializer', 1)).toContain(
      'Downloaded 8 files',
    );
  });

  it('can be called off', async () => {
    host = await openHost();
    const controller = new AbortController();
    host.add('green');
    const starting = host.runtime.start('heart', 'green', controller.signal);
    controller.abort(new Error('called off'));
    await expect(starting).rejects.toThrow('called off');
    expect((await call(host, { deployment: 'green' })).statusCode).toBe(404);
  });

  it('ends with the sandbox', async () => {
    host = await openHost();
    host.add('green');
    const starting = host.runtime.start('heart', 'green', new AbortController().signal);
    await host.runtime.close();
    await expect(starting).rejects.toThrow('The sandbox is ending.');
  });

  it.each([
    [
      'without python_function',
      'MLmodel',
      'flavors:\n  onnx:\n    data: model.onnx\n',
      '"python_function"',
    ],
    [
      'without an ONNX flavor',
      'MLmodel',
      'flavors:\n  python_function:\n    env: conda.yaml\n',
      'Asked: there is no /nowhere/python.',
    ],
    ['with a broken ONNX file', 'model.onnx', 'not a model', 'can not be loaded'],
    [
      'without monitoring',
      'conda.yaml',
      CONDA('3.11', 'mlflow==2.16.2', SERVER[0]!),
      "No module named 'azureml.ai'",
    ],
    [
      'without the server',
      'conda.yaml',
      CONDA('3.11', 'mlflow==2.16.2', SERVER[1]!),
      'azureml-inference-server-http',
    ],
    ['with an unpinned mlflow', 'conda.yaml', CONDA('3.11', 'mlflow', ...SERVER), 'pin mlflow<3'],
    ['with mlflow 3.7', 'conda.yaml', CONDA('3.11', 'mlflow==3.7.0', ...SERVER), 'pin mlflow<3'],
  ])('%s crashes as in the service, and the log says why', async (_what, file, content, words) => {
    expect(await startChanged(file, content)).toMatchObject({
      name: 'DeploymentFailure',
      code: 'BadArgument',
      message: expect.stringContaining(
        'Liveness probe failed: HTTP probe failed with statuscode: 502',
      ) as string,
    });
    expect(log()).toContain(words);
    expect(log()).toContain('UserContainerStart: Failed');
  });

  it('fails to build the image for Python 3.7', async () => {
    const failure = await startChanged('conda.yaml', CONDA('3.7.15', 'mlflow==1.30.0', ...SERVER));
    expect(failure).toMatchObject({ code: 'ImageBuildFailure' });
    expect(log()).toContain('UserContainerImagePull: Failed');
  });

  it('fails where the folder or the version is missing', async () => {
    expect(await startChanged('MLmodel', undefined)).toMatchObject({ code: 'BadArgument' });
    expect(log()).toContain('Name: DownloadFailed, Type: Warning');
    await expect(host.deploy('red', { model: 'azureml:heart:99' })).rejects.toMatchObject({
      code: 'ModelRegistryError',
      message: 'Could not find asset with ID: azureml:heart:99',
    });
  });

  it('crashes on demand', async () => {
    host = await openHost();
    host.context.faults.add({
      match: { deployment: 'green' },
      times: 1,
      action: { crash: 'out of memory' },
    });
    await expect(host.deploy('green')).rejects.toMatchObject({ code: 'BadArgument' });
    expect(log()).toContain('out of memory');
    await host.deploy('green');
  });
});

describe('a package', () => {
  const build = (modelUri: string, signal = new AbortController().signal) =>
    host.runtime.buildPackage(
      { name: 'heart', version: '3', modelUri, servesOnline: true, hasCode: false },
      signal,
    );
  const PLACE = 'azureml://datastores/workspaceblobstore/paths/LocalUpload';

  it('builds where an image would', async () => {
    host = await openHost();
    await expect(build(`${PLACE}/v1`)).resolves.toBeUndefined();
    host.files['LocalUpload/v1/conda.yaml'] = CONDA('3.7.15', 'mlflow==1.30.0', ...SERVER);
    await expect(build(`${PLACE}/v1`)).rejects.toMatchObject({ code: 'ImageBuildFailure' });
    delete host.files['LocalUpload/v1/conda.yaml'];
    await expect(build(`${PLACE}/v1`)).rejects.toMatchObject({ code: 'ImageBuildFailure' });
    await expect(build('https://elsewhere/model')).rejects.toMatchObject({
      message: 'Could not find asset with ID: heart:3',
    });
    await expect(build(`${PLACE}/v2`, AbortSignal.abort(new Error('called off')))).rejects.toThrow(
      'called off',
    );
  });
});

describe('a running deployment', () => {
  it('answers every request while an update puts another model in its place', async () => {
    host = await openHost();
    const green = await host.deploy('green', {
      requestSettings: {
        requestTimeout: 'PT5S',
        maxConcurrentRequestsPerInstance: 10,
        maxQueueWait: 'PT0S',
      },
    });
    const before = await host.runtime.container(host.endpoint, green);
    green.model = 'azureml:heart:2';
    let updated = false;
    const update = host.runtime
      .start('heart', 'green', new AbortController().signal)
      .finally(() => (updated = true));
    const statuses = new Set<number>();
    while (!updated) {
      const answers = await Promise.all([1, 2, 3].map(() => call(host, { deployment: 'green' })));
      for (const answer of answers) statuses.add(answer.statusCode);
    }
    await update;
    expect([...statuses]).toEqual([200]);
    expect(await host.runtime.container(host.endpoint, green)).not.toBe(before);
    // One who still holds the old container is told at once, and asks for the new one.
    const body = Buffer.from(JSON.stringify({ input_data: ROWS }));
    await expect(before?.score(body)).rejects.toMatchObject({ name: 'Stopped' });
  });

  it('keeps its old instances when an update fails', async () => {
    host = await openHost();
    const green = await host.deploy('green');
    green.model = 'azureml:heart:99';
    await expect(
      host.runtime.start('heart', 'green', new AbortController().signal),
    ).rejects.toThrow();
    expect((await call(host, { deployment: 'green' })).statusCode).toBe(200);
  });

  it('answers 408 over its timeout, and 429 over twice its concurrency', async () => {
    host = await openHost();
    await host.deploy('green', {
      environmentVariables: { AMLR_SANDBOX_DELAY_MS: String(patience(400)) },
      requestSettings: {
        requestTimeout: `PT${patience(100) / 1000}S`,
        maxConcurrentRequestsPerInstance: 1,
        maxQueueWait: 'PT0S',
      },
    });
    const answers = await Promise.all([1, 2, 3].map(() => call(host, { deployment: 'green' })));
    expect(answers.map((one) => one.statusCode).sort()).toEqual([408, 408, 429]);
    const counted = host.metrics.minutes('heart', 0, Number.MAX_SAFE_INTEGER);
    expect(counted.find((one) => one.statusCode === 408)?.count).toBe(2);
    expect(counted.find((one) => one.statusCode === 429)?.count).toBe(1);
  });

  it('fails as often as its environment variable asks', async () => {
    host = await openHost();
    await host.deploy('green', { environmentVariables: { AMLR_SANDBOX_FAIL_PERCENT: '100' } });
    const response = await call(host, { deployment: 'green' });
    expect(response.statusCode).toBe(424);
    expect(response.headers['ms-azureml-model-error-statuscode']).toBe('500');
    expect(response.headers['x-ms-run-function-failed']).toBe('True');
  });

  it('boots a new worker after a crash', async () => {
    host = await openHost(5);
    await host.deploy('green', { environmentVariables: { AMLR_SANDBOX_CRASH_PERCENT: '50' } });
    const answers: string[] = [];
    for (let at = 0; at < 20 && !answers.join().includes('502,200'); at += 1) {
      const { statusCode, headers } = await call(host, { deployment: 'green' });
      const model = headers['ms-azureml-model-error-statuscode'];
      answers.push(String(statusCode === 424 ? model : statusCode));
    }
    expect(answers.join()).toContain('502,200');
    expect(log()).toContain('Worker exited with code 137');
  });

  it('scales without a gap, and serves nothing once stopped', async () => {
    host = await openHost();
    await host.deploy('green');
    await host.runtime.scale('HEART', 'Green', 2);
    const record = host.endpoint.deployments['green']!;
    expect((await host.runtime.container(host.endpoint, record))?.instances).toBe(2);
    const answers = Promise.all([1, 2].map(() => call(host, { deployment: 'green' })));
    await host.runtime.scale('heart', 'green', 1);
    expect((await answers).map((one) => one.statusCode)).toEqual([200, 200]);
    await host.runtime.stop('heart', 'green');
    expect((await call(host, { deployment: 'green' })).statusCode).toBe(404);
  });

  it('serves again after a restart of the sandbox', async () => {
    host = await openHost();
    await host.deploy('green');
    const { state } = host.context;
    await host.close();
    host = await openHost(1, JSON.parse(JSON.stringify(state)) as typeof state);
    expect((await call(host, { deployment: 'green' })).json()).toHaveLength(5);
  });
});
