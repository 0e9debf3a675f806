/** Jobs, as the runs that were tracked with MLflow show up among them. Nothing is trained here. */
import { byId, runsOf } from '../mlflow/tracking.js';
import type { ExperimentRecord, RunRecord } from '../mlflow/records.js';
import { artifactRoot } from '../references.js';
import { workspaceId } from './bodies.js';
import {
  type AddArmRoute,
  type ArmCall,
  type ArmReply,
  WS,
  ok,
  page,
  param,
  queryValue,
} from './call.js';
import { assetNotFound, wireTime } from './errors.js';

export function jobRoutes(on: AddArmRoute): void {
  on('GET', `${WS}/jobs`, listJobs);
  on('GET', `${WS}/jobs/:job`, getJob);
}

/** Microsoft Learn, "Query & compare experiments and runs with MLflow": the two sets of states. */
const STATUS: Record<RunRecord['status'], string> = {
  SCHEDULED: 'Queued',
  RUNNING: 'Running',
  FINISHED: 'Completed',
  FAILED: 'Failed',
  KILLED: 'Canceled',
};

/** Newest first. `jobType` and `tag` filter, as "Jobs - List" has them. */
function listJobs(call: ArmCall): ArmReply {
  const type = queryValue(call, 'jobType')?.toLowerCase();
  const tag = queryValue(call, 'tag');
  const view = (queryValue(call, 'listViewType') ?? 'ActiveOnly').toLowerCase();
  const runs = runsOf(call.context.state)
    .filter(() => type === undefined || type === 'command')
    .filter((run) => tag === undefined || Object.hasOwn(run.tags, tag))
    .filter(
      ({ lifecycleStage }) =>
        view === 'all' || (lifecycleStage === 'deleted') === (view === 'archivedonly'),
    )
    .toSorted((a, b) => b.startTime - a.startTime);
  return page(
    call,
    runs.map((run) => jobBody(call, run)),
  );
}

function getJob(call: ArmCall): ArmReply {
  const name = param(call, 'job');
  const run = byId(call.context.state, name);
  if (run === undefined)
    throw assetNotFound('JobNotFound', `Run ${name} not found in the workspace.`);
  return ok(jobBody(call, run));
}

function jobBody(call: ArmCall, run: RunRecord): unknown {
  const { state } = call.context;
  const experiment: ExperimentRecord | undefined = state.tracking?.experiments[run.experimentId];
  return {
    id: `${workspaceId(call.context)}/jobs/${run.id}`,
    name: run.id,
    type: 'Microsoft.MachineLearningServices/workspaces/jobs',
    properties: {
      description: run.tags['mlflow.note.content'] ?? null,
      tags: run.tags,
      properties: {},
      displayName: run.name,
      status: STATUS[run.status],
      experimentName: experiment?.name ?? 'Default',
      services: {},
      computeId: null,
      isArchived: run.lifecycleStage === 'deleted',
      identity: null,
      componentId: null,
      jobType: 'Command',
      resources: null,
      codeId: null,
      // A run that was tracked from elsewhere has no command of the service's own.
      command: '',
      environmentId: '',
      inputs: {},
      outputs: {
        default: {
          description: null,
          uri: `azureml://datastores/workspaceartifactstore/${artifactRoot(run.id)}`,
          mode: 'ReadWriteMount',
          jobOutputType: 'uri_folder',
        },
      },
      distribution: null,
      limits: null,
      environmentVariables: {},
      parameters: { ...run.params },
    },
    systemData: {
      createdAt: wireTime(run.startTime),
      createdBy: run.userName,
      createdByType: 'User',
    },
  };
}
