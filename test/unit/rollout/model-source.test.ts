import { describe, expect, test } from 'vitest';
import { registryModel, registryModelId } from '../../../src/common/model-ref.js';
import { parseModelSource, samePlace } from '../../../src/rollout/model-source.js';

describe('where a model comes from', () => {
  test.each([
    ['azureml:heart:3', { from: 'registered', name: 'heart', version: '3' }],
    ['azureml:heart@latest', { from: 'registered', name: 'heart' }],
    ['heart@latest', { from: 'registered', name: 'heart' }],
    [
      'azureml://registries/shared/models/heart/versions/2',
      { from: 'registry', registry: 'shared', name: 'heart', version: '2' },
    ],
    [
      'azureml://jobs/j1/outputs/artifacts/paths/model',
      { from: 'uri', uri: 'azureml://jobs/j1/outputs/artifacts/paths/model' },
    ],
    [
      'azureml://jobs/j1/outputs/trained',
      { from: 'uri', uri: 'azureml://jobs/j1/outputs/trained' },
    ],
    ['runs:/abc/model', { from: 'uri', uri: 'runs:/abc/model' }],
    [
      'azureml://datastores/workspaceblobstore/paths/a/b',
      { from: 'uri', uri: 'azureml://datastores/workspaceblobstore/paths/a/b' },
    ],
  ])('%s', (text, source) => {
    expect(parseModelSource(` ${text} `)).toEqual(source);
  });

  test.each([
    ['azureml://registries/shared/models/heart', /names no version/],
    ['azureml://registries/shared/models/heart/labels/latest', /names no version/],
    ['https://example.com/model', /does not register an MLflow model from https/],
    ['s3://bucket/model', /from s3/],
    ['models:/heart/1', /from models/],
    ['heart', /"heart" is not the URI of a model/],
    ['azureml://jobs/j1', /not the URI of a model/],
    ['azureml://jobs/j1/outputs/artifacts/paths/model/MLmodel', /without MLmodel/],
    ['azureml://jobs/j1/outputs/artifacts/paths/model?sig=x', /"\?"/],
  ])('refuses %s with a sentence', (text, sentence) => {
    expect(parseModelSource(text)).toMatch(sentence);
  });

  test('the same files by another name', () => {
    const whole =
      'azureml://subscriptions/s/resourceGroups/RG/workspaces/w/datastores/workspaceartifactstore/paths/ExperimentRun/dcid.r1/model';
    expect(samePlace('runs:/r1/model', whole)).toBe(true);
    expect(samePlace('azureml://jobs/r1/outputs/artifacts/paths/model/', whole)).toBe(true);
    expect(samePlace(whole.replace('resourceGroups', 'resourcegroups'), whole)).toBe(true);
    expect(samePlace('runs:/r2/model', whole)).toBe(false);
    expect(samePlace('runs:/r1/model', `${whole}/inner`)).toBe(false);
    expect(samePlace('azureml://registries/r/models/m/versions/1', whole)).toBe(false);
  });

  test('an id of a registry and back', () => {
    const id = 'azureml://registries/shared/models/heart/versions/2';
    expect(registryModelId(registryModel(id)!)).toBe(id);
    expect(registryModel('/subscriptions/s/workspaces/w/models/heart/versions/2')).toBeUndefined();
  });
});
