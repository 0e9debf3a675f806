import * as z from 'zod';
import { nameProblem } from '../names.js';
import { tagsProblem } from '../tags.js';
import type { ChangeKind, CreateEndpoint } from './change.js';
import { member } from './members.js';
import { finish } from './operation.js';

export const createEndpointKind: ChangeKind<CreateEndpoint> = {
  members: {
    endpoint: member.hosted,
    authMode: z.enum(['key', 'aml_token', 'aad_token']),
    identity: z.looseObject({
      type: z.enum(['system_assigned', 'user_assigned']),
      userAssignedIds: z.array(member.text).optional(),
      principalId: member.text.optional(),
    }),
    description: member.text.optional(),
    tags: member.texts,
    publicNetworkAccess: member.access.optional(),
    properties: member.texts.optional(),
    location: member.text.optional(),
  },
  // Recorded from the service: 90 s.
  usualSeconds: 90,
  title: (change) => `create endpoint ${change.endpoint}`,

  guard(change, now) {
    const problem = nameProblem('endpoint', change.endpoint) ?? tagsProblem(change.tags);
    if (problem) return problem;
    const identity = change.identity;
    if (identity.type === 'user_assigned' && !identity.userAssignedIds?.length) {
      return `Endpoint ${change.endpoint} needs a user-assigned identity, but none is set. Add its resource id, or use the system-assigned identity.`;
    }
    if (!now.endpoint) return undefined;
    return now.endpoint.provisioningState === 'Failed'
      ? `Endpoint ${change.endpoint} exists, but its creation failed. Delete it, then create it again.`
      : `Endpoint ${change.endpoint} already exists in workspace ${now.workspace.workspaceName}. Open it, or choose another name.`;
  },

  async apply(change, context) {
    const { kind: _, endpoint, ...spec } = change;
    const operation = await context.workspace.createEndpoint(endpoint, spec, context.signal);
    await finish(operation, context);
  },

  readBack(change, { endpoint }) {
    if (!endpoint) return `The workspace does not list endpoint ${change.endpoint}.`;
    if (endpoint.provisioningState !== 'Succeeded') {
      return `Endpoint ${change.endpoint} is ${endpoint.provisioningState.toLowerCase()}.`;
    }
    return endpoint.authMode === change.authMode
      ? undefined
      : `Endpoint ${change.endpoint} uses ${endpoint.authMode} authentication, not ${change.authMode}.`;
  },
};
