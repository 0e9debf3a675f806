/** What can be listed before a workspace is chosen. */
import { ArmRequests, record, type Json } from './arm-request.js';
import { createArmClient } from './arm-client.js';
import { cloudOf } from './clouds.js';
import { type DeviceCode, type SignInAs, tokenSource } from './credential.js';
import { createTransport } from './transport.js';
import type { Subscriptions } from './types.js';

interface SubscriptionsOptions {
  onDeviceCode?: (info: DeviceCode) => void;
}

export async function openSubscriptions(
  as: SignInAs,
  options: SubscriptionsOptions = {},
): Promise<Subscriptions & { close(): Promise<void> }> {
  const cloud = cloudOf(as.cloud);
  const transport = createTransport(as);
  const tokens = await tokenSource(as, options.onDeviceCode);
  // The client wants some subscription; nothing here is sent through its typed calls.
  const client = createArmClient(cloud, '00000000-0000-0000-0000-000000000000', tokens, transport);
  const arm = new ArmRequests(client, cloud.arm);
  return {
    async list(signal) {
      const all = await arm.list('/subscriptions', 'list the subscriptions', {
        apiVersion: '2022-12-01',
        signal,
      });
      return all
        .filter((each) => each['state'] === undefined || each['state'] === 'Enabled')
        .map((each) => ({
          id: String(each['subscriptionId'] ?? ''),
          name: String(each['displayName'] ?? each['subscriptionId'] ?? ''),
        }))
        .sort((a, b) => a.name.localeCompare(b.name));
    },
    async resourceGroups(subscriptionId, signal) {
      const all = await arm.list(
        `/subscriptions/${encodeURIComponent(subscriptionId)}/resourcegroups`,
        'list the resource groups',
        { apiVersion: '2021-04-01', signal },
      );
      return all.map((each) => String(each['name'] ?? '')).sort((a, b) => a.localeCompare(b));
    },
    async workspaces(subscriptionId, resourceGroup, signal) {
      const group = resourceGroup ? `/resourceGroups/${encodeURIComponent(resourceGroup)}` : '';
      const all = await arm.list(
        `/subscriptions/${encodeURIComponent(subscriptionId)}${group}` +
          '/providers/Microsoft.MachineLearningServices/workspaces',
        'list the workspaces',
        { signal },
      );
      return all.map(toWorkspace).sort((a, b) => a.name.localeCompare(b.name));
    },
    close: () => transport.close(),
  };
}

function toWorkspace(raw: Json): { name: string; resourceGroup: string; location: string } {
  const { id, name, location } = record(raw);
  return {
    name: String(name ?? ''),
    resourceGroup: /\/resourceGroups\/([^/]+)/i.exec(String(id ?? ''))?.[1] ?? '',
    location: String(location ?? ''),
  };
}
