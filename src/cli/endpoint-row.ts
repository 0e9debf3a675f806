/** One endpoint as `status --all` shows it: what happens to its rollout, and what needs a person. */
import type { Endpoint, WorkspaceInfo, Workspace } from '../azure/types.js';
import { liveNames, shareOf, withoutZeros, type Split } from '../common/split.js';
import { GAP_MS } from '../rollout/evidence/watch.js';
import { keptBlue, keptBlueWords, type KeptBlue } from '../rollout/journal/kept-blue.js';
import { splitSince, type JournalView } from '../rollout/journal/view.js';
import type { Next } from '../rollout/moves/move.js';
import { rolesOf } from '../rollout/roles.js';
import { decodeTags } from '../rollout/tags.js';
import { CODE } from './exit-codes.js';
import { driftOf, nextOf } from './standing.js';

export interface EndpointRow {
  workspace: string;
  /** Absent: the workspace itself can't be read. */
  endpoint?: string;
  state:
    | 'none'
    | 'under-way'
    | 'approval'
    | 'gate-failed'
    | 'changed'
    | 'aborted'
    | 'promoted'
    | 'unreadable';
  /** The state in words, with what else is to be seen to. */
  message: string;
  blue?: string;
  green?: string;
  /** Green's traffic weight in percent. */
  weight?: number;
  traffic?: Split;
  rolloutId?: string;
  owner?: string;
  /** Since green's traffic was last watched, by this machine's journal. */
  unwatchedMinutes?: number;
  keptBlue?: KeptBlue;
  /** What the row adds to the exit code. */
  code: number;
}

/** What this machine's journals hold of one endpoint. */
interface KnownHere {
  /** Of the rollout that is under way, or was last. */
  view?: JournalView;
  kept?: KeptBlue;
}

/** Whether the list of endpoints says it all. */
export const isIdle = ({ tags }: Endpoint, { view, kept }: KnownHere): boolean =>
  decodeTags(tags).rolloutId === undefined && view === undefined && kept === undefined;

export function idleRow(
  workspace: string,
  { name, traffic, provisioningState }: Endpoint,
): EndpointRow {
  const live = liveNames(traffic);
  const steady = provisioningState === 'Succeeded';
  return {
    workspace,
    endpoint: name,
    state: 'none',
    message: steady ? 'no rollout' : `no rollout, ${provisioningState.toLowerCase()}`,
    ...(live.length === 1 && { blue: live[0] }),
    traffic: withoutZeros(traffic),
    code: provisioningState === 'Failed' ? CODE.attention : CODE.done,
  };
}

/** Of an endpoint with a rollout or a kept blue; its deployments are read. */
export async function rolloutRow(
  workspaceName: string,
  endpoint: Endpoint,
  { view, kept }: KnownHere,
  { workspace, info, signal }: { workspace: Workspace; info: WorkspaceInfo; signal: AbortSignal },
): Promise<EndpointRow> {
  const { name, traffic, tags } = endpoint;
  const now = {
    ...{ takenAt: new Date().toISOString(), workspace: info, endpointName: name, endpoint },
    deployments: await workspace.listDeployments(name, signal),
    models: {},
  };
  const { owner, ...tagged } = decodeTags(tags);
  const rolloutId = tagged.rolloutId ?? view?.rolloutId;
  const by = owner ?? view?.owner;
  if (tagged.rolloutId === undefined && view === undefined) {
    const there = now.deployments.some((each) => each.name === kept?.blue);
    const row = idleRow(workspaceName, endpoint);
    if (!kept || !there) return row;
    return {
      ...row,
      message: `${row.message}, ${keptBlueWords(kept)}`,
      keptBlue: kept,
      code: Math.max(row.code, kept.overdue ? CODE.attention : CODE.done),
    };
  }
  const found = rolesOf(now, view);
  const { blue, green } = found.roles;
  const weight = green === undefined ? 0 : shareOf(traffic, green);
  const drift = view && driftOf(found, now, view);
  const next = view && nextOf(found, now, view, drift);
  const failed = view?.judgements.at(-1);
  const stopped = failed?.decision === 'stop' && failed.override === undefined;
  const [state, words, code] = stateOf(next, stopped, weight, owner);
  const over = state === 'aborted' || state === 'promoted';
  const unwatched = over || weight === 0 || !view ? 0 : unwatchedMinutes(view, weight);
  return {
    workspace: workspaceName,
    endpoint: name,
    state,
    message: unwatched > 0 ? `${words}, unwatched ${unwatched} min` : words,
    ...(blue !== undefined && { blue }),
    ...(green !== undefined && { green, weight }),
    traffic: withoutZeros(traffic),
    ...(rolloutId !== undefined && { rolloutId }),
    ...(by !== undefined && { owner: by }),
    ...(unwatched > 0 && { unwatchedMinutes: unwatched }),
    code: code === CODE.done && unwatched > 0 ? CODE.attention : code,
  };
}

function stateOf(
  next: Next | undefined,
  stopped: boolean,
  weight: number,
  owner: string | undefined,
): [EndpointRow['state'], string, number] {
  if (!next) return ['under-way', `under way, of ${owner ?? 'someone else'}`, CODE.done];
  if (next.kind === 'over') {
    return next.outcome === 'aborted'
      ? ['aborted', 'aborted', CODE.done]
      : ['promoted', 'promoted', CODE.done];
  }
  const wait = next.kind === 'wait' ? next.wait : undefined;
  switch (wait?.for) {
    case 'approval':
      return ['approval', `waiting for approval at ${wait.weight}%`, CODE.approval];
    case 'loss':
      return ['approval', 'waiting for approval of green', CODE.approval];
    case 'reason':
      return ['gate-failed', `gate failed (${wait.stage}) at ${wait.weight}%`, CODE.stopped];
    case 'adoption':
      return ['changed', 'changed by someone else', CODE.drift];
    default:
  }
  if (stopped) return ['gate-failed', `gate failed at ${weight}%`, CODE.stopped];
  if (wait?.for === 'operation') return ['under-way', `under way: ${wait.what}`, CODE.done];
  return ['under-way', 'under way', CODE.done];
}

function unwatchedMinutes(view: JournalView, weight: number): number {
  const { watched } = view;
  const since = watched?.weight === weight ? Date.parse(watched.until) : splitSince(view);
  const gap = since === undefined ? 0 : Date.now() - since;
  return gap > GAP_MS ? Math.floor(gap / 60_000) : 0;
}

/** What is known of a blue that is kept, where no rollout is under way. */
export const knownHere = (
  views: readonly JournalView[],
  open: JournalView | undefined,
): KnownHere => {
  const kept = views[0] && keptBlue(views[0]);
  const view = open && open.changes.length > 0 && !open.completed ? open : undefined;
  return { ...(view && { view }), ...(kept && { kept }) };
};
