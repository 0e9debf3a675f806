import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPlanFile } from '../../../src/interop/plan-file.js';
import { deploymentFrom, endpointFrom } from '../../../src/interop/rollout-files.js';
import { FileProblem } from '../../../src/interop/yaml-file.js';
import { LATEST } from '../../../src/rollout/plan.js';

function filesOf(texts: Record<string, string>) {
  const notes: string[] = [];
  return {
    notes,
    folder: resolve('/plans'),
    open: (path: string): string => {
      const text = texts[path];
      if (text === undefined) throw new FileProblem([`${path} is not there.`]);
      return text;
    },
    note: (line: string) => void notes.push(line),
  };
}

function problems(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof FileProblem) return error.problems;
    throw error;
  }
  throw new Error('the file was taken');
}

const DEPLOYMENT = 'name: green\ninstance_type: Standard_F4s_v2\ninstance_count: 2\n';
const planned = (model: string, path = 'yml/green.yml') => {
  const files = filesOf({ [path]: `${DEPLOYMENT}model: ${model}\n` });
  return { ...deploymentFrom(path, files, 'heart'), notes: files.notes };
};

describe('an endpoint.yml', () => {
  it('is all of the plan that it says, whatever it is called there', () => {
    const files = filesOf({
      'e.yml': `name: heart
auth_mode: aad_token
public_network_access: Disabled
location: westeurope
properties: {owner: ada}
identity: {type: user_assigned, user_assigned_identities: [{resource_id: /subscriptions/x}]}
id: azureml:/x
scoring_uri: https://x
traffic: {blue: 90, green: 10}
mirror_traffic: {green: 10}
`,
    });
    expect(endpointFrom('e.yml', files)).toEqual({
      name: 'heart',
      auth: 'aad_token',
      settings: {
        identity: { type: 'user_assigned', userAssignedIds: ['/subscriptions/x'] },
        tags: {},
        publicNetworkAccess: 'disabled',
        properties: { owner: 'ada' },
        location: 'westeurope',
      },
    });
    expect(files.notes).toEqual([
      'e.yml, line 7, column 1: id is set by Azure and ignored here.',
      'e.yml, line 8, column 1: scoring_uri is set by Azure and ignored here.',
      'e.yml, line 9, column 1: traffic is ignored: the rollout sets the traffic.',
      'e.yml, line 10, column 1: mirror_traffic is ignored: the rollout sets the mirror.',
    ]);
  });

  it.each([
    ['auth_mode: key', 'e.yml, line 1, column 1: name is missing'],
    ['name: heart\nidentity: {type: none}', 'identity.type: use system_assigned or user_assigned'],
    [
      'name: heart\nidentity:\n  type: system_assigned\n  user_assigned_identities: [a]',
      'e.yml, line 4, column 3: only an identity of type user_assigned',
    ],
  ])('is refused with its line: %j', (text, sentence) => {
    const read = () => endpointFrom('e.yml', filesOf({ 'e.yml': text }));
    expect(problems(read).join('\n')).toContain(sentence);
  });

  it("takes the MLflow plugin's JSON, where the plan gives the name", () => {
    const files = filesOf({ 'e.json': JSON.stringify({ auth_mode: 'aml_token', async: true }) });
    expect(endpointFrom('e.json', files, 'heart')).toMatchObject({
      name: 'heart',
      auth: 'aml_token',
    });
    expect(files.notes.join()).toContain('async is not used here');
  });
});

describe('the model of a deployment.yml', () => {
  it.each([
    ['azureml:m:3', { name: 'm', version: '3' }],
    ['azureml:m@latest', { name: 'm', version: LATEST }],
    [
      'azureml://registries/r/models/m/versions/3',
      { name: 'm', version: '3', uri: 'azureml://registries/r/models/m/versions/3' },
    ],
    ['{name: m, path: ./v2}', { name: 'm', path: 'yml/v2' }],
    ['{name: m, path: ../v2, version: 3}', { name: 'm', version: '3', path: 'v2' }],
    ['{name: m, path: /abs/v2, tags: {a: b}}', { name: 'm', path: '/abs/v2', tags: { a: 'b' } }],
    [
      '{name: m, path: "azureml://jobs/j/outputs/artifacts/paths/model"}',
      { name: 'm', uri: 'azureml://jobs/j/outputs/artifacts/paths/model' },
    ],
  ])('%s', (model, expected) => {
    expect(planned(model).model).toEqual(expected);
  });

  it("without a name of its own has the endpoint's, which is said", () => {
    const { model, notes } = planned('{path: ./v2}');
    expect(model).toEqual({ name: 'heart', path: 'yml/v2' });
    expect(notes.join()).toContain('is registered as heart');
  });

  it.each([
    ['{path: v2, stage: Production}', 'stages are not written here'],
    ['{path: v2, datastore: other}', "workspace's own datastore"],
    ['{path: v2, type: custom_model}', 'only models of type mlflow_model'],
    ['{path: v2, speed: 3}', 'unknown key speed in model'],
    ['{name: m}', 'line 4'],
  ])('is refused: %s', (model, sentence) => {
    expect(problems(() => planned(model)).join('\n')).toContain(sentence);
  });
});

describe('a deployment.yml in a plan', () => {
  const read = (plan: string, green: string) =>
    readPlanFile(`version: 1\nendpoint: {name: heart}\n${plan}\n`, 'p.yml', filesOf({ g: green }));

  it('is overridden by what stands beside it', () => {
    const plan = read(
      'green: {file: g, name: other, instanceCount: 5, model: {name: m, version: 9}}',
      `${DEPLOYMENT}app_insights_enabled: true\nproperties: {a: b}\n`,
    );
    expect(plan.green).toEqual({
      name: 'other',
      model: { name: 'm', version: '9' },
      instanceType: 'Standard_F4s_v2',
      instanceCount: 5,
      settings: { appInsightsEnabled: true, properties: { a: 'b' } },
    });
  });

  it.each([
    ['green: {file: g}', DEPLOYMENT, 'g, line 1, column 1: model is missing'],
    [
      'green: {file: g}',
      `${DEPLOYMENT}endpoint_name: other\nmodel: azureml:m:1`,
      'g, line 4, column 16: endpoint_name is other, but the endpoint is heart',
    ],
    ['green: {file: gone}', DEPLOYMENT, 'gone is not there'],
    ['green: {name: green}', DEPLOYMENT, 'model is missing; add it, or name a file'],
    ['blue: {name: b, model: {name: m, version: 1}}\ngreen: {file: g}', DEPLOYMENT, 'line 3'],
  ])('is refused with the place: %j', (plan, green, sentence) => {
    expect(problems(() => read(plan, green)).join('\n')).toContain(sentence);
  });

  it('can not be read where nobody opens files', () => {
    const text = 'version: 1\nendpoint: {name: heart}\ngreen: {file: g}\n';
    expect(problems(() => readPlanFile(text, 'p.yml'))[0]).toContain("g can't be read from here");
  });
});
