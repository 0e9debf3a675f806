/** A workspace in legacy mode refuses the v2 API, all but itself. */
import { conditionsOf } from '../conditions.js';
import type { SandboxState } from '../model.js';
import { invalid } from './errors.js';

/**
 * Microsoft Learn, "Network isolation change with our new API platform on Azure Resource Manager":
 * `v1_legacy_mode` disables the v2 API for the workspace. The wording is ours; Azure's is not known.
 */
export function checkLegacyMode(state: SandboxState, path: string): void {
  if (!/\/workspaces\/[^/]+\/(?!providers\/|$)/i.test(path)) return;
  if (!conditionsOf(state).v1LegacyMode) return;
  throw invalid(
    `The workspace '${state.config.workspaceName}' has v1_legacy_mode enabled, which disables the v2 API. Set v1_legacy_mode to false to use it.`,
    'V1LegacyModeEnabled',
  );
}
