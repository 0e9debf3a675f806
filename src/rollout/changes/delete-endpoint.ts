import type { ChangeKind, DeleteEndpoint } from './change.js';
import { endpointBusy, endpointMissing, isBusy, kubernetesProblem } from './conditions.js';
import { member } from './members.js';
import { finish } from './operation.js';

/** Azure deletes the endpoint's deployments with it. */
export const deleteEndpointKind: ChangeKind<DeleteEndpoint> = {
  members: {
    endpoint: member.hosted,
  },
  usualSeconds: 120,
  title: (change) => `delete endpoint ${change.endpoint} with all its deployments`,

  guard(_change, now) {
    if (!now.endpoint) return endpointMissing(now);
    if (now.endpoint.kubernetes !== undefined) return kubernetesProblem(now.endpoint);
    const busy = now.deployments.find(isBusy);
    return busy
      ? `Deployment ${busy.name} is ${busy.provisioningState.toLowerCase()}. Wait until that has ended.`
      : endpointBusy(now.endpoint);
  },

  async apply(change, context) {
    const operation = await context.workspace.deleteEndpoint(change.endpoint, context.signal);
    if (operation) await finish(operation, context);
  },

  readBack(change, after) {
    return after.endpoint ? `The workspace still lists endpoint ${change.endpoint}.` : undefined;
  },
};
