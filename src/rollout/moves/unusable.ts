/** Deployments that nothing can be done with now, as sentences. */
import type { Deployment } from '../../azure/types.js';
import { waitFor, type Next } from './move.js';

/** Azure can't repair a deployment that failed. */
export const unusable = ({ name, provisioningState }: Deployment): string =>
  `Deployment ${name} is ${provisioningState.toLowerCase()}, and can't be repaired: delete it, or choose another name in the plan, then run the plan again.`;

export const busyDeployment = ({ name, provisioningState }: Deployment): Next =>
  waitFor({
    for: 'operation',
    what: `deployment ${name} is ${provisioningState.toLowerCase()}`,
  });
