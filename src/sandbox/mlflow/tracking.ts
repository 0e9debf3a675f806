/** The experiments and runs of the state, and how they are found. */
import { randomUUID } from 'node:crypto';
import { type SandboxState, own } from '../model.js';
import { missing } from './errors.js';
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
  return Object.values(state.tracking?.experiments ?? {}).find(
    (experiment) => experiment.name.toLowerCase() === name.toLowerCase(),
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
