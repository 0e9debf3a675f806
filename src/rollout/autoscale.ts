/** Autoscale that a rollout copies from blue to green, and takes away with green. */
import type { AutoscaleSetting, Deployment } from '../azure/types.js';
import type { Change, CopyAutoscale, DeleteAutoscale } from './changes/change.js';
import { findDeployment } from './changes/conditions.js';
import { succeeded, type JournalView } from './journal/view.js';
import type { Snapshot } from './snapshot.js';

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

export const settingName = (id: string): string => id.split('/').at(-1) ?? '';

export const settingIn = (now: Snapshot, id: string): AutoscaleSetting | undefined =>
  now.autoscale?.find((each) => same(each.id, id));

/** Read back: the copy is not there, or is not as blue's. */
export function copyProblem(change: CopyAutoscale, now: Snapshot): string | undefined {
  const [copy, source] = [settingIn(now, change.setting), settingIn(now, change.source)];
  const name = settingName(change.setting);
  if (!copy) return `There is no autoscale setting ${name}.`;
  const target = findDeployment(now, change.deployment)?.id ?? '';
  if (!same(copy.target, target)) return `Autoscale setting ${name} scales another resource.`;
  return source && copy.scaling !== source.scaling
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

/** Copies of this rollout that a deployment still has. */
export function copiesFor({ changes }: JournalView, deployment: string): CopyAutoscale[] {
  const done = changes.filter(succeeded).map(({ change }) => change);
  return done.filter((each, at): each is CopyAutoscale => {
    if (each.kind !== 'copyAutoscale' || !same(each.deployment, deployment)) return false;
    return !done
      .slice(at)
      .some((later) => later.kind === 'deleteAutoscale' && later.setting === each.setting);
  });
}

/** What goes before a deletion: its target gone, a setting would scale the next one of that name. */
export function undoneBefore(change: Change, view: JournalView): DeleteAutoscale[] {
  if (change.kind !== 'deleteDeployment' && change.kind !== 'deleteEndpoint') return [];
  const names =
    change.kind === 'deleteDeployment'
      ? [change.deployment]
      : [
          ...new Set(
            view.changes.flatMap(({ change: each }) =>
              'deployment' in each ? [each.deployment] : [],
            ),
          ),
        ];
  return names
    .flatMap((name) => copiesFor(view, name))
    .map(({ endpoint, deployment, setting }) => ({
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
