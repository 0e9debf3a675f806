/** The endpoint itself, as the plan describes it. */
import { end } from './events.js';
import type { Facts } from './facts.js';
import { doMove, refuse, waitFor, type MoveKind } from './move.js';

export const createEndpointMove = {
  id: 'create-endpoint',
  title: () => 'Create the endpoint',

  when({ plan, now, endpoint, live }: Facts) {
    const name = plan.endpoint?.name ?? now.endpointName;
    if (endpoint) {
      return endpoint.provisioningState !== 'Succeeded' && live.length === 0
        ? refuse('refused', `Endpoint ${name} is failed: delete it, then run the plan again.`)
        : undefined;
    }
    const sentence = `There is no endpoint ${name} in workspace ${now.workspace.workspaceName}, and the plan names no blue to create.`;
    if (!plan.endpoint) return waitFor({ for: 'choice', of: 'endpoint', sentence });
    return plan.blue ? doMove({ id: 'create-endpoint' }) : refuse('refused', sentence);
  },

  async perform(_, context) {
    const { endpoint } = context.plan;
    if (!endpoint) throw end('refused', 'The plan names no endpoint.');
    const { name, auth: authMode, settings } = endpoint;
    const own = { identity: { type: 'system_assigned' as const }, tags: {} };
    await context.run({ kind: 'createEndpoint', endpoint: name, authMode, ...own, ...settings });
  },
} satisfies MoveKind<'create-endpoint'>;
