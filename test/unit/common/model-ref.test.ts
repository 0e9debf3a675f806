import { describe, expect, it } from 'vitest';
import {
  azuremlReference,
  latestOf,
  parseEnvironment,
  parseModel,
  registryModel,
  registryModelId,
  sameModel,
  shownModel,
  workspaceModel,
} from '../../../src/common/model-ref.js';

const ARM =
  '/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/models/Heart/versions/8';
const OF_REGISTRY = 'azureml://registries/R/models/Heart/versions/8';

describe('the names of a model', () => {
  it.each([ARM, `azureml:${ARM}`, ARM.toLowerCase().replace('heart', 'Heart'), 'azureml:Heart:8'])(
    'are read from %s',
    (text) => {
      expect(parseModel(text)).toEqual({ name: 'Heart', version: '8' });
      expect(workspaceModel(text)).toEqual({ name: 'Heart', version: '8' });
      expect(registryModel(text)).toBeUndefined();
      expect(azuremlReference(text)).toBe('azureml:Heart:8');
      expect(shownModel(text)).toBe('Heart:8');
      expect(sameModel(text, ARM.toUpperCase())).toBe(true);
      expect(sameModel(text, OF_REGISTRY)).toBe(false);
    },
  );

  it('are read from an id of a registry', () => {
    const found = { registry: 'R', name: 'Heart', version: '8' };
    for (const text of [OF_REGISTRY, `${OF_REGISTRY}/`]) {
      expect(registryModel(text)).toEqual(found);
      expect(workspaceModel(text)).toBeUndefined();
      expect(shownModel(text)).toBe('Heart:8 of registry R');
      expect(azuremlReference(text)).toBe(text);
    }
    expect(registryModelId(found)).toBe(OF_REGISTRY);
  });

  it.each([
    'azureml:Heart@latest',
    'azureml:Heart',
    'runs:/1/model',
    ARM.replace('models', 'components'),
    '',
  ])('are not in %j', (text) => {
    expect(parseModel(text)).toBeUndefined();
    expect(shownModel(text)).toBe(text);
    expect(azuremlReference(text)).toBe(text);
  });

  it('are told from those of an environment and of data, and a version from a label', () => {
    const environment = ARM.replace('models', 'environments');
    expect(parseEnvironment(environment)).toEqual({ name: 'Heart', version: '8' });
    expect(parseModel(environment)).toBeUndefined();
    expect(parseEnvironment(ARM)).toBeUndefined();
    expect(azuremlReference(environment)).toBe('azureml:Heart:8');
    const data = ARM.replace('models', 'data');
    expect(parseModel(data)).toBeUndefined();
    expect(shownModel(data)).toBe(data);
    expect(azuremlReference(data)).toBe('azureml:Heart:8');
    expect(latestOf('azureml:Heart@latest')).toBe('Heart');
    expect(latestOf('azureml:Heart:8')).toBeUndefined();
  });
});
