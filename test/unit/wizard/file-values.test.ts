import { describe, expect, it, test } from 'vitest';
import { readDeploymentFile } from '../../../src/interop/deployment-file.js';
import { readEndpointFile } from '../../../src/interop/endpoint-file.js';
import type { CreateEndpoint } from '../../../src/rollout/changes/change.js';
import {
  deploymentSource,
  endpointFieldsOf,
  leftOfModel,
  otherEndpoint,
  placeOfModel,
  shownPairs,
  withEndpointFile,
} from '../../../src/wizard/file-values.js';

const endpoint = (text: string) => ({ path: 'e.yml', file: readEndpointFile(text, 'e.yml') });
const deployment = (model: string) => ({
  path: 'yml/d.yml',
  file: readDeploymentFile(`instance_type: t\ninstance_count: 1\nmodel: ${model}\n`, 'd.yml'),
});
const typed: CreateEndpoint = {
  kind: 'createEndpoint',
  endpoint: 'heart',
  authMode: 'key',
  identity: { type: 'system_assigned' },
  tags: { cost: '42' },
};

describe('pairs in a field', () => {
  it('are those that can be typed and seen; the others are kept', () => {
    expect(
      shownPairs({ a: '1', b: 'two words', c: 'x\ny', d: '', API_KEY: 'secret', e: 'p=q' }),
    ).toEqual({
      text: 'a=1 e=p=q',
      kept: { b: 'two words', c: 'x\ny', d: '', API_KEY: 'secret' },
    });
  });
});

describe("the endpoint's form", () => {
  it('is as it was where no file is named', () => {
    const fields = [{ id: 'name', label: 'Name', kind: 'text' as const, value: 'x' }];
    expect(endpointFieldsOf(fields, undefined)).toEqual(fields);
    expect(withEndpointFile(typed, undefined)).toBe(typed);
  });

  it('keeps a description as the file has it, until it is typed over', () => {
    const named = endpoint('name: heart\ndescription: "one\\ntwo"\n');
    expect(withEndpointFile({ ...typed, description: 'one two' }, named).description).toBe(
      'one\ntwo',
    );
    expect(withEndpointFile({ ...typed, description: 'mine' }, named).description).toBe('mine');
    expect(withEndpointFile(typed, named)).not.toHaveProperty('description');
  });

  it('brings along what it has no field for, and says so', () => {
    const named = endpoint(
      'name: heart\nlocation: westeurope\npublic_network_access: disabled\ntags: {note: two words}\n',
    );
    const shown = endpointFieldsOf([], named);
    expect(shown.at(-1)?.value).toBe('public access disabled, location westeurope');
    expect(withEndpointFile(typed, named)).toMatchObject({
      location: 'westeurope',
      publicNetworkAccess: 'disabled',
      tags: { cost: '42', note: 'two words' },
    });
  });
});

describe('the deployment', () => {
  it("has no probe of its own where the file says nothing of it, and so Azure's", () => {
    expect(deploymentSource(deployment('azureml:m:1')).livenessProbe).toEqual({});
  });

  it.each([
    ['azureml:m:3', { mode: 'uri', place: 'azureml:m:3', name: 'm' }],
    ['azureml:m@latest', { mode: 'uri', place: 'azureml:m@latest', name: 'm' }],
    [
      'azureml://registries/r/models/m/versions/3',
      { mode: 'uri', place: 'azureml://registries/r/models/m/versions/3' },
    ],
    ['{name: m, path: /abs/v2}', { mode: 'folder', place: '/abs/v2', name: 'm' }],
    ['{path: "runs:/r/model"}', { mode: 'uri', place: 'runs:/r/model' }],
  ])('says where its model is: %s', (model, place) => {
    expect(placeOfModel(deployment(model))).toEqual(place);
  });

  it('reads a relative folder from where the file is', () => {
    expect(placeOfModel(deployment('{path: ../v2}'))?.place).toBe(`${process.cwd()}/v2`);
  });
});

describe('what the file says of a model to register', () => {
  it.each([
    ['{path: v3, name: m}', undefined],
    ['azureml:m:3', undefined],
    ['{path: v3, name: m, version: 3}', /^yml\/d.yml: version of the model is ignored/],
    ['{path: v3, description: d, tags: {a: b}}', /: description, tags of the model are ignored/],
  ])('is told where %s has no field', (model, sentence) => {
    const left = leftOfModel(deployment(model));
    if (sentence === undefined) expect(left).toBeUndefined();
    else expect(left).toMatch(sentence);
  });
});

test('a file for another endpoint is told', () => {
  const text = 'instance_type: t\ninstance_count: 1\nendpoint_name: heart\n';
  const named = { path: 'd.yml', file: readDeploymentFile(text, 'd.yml') };
  expect(otherEndpoint(named, 'lung')).toBe('d.yml is for endpoint heart, and this is lung.');
  expect(otherEndpoint(named, 'Heart')).toBeUndefined();
  expect(otherEndpoint(undefined, 'lung')).toBeUndefined();
});
