/** How many rows may be under way at once without a deployment being overrun. */
import type { Deployment } from '../../azure/types.js';

/** Without a setting of its own an instance takes one request at a time (Azure's default). */
const slots = ({ instanceCount, requestSettings }: Deployment): number =>
  instanceCount * (requestSettings?.maxConcurrentRequestsPerInstance ?? 1);

/** What the smaller of the two works on at once; more would only wait, and be timed so. */
export const mostInFlight = (blue: Deployment, green: Deployment): number =>
  Math.max(1, Math.min(slots(blue), slots(green)));
