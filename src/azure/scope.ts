/** What all parts of one workspace's adapter share. */
import type { ArmClient } from './arm-client.js';
import type { ArmRequests } from './arm-request.js';
import type { Clock } from '../common/clock.js';
import type { Cloud } from './clouds.js';
import { AzureError, invalid, toFailure } from './errors.js';
import type { TokenSource } from './token-source.js';
import type { Transport } from './transport.js';
import type { Connection } from './types.js';

export interface Scope {
  connection: Connection;
  cloud: Cloud;
  client: ArmClient;
  arm: ArmRequests;
  tokens: TokenSource;
  transport: Transport;
  clock: Clock;
  /** ARM path of the workspace. */
  path: string;
}

export function workspacePath(connection: Connection): string {
  const { subscriptionId, resourceGroup, workspaceName } = connection;
  return (
    `/subscriptions/${encodeURIComponent(subscriptionId)}` +
    `/resourceGroups/${encodeURIComponent(resourceGroup)}` +
    `/providers/Microsoft.MachineLearningServices/workspaces/${encodeURIComponent(workspaceName)}`
  );
}

/** Gives every rejection the one shape. */
export async function doing<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AzureError) throw error;
    throw new AzureError(toFailure(error, what), { cause: error });
  }
}

// `azure-ai-ml`'s rule; the service's own pattern is looser, and the client checks nothing.
const NAME = /^[a-zA-Z][-a-zA-Z0-9]{1,30}[a-zA-Z0-9]$/;

export function checkName(kind: 'endpoint' | 'deployment', name: string): void {
  if (NAME.test(name)) return;
  throw invalid(
    `use the ${kind} name "${name}"`,
    `"${name}" can't be the name of ${kind === 'endpoint' ? 'an' : 'a'} ${kind}.`,
    'Use 3 to 32 letters, digits and single dashes; begin with a letter, end with a letter or a digit.',
  );
}

export function abortOption(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal ? { abortSignal: signal } : {};
}
