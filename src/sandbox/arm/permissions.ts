/** What the caller may do: everything but what the conditions deny. */
import { conditionsOf } from '../conditions.js';
import { type ArmCall, type ArmReply, ok } from './call.js';

/** One role assignment, as "Permissions - List For Resource" answers it. */
export function listPermissions(call: ArmCall): ArmReply {
  const { deniedActions, deniedDataActions } = conditionsOf(call.context.state);
  return ok({
    value: [
      {
        actions: ['*'],
        notActions: deniedActions,
        dataActions: ['*'],
        notDataActions: deniedDataActions,
      },
    ],
  });
}
