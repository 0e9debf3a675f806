/** Which of the given actions this identity may not do, on the workspace or on what it uses. */
import { record, type Json } from './arm-request.js';
import type { Scope } from './scope.js';

const API_VERSION = '2022-04-01';
const CHECK = 'check the permissions';

export async function missingPermissions(
  scope: Scope,
  actions: readonly string[],
  signal?: AbortSignal,
  on = scope.path,
): Promise<string[]> {
  const granted = await permissionsOn(scope, on, signal);
  return actions.filter(
    (action) =>
      !granted.some(
        (permission) =>
          allows(permission, action) ||
          // Scoring is what a caller does to data, and roles name it among either.
          (/\/score\/action$/i.test(action) && allows(permission, action, 'data')),
      ),
  );
}

/** The same for actions on the data in a storage account, by its ARM id. */
export async function missingOnStorage(
  scope: Scope,
  storageAccountId: string,
  dataActions: readonly string[],
  signal?: AbortSignal,
): Promise<string[]> {
  const granted = await permissionsOn(scope, storageAccountId, signal);
  return dataActions.filter(
    (action) => !granted.some((permission) => allows(permission, action, 'data')),
  );
}

function permissionsOn(
  scope: Scope,
  path: string,
  signal: AbortSignal | undefined,
): Promise<Json[]> {
  return scope.arm.list(`${path}/providers/Microsoft.Authorization/permissions`, CHECK, {
    apiVersion: API_VERSION,
    signal,
  });
}

/** One entry allows what it names and does not take back itself. Exported for its test. */
export function allows(permission: Json, action: string, on: 'resource' | 'data' = 'resource') {
  const matches = (patterns: unknown): boolean =>
    Array.isArray(patterns) && patterns.some((pattern) => matchesAction(String(pattern), action));
  const { actions, notActions, dataActions, notDataActions } = record(permission);
  return on === 'resource'
    ? matches(actions) && !matches(notActions)
    : matches(dataActions) && !matches(notDataActions);
}

function matchesAction(pattern: string, action: string): boolean {
  const expression = pattern
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${expression}$`, 'i').test(action);
}
