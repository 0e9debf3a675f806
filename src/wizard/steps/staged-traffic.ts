/** Green's traffic weight as a person stages it, before anything is sent. */
import type { SetTraffic } from '../../rollout/changes/change.js';
import { movable } from '../../common/split.js';
import { moveTraffic } from '../../rollout/traffic-change.js';
import type { Live } from '../../rollout/moves/watch-live.js';
import type { SplitProof } from '../effects/shown.js';
import { greenShare } from '../navigation.js';
import { nextWeight } from '../../rollout/moves/set-traffic.js';
import { mostForInstances, planOf } from '../plan.js';
import type { HistoryMinute } from './live.js';
import { isGuarded } from '../policy.js';
import { recommendedMove } from '../recommended.js';
import type { State } from '../state.js';
import type { ScreenState } from '../step.js';
import { dropFromScreen, withScreen } from '../update.js';

export interface TrafficScreenState extends ScreenState {
  /** Green's staged share in percent; absent: nothing is staged. */
  staged?: number;
  probe?: SplitProof;
  live?: Live;
  /** Of this session, the newest last. */
  history?: readonly HistoryMinute[];
}

export const trafficScreen = (state: State): TrafficScreenState => state.screens.traffic ?? {};

/** Green's share as staged, or as it is when nothing is staged. */
export function stagedShare(state: State): number {
  const { staged } = trafficScreen(state);
  // A colleague may have moved other shares since it was staged.
  return staged === undefined
    ? greenShare(state.session?.opened)
    : Math.min(mostForGreen(state), staged);
}

/** The most green can have: others' shares are frozen. */
export function mostForGreen(state: State): number {
  const opened = state.session?.opened;
  const { blue, green } = opened?.roles ?? {};
  if (!opened?.snapshot.endpoint || !blue || !green) return 0;
  return movable(opened.snapshot.endpoint.traffic, blue, green);
}

export function stagedChange(state: State): SetTraffic | undefined {
  const opened = state.session?.opened;
  const { staged } = trafficScreen(state);
  const { blue, green } = opened?.roles ?? {};
  if (staged === undefined || !opened || !blue || !green) return undefined;
  if (stagedShare(state) === greenShare(opened)) return undefined;
  const facts = { now: opened.snapshot, view: opened.journal, roles: { blue, green } };
  return moveTraffic(facts, stagedShare(state));
}

export function stage(state: State, share: number): State {
  const clamped = Math.min(mostForGreen(state), Math.max(0, share));
  return withScreen(state, 'traffic', { staged: clamped });
}

/** On the sandbox the plan's next share lies ready; on Azure a person stages it. */
export function stageNext(state: State): State {
  const clean = dropFromScreen(state, 'traffic', 'staged', 'failure');
  const drift = state.session?.opened?.drift;
  if (drift || isGuarded(state) || failedGreen(state) || isOver(state)) return clean;
  if (verifiesFirst(clean)) return clean;
  const opened = clean.session?.opened;
  const share = nextWeight(planOf(clean), greenShare(opened), mostForGreen(clean));
  const wanted = greenShare(opened) === 0 ? mostForGreen(clean) : share;
  const reached = wanted === undefined || wanted <= mostForInstances(clean);
  return share === undefined || !reached ? clean : stage(clean, share);
}

/** Enter verifies a split that an earlier session left unverified, as each change does by itself. */
export function verifiesFirst(state: State): boolean {
  const { journal, session } = state.session?.opened ?? {};
  const set = journal?.changes.findLast(({ change }) => change.kind === 'setTraffic');
  if (!set || !session || set.line >= session.firstLine) return false;
  return recommendedMove(state, 'verify-split') !== undefined;
}

/** Aborted or finished: nothing is staged any more. */
export const isOver = (state: State): boolean => {
  const { journal } = state.session?.opened ?? {};
  return journal?.aborted !== undefined || journal?.completed !== undefined;
};

/** A reason is not asked for what can't be done: the engine gives a failed green no more. */
export function failedGreen(state: State): string | undefined {
  const { snapshot, roles } = state.session?.opened ?? {};
  const green = snapshot?.deployments.find(({ name }) => name === roles?.green);
  return green?.provisioningState === 'Failed'
    ? `${green.name} failed: it cannot get more traffic. Press A to restore the split at the start.`
    : undefined;
}

/** Green has all that can be moved to it, and nothing else is staged. */
export function isComplete(state: State): boolean {
  const opened = state.session?.opened;
  return (
    greenShare(opened) > 0 && greenShare(opened) === mostForGreen(state) && !stagedChange(state)
  );
}
