/** MLflow's REST API as plain HTTPS, and the models that come of it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, ArmClient, deployment, model } from '../../support/arm.js';
import { type TestSandbox, startSandbox } from '../../support/sandbox.js';

let sandbox: TestSandbox;
let arm: ArmClient;
let host: string;
let run: string;

const mlflow = (method: string, path: string, body?: unknown): Promise<Answer> =>
  arm.send(method, `${host}/mlflow/v2.0${arm.workspace}/api/2.0/mlflow/${path}`, {
    apiVersion: null,
    ...(body === undefined ? {} : { body }),
  });
const artifacts = (method: string, path: string, body?: unknown): Promise<Answer> =>
  arm.send(
    method,
    `${host}/history/v1.0${arm.workspace}/experiments/any/runs/${run}/artifacts${path}`,
    { apiVersion: null, ...(body === undefined ? {} : { body }) },
  );
const code = ({ status, body }: Answer) => [status, body.error_code];

beforeAll(async () => {
  sandbox = await startSandbox();
  arm = await ArmClient.connect(sandbox.info);
  const { mlFlowTrackingUri } = (await arm.get('')).body.properties;
  host = `https://${new URL(mlFlowTrackingUri as string).host}`;
  const started = await mlflow('POST', 'runs/create', {
    experiment_id: '0',
    run_name: 'first',
    tags: [{ key: 'framework', value: 'xgboost' }],
  });
  run = started.body.run.info.run_id as string;
  await arm.uploadSample('v1', 'workspaceartifactstore', `ExperimentRun/dcid.${run}/model`);
});

afterAll(async () => {
  await arm?.close();
  await sandbox?.stop();
});

describe('the tracking host', () => {
  it('asks for a token', async () => {
    const url = `${host}/mlflow/v2.0${arm.workspace}/api/2.0/mlflow/runs/get?run_id=${run}`;
    expect((await arm.send('GET', url, { apiVersion: null, token: null })).status).toBe(401);
  });

  it('names what it does not serve', async () => {
    const answer = await mlflow('POST', 'logged-models/search', {});
    expect(code(answer)).toEqual([404, 'ENDPOINT_NOT_FOUND']);
    expect(answer.body.Error.Message).toContain('POST logged-models/search');
    expect(code(await arm.get(`${host}/nowhere`))).toEqual([404, 'ENDPOINT_NOT_FOUND']);
    expect(code(await mlflow('GET', 'runs/create'))).toEqual([404, 'ENDPOINT_NOT_FOUND']);
  });

  it('serves this workspace only', async () => {
    const other = arm.workspace.replace(/[^/]+$/, 'other');
    const answer = await arm.get(
      `${host}/mlflow/v2.0${other}/api/2.0/mlflow/runs/get?run_id=${run}`,
    );
    expect([answer.status, answer.body.error.code]).toEqual([404, 'ResourceNotFound']);
  });

  it('refuses what is not JSON, or lacks a part', async () => {
    expect(code(await mlflow('POST', 'runs/log-batch', 'text'))).toEqual([
      400,
      'INVALID_PARAMETER_VALUE',
    ]);
    const answer = await mlflow('POST', 'experiments/create', {});
    expect(answer.body.Error.Message).toBe("Missing value for required parameter 'name'.");
  });

  it('keeps to the rights of the caller', async () => {
    await sandbox.control('POST', '/_sandbox/conditions', {
      deniedActions: ['*/workspaces/models/write'],
    });
    const answer = await mlflow('POST', 'registered-models/create', { name: 'denied' });
    await sandbox.control('DELETE', '/_sandbox/conditions');
    expect(code(answer)).toEqual([403, 'PERMISSION_DENIED']);
  });
});

describe('experiments', () => {
  const found = async (query: unknown): Promise<string[]> => {
    const { body } = await mlflow('POST', 'experiments/search', query);
    return body.experiments.map(({ name }: { name: string }) => name);
  };

  it('are created once, searched, renamed and archived', async () => {
    const { body } = await mlflow('POST', 'experiments/create', {
      name: 'trial',
      tags: [{ key: 'team', value: 'a' }],
    });
    const id = body.experiment_id as string;
    expect(code(await mlflow('POST', 'experiments/create', { name: 'Trial' }))).toEqual([
      400,
      'RESOURCE_ALREADY_EXISTS',
    ]);
    expect(await found({ filter: "tags.team = 'a'" })).toEqual(['trial']);
    expect(await found({ filter: "name LIKE 'D%'" })).toEqual(['Default']);
    expect(await found({ order_by: ['name ASC'] })).toEqual(['Default', 'trial']);
    await mlflow('POST', 'experiments/update', { experiment_id: id, new_name: 'renamed' });
    const named = await mlflow('GET', 'experiments/get-by-name?experiment_name=renamed');
    expect(named.body.experiment.experiment_id).toBe(id);
    await mlflow('POST', 'experiments/delete', { experiment_id: id });
    expect(await found({})).toEqual(['Default']);
    expect(await found({ view_type: 'DELETED_ONLY' })).toEqual(['renamed']);
    expect(code(await mlflow('POST', 'runs/create', { experiment_id: id }))).toEqual([
      400,
      'INVALID_STATE',
    ]);
  });

  it.each([{ filter: "constructor = 'x'" }, { order_by: ['constructor'] }])(
    'have no attribute that is not theirs: %j',
    async (query) => {
      const answer = await mlflow('POST', 'experiments/search', query);
      expect(code(answer)).toEqual([400, 'INVALID_PARAMETER_VALUE']);
    },
  );
});

describe('a run', () => {
  it('keeps what is logged to it', async () => {
    await mlflow('POST', 'runs/log-parameter', { run_id: run, key: 'depth', value: '3' });
    for (const [step, value] of [0.7, 'NaN', 0.4].entries())
      await mlflow('POST', 'runs/log-metric', {
        run_id: run,
        key: 'loss',
        value,
        step,
        timestamp: 1,
      });
    const { body } = await mlflow('GET', `runs/get?run_id=${run}`);
    expect(body.run.info).toMatchObject({ run_name: 'first', status: 'RUNNING' });
    expect(body.run.data).toMatchObject({
      params: [{ key: 'depth', value: '3' }],
      metrics: [{ key: 'loss', value: 0.4, step: 2, timestamp: 1 }],
    });
    expect(body.run.data.tags).toContainEqual({ key: 'framework', value: 'xgboost' });
    const history = await mlflow('GET', `metrics/get-history?run_id=${run}&metric_key=loss`);
    expect(history.body.metrics.map(({ value }: { value: unknown }) => value)).toEqual([
      0.7,
      'NaN',
      0.4,
    ]);
  });

  it('takes a batch as a whole or not at all', async () => {
    const answer = await mlflow('POST', 'runs/log-batch', {
      run_id: run,
      params: [
        { key: 'eta', value: '0.1' },
        { key: 'depth', value: '4' },
      ],
    });
    expect(answer.body.Error.Message).toContain("already logged with value='3'");
    const { body } = await mlflow('GET', `runs/get?run_id=${run}`);
    expect(body.run.data.params).toHaveLength(1);
    const worked = await mlflow('POST', 'runs/log-batch-async', {
      run_id: run,
      metrics: [{ key: 'auc', value: 0.9, timestamp: 1, step: 0 }],
    });
    expect(worked.body).toEqual({ batch_tracking_id: '' });
  });

  it('that is deleted is out of sight and takes nothing', async () => {
    const { body } = await mlflow('POST', 'runs/create', { experiment_id: '0' });
    const { run_id: id, experiment_id: experiment } = body.run.info;
    const found = async (view: string) => {
      const answer = await mlflow('POST', 'runs/search', {
        experiment_ids: [experiment],
        run_view_type: view,
      });
      return answer.body.runs.map((one: { info: { run_id: string } }) => one.info.run_id);
    };
    await mlflow('POST', 'runs/delete', { run_id: id });
    expect(await found('ACTIVE_ONLY')).toEqual([run]);
    expect(await found('DELETED_ONLY')).toEqual([id]);
    expect(
      code(await mlflow('POST', 'runs/set-tag', { run_id: id, key: 'a', value: 'b' })),
    ).toEqual([400, 'INVALID_STATE']);
    await mlflow('POST', 'runs/restore', { run_id: id });
    expect(await found('ALL')).toHaveLength(2);
    expect((await found('ACTIVE_ONLY')).sort()).toEqual([id, run].sort());
  });

  it('gives its results page by page', async () => {
    const { body } = await mlflow('GET', `runs/get?run_id=${run}`);
    const page = async (token?: string) =>
      (
        await mlflow('POST', 'runs/search', {
          experiment_ids: [body.run.info.experiment_id],
          max_results: 1,
          ...(token === undefined ? {} : { page_token: token }),
        })
      ).body;
    const first = await page();
    const second = await page(first.next_page_token as string);
    expect(first.runs).toHaveLength(1);
    expect(second.runs).toHaveLength(1);
    expect(second.next_page_token).toBeUndefined();
    expect(first.runs[0].info.run_id).not.toBe(second.runs[0].info.run_id);
  });

  it('shows up among the jobs', async () => {
    await mlflow('POST', 'runs/update', { run_id: run, status: 'FINISHED', end_time: 2 });
    const { body } = await arm.get(`jobs/${run}`);
    expect(body.properties).toMatchObject({
      jobType: 'Command',
      status: 'Completed',
      displayName: 'first',
      experimentName: 'Default',
      outputs: {
        default: { uri: `azureml://datastores/workspaceartifactstore/ExperimentRun/dcid.${run}` },
      },
    });
    const names = async (query: string) =>
      (await arm.get(`jobs${query}`)).body.value.map(({ name }: { name: string }) => name);
    expect(await names('')).toContain(run);
    expect(await names('?tag=framework')).toEqual([run]);
    expect(await names('?jobType=Pipeline')).toEqual([]);
    expect((await arm.get('jobs/nope')).status).toBe(404);
  });
});

describe('artifacts', () => {
  it('are listed, and their addresses can be read from', async () => {
    const list = await artifacts('GET', '');
    const paths = list.body.value.map(({ path }: { path: string }) => path);
    expect(paths).toContain('model/MLmodel');
    const { body } = await artifacts('GET', '/contentinfo?path=model/MLmodel');
    const answer = await arm.read(body.contentUri as string);
    expect(answer).toContain('flavors:');
    expect(code(await artifacts('GET', '/contentinfo?path=model/nope'))).toEqual([
      404,
      'RESOURCE_DOES_NOT_EXIST',
    ]);
  });

  it('are written to the addresses that are handed out', async () => {
    const { body } = await artifacts('POST', '/batch/metadata', {
      paths: [{ path: 'notes/a b.txt' }],
    });
    const { contentUri } = body.artifactContentInformation['notes/a b.txt'];
    expect(await arm.write(contentUri as string, 'hello')).toBe(201);
    const { body: info } = await artifacts('GET', '/contentinfo?path=notes/a%20b.txt');
    expect(await arm.read(info.contentUri as string)).toBe('hello');
    expect(code(await artifacts('POST', '/batch/metadata', { paths: [{ path: '../x' }] }))).toEqual(
      [400, 'INVALID_PARAMETER_VALUE'],
    );
  });

  it('of no run are not found', async () => {
    const answer = await arm.send(
      'GET',
      `${host}/history/v1.0${arm.workspace}/experiments/any/runs/nope/artifacts`,
    );
    expect(code(answer)).toEqual([404, 'RESOURCE_DOES_NOT_EXIST']);
  });
});

describe('registered models', () => {
  it('are the models of the workspace', async () => {
    await mlflow('POST', 'registered-models/create', { name: 'heart' });
    expect(code(await mlflow('POST', 'registered-models/create', { name: 'Heart' }))).toEqual([
      400,
      'RESOURCE_ALREADY_EXISTS',
    ]);
    const { body } = await mlflow('POST', 'model-versions/create', {
      name: 'heart',
      source: `runs:/${run}/model`,
      run_id: run,
    });
    expect(body.model_version).toMatchObject({
      version: '1',
      run_id: run,
      status: 'READY',
      current_stage: 'None',
    });
    const version = await arm.get('models/heart/versions/1');
    expect(version.body.properties).toMatchObject({
      modelType: 'mlflow_model',
      jobName: run,
      modelUri: expect.stringMatching(
        /workspaceartifactstore\/paths\/ExperimentRun\/dcid\.[^/]+\/model$/,
      ) as string,
      flavors: { python_function: { data: { loader_module: expect.any(String) as string } } },
    });
    await arm.put(
      'models/heart/versions/7',
      model(`azureml://jobs/${run}/outputs/artifacts/paths/model`),
    );
    const found = await mlflow('GET', "model-versions/search?filter=name%3D'heart'");
    const versions = found.body.model_versions.map(({ version: one }: { version: string }) => one);
    expect(versions.sort()).toEqual(['1', '7']);
    const next = await mlflow('POST', 'model-versions/create', {
      name: 'heart',
      source: `runs:/${run}/model`,
    });
    expect(next.body.model_version.version).toBe('8');
  });

  it('hide what is archived', async () => {
    const { body } = await arm.get('models/heart/versions/8');
    await arm.put('models/heart/versions/8', {
      properties: { ...body.properties, isArchived: true },
    });
    const found = await mlflow('GET', "model-versions/search?filter=name%3D'heart'");
    expect(found.body.model_versions).toHaveLength(2);
  });

  it('are made of MLflow models in this workspace only', async () => {
    const create = (source: string) =>
      mlflow('POST', 'model-versions/create', { name: 'heart', source });
    expect((await create(`runs:/${run}/nothing`)).body.Error.Message).toContain('no MLmodel file');
    expect((await create('s3://bucket/model')).body.Error.Message).toContain('not a place in this');
    expect(code(await mlflow('POST', 'model-versions/create', { name: 'x', source: 's' }))).toEqual(
      [404, 'RESOURCE_DOES_NOT_EXIST'],
    );
  });

  it.each([
    ['POST', 'registered-models/rename', { name: 'heart', new_name: 'x' }],
    ['DELETE', 'registered-models/delete', { name: 'heart' }],
  ])('are not %s %s, as Azure does not', async (method, path, body) => {
    expect(code(await mlflow(method, path, body))).toEqual([501, 'FEATURE_DISABLED']);
    expect((await arm.get('models/heart')).status).toBe(200);
  });

  it.each(["name LIKE 'h%'", "tag.`mlflow.prompt.is_prompt` != 'true'"])(
    'are not searched by %s, as Azure does not',
    async (filter) => {
      const path = `registered-models/search?filter=${encodeURIComponent(filter)}`;
      const answer = await mlflow('GET', path);
      expect(code(answer)).toEqual([400, 'INVALID_PARAMETER_VALUE']);
      expect(answer.body.Error.Message).toContain(`Provided filter string: ${filter}`);
      const byName = await mlflow('GET', "registered-models/search?filter=name%3D'heart'");
      expect(byName.body.registered_models).toHaveLength(1);
    },
  );

  it('are deployed from where the run logged them, and answer', async () => {
    await arm.createEndpoint('from-run');
    const { body } = await arm.get('models/heart/versions/1');
    const answer = await arm.put(
      'onlineEndpoints/from-run/deployments/blue',
      deployment(body.id as string),
    );
    expect(await arm.finished(answer)).toMatchObject({ status: 'Succeeded' });
  });
});
