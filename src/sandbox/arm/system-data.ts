/** Who made a record and when. */
import type { SystemData } from '../model.js';
import type { ArmCall } from './call.js';
import { wireTime } from './errors.js';

export function created(call: ArmCall): SystemData {
  const now = wireTime(call.context.clock.now());
  return {
    createdAt: now,
    createdBy: call.caller,
    createdByType: 'User',
    lastModifiedAt: now,
    lastModifiedBy: call.caller,
    lastModifiedByType: 'User',
  };
}

export function modified(call: ArmCall, before: SystemData): SystemData {
  const { lastModifiedAt, lastModifiedBy, lastModifiedByType } = created(call);
  return { ...before, lastModifiedAt, lastModifiedBy, lastModifiedByType };
}
