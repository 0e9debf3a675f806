/** Which step is active, and going back and forth among those shown. */
import { liveNames, sameSplit, type Split } from '../common/split.js';
import { splitAtStart } from '../rollout/traffic-change.js';
import type { Opened } from './effects/world.js';
import type { State } from './state.js';
import type { StepId } from './step.js';

export const activeStep = ({ view, implied }: State): StepId => view ?? implied;

export function neighbour(state: State, direction: 1 | -1): StepId | undefined {
  const at = state.shown.indexOf(activeStep(state));
  return at < 0 ? undefined : state.shown[at + direction];
}

/** Looks at another step; looking at the implied one is being there. */
export function look(state: State, step: StepId): State {
  const { view: _, ...rest } = state;
  return step === state.implied ? rest : { ...rest, view: step };
}

/** On from a step that was held or looked back at: never past the implied one. */
export function forward(state: State): State {
  const { shown, implied } = state;
  const to = neighbour(state, 1);
  if (!to || shown.indexOf(to) >= shown.indexOf(implied)) return look(state, implied);
  return { ...state, view: to };
}

/** Is the active step behind the one the workspace implies? */
export const isBehind = ({ view, shown, implied }: State): boolean =>
  view !== undefined && shown.indexOf(view) < shown.indexOf(implied);

/** Green's live share in percent; 0 where there is no green. */
export function greenShare(opened: Opened | undefined): number {
  const green = opened?.roles.green;
  return green ? (opened.snapshot.endpoint?.traffic[green] ?? 0) : 0;
}

/** The split that was live when the rollout of the new version began, where one has started. */
export const startSplit = (opened: Opened): Split | undefined =>
  splitAtStart({ now: opened.snapshot, view: opened.journal });

/** Has traffic moved away from the split at the rollout's start? */
export function movedFromStart(opened: Opened): boolean {
  const start = startSplit(opened);
  return Boolean(
    start &&
    liveNames(start).length > 0 &&
    !sameSplit(start, opened.snapshot.endpoint?.traffic ?? {}),
  );
}
