import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { specToWire } from '../../../src/azure/deployment-wire.js';
import { readDeploymentFile } from '../../../src/interop/deployment-file.js';
import { readEndpointFile } from '../../../src/interop/endpoint-file.js';
import { readPlanFile } from '../../../src/interop/plan-file.js';
import { FileProblem } from '../../../src/interop/yaml-file.js';

const sample = (name: string) =>
  readFileSync(new URL(`../../../samples/${name}`, import.meta.url), 'utf8');

function problems(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof FileProblem) return error.problems;
    throw error;
  }
  throw new Error('the file was taken');
}

describe('the samples', () => {
  it('are read', () => {
    expect(readEndpointFile(sample('endpoint.yml'), 'endpoint.yml').spec.authMode).toBe('key');
    for (const name of ['blue-deployment.yml', 'green-deployment.yml']) {
      expect(readDeploymentFile(sample(name), name).spec.instanceType).toMatch(/^Standard_/);
    }
  });
});

describe('deployment.yml', () => {
  const file = (extra: string) => `name: x-8
endpoint_name: heart
model: azureml:heart-classifier:8
instance_type: Standard_DS3_v2
instance_count: 1
${extra}`;

  it('leaves to Azure what a section leaves out, as az does', () => {
    const { spec } = readDeploymentFile(
      file('request_settings: {request_timeout_ms: 9000}\nreadiness_probe: {period: 7}'),
      'f',
    );
    expect(spec.requestSettings).toEqual({ requestTimeoutMs: 9000 });
    expect(spec.readinessProbe).toEqual({ period: 7 });
    expect(spec).not.toHaveProperty('livenessProbe');
    const wire = specToWire('westeurope', {
      ...spec,
      model: 'm',
      instanceType: 's',
      instanceCount: 1,
    });
    expect(JSON.parse(JSON.stringify(wire['properties']))).toMatchObject({
      requestSettings: { requestTimeout: 'PT9S' },
      readinessProbe: { period: 'PT7S' },
    });
    expect(JSON.stringify(wire)).not.toMatch(/maxQueueWait|initialDelay/);
  });

  it('may leave its instances to the plan that names it', () => {
    const text = 'name: x-8\nmodel: azureml:heart-classifier:8\n';
    const plan = (beside: string) => () =>
      readPlanFile(
        `version: 1\nendpoint: {name: heart}\ngreen: {file: green.yml${beside}}\nevidence: {csv: rows.csv}\n`,
        'p.yml',
        { folder: '/f', open: () => text, note: () => {} },
      );
    expect(plan(', instanceType: Standard_F2s_v2, instanceCount: 2')().green).toMatchObject({
      instanceType: 'Standard_F2s_v2',
      instanceCount: 2,
    });
    expect(problems(plan(', instanceCount: 2'))).toEqual([
      'green.yml, line 1, column 1: instance_type is missing: name the size of its instances.',
    ]);
    expect(problems(plan(', instanceType: Standard_F2s_v2'))).toEqual([
      'green.yml, line 1, column 1: instance_count is missing: set the number of instances.',
    ]);
  });

  // azure-ai-ml 1.35.2, `ManagedOnlineDeployment._to_rest_object`, run on these files.
  it.each([
    ['private_network_connection: true', { 'private-network-connection': 'true' }],
    [
      'private_network_connection: yes\nproperties: {a: b}',
      { a: 'b', 'private-network-connection': 'true' },
    ],
    ['private_network_connection: false\nproperties: {a: b}', { a: 'b' }],
    ['private_network_connection: false', undefined],
  ])(
    'has the private network of the first preview as the official client has it: %j',
    (extra, properties) => {
      const { spec, notes } = readDeploymentFile(file(extra), 'd.yml');
      expect(spec.properties).toEqual(properties);
      expect(spec).not.toHaveProperty('egressPublicNetworkAccess');
      expect(notes).toEqual(
        extra.includes('false')
          ? []
          : [
              'd.yml, line 6, column 1: private_network_connection is sent as the property private-network-connection, as az sends it. No stable API version has the member: to block egress, use egress_public_network_access: disabled.',
            ],
      );
    },
  );

  it.each([
    [
      'instance_cuont: 2',
      'd.yml, line 6, column 1: unknown key instance_cuont. Did you mean instance_count?',
    ],
    [
      'environment: azureml:e@stable',
      'd.yml, line 6, column 14: environment: use azureml:NAME:VERSION',
    ],
    [
      'data_collector: {collections: {r: {enabled: maybe}}}',
      'data_collector.collections.r.enabled: use true or false',
    ],
    [
      'data_collector: {collections: {}, rolling_rate: week}',
      'data_collector.rolling_rate: use minute, hour or day',
    ],
    [
      'code_configuration:\n  code: ../src\n  scoring_script: score.py',
      'd.yml, line 6, column 1: code_configuration needs an environment: add environment:',
    ],
    [
      'environment: azureml:e:1\ncode_configuration: {code: ../src}',
      'd.yml, line 7, column 21: code_configuration.scoring_script',
    ],
    [
      'environment: azureml:e:1\ncode_configuration: {code: ../src, scoring_script: ../score.py}',
      'code_configuration.scoring_script: use a path inside the folder that code names',
    ],
    [
      'environment: azureml:e:1\ncode_configuration: {code: "https://x/y", scoring_script: score.py}',
      'code_configuration.code: use a folder beside the file, azureml:NAME:VERSION',
    ],
    [
      'environment: azureml:e:1\nmodel_mount_path: models',
      'model_mount_path: use an absolute path',
    ],
    ['private_network_connection: 3', 'private_network_connection: use true or false'],
    ['resources: {requests: {cpu: 1}}', 'd.yml, line 6, column 1: resources: for Kubernetes only'],
    ['model_mount_path: /x', 'd.yml, line 6, column 1: model_mount_path needs an environment'],
    ['type: kubernetes', 'line 6, column 7: type: only managed deployments'],
    ['scale_settings: {type: default, min_instances: 2}', 'unknown key min_instances in scale_'],
    ['liveness_probe: {period: 0}', 'liveness_probe.period: use seconds above 0'],
    [
      'request_settings:\n  request_timeout_ms: 200000',
      'line 7, column 23: request_settings.request_timeout_ms: Azure allows at most 180000 ms',
    ],
    [
      'liveness_probe:\n  initial_dealy: 3',
      'line 7, column 3: unknown key initial_dealy in liveness_probe. Did you mean initial_delay?',
    ],
    ['scale_settings: {type: target_utilization}', 'managed deployments take only default'],
    ['egress_public_network_access: maybe', 'use enabled or disabled'],
    ['liveness_probe: {initial_delay: -1}', 'liveness_probe.initial_delay: use seconds from 0'],
    ['request_settings: {max_queue_wait_ms: -1}', 'use milliseconds from 0'],
    [
      'environment: {image: i, inference_config: {liveness_route: {path: /}}}',
      'inference_config.liveness_route.port: is missing; use a port number',
    ],
    [
      'environment: azureml:e:1\ncode_configuration: {code: ../src}',
      'code_configuration.scoring_script: is missing; name the script, such as score.py',
    ],
    ['environment_variables: {A: null}', 'environment_variables.A: write text, in quotes'],
    ['tags: [1]', 'line 6, column 7: tags: write keys with their values'],
    ['app_insights_enabled: 3', 'app_insights_enabled: use true or false'],
    ['tags: [', 'd.yml, line 6'],
    ['name: again', 'line 6, column 1'],
  ])('says where %j is wrong', (extra, sentence) => {
    const found = problems(() => readDeploymentFile(file(extra), 'd.yml'));
    expect(found.join('\n')).toContain(sentence);
  });

  it.each([
    ['../src', { folder: '../src', scoringScript: 'score.py' }],
    ['azureml:score:2', { codeId: 'azureml:score:2', scoringScript: 'score.py' }],
    [
      'azureml:/subscriptions/s/resourceGroups/g/providers/p/workspaces/w/codes/score/versions/2',
      {
        codeId: '/subscriptions/s/resourceGroups/g/providers/p/workspaces/w/codes/score/versions/2',
        scoringScript: 'score.py',
      },
    ],
  ])('takes the code %s', (code, read) => {
    const text = file(
      `environment: azureml:e:1\nmodel_mount_path: /var/models\ncode_configuration: {code: "${code}", scoring_script: ./score.py}`,
    );
    const { spec } = readDeploymentFile(text, 'f');
    expect(spec).toMatchObject({
      environment: 'azureml:e:1',
      modelMountPath: '/var/models',
      codeConfiguration: read,
    });
  });

  it.each([
    ['azureml:m:3', { kind: 'version', name: 'm', version: '3' }],
    ['azureml:m@latest', { kind: 'latest', name: 'm' }],
    [
      'azureml://registries/r/models/m/versions/3',
      { kind: 'id', id: 'azureml://registries/r/models/m/versions/3' },
    ],
    // Of which workspace it is stays said.
    [
      'azureml:/subscriptions/s/resourceGroups/g/providers/p/workspaces/other/models/m/versions/3',
      {
        kind: 'id',
        id: '/subscriptions/s/resourceGroups/g/providers/p/workspaces/other/models/m/versions/3',
      },
    ],
    [
      '{name: m, version: 3, path: ./v3, type: mlflow_model}',
      { kind: 'folder', name: 'm', version: '3', path: './v3' },
    ],
  ])('takes the model %s', (model, source) => {
    const text = file('').replace('azureml:heart-classifier:8', model);
    expect(readDeploymentFile(text, 'f').model).toEqual(source);
  });

  it.each([
    ['[a]', 'model: use azureml:NAME:VERSION'],
    [
      'azureml://registries/r/models/m',
      'azureml://registries/REGISTRY/models/NAME/versions/VERSION',
    ],
    ['/subscriptions/s/models/m', 'model: use azureml:NAME:VERSION'],
    ['{path: ""}', 'model.path: name the location of the model'],
    ['{name: m}', 'model.path: is missing; write text'],
  ])('takes no model %s, and says what it takes', (model, sentence) => {
    const text = file('').replace('azureml:heart-classifier:8', model);
    expect(problems(() => readDeploymentFile(text, 'f.yml')).join('\n')).toContain(sentence);
  });

  it('names every problem at once, a missing key too', () => {
    const found = problems(() =>
      readDeploymentFile('code_configuration: {code: .}\ninstance_count: two\n', 'f.yml'),
    );
    expect(found).toHaveLength(2);
    expect(found.join('\n')).toMatch(/scoring_script: is missing/);
  });

  it('takes the JSON of the MLflow plugin', () => {
    const json = JSON.stringify({ instance_type: 'Standard_F4s_v2', instance_count: 2 });
    expect(readDeploymentFile(json, 'f.json')).toEqual({
      spec: { instanceType: 'Standard_F4s_v2', instanceCount: 2 },
      notes: [],
    });
  });

  it.each(['', '# nothing', '- a\n- b', 'text'])('refuses %j with a sentence', (text) => {
    expect(problems(() => readDeploymentFile(text, 'f.yml'))[0]).toContain('f.yml');
  });
});

describe('what a deployment has beside an MLflow model', () => {
  const read = (extra: string) =>
    readDeploymentFile(`name: x-8\ninstance_type: t\ninstance_count: 1\n${extra}`, 'd.yml').spec;

  // azureml-examples, cli/endpoints/online/managed/vnet/mlflow: a workspace without egress.
  it.each([
    ['azureml:sklearn:3', 'azureml:sklearn:3'],
    ['azureml:sklearn@latest', 'azureml:sklearn@latest'],
    [
      'azureml:/subscriptions/s/x/environments/e/versions/1',
      '/subscriptions/s/x/environments/e/versions/1',
    ],
    [
      'azureml://registries/azureml/environments/e/versions/1',
      'azureml://registries/azureml/environments/e/versions/1',
    ],
  ])('is the environment %s', (file, environment) => {
    expect(read(`environment: ${file}`)).toMatchObject({ environment });
  });

  it('is the data collector, with the sampling rate of each collection', () => {
    const text = `data_collector:
  rolling_rate: Hour
  sampling_rate: 0.5
  request_logging: {capture_headers: [x-id]}
  collections:
    model_inputs: {enabled: 'True'}
    request: {enabled: false, client_id: abc, data: azureml:/subscriptions/s/data/d/versions/1}
`;
    expect(read(text).dataCollector).toEqual({
      collections: {
        model_inputs: { enabled: true, samplingRate: 0.5 },
        request: {
          enabled: false,
          samplingRate: 0.5,
          clientId: 'abc',
          dataId: '/subscriptions/s/data/d/versions/1',
        },
      },
      rollingRate: 'Hour',
      captureHeaders: ['x-id'],
    });
  });
});

describe('endpoint.yml', () => {
  it.each([
    ['auth_mode: password', 'use key, aml_token or aad_token'],
    ['name: a_b', 'line 1, column 7'],
    ['traffic: {blue: 60}', 'add up to 60'],
    ['traffic: {blue: 33.3}', 'whole percents'],
    ['compute: azureml:k8s', 'Kubernetes'],
    ['identity: {type: user_assigned}', 'needs user_assigned_identities'],
  ])('says what is wrong with %j', (text, sentence) => {
    expect(problems(() => readEndpointFile(text, 'e.yml')).join('\n')).toContain(sentence);
  });

  it("takes both ways to name an identity, and the plugin's spelling", () => {
    const text = 'identity: {type: UserAssigned, user_assigned_identities: [a, {resource_id: b}]}';
    expect(readEndpointFile(text, 'e.yml').spec.identity).toEqual({
      type: 'user_assigned',
      userAssignedIds: ['a', 'b'],
    });
  });
});

describe('a plan', () => {
  it('is read from the sample', () => {
    expect(readPlanFile(sample('rollout.yml'), 'rollout.yml')).toMatchObject({
      green: { name: 'xgboost-model' },
      weights: [10, 30, 50, 80, 100],
      retire: 'keep',
    });
  });

  const plan = (extra: string) => `version: 1
endpoint: {name: heart}
green: {name: x-8, model: {name: m, version: 8}}
${extra}`;

  it('takes a deletion that says what is deleted', () => {
    expect(readPlanFile(plan('retire: {delete: old-7}'), 'p.yml').retire).toEqual({
      delete: 'old-7',
    });
  });

  it('has sensible values where it says nothing', () => {
    expect(readPlanFile(plan(''), 'p.yml')).toEqual({
      endpoint: { name: 'heart', auth: 'key' },
      green: { name: 'x-8', model: { name: 'm', version: '8' } },
      weights: [10, 30, 50, 80, 100],
      retire: 'keep',
    });
  });

  it.each([
    ['weights: [10, 5, 100]', 'line 4, column 10: weights: 5 follows 10'],
    ['weights: [10, 50]', 'the last step must be 100'],
    ['retire: now', 'line 4, column 9: retire: use keep, scale-to-one, or {delete: NAME}'],
    ['retire: delete', 'line 4, column 9: retire: use keep, scale-to-one, or {delete: NAME}'],
    [
      'blue: {name: x-8, model: {name: m, version: 1}, instanceType: t}',
      'blue and green are both named x-8',
    ],
    [
      'blue: {name: a_b, model: {name: m, version: 1}, instanceType: t}',
      'blue.name: Invalid deployment name',
    ],
    [
      'blue: {name: abc, model: {name: m}, instanceType: t}',
      'line 4, column 26: blue.model: use either',
    ],
    ['speed: fast', 'line 4, column 1: unknown key speed'],
  ])('says where %j is wrong', (extra, sentence) => {
    expect(problems(() => readPlanFile(plan(extra), 'p.yml')).join('\n')).toContain(sentence);
  });
});
