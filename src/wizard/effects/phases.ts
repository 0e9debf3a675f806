/** How far a deployment's start is, from its log. */
import type { Workspace } from '../../azure/types.js';
import { deploymentPhases } from '../../rollout/deployment-phases.js';
import type { CommandProgress } from '../events.js';

/** How often the log is read, in milliseconds. */
const PHASES_EVERY_MS = 1_500;

/** Reads a deployment's log for its phases until `stop` says that it is over. */
export function watchPhases(
  workspace: Workspace,
  endpoint: string,
  deployment: string,
  progress: (progress: CommandProgress) => void,
): () => void {
  let over = false;
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    const log = await workspace.deploymentLogs(endpoint, deployment, { tail: 200 }).catch(() => '');
    const phases = deploymentPhases(log);
    if (over) return;
    if (phases) progress({ kind: 'phases', phases });
    timer = setTimeout(() => void look(), PHASES_EVERY_MS);
  };
  timer = setTimeout(() => void look(), PHASES_EVERY_MS / 3);
  return () => {
    over = true;
    clearTimeout(timer);
  };
}
