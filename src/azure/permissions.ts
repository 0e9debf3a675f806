/** Which of the actions that a rollout needs this identity may not do on the workspace. */
import { record, type Json } from './arm-request.js';
import type { Scope } from './scope.js';

const ML = 'Microsoft.MachineLearningServices/workspaces';

/** What the steps of a rollout ask of Resource Manager. */
export const NEEDED: readonly string[] = [
  `${ML}/read`,
  `${ML}/datastores/read`,
  `${ML}/models/read`,
  `${ML}/models/write`,
  `${ML}/models/versions/write`,
  `${ML}/onlineEndpoints/read`,
  `${ML}/onlineEndpoints/write`,
  `${ML}/onlineEndpoints/deployments/write`,
  `${ML}/onlineEndpoints/listKeys/action`,
];

/** A rollout gets to its end without these: nobody watches live users, or blue stays. */
export const WISHED: readonly string[] = [
  `${ML}/onlineEndpoints/deployments/delete`,
  'Microsoft.Insights/metrics/read',
];

export async function missingPermissions(scope: Scope, signal?: AbortSignal): Promise<string[]> {
  const granted = await scope.arm.list(
    `${scope.path}/providers/Microsoft.Authorization/permissions`,
    'check the permissions',
    { apiVersion: '2022-04-01', signal },
  );
  return [...NEEDED, ...WISHED].filter(
    (action) => !granted.some((permission) => allows(permission, action)),
  );
}

/** One entry allows what it names and does not take back itself. Exported for its test. */
export function allows(permission: Json, action: string): boolean {
  const matches = (patterns: unknown): boolean =>
    Array.isArray(patterns) && patterns.some((pattern) => matchesAction(String(pattern), action));
  const { actions, notActions } = record(permission);
  return matches(actions) && !matches(notActions);
}

function matchesAction(pattern: string, action: string): boolean {
  const expression = pattern
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${expression}$`, 'i').test(action);
}
