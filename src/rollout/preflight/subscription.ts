/** The workspace's own settings, and the services that its subscription has to have switched on. */
import type { ProviderState, WorkspaceInfo } from '../../azure/types.js';
import type { PreflightFinding } from './finding.js';

/** Microsoft Learn, "Configure Azure Machine Learning workspaces for v1 legacy mode". */
export function legacyFinding({ v1LegacyMode }: WorkspaceInfo): PreflightFinding[] {
  if (!v1LegacyMode) return [];
  return [
    {
      state: 'fail',
      what: 'legacy mode',
      detail: 'v1 legacy mode is on, which refuses the API that endpoints need.',
      advice: 'Ask the owner of the workspace to set v1_legacy_mode to false.',
      kind: 'invalid',
    },
  ];
}

export function providerFinding(
  { namespace, state }: ProviderState,
  subscription: string,
): PreflightFinding {
  const what = 'provider';
  if (state === 'Registered') return { state: 'ok', what, detail: namespace };
  const advice =
    state === 'Registering'
      ? 'Registering takes some minutes: try again later.'
      : `Ask a Contributor of the subscription: az provider register --namespace ${namespace} --subscription ${subscription}`;
  return {
    state: 'fail',
    what,
    detail: `${namespace} is ${state}.`,
    advice,
    kind: 'invalid',
  };
}
