/** Which step is active, which are shown, and going back and forth among them. */
import { liveNames, sameSplit, type Split } from '../common/split.js';
import { shownSteps as stepsOf, stepOf, type StepId } from '../rollout/steps.js';
import { splitAtStart } from '../rollout/traffic-change.js';
import type { Opened } from './effects/contract.js';
import type { State } from './state.js';

/** The step that the workspace and the journal imply. */
export function impliedStep(state: State): StepId {
  if (!state.session) return 'workspace';
  const opened = state.session.opened;
  return opened ? stepOf(opened.snapshot, opened.journal, opened.found) : 'endpoint';
}

export const activeStep = (state: State): StepId => state.view ?? impliedStep(state);

export function stepsShown(state: State): readonly StepId[] {
  const opened = state.session?.opened;
  if (opened) return stepsOf(opened.journal, opened.found);
  const { mode, highlighted } = state.screens.endpoint ?? {};
  const chosen = state.session?.endpoints.find((each) => each.name === highlighted);
  // Before one is opened, the endpoint under the cursor tells how long the way will be.
  if (mode === 'form' || !chosen) return stepsOf(undefined, undefined);
  const live = liveNames(chosen.traffic);
  return stepsOf(undefined, { roles: {}, source: 'none', live, idle: [] });
}

export function neighbour(state: State, direction: 1 | -1): StepId | undefined {
  const shown = stepsShown(state);
  const at = shown.indexOf(activeStep(state));
  return at < 0 ? undefined : shown[at + direction];
}

/** Looks at another step; looking at the implied one is being there. */
export function look(state: State, step: StepId): State {
  const { view: _, ...rest } = state;
  return step === impliedStep(rest) ? rest : { ...rest, view: step };
}

/** On from a step that was held or looked back at: never past the implied one. */
export function forward(state: State): State {
  const shown = stepsShown(state);
  const to = neighbour(state, 1);
  const { view: _, ...rest } = state;
  if (!to || shown.indexOf(to) >= shown.indexOf(impliedStep(rest))) return rest;
  return { ...rest, view: to };
}

/** Is the active step behind the one the workspace implies? */
export function isBehind(state: State): boolean {
  if (state.view === undefined) return false;
  const shown = stepsShown(state);
  const { view: _, ...rest } = state;
  return shown.indexOf(state.view) < shown.indexOf(impliedStep(rest));
}

/** Green's live share in percent; 0 where there is no green. */
export function greenShare(opened: Opened | undefined): number {
  const green = opened?.roles.green;
  return green ? (opened.snapshot.endpoint?.traffic[green] ?? 0) : 0;
}

/** The split that was live when the rollout of the new version began, where one has begun. */
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
