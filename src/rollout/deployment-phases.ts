/**
 * How far a deployment's start is, as its log tells: Azure's own percentage stays at 0. The log's
 * head names four phases, e.g. `ModelDownload: Succeeded` (Get-AzMLWorkspaceOnlineDeploymentLog).
 */
interface DeploymentPhase {
  name: string;
  state: 'waiting' | 'running' | 'done' | 'failed';
}

const PHASES: readonly [string, string][] = [
  ['SystemSetup', 'system setup'],
  ['UserContainerImagePull', 'image'],
  ['ModelDownload', 'model download'],
  ['UserContainerStart', 'container start'],
];

const STATES: Record<string, DeploymentPhase['state']> = {
  succeeded: 'done',
  inprogress: 'running',
  failed: 'failed',
};

/** `undefined` when the log has no such head (yet). */
export function deploymentPhases(log: string): DeploymentPhase[] | undefined {
  const seen = new Map(
    [...log.matchAll(/^(\w+): (\w+)\s*$/gm)].map((match) => [match[1], match[2]?.toLowerCase()]),
  );
  if (!PHASES.some(([key]) => seen.has(key))) return undefined;
  return PHASES.map(([key, name]) => ({ name, state: STATES[seen.get(key) ?? ''] ?? 'waiting' }));
}
