/** How a workspace is named and reached. */
export type CloudName = 'public' | 'usgov' | 'china';

/** How a person or a build agent signs in; each is one credential of `@azure/identity`. */
export type SignIn = 'default' | 'browser' | 'device-code' | 'cli' | 'managed-identity';

export interface WorkspaceRef {
  subscriptionId: string;
  resourceGroup: string;
  workspaceName: string;
}

/** Everything needed to reach one workspace. Holds no secret but `identityHeader`. */
export interface Connection extends WorkspaceRef {
  cloud: CloudName;
  signIn: SignIn;
  tenantId?: string;
  /** A proxy on the way out, e.g. a company's TLS-inspecting one, or the sandbox. */
  proxyUrl?: string;
  /** PEM file with extra certificate authorities to trust. */
  caFile?: string;
  /** Managed-identity endpoint spoken to directly when `signIn` is `managed-identity`. */
  identityEndpoint?: string;
  /** The header secret of `identityEndpoint`. Lives in memory only: profiles never keep it. */
  identityHeader?: string;
  /** Milliseconds after its end until Azure Monitor tells a minute, where that is known: the sandbox says so. */
  metricsLagMs?: number;
}

export interface WorkspaceInfo extends WorkspaceRef {
  id: string;
  location: string;
  /** GUID that names the workspace's containers. */
  workspaceId: string;
  /** A workspace in v1 legacy mode refuses the v2 API. */
  v1LegacyMode: boolean;
  /** Absent where the service does not say. */
  publicNetworkAccess?: 'enabled' | 'disabled';
  /** How the workspace's managed network isolates what runs in it, which then governs egress too. */
  managedNetwork?: 'AllowInternetOutbound' | 'AllowOnlyApprovedOutbound';
  /** ARM id of the storage account that uploads go to, where the service tells. */
  storageAccountId?: string;
  /** ARM id of the registry of its images; absent until the first is built. */
  containerRegistryId?: string;
  tags: Record<string, string>;
}

/** What can be listed before a workspace is chosen. */
export interface Subscriptions {
  list(signal?: AbortSignal): Promise<{ id: string; name: string }[]>;
  resourceGroups(subscriptionId: string, signal?: AbortSignal): Promise<string[]>;
  workspaces(
    subscriptionId: string,
    resourceGroup?: string,
    signal?: AbortSignal,
  ): Promise<{ name: string; resourceGroup: string; location: string }[]>;
}
