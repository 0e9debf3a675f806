/** Which action a request is, and whether the caller may do it. */
import { conditionsOf } from '../conditions.js';
import type { SandboxState } from '../model.js';
import { matchesAction } from '../role-actions.js';
import { armError } from './errors.js';

/**
 * The action's name as roles have it: the provider, the types of the path, and what is done
 * (Microsoft Learn, "Azure permissions for AI + machine learning"). A POST is named by its last
 * segment.
 * @returns undefined for what needs no right of its own, such as the list of one's subscriptions
 */
export function actionOf(method: string, path: string): string | undefined {
  const segments = path.split('/').filter((segment) => segment !== '');
  const at = segments.findLastIndex((segment) => segment.toLowerCase() === 'providers');
  if (at < 0 || segments[at + 1] === undefined) return undefined;
  const [provider = '', ...rest] = segments.slice(at + 1).map(decodeURIComponent);
  if (rest.length === 0) return undefined;
  if (method === 'POST') {
    // Types and names alternate; what is left at the end is the action.
    const types = rest.slice(0, -1).filter((_, index) => index % 2 === 0);
    return [provider, ...types, rest.at(-1), 'action'].join('/');
  }
  const verb = method === 'DELETE' ? 'delete' : /^(PUT|PATCH)$/.test(method) ? 'write' : 'read';
  return [provider, ...rest.filter((_, index) => index % 2 === 0), verb].join('/');
}

export function checkAllowed(
  state: SandboxState,
  request: { method: string; path: string; caller: string; objectId: string },
): void {
  const action = actionOf(request.method, request.path);
  if (action !== undefined && isDenied(state, action)) throw denied(action, request);
}

export function isDenied(state: SandboxState, action: string): boolean {
  const { deniedActions } = conditionsOf(state);
  return deniedActions.some((pattern) => matchesAction(pattern, action));
}

export function denied(
  action: string,
  request: { path: string; caller: string; objectId: string },
): Error {
  return armError(
    403,
    'AuthorizationFailed',
    `The client '${request.caller}' with object id '${request.objectId}' does not have authorization to perform action '${action}' over scope '${request.path}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  );
}
