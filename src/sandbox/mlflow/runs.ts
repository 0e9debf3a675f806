/** Runs: started, logged to, ended, searched. */
import { randomUUID } from 'node:crypto';
import { own } from '../model.js';
import {
  type AddMlflowRoute,
  type MlflowCall,
  MlflowError,
  invalidParameter,
  pageOf,
  pairs,
  required,
  optionalString,
  repeated,
  optionalInteger,
} from './call.js';
import { inView } from './experiments.js';
import type { MetricPoint, RunRecord, RunStatus } from './records.js';
import { mustFindExperiment, mustFindRun, runBody, runInfo, trackingOf } from './tracking.js';
import { searchedRuns } from './run-search.js';

export function runRoutes(on: AddMlflowRoute): void {
  on('POST', 'runs/create', createRun);
  on('GET', 'runs/get', getRun);
  on('POST', 'runs/update', updateRun);
  on('POST', 'runs/delete', deleteRun);
  on('POST', 'runs/restore', restoreRun);
  on('POST', 'runs/search', searchRuns);
  on('POST', 'runs/log-metric', logMetric);
  on('POST', 'runs/log-parameter', logParameter);
  on('POST', 'runs/log-batch', logBatch);
  on('POST', 'runs/log-batch-async', logBatchAsync);
  on('GET', 'runs/get-run-data-status', runDataStatus);
  on('POST', 'runs/log-model', logModel);
  on('POST', 'runs/set-tag', setTag);
  on('POST', 'runs/delete-tag', deleteTag);
  on('GET', 'metrics/get-history', metricHistory);
}

const STATUSES: readonly RunStatus[] = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'];
const PAGE = 1_000;

function createRun(call: MlflowCall): unknown {
  const { state, clock, save } = call.context;
  const now = clock.now();
  const experiment = mustFindExperiment(state, optionalString(call, 'experiment_id') ?? '0', now);
  if (experiment.lifecycleStage === 'deleted')
    throw new MlflowError('INVALID_STATE', `The experiment ${experiment.name} is deleted.`);
  const tags = Object.fromEntries(pairs(call, 'tags'));
  const id = randomUUID();
  const name =
    optionalString(call, 'run_name') || tags['mlflow.runName'] || `run-${id.slice(0, 8)}`;
  const run: RunRecord = {
    id,
    experimentId: experiment.id,
    name,
    userId: call.caller.objectId,
    userName: call.caller.name,
    status: 'RUNNING',
    startTime: optionalInteger(call, 'start_time') ?? now,
    endTime: null,
    lifecycleStage: 'active',
    params: {},
    tags: { ...tags, 'mlflow.rootRunId': tags['mlflow.rootRunId'] ?? id, 'mlflow.runName': name },
    metrics: {},
  };
  trackingOf(state).runs[id] = run;
  experiment.lastUpdateTime = now;
  save();
  return { run: runBody(call.context, run) };
}

function getRun(call: MlflowCall): unknown {
  return { run: runBody(call.context, find(call)) };
}

function updateRun(call: MlflowCall): unknown {
  const run = find(call);
  const status = optionalString(call, 'status');
  if (status !== undefined) {
    if (!STATUSES.some((one) => one === status))
      throw invalidParameter(`Invalid run status '${status.slice(0, 40)}'.`);
    run.status = status as RunStatus;
  }
  run.endTime = optionalInteger(call, 'end_time') ?? run.endTime;
  const name = optionalString(call, 'run_name');
  if (name !== undefined && name !== '') {
    run.name = name;
    run.tags['mlflow.runName'] = name;
  }
  call.context.save();
  return { run_info: runInfo(call.context, run) };
}

function deleteRun(call: MlflowCall): unknown {
  find(call).lifecycleStage = 'deleted';
  call.context.save();
  return {};
}

function restoreRun(call: MlflowCall): unknown {
  find(call).lifecycleStage = 'active';
  call.context.save();
  return {};
}

function logMetric(call: MlflowCall): unknown {
  const run = findActive(call);
  addMetric(run, call.params);
  call.context.save();
  return {};
}

function logParameter(call: MlflowCall): unknown {
  const run = findActive(call);
  addParam(run, required(call, 'key'), optionalString(call, 'value') ?? '');
  call.context.save();
  return {};
}

function setTag(call: MlflowCall): unknown {
  const run = findActive(call);
  run.tags[required(call, 'key')] = optionalString(call, 'value') ?? '';
  call.context.save();
  return {};
}

function deleteTag(call: MlflowCall): unknown {
  const run = findActive(call);
  const key = required(call, 'key');
  if (!Object.hasOwn(run.tags, key))
    throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `No tag with name: ${key} in run ${run.id}`);
  delete run.tags[key];
  call.context.save();
  return {};
}

/** All or nothing: what is wrong is found before anything is written. */
function logBatch(call: MlflowCall): unknown {
  const run = findActive(call);
  const draft = structuredClone(run);
  const metrics = call.params['metrics'] ?? [];
  if (!Array.isArray(metrics)) throw invalidParameter("Parameter 'metrics' must be a list.");
  for (const [key, value] of pairs(call, 'params')) addParam(draft, key, value);
  for (const metric of metrics) addMetric(draft, metric as Record<string, unknown>);
  for (const [key, value] of pairs(call, 'tags')) draft.tags[key] = value;
  Object.assign(run, draft);
  call.context.save();
  return {};
}

/**
 * azureml-mlflow's own way to log in the background. Nothing is queued here, so that there is no
 * batch to wait for.
 */
function logBatchAsync(call: MlflowCall): unknown {
  logBatch(call);
  return { batch_tracking_id: '' };
}

function runDataStatus(call: MlflowCall): unknown {
  find(call);
  return { is_complete: true };
}

/** What `log_model` of MLflow 1 and 2 tells of a model; kept as the tag that MLflow keeps. */
function logModel(call: MlflowCall): unknown {
  const run = findActive(call);
  let model: unknown;
  try {
    model = JSON.parse(required(call, 'model_json'));
  } catch {
    throw invalidParameter("Parameter 'model_json' must be JSON.");
  }
  const history = JSON.parse(run.tags['mlflow.log-model.history'] ?? '[]') as unknown[];
  run.tags['mlflow.log-model.history'] = JSON.stringify([...history, model]);
  call.context.save();
  return {};
}

function metricHistory(call: MlflowCall): unknown {
  const run = find(call);
  const key = required(call, 'metric_key');
  const { items, next } = pageOf(call, run.metrics[key] ?? [], 25_000);
  return { metrics: items.map((point) => ({ key, ...point })), ...next };
}

function searchRuns(call: MlflowCall): unknown {
  const { state } = call.context;
  const experiments = repeated(call, 'experiment_ids').map(
    (id) => mustFindExperiment(state, id, call.context.clock.now()).id,
  );
  const view = optionalString(call, 'run_view_type') ?? 'ACTIVE_ONLY';
  const candidates = Object.values(trackingOf(state).runs)
    .filter(({ experimentId }) => experiments.includes(experimentId))
    .filter(({ lifecycleStage }) => inView(view, lifecycleStage));
  const found = searchedRuns(
    candidates,
    optionalString(call, 'filter'),
    repeated(call, 'order_by'),
  );
  const { items, next } = pageOf(call, found, PAGE);
  return { runs: items.map((run) => runBody(call.context, run)), ...next };
}

function find(call: MlflowCall): RunRecord {
  const id = optionalString(call, 'run_id') ?? optionalString(call, 'run_uuid');
  if (id === undefined || id === '')
    throw invalidParameter("Missing value for required parameter 'run_id'.");
  return mustFindRun(call.context.state, id);
}

function findActive(call: MlflowCall): RunRecord {
  const run = find(call);
  if (run.lifecycleStage === 'deleted')
    throw new MlflowError('INVALID_STATE', `The run ${run.id} must be in the 'active' state.`);
  return run;
}

/** A parameter is written once; the same value again is no change. */
function addParam(run: RunRecord, key: string, value: string): void {
  const before = own(run.params, key);
  if (before !== undefined && before !== value) {
    throw invalidParameter(
      `Changing param values is not allowed. Param with key='${key}' was already logged with value='${before}' for run ID='${run.id}'. Attempted logging new value '${value}'.`,
    );
  }
  run.params[key] = value;
}

function addMetric(run: RunRecord, metric: Record<string, unknown>): void {
  const { key, value, timestamp, step } = metric;
  if (typeof key !== 'string' || key === '') throw invalidParameter('A metric needs a key.');
  const number = Number(value);
  const special = ['NaN', 'Infinity', '-Infinity'] as const;
  const point: MetricPoint['value'] | undefined = Number.isFinite(number)
    ? number
    : special.find((one) => one === String(value as string));
  if (point === undefined || value === undefined || value === null || value === '')
    throw invalidParameter(`The value of metric '${key}' must be a number.`);
  const at = Number(timestamp ?? 0);
  const points = own(run.metrics, key) ?? [];
  points.push({ value: point, timestamp: Number.isFinite(at) ? at : 0, step: Number(step ?? 0) });
  run.metrics[key] = points;
}
