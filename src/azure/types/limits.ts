/** What a region and a subscription allow. */
/** Endpoints and deployments of a subscription in one region, batch endpoints too. */
export interface RegionCounts {
  endpoints: number;
  /** Absent where there are too few endpoints for the limit to matter. */
  deployments?: number;
  /** Not all of it may be read: there are more. */
  more: boolean;
}

export interface VmSize {
  name: string;
  family: string;
  vCpus: number;
  memoryGb: number;
  /** Whether online endpoints take it; absent where the service does not say. */
  forEndpoints?: boolean;
}

/** Cores in use and allowed, in the workspace's region; each of the limits can refuse. */
export interface FamilyUsage {
  /** Empty for the total of the region. */
  family: string;
  used: number;
  /** -1: no limit. */
  limit: number;
  /** Absent: the family's limit of the subscription. */
  scope?: 'region' | 'workspace';
}

/** A service of the subscription; `state` is `Registered` when it can be used. */
export interface ProviderState {
  namespace: string;
  state: string;
}
