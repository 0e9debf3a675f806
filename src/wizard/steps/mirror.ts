/** A copy of live requests for green, whose answers nobody gets: before any live traffic. */
import type { Change, SetMirror } from '../../rollout/changes/change.js';
import { MOST_MIRRORED } from '../../rollout/changes/set-mirror.js';
import { formatSplit, shareOf } from '../../rollout/split.js';
import { greenShare } from '../navigation.js';
import type { State } from '../state.js';
import { next, runChanges, say, type Update } from '../update.js';

export function mirroredShare(state: State): number {
  const opened = state.session?.opened;
  const { green } = opened?.roles ?? {};
  return green === undefined ? 0 : shareOf(opened?.snapshot.endpoint?.mirrorTraffic ?? {}, green);
}

function mirrorChange(state: State, share: number): SetMirror | undefined {
  const opened = state.session?.opened;
  const { green } = opened?.roles ?? {};
  if (!opened || green === undefined || mirroredShare(state) === share) return undefined;
  const from = { ...opened.snapshot.endpoint?.mirrorTraffic };
  return { kind: 'setMirror', endpoint: opened.endpoint, from, to: { ...from, [green]: share } };
}

export function setMirror(state: State, share: number): Update {
  if (share > MOST_MIRRORED) {
    return next(say(state, 'warning', `Azure mirrors at most ${MOST_MIRRORED} %.`));
  }
  const change = mirrorChange(state, share);
  if (!change) return next(say(state, 'info', `${share} % are mirrored already.`));
  return runChanges(state, [change], `Mirroring ${formatSplit(change.to)}`);
}

/** Azure gives a deployment live or mirrored traffic, never both: what has to go first. */
export function mirrorOff(state: State): Change[] {
  const off = mirrorChange(state, 0);
  return off && mirroredShare(state) > 0 ? [off] : [];
}

export const mirrorDisabled = (state: State): string | undefined =>
  greenShare(state.session?.opened) > 0
    ? 'NEW has live traffic, and Azure gives live or mirrored traffic, not both.'
    : undefined;
