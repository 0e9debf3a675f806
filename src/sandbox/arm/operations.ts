/** mfeOperationsStatus and mfeOperationResults. */
import { findDeployment, findEndpoint, own, type OperationRecord } from '../model.js';
import { type ArmCall, type ArmReply, ok, param } from './call.js';
import { deploymentBody } from './deployment-body.js';
import { endpointBody } from './endpoint-body.js';
import { armError } from './errors.js';

/** Always 200, a failure too; `Updating` while running, whatever was begun. */
export function operationStatus(call: ArmCall): ArmReply {
  const operation = mustFind(call);
  const { subscriptionId, location } = call.context.state.config;
  return ok({
    id: `/subscriptions/${subscriptionId}/providers/Microsoft.MachineLearningServices/locations/${location}/mfeOperationsStatus/${operation.name}`,
    name: operation.name,
    startTime: operation.startTime,
    ...(operation.endTime === null ? {} : { endTime: operation.endTime }),
    percentComplete: operation.status === 'Updating' ? 0 : 100,
    status: operation.status,
    ...(operation.error === null
      ? {}
      : { error: { ...operation.error, details: [], additionalInfo: [] } }),
  });
}

/** 202 while running, then the resource, or 204 where there is nothing to show. */
export function operationResult(call: ArmCall): ArmReply {
  const operation = mustFind(call);
  if (operation.status === 'Updating') {
    const location = `${call.origin}${call.path}?api-version=${call.apiVersion}`;
    return { status: 202, body: null, headers: { location } };
  }
  if (operation.error !== null) {
    throw armError(400, operation.error.code, operation.error.message);
  }
  if (operation.package !== undefined) return ok(operation.package.response);
  const endpoint = findEndpoint(call.context.state, operation.endpoint);
  const deployment =
    operation.deployment === null ? undefined : findDeployment(endpoint, operation.deployment);
  if (operation.kind === 'deployment-write' && deployment !== undefined)
    return ok(deploymentBody(call, deployment));
  if (operation.kind === 'endpoint-write' && endpoint !== undefined)
    return ok(endpointBody(call, endpoint));
  return operation.kind === 'regenerate-keys' ? ok(null) : { status: 204 };
}

function mustFind(call: ArmCall): OperationRecord {
  const name = param(call, 'operation');
  const operation = own(call.context.state.operations, name);
  if (operation === undefined)
    throw armError(404, 'NotFound', `The operation '${name}' was not found.`);
  return operation;
}
