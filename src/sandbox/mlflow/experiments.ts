/** Experiments: created, found, renamed, tagged, archived. */
import { own } from '../model.js';
import type { ExperimentRecord } from './records.js';
import {
  type AddMlflowRoute,
  type MlflowCall,
  MlflowError,
  asPairs,
  invalidParameter,
  missing,
  pageOf,
  pairs,
  required,
  optionalString,
  repeated,
} from './call.js';
import { holds, inOrder, parseSearchFilter } from './filter.js';
import { addExperiment, experimentNamed, mustFindExperiment, trackingOf } from './tracking.js';

export function experimentRoutes(on: AddMlflowRoute): void {
  on('POST', 'experiments/create', createExperiment);
  on('GET', 'experiments/get', getExperiment);
  on('GET', 'experiments/get-by-name', getExperimentByName);
  on('POST', 'experiments/search', searchExperiments);
  on('GET', 'experiments/search', searchExperiments);
  on('POST', 'experiments/update', updateExperiment);
  on('POST', 'experiments/delete', deleteExperiment);
  on('POST', 'experiments/restore', restoreExperiment);
  on('POST', 'experiments/set-experiment-tag', setExperimentTag);
}

const PAGE = 1_000;
/** Microsoft Learn, "Organize & track training jobs": up to 255 letters, digits, `-` and `_`. */
const NAME = /^[A-Za-z0-9][\w. -]{0,254}$/;

const ATTRIBUTES: Record<string, (experiment: ExperimentRecord) => string | number> = {
  name: ({ name }) => name,
  experiment_id: ({ id }) => id,
  creation_time: ({ creationTime }) => creationTime,
  last_update_time: ({ lastUpdateTime }) => lastUpdateTime,
};

function attribute(name: string): (experiment: ExperimentRecord) => string | number {
  const found = own(ATTRIBUTES, name.toLowerCase());
  if (found === undefined) throw invalidParameter(`Experiments have no attribute '${name}'.`);
  return found;
}

function createExperiment(call: MlflowCall): unknown {
  const { state, clock, save } = call.context;
  const name = required(call, 'name');
  checkName(name);
  if (experimentNamed(state, name) !== undefined)
    throw new MlflowError('RESOURCE_ALREADY_EXISTS', `Experiment '${name}' already exists.`);
  const tags = Object.fromEntries(pairs(call, 'tags'));
  const { id } = addExperiment(state, name, clock.now(), tags);
  save();
  return { experiment_id: id };
}

function getExperiment(call: MlflowCall): unknown {
  return { experiment: experimentBody(call, find(call)) };
}

function getExperimentByName(call: MlflowCall): unknown {
  const name = required(call, 'experiment_name');
  const experiment = experimentNamed(call.context.state, name);
  if (experiment === undefined) throw missing(`Could not find experiment with name '${name}'`);
  return { experiment: experimentBody(call, experiment) };
}

function searchExperiments(call: MlflowCall): unknown {
  const comparisons = parseSearchFilter(optionalString(call, 'filter'));
  const view = optionalString(call, 'view_type') ?? 'ACTIVE_ONLY';
  const found = Object.values(trackingOf(call.context.state).experiments)
    .filter(({ lifecycleStage }) => inView(view, lifecycleStage))
    .filter((experiment) =>
      comparisons.every((comparison) =>
        holds(
          comparison,
          comparison.entity === 'tags'
            ? own(experiment.tags, comparison.key)
            : attribute(comparison.key)(experiment),
        ),
      ),
    );
  const order = repeated(call, 'order_by');
  found.sort(inOrder(order.length > 0 ? order : ['last_update_time DESC'], attribute));
  const { items, next } = pageOf(call, found, PAGE);
  return { experiments: items.map((experiment) => experimentBody(call, experiment)), ...next };
}

function updateExperiment(call: MlflowCall): unknown {
  const name = required(call, 'new_name');
  checkName(name);
  return change(call, (experiment) => (experiment.name = name));
}

function deleteExperiment(call: MlflowCall): unknown {
  return change(call, (experiment) => (experiment.lifecycleStage = 'deleted'));
}

function restoreExperiment(call: MlflowCall): unknown {
  return change(call, (experiment) => (experiment.lifecycleStage = 'active'));
}

function setExperimentTag(call: MlflowCall): unknown {
  const [key, value] = [required(call, 'key'), optionalString(call, 'value') ?? ''];
  return change(call, (experiment) => (experiment.tags[key] = value));
}

/** `ACTIVE_ONLY` (what is not told otherwise), `DELETED_ONLY` or `ALL`. */
export function inView(view: string, stage: 'active' | 'deleted'): boolean {
  return view === 'ALL' || (view === 'DELETED_ONLY') === (stage === 'deleted');
}

function change(call: MlflowCall, apply: (experiment: ExperimentRecord) => void): unknown {
  const experiment = find(call);
  apply(experiment);
  experiment.lastUpdateTime = call.context.clock.now();
  call.context.save();
  return {};
}

function find(call: MlflowCall): ExperimentRecord {
  const { state, clock } = call.context;
  return mustFindExperiment(state, required(call, 'experiment_id'), clock.now());
}

function checkName(name: string): void {
  if (!NAME.test(name))
    throw invalidParameter(
      `Invalid experiment name '${name.slice(0, 60)}': it has up to 255 letters, digits, dashes and underscores.`,
    );
}

function experimentBody(call: MlflowCall, experiment: ExperimentRecord): unknown {
  return {
    experiment_id: experiment.id,
    name: experiment.name,
    artifact_location: '',
    lifecycle_stage: experiment.lifecycleStage,
    creation_time: experiment.creationTime,
    last_update_time: experiment.lastUpdateTime,
    tags: asPairs(experiment.tags),
  };
}
