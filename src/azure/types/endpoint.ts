/** An online endpoint. */
import type { Split } from '../../common/split.js';

export type ProvisioningState =
  'Creating' | 'Updating' | 'Scaling' | 'Deleting' | 'Succeeded' | 'Failed' | 'Canceled';

export type AuthMode = 'key' | 'aml_token' | 'aad_token';

export interface EndpointIdentity {
  type: 'system_assigned' | 'user_assigned';
  userAssignedIds?: string[];
  /** Of the one that Azure made, as it is read. */
  principalId?: string;
}

export interface KeyVault {
  id: string;
  /** Whether roles say who may read it, and not access policies of its own. */
  usesRoles: boolean;
}

/** By the ARM id of a user-assigned one, or by its principal's. */
export type IdentityName = { id: string } | { principalId: string };

/** A right on a resource, by its ARM id, or on the data in it. */
export interface IdentityNeed {
  on: string;
  action: string;
  of: 'resource' | 'data';
}

export interface Endpoint {
  id: string;
  name: string;
  location: string;
  authMode: AuthMode;
  identity: EndpointIdentity;
  /** ARM id of the cluster that it runs on; absent for a managed endpoint. */
  kubernetes?: string;
  publicNetworkAccess?: 'enabled' | 'disabled';
  description?: string;
  /** Azure's property bag, as far as it is text. */
  properties?: Record<string, string>;
  tags: Record<string, string>;
  traffic: Split;
  mirrorTraffic: Split;
  provisioningState: ProvisioningState;
  scoringUri?: string;
  swaggerUri?: string;
  createdAt?: string;
  /** Of its last write, whoever made it. */
  modifiedAt?: string;
}

/** Who has an endpoint's name in the region, as far as can be seen from here. */
export type NameUse =
  | { by: 'this-workspace'; provisioningState: ProvisioningState }
  | { by: 'another-workspace'; workspace: string }
  /** Something answers as that endpoint, and it is not of this subscription. */
  | { by: 'someone' }
  | { by: 'nobody-seen' };

export interface EndpointCreate {
  authMode: AuthMode;
  identity: EndpointIdentity;
  description?: string;
  tags: Record<string, string>;
  /** Written to wire as `publicNetworkAccess`. */
  publicNetworkAccess?: 'enabled' | 'disabled';
  /** Azure's property bag. */
  properties?: Record<string, string>;
  /** A region; the workspace's own where it is absent. */
  location?: string;
}

/**
 * A change of an existing endpoint. Only what is named is changed; the rest is kept as it is
 * on the wire, unknown members included. `expect` is what the caller observed: when the
 * endpoint differs from it, nothing is sent and the failure's kind is `drift`.
 */
export interface EndpointUpdate {
  expect?: {
    traffic?: Split;
    mirrorTraffic?: Split;
    /** By name; `undefined` where it was not there. Others may have changed. */
    tags?: Record<string, string | undefined>;
  };
  traffic?: Split;
  mirrorTraffic?: Split;
  /** Merged into the endpoint's tags; `null` removes one. */
  tags?: Record<string, string | null>;
}
