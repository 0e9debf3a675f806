import { describe, expect, it } from 'vitest';
import type { SandboxConfig } from '../../../src/sandbox/model.js';
import { blobReference, uriAnswered } from '../../../src/sandbox/references.js';

const config = {
  subscriptionId: 'S',
  resourceGroup: 'g',
  workspaceName: 'w',
  storageAccount: 'acc',
  containerName: 'own',
} as SandboxConfig;
const whole = 'azureml://subscriptions/S/resourceGroups/g/workspaces/w/datastores';
const inRun = { container: 'azureml', path: 'ExperimentRun/dcid.R/model' };

describe('the place of a model', () => {
  it.each([
    ['azureml://jobs/R/outputs/artifacts/paths/model', inRun],
    ['azureml://jobs/R/outputs/artifacts/model/', inRun],
    ['runs:/R/model', inRun],
    [
      'azureml://westeurope.api.azureml.ms/mlflow/v2.0/subscriptions/S/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/experiments/E/runs/R/artifacts/model',
      inRun,
    ],
    ['azureml://experiments/E/runs/R/artifacts/model', inRun],
    ['azureml://datastores/workspaceartifactstore/paths/ExperimentRun/dcid.R/model', inRun],
    ['azureml://artifacts/LocalUpload/x/v1', { container: 'azureml', path: 'LocalUpload/x/v1' }],
    ['azureml://datastores/workspaceblobstore/paths/a/b/', { container: 'own', path: 'a/b' }],
    [`${whole}/WorkspaceBlobStore/paths/a`, { container: 'own', path: 'a' }],
    [
      'azureml:/subscriptions/S/resourcegroups/g/workspaces/w/datastores/workspaceblobstore/paths/a',
      { container: 'own', path: 'a' },
    ],
    [
      'https://acc.blob.core.windows.net/other/a%20b/c?sig=x',
      { container: 'other', path: 'a b/c' },
    ],
    ['https://else.blob.core.windows.net/other/a', undefined],
    ['azureml://datastores/nope/paths/a', undefined],
    ['azureml://registries/r/models/m/versions/1', undefined],
    ['file:///tmp/model', undefined],
  ])('%s', (uri, place) => {
    expect(blobReference(uri, config)).toEqual(place);
  });
});

describe('the uri that is answered', () => {
  it.each([
    ['runs:/R/model', `${whole}/workspaceartifactstore/paths/ExperimentRun/dcid.R/model`],
    ['azureml://datastores/workspaceblobstore/paths/a/', `${whole}/workspaceblobstore/paths/a`],
    [
      'azureml://subscriptions/s/resourcegroups/x/workspaces/y/datastores/workspaceblobstore/paths/a',
      'azureml://subscriptions/s/resourceGroups/x/workspaces/y/datastores/workspaceblobstore/paths/a',
    ],
    ['azureml://datastores/nope/paths/a', 'azureml://datastores/nope/paths/a'],
    ['https://acc.blob.core.windows.net/own/a', 'https://acc.blob.core.windows.net/own/a'],
  ])('of %s', (uri, answered) => {
    expect(uriAnswered(uri, config)).toBe(answered);
  });
});
