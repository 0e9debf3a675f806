/** Back to the split before the rollout, from the live state, the endpoint's tags and, if there is one, the journal. */
import { shownModel } from '../common/model-ref.js';
import { findDeployment } from './changes/conditions.js';
import type { ScaleDeployment, SetTraffic } from './changes/change.js';
import type { Snapshot } from './snapshot.js';
import { formatSplit, liveNames, sameSplit, shareOf } from '../common/split.js';
import { decodeTags } from './tags.js';
import { restoreTraffic } from './traffic-change.js';
import { smallerThan } from './undo.js';
import type { JournalView } from './journal/view.js';

export type RollbackPlan =
  | {
      kind: 'ready';
      change: SetTraffic;
      /** Blue is smaller than it was: scale it first (the default), or switch now. */
      scaleFirst?: ScaleDeployment;
      warning?: string;
      /** The rollout under way that this ends. */
      rolloutId?: string;
      owner?: string;
    }
  | {
      kind: 'nothing';
      sentence: string;
      why: 'no endpoint' | 'no earlier split' | 'already restored';
    }
  /** What served before is deleted; recreate it from its definition in the report. */
  | { kind: 'recreate'; sentence: string; missing: string[] };

const deploymentsOf = ({ deployments }: Snapshot): string =>
  deployments
    .map(({ name, model }) => `${name} (${model === '' ? 'no model named' : shownModel(model)})`)
    .join(', ') || 'none';

/** The rollout under way has moved no traffic yet: the tags still hold the split before the last one. */
function unmoved({ endpoint }: Snapshot, view: JournalView | undefined): boolean {
  if (!endpoint || !view?.splitAtStart || view.aborted || view.completed) return false;
  const { start, previous } = decodeTags(endpoint.tags);
  if (start || !previous || sameSplit(previous, endpoint.traffic)) return false;
  return sameSplit(view.splitAtStart, endpoint.traffic);
}

/**
 * @param view this machine's journal of the endpoint: it knows the split at the start before the
 * first traffic write has put it into the tags, where someone else moved traffic.
 */
export function planRollback(now: Snapshot, view?: JournalView): RollbackPlan {
  const { endpoint } = now;
  if (!endpoint) {
    return {
      kind: 'nothing',
      why: 'no endpoint',
      sentence: `There is no endpoint ${now.endpointName} in workspace ${now.workspace.workspaceName}.`,
    };
  }
  const tags = decodeTags(endpoint.tags);
  const journaled = view?.aborted ? undefined : view?.splitAtStart;
  const previous = tags.start ?? tags.previous ?? journaled;
  if (!previous) {
    return {
      kind: 'nothing',
      why: 'no earlier split',
      sentence: `Endpoint ${endpoint.name} has no tag of an earlier split, so there is nothing to roll back to. Its traffic is ${formatSplit(endpoint.traffic)}; its deployments are ${deploymentsOf(now)}. The journal of the last rollout has its earlier splits.`,
    };
  }
  if (unmoved(now, view)) {
    return {
      kind: 'nothing',
      why: 'already restored',
      sentence: `Traffic is ${formatSplit(endpoint.traffic)}, as before the rollout under way. To restore ${formatSplit(previous)}, the split before the last rollout, abort this one first.`,
    };
  }
  if (sameSplit(previous, endpoint.traffic)) {
    return {
      kind: 'nothing',
      why: 'already restored',
      sentence: `Traffic is already ${formatSplit(endpoint.traffic)}, as before the rollout.`,
    };
  }
  const missing = liveNames(previous).filter((name) => !findDeployment(now, name));
  if (missing.length > 0) {
    return {
      kind: 'recreate',
      missing,
      sentence: `Before the rollout traffic was ${formatSplit(previous)}, but ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} deleted. Recreate ${missing.length === 1 ? 'it' : 'them'} from the definition in the rollout's report, then roll back.`,
    };
  }
  const gone = Object.fromEntries(Object.keys(endpoint.traffic).map((name) => [name, 0]));
  const { blue } = tags.roles;
  const small =
    blue !== undefined && shareOf(previous, blue) > shareOf(endpoint.traffic, blue)
      ? findDeployment(now, blue)
      : undefined;
  const warning = small && smallerThan(small.name, small.instanceCount, tags.blueInstances);
  return {
    kind: 'ready',
    change: restoreTraffic(now, { ...gone, ...previous }, 'rollback'),
    ...(tags.rolloutId !== undefined && { rolloutId: tags.rolloutId }),
    ...(tags.owner !== undefined && { owner: tags.owner }),
    ...(small &&
      warning && {
        warning,
        scaleFirst: {
          kind: 'scaleDeployment' as const,
          endpoint: endpoint.name,
          deployment: small.name,
          from: small.instanceCount,
          to: tags.blueInstances ?? small.instanceCount,
        },
      }),
  };
}
