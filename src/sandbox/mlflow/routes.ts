/** MLflow's REST API below `/api/2.0/mlflow/`, as far as the sandbox serves it. */
import type { MlflowHandler } from './call.js';
import * as experiments from './experiments.js';
import * as versions from './model-versions.js';
import * as models from './registered-models.js';
import * as runs from './runs.js';

const ROUTES: Record<string, MlflowHandler> = {
  'POST experiments/create': experiments.createExperiment,
  'GET experiments/get': experiments.getExperiment,
  'GET experiments/get-by-name': experiments.getExperimentByName,
  'POST experiments/search': experiments.searchExperiments,
  'GET experiments/search': experiments.searchExperiments,
  'POST experiments/update': experiments.updateExperiment,
  'POST experiments/delete': experiments.deleteExperiment,
  'POST experiments/restore': experiments.restoreExperiment,
  'POST experiments/set-experiment-tag': experiments.setExperimentTag,

  'POST runs/create': runs.createRun,
  'GET runs/get': runs.getRun,
  'POST runs/update': runs.updateRun,
  'POST runs/delete': runs.deleteRun,
  'POST runs/restore': runs.restoreRun,
  'POST runs/search': runs.searchRuns,
  'POST runs/log-metric': runs.logMetric,
  'POST runs/log-parameter': runs.logParameter,
  'POST runs/log-batch': runs.logBatch,
  'POST runs/log-batch-async': runs.logBatchAsync,
  'GET runs/get-run-data-status': runs.runDataStatus,
  'POST runs/log-model': runs.logModel,
  'POST runs/set-tag': runs.setTag,
  'POST runs/delete-tag': runs.deleteTag,
  'GET metrics/get-history': runs.metricHistory,

  'POST registered-models/create': models.createRegisteredModel,
  'GET registered-models/get': models.getRegisteredModel,
  'PATCH registered-models/update': models.updateRegisteredModel,
  'POST registered-models/rename': models.renameRegisteredModel,
  'DELETE registered-models/delete': models.deleteRegisteredModel,
  'GET registered-models/search': models.searchRegisteredModels,
  'POST registered-models/get-latest-versions': models.latestVersions,
  'GET registered-models/get-latest-versions': models.latestVersions,
  'POST registered-models/set-tag': models.setModelTag,
  'DELETE registered-models/delete-tag': models.deleteModelTag,

  'POST model-versions/create': versions.createModelVersion,
  'GET model-versions/get': versions.getModelVersion,
  'PATCH model-versions/update': versions.updateModelVersion,
  'DELETE model-versions/delete': versions.deleteModelVersion,
  'GET model-versions/search': versions.searchModelVersions,
  'GET model-versions/get-download-uri': versions.downloadUri,
  'POST model-versions/transition-stage': versions.transitionStage,
  'POST model-versions/set-tag': versions.setVersionTag,
  'DELETE model-versions/delete-tag': versions.deleteVersionTag,
};

export function mlflowHandler(method: string, path: string): MlflowHandler | undefined {
  const key = `${method} ${path}`;
  return Object.hasOwn(ROUTES, key) ? ROUTES[key] : undefined;
}

/** `POST runs/create` and so on. */
export function mlflowRoutes(): string[] {
  return Object.keys(ROUTES);
}
