/** Autoscale that a rollout copies from blue to green, and takes away with green. */
import { isDeepStrictEqual } from 'node:util';
import { sameName } from '../common/same-name.js';
import type { AutoscaleSetting, Deployment } from '../azure/types.js';
import type { Change, CopyAutoscale, DeleteAutoscale } from './changes/change.js';
import { findDeployment } from './changes/conditions.js';
import { succeeded, type JournalView } from './journal/view.js';
import type { Snapshot } from './snapshot.js';

export const settingName = (id: string): string => id.split('/').at(-1) ?? '';

export const settingIn = (now: Snapshot, id: string): AutoscaleSetting | undefined =>
  now.autoscale?.find((each) => sameName(each.id, id));

/** Read back: the copy is not there, or is not as blue's. */
export function copyProblem(change: CopyAutoscale, now: Snapshot): string | undefined {
  const [copy, source] = [settingIn(now, change.setting), settingIn(now, change.source)];
  const name = settingName(change.setting);
  if (!copy) return `There is no autoscale setting ${name}.`;
  const target = findDeployment(now, change.deployment)?.id ?? '';
  if (!sameName(copy.target, target)) return `Autoscale setting ${name} scales another resource.`;
  return source && !isDeepStrictEqual(copy.scaling, source.scaling)
    ? `Autoscale setting ${name} differs from ${source.name}.`
    : undefined;
}

/** A copy is named for its deployment, and a copy of a copy not for both. */
export function copyOf(
  source: AutoscaleSetting,
  { blue, green, endpoint }: { blue: string; green: string; endpoint: string },
): CopyAutoscale {
  const { name } = source;
  const plain = name.endsWith(`-${blue}`) ? name.slice(0, -blue.length - 1) : name;
  const group = source.id.slice(0, source.id.lastIndexOf('/'));
  return {
    kind: 'copyAutoscale',
    endpoint,
    deployment: green,
    source: source.id,
    setting: `${group}/${plain}-${green}`,
    most: source.most,
  };
}

/** Copies of this rollout that are there still. */
function copies({ changes }: JournalView): CopyAutoscale[] {
  const done = changes.filter(succeeded).map(({ change }) => change);
  return done.filter(
    (each, at): each is CopyAutoscale =>
      each.kind === 'copyAutoscale' &&
      !done
        .slice(at)
        .some((later) => later.kind === 'deleteAutoscale' && later.setting === each.setting),
  );
}

/** Those that a deployment has. */
export const copiesFor = (view: JournalView, deployment: string): CopyAutoscale[] =>
  copies(view).filter((each) => sameName(each.deployment, deployment));

/** What goes before a deletion: its target gone, a setting would scale the next one of that name. */
export function undoneBefore(change: Change, view: JournalView): DeleteAutoscale[] {
  if (change.kind !== 'deleteDeployment' && change.kind !== 'deleteEndpoint') return [];
  const gone = change.kind === 'deleteEndpoint' ? copies(view) : copiesFor(view, change.deployment);
  return gone.map(({ endpoint, deployment, setting }) => ({
    kind: 'deleteAutoscale',
    endpoint,
    deployment,
    setting,
  }));
}

/** With as many instances as autoscale can give it. */
export function atItsMost<D extends Pick<Deployment, 'name' | 'instanceCount'>>(
  deployment: D,
  view: JournalView,
): D {
  const limits = copiesFor(view, deployment.name).map(({ most }) => most);
  return { ...deployment, instanceCount: Math.max(deployment.instanceCount, ...limits) };
}
