/** Rules of a change that need the journal: what the observed workspace alone can't tell. */
import { shareOf } from '../common/split.js';
import type { Change } from './changes/change.js';
import type { EndpointState } from './endpoint-state.js';
import { rolesOf } from './roles.js';
import type { Snapshot } from './snapshot.js';

/** Why the change may not run in this rollout; `undefined`: it may. */
export function journalGuard(
  change: Change,
  now: Snapshot,
  { endpoint, view }: EndpointState,
): string | undefined {
  const clearsUp = ['deleteEndpoint', 'deleteAutoscale'].includes(change.kind);
  if (view.completed && !isWayBack(change) && !clearsUp) {
    return `This rollout of endpoint ${endpoint} is finished: nothing more is written for it.`;
  }
  if ('endpoint' in change && change.endpoint !== endpoint) {
    return `This rollout is for endpoint ${endpoint}, not for ${change.endpoint}.`;
  }
  if (change.kind === 'deleteEndpoint' && !view.createdEndpoint) {
    return `Endpoint ${endpoint} was not created by this rollout, so it is not deleted from here.`;
  }
  if (change.kind === 'setTraffic' && ['undo', 'abort', 'rollback'].includes(change.why)) {
    const { green } = rolesOf(now, view).roles;
    if (green && shareOf(change.to, green) > shareOf(change.from, green)) {
      return `A rollback never gives ${green} more traffic.`;
    }
  }
  return undefined;
}

/** Less traffic for green, or blue as large as it was: what a person asks for in a hurry. */
export function isWayBack(change: Change): boolean {
  switch (change.kind) {
    case 'setTraffic':
      return ['undo', 'abort', 'rollback'].includes(change.why);
    case 'setMirror':
      return Object.keys(change.to).every(
        (name) => shareOf(change.to, name) <= shareOf(change.from, name),
      );
    case 'scaleDeployment':
      return change.to > change.from;
    default:
      return false;
  }
}
