/**
 * What can block a caller although nothing is broken: rights that are missing, services
 * that are not registered, a workspace in legacy mode. Set by the control route, kept in the state.
 */
import { sameName } from '../common/same-name.js';
import * as z from 'zod';
import { readControl, wholeNumber } from './control-body.js';
import type { SandboxConfig, SandboxState } from './model.js';
import { matchesAction } from './storage-gate.js';

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
  /** Isolation of the workspace's managed network. */
  managedNetwork: 'Disabled' | 'AllowInternetOutbound' | 'AllowOnlyApprovedOutbound';
  /** Cores of all families together. */
  regionCoreLimit: number;
  /** Does the storage account take its keys? */
  sharedKeyAccess: boolean;
}

/** Endpoint names are unique in a region, whoever owns them; this one is always someone else's. */
const TAKEN_IN_REGION = 'taken-in-region';

const NONE: Conditions = {
  deniedActions: [],
  deniedDataActions: [],
  unregisteredProviders: [],
  takenEndpointNames: [],
  v1LegacyMode: false,
  publicNetworkAccess: 'Enabled',
  managedNetwork: 'Disabled',
  regionCoreLimit: 600,
  sharedKeyAccess: true,
};

const list = z.array(z.string()).optional();
const flag = z.boolean().optional();

/** All that a control request may set, the parts of the sandbox's configuration last. */
const Body = z.strictObject(
  {
    deniedActions: list,
    deniedDataActions: list,
    unregisteredProviders: list,
    takenEndpointNames: list,
    v1LegacyMode: flag,
    publicNetworkAccess: z.enum(['Enabled', 'Disabled']).optional(),
    managedNetwork: z
      .enum(['Disabled', 'AllowInternetOutbound', 'AllowOnlyApprovedOutbound'])
      .optional(),
    regionCoreLimit: wholeNumber('regionCoreLimit', 0).optional(),
    sharedKeyAccess: flag,
    datastoreCredentials: z.enum(['account-key', 'sas', 'identity']).optional(),
    coreLimit: wholeNumber('coreLimit', 0).optional(),
    evenRouting: flag,
  },
  {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `Conditions are ${conditionNames().join(', ')}; there is no "${issue.keys[0] ?? ''}".`
        : undefined,
  },
);

export function conditionNames(): string[] {
  return Object.keys(Body.shape);
}

export function conditionsOf(state: SandboxState): Conditions {
  return { ...NONE, ...state.conditions };
}

export function isTaken(state: SandboxState, endpoint: string): boolean {
  const names = [TAKEN_IN_REGION, ...conditionsOf(state).takenEndpointNames];
  return names.some((name) => sameName(name, endpoint));
}

/** Does the caller lack this action? */
export function isDenied(state: SandboxState, action: string): boolean {
  return conditionsOf(state).deniedActions.some((pattern) => matchesAction(pattern, action));
}

/** The same for an action that roles may list with those on data. */
export function isDeniedOnData(state: SandboxState, action: string): boolean {
  const { deniedDataActions } = conditionsOf(state);
  return (
    isDenied(state, action) || deniedDataActions.some((pattern) => matchesAction(pattern, action))
  );
}

export function isProviderRegistered(state: SandboxState, provider: string): boolean {
  const { unregisteredProviders } = conditionsOf(state);
  return !unregisteredProviders.some((name) => sameName(name, provider));
}

/** The conditions with what a control request changes; a string says what is wrong with it. */
export function changeConditions(
  state: SandboxState,
  body: unknown,
): { conditions: Conditions; config: Partial<SandboxConfig> } | string {
  const read = readControl(Body, body, 'Conditions are a JSON object.');
  if (typeof read === 'string') return read;
  const { datastoreCredentials, coreLimit, evenRouting, ...conditions } = read;
  return {
    conditions: { ...conditionsOf(state), ...conditions },
    config: {
      ...(datastoreCredentials !== undefined && { datastoreCredentials }),
      ...(coreLimit !== undefined && { coreLimit }),
      ...(evenRouting !== undefined && { evenRouting }),
    },
  };
}
