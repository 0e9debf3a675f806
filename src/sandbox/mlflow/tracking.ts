/** The experiments and runs of the state, how they are found, and a run as it is answered. */
import { sameName } from '../../common/same-name.js';
import { randomUUID } from 'node:crypto';
import { workspaceId } from '../arm/bodies.js';
import { workspaceHost } from '../hosts.js';
import { type SandboxState, own } from '../model.js';
import type { SandboxContext } from '../context.js';
import { asPairs, missing } from './call.js';
import type { ExperimentRecord, RunRecord, TrackingState } from './records.js';

/** Where runs go whose client names no experiment; MLflow asks for it by this id. */
const DEFAULT_ID = '0';
const DEFAULT_NAME = 'Default';

export function trackingOf(state: SandboxState): TrackingState {
  return (state.tracking ??= { experiments: {}, runs: {} });
}

export function runsOf(state: SandboxState): RunRecord[] {
  return Object.values(state.tracking?.runs ?? {});
}

export function byId(state: SandboxState, run: string): RunRecord | undefined {
  return own(state.tracking?.runs ?? {}, run);
}

export function mustFindRun(state: SandboxState, id: string): RunRecord {
  const run = byId(state, id);
  if (run === undefined) throw missing(`Run with id ${id} was not found.`);
  return run;
}

export function experimentNamed(state: SandboxState, name: string): ExperimentRecord | undefined {
  return Object.values(state.tracking?.experiments ?? {}).find((experiment) =>
    sameName(experiment.name, name),
  );
}

export function addExperiment(
  state: SandboxState,
  name: string,
  now: number,
  tags: Record<string, string> = {},
): ExperimentRecord {
  const experiment: ExperimentRecord = {
    id: randomUUID(),
    name,
    lifecycleStage: 'active',
    creationTime: now,
    lastUpdateTime: now,
    tags,
  };
  trackingOf(state).experiments[experiment.id] = experiment;
  return experiment;
}

/** By id; the default experiment comes into being when it is first asked for. */
export function mustFindExperiment(state: SandboxState, id: string, now: number): ExperimentRecord {
  if (id === DEFAULT_ID)
    return experimentNamed(state, DEFAULT_NAME) ?? addExperiment(state, DEFAULT_NAME, now);
  const experiment = own(trackingOf(state).experiments, id);
  if (experiment === undefined) throw missing(`No Experiment with id=${id} exists`);
  return experiment;
}

export function runInfo(context: SandboxContext, run: RunRecord): unknown {
  return {
    run_id: run.id,
    run_uuid: run.id,
    run_name: run.name,
    experiment_id: run.experimentId,
    user_id: run.userId,
    status: run.status,
    start_time: run.startTime,
    ...(run.endTime === null ? {} : { end_time: run.endTime }),
    artifact_uri: artifactUri(context, run),
    lifecycle_stage: run.lifecycleStage,
  };
}

/** Of each metric the last point; the whole curve is asked for by its own route. */
export function runBody(context: SandboxContext, run: RunRecord): unknown {
  return {
    info: runInfo(context, run),
    data: {
      metrics: Object.entries(run.metrics).flatMap(([key, points]) =>
        points.slice(-1).map((point) => ({ key, ...point })),
      ),
      params: asPairs(run.params),
      tags: asPairs(run.tags),
    },
    inputs: {},
  };
}

/** As Azure writes it (mlflow/mlflow#11103): workspace, experiment's id, run. */
function artifactUri(context: SandboxContext, run: RunRecord): string {
  const host = workspaceHost(context.state.config);
  return `azureml://${host}/mlflow/v2.0${workspaceId(context)}/experiments/${run.experimentId}/runs/${run.id}/artifacts`;
}
