/** A run as it is answered. */
import { workspaceId } from '../arm/workspace.js';
import { workspaceHost } from '../hosts.js';
import type { SandboxContext } from '../model.js';
import { asPairs } from './call.js';
import type { RunRecord } from './records.js';

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
export function artifactUri(context: SandboxContext, run: RunRecord): string {
  const host = workspaceHost(context.state.config);
  return `azureml://${host}/mlflow/v2.0${workspaceId(context)}/experiments/${run.experimentId}/runs/${run.id}/artifacts`;
}
