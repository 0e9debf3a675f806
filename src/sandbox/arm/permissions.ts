/** What the caller may do: everything. A fault on this path, or a 403, can say otherwise. */
import { type ArmCall, type ArmReply, ok } from './call.js';

export function listPermissions(_call: ArmCall): ArmReply {
  return ok({
    value: [{ actions: ['*'], notActions: [], dataActions: ['*'], notDataActions: [] }],
  });
}
