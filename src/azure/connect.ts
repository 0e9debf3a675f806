/** The way into this room: a connection becomes a workspace. Loads the SDKs, so import it late. */
import { createArmClient } from './arm-client.js';
import { ArmRequests } from './arm-request.js';
import { type Clock, systemClock } from '../common/clock.js';
import { cloudOf } from './clouds.js';
import { type DeviceCode, type SignInAs, tokenSource } from './credential.js';
import { invalid } from './errors.js';
import { workspacePath } from './scope.js';
import { openSubscriptions } from './subscriptions.js';
import { createTransport } from './transport.js';
import { openWorkspace } from './workspace.js';
import type { Connection, Subscriptions, Workspace } from './types.js';

interface ConnectOptions {
  /** Shows the code that a person types in at the address. */
  onDeviceCode?: (info: DeviceCode) => void;
  signal?: AbortSignal;
  /** For tests. */
  clock?: Clock;
}

const PARTS = {
  subscriptionId: 'subscription',
  resourceGroup: 'resource group',
  workspaceName: 'workspace',
};

/**
 * Nothing is sent yet: signing in happens with the first call. Rejects with an `AzureError` when
 * the connection itself can't be used, e.g. for a `caFile` that is not there.
 */
export async function connect(
  connection: Connection,
  options: ConnectOptions = {},
): Promise<Workspace> {
  options.signal?.throwIfAborted();
  for (const part of ['subscriptionId', 'resourceGroup', 'workspaceName'] as const) {
    if (connection[part]) continue;
    throw invalid(
      'open the workspace',
      `The connection names no ${PARTS[part]}.`,
      'Choose one, or name it in the profile, in config.json or on the command line.',
    );
  }
  const cloud = cloudOf(connection.cloud);
  const clock = options.clock ?? systemClock;
  const transport = createTransport(connection);
  const tokens = await tokenSource(connection, options.onDeviceCode);
  const client = createArmClient(cloud, connection.subscriptionId, tokens, transport);
  return openWorkspace({
    connection,
    cloud,
    clock,
    client,
    tokens,
    transport,
    arm: new ArmRequests(client, cloud.arm, clock),
    path: workspacePath(connection),
  });
}

/** What this identity can see, before a workspace is chosen. */
export function listSubscriptions(
  as: SignInAs,
  options: Pick<ConnectOptions, 'onDeviceCode'> = {},
): Promise<Subscriptions & { close(): Promise<void> }> {
  return openSubscriptions(as, options);
}
