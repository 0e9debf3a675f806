/** Cores in use by family, counted from the deployments that exist, failed ones included. */
import type { SandboxState } from '../model.js';
import { coresNeeded, vmSize } from './vm-sizes.js';

/** Room for two rollouts side by side on the recommended size, not for a large third one. */
const DEFAULT_LIMIT = 40;

export function coreLimit(state: SandboxState): number {
  return state.config.coreLimit ?? DEFAULT_LIMIT;
}

export function coresUsed(state: SandboxState, family: string): number {
  let used = 0;
  for (const endpoint of Object.values(state.endpoints)) {
    for (const deployment of Object.values(endpoint.deployments)) {
      const size = vmSize(deployment.instanceType);
      if (size?.family === family) used += coresNeeded(size, deployment.sku.capacity);
    }
  }
  return used;
}
