/**
 * What can stand in a caller's way although nothing is broken: rights that are missing, services
 * that are not registered, a workspace in legacy mode. Set by the control route, kept in the state.
 */
import type { SandboxConfig, SandboxState } from './model.js';

export interface Conditions {
  /** Patterns of actions that the caller may not do, e.g. `…/onlineEndpoints/write`; `*` matches all. */
  deniedActions: string[];
  /** The same for the data in the storage account, for callers with a token. */
  deniedDataActions: string[];
  /** Resource providers that the subscription has not registered. */
  unregisteredProviders: string[];
  /** Endpoint names that someone else in the region has taken. */
  takenEndpointNames: string[];
  /** The v2 API is switched off for the workspace. */
  v1LegacyMode: boolean;
  publicNetworkAccess: 'Enabled' | 'Disabled';
  /** Does the storage account take its keys? */
  sharedKeyAccess: boolean;
}

/** Endpoint names are unique in a region, whoever owns them; this one is always someone else's. */
export const TAKEN_IN_REGION = 'taken-in-region';

const NONE: Conditions = {
  deniedActions: [],
  deniedDataActions: [],
  unregisteredProviders: [],
  takenEndpointNames: [],
  v1LegacyMode: false,
  publicNetworkAccess: 'Enabled',
  sharedKeyAccess: true,
};

/** All that a control request may set, the parts of the sandbox's configuration last. */
export function conditionNames(): string[] {
  return [...Object.keys(NONE), 'datastoreCredentials', 'coreLimit', 'evenRouting'];
}

export function conditionsOf(state: SandboxState): Conditions {
  return { ...NONE, ...state.conditions };
}

export function isTaken(state: SandboxState, endpoint: string): boolean {
  const names = [TAKEN_IN_REGION, ...conditionsOf(state).takenEndpointNames];
  return names.some((name) => name.toLowerCase() === endpoint.toLowerCase());
}

export function isRegistered(state: SandboxState, provider: string): boolean {
  const { unregisteredProviders } = conditionsOf(state);
  return !unregisteredProviders.some((name) => name.toLowerCase() === provider.toLowerCase());
}

/** The conditions with what a control request changes; a string says what is wrong with it. */
export function changeConditions(
  state: SandboxState,
  body: unknown,
): { conditions: Conditions; config: Partial<SandboxConfig> } | string {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return 'Conditions are a JSON object.';
  const conditions: Record<string, unknown> = { ...conditionsOf(state) };
  const config: Partial<SandboxConfig> = {};
  for (const [key, value] of Object.entries(body as Record<string, unknown>)) {
    if (key === 'datastoreCredentials') {
      if (value !== 'account-key' && value !== 'sas' && value !== 'identity')
        return '"datastoreCredentials" must be account-key, sas or identity.';
      config.datastoreCredentials = value;
      continue;
    }
    if (key === 'coreLimit') {
      if (typeof value !== 'number' || !Number.isInteger(value) || value < 0)
        return '"coreLimit" must be a whole number of 0 or more.';
      config.coreLimit = value;
      continue;
    }
    if (key === 'evenRouting') {
      if (typeof value !== 'boolean') return '"evenRouting" must be true or false.';
      config.evenRouting = value;
      continue;
    }
    if (!Object.hasOwn(NONE, key))
      return `Conditions are ${conditionNames().join(', ')}; there is no "${key}".`;
    const wrong = problemWith(key as keyof Conditions, value);
    if (wrong !== undefined) return wrong;
    conditions[key] = value;
  }
  return { conditions: conditions as unknown as Conditions, config };
}

function problemWith(key: keyof Conditions, value: unknown): string | undefined {
  const like = NONE[key];
  if (Array.isArray(like)) {
    return Array.isArray(value) && value.every((one) => typeof one === 'string')
      ? undefined
      : `"${key}" must be a list of strings.`;
  }
  if (typeof like === 'boolean')
    return typeof value === 'boolean' ? undefined : `"${key}" must be true or false.`;
  return value === 'Enabled' || value === 'Disabled'
    ? undefined
    : `"${key}" must be Enabled or Disabled.`;
}
