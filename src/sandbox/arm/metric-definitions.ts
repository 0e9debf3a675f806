/** The metrics that Azure Monitor keeps of endpoints and deployments, and how each is counted. */
import type { MinuteBucket } from '../context.js';
import type { ObservedMetric } from '../observed.js';

export interface Metric {
  name: string;
  unit: 'Count' | 'MilliSeconds' | 'CountPerSecond' | 'BytesPerSecond' | 'Percent';
  /** As written at the service; compared without case. */
  dimensions: string[];
  /** Of the requests of one minute; no value where there were none. */
  value(buckets: MinuteBucket[]): number | undefined;
  /** Set by the control route, in place of what was counted. */
  set?: ObservedMetric[];
}

const quantile = (share: number) => (buckets: MinuteBucket[]) => {
  const sorted = buckets.flatMap(({ latencies }) => latencies).toSorted((a, b) => a - b);
  if (sorted.length === 0) return undefined;
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
};

export const mean = (buckets: MinuteBucket[]): number | undefined => {
  const all = buckets.flatMap(({ latencies }) => latencies);
  return all.length === 0 ? undefined : all.reduce((sum, one) => sum + one, 0) / all.length;
};

const count = (buckets: MinuteBucket[]): number | undefined => {
  const sum = buckets.reduce((total, bucket) => total + bucket.count, 0);
  return sum === 0 ? undefined : sum;
};

/** Known by name, but nothing here measures it. */
const unmeasured = (): undefined => undefined;

const latencies = (dimensions: string[]): Metric[] =>
  [50, 90, 95, 99].map((percent) => ({
    name: `RequestLatency_P${percent}`,
    unit: 'MilliSeconds',
    dimensions,
    value: quantile(percent / 100),
  }));

export const ENDPOINT_METRICS: readonly Metric[] = [
  {
    name: 'RequestsPerMinute',
    unit: 'Count',
    dimensions: ['deployment', 'statusCode', 'statusCodeClass', 'modelStatusCode'],
    value: count,
  },
  { name: 'RequestLatency', unit: 'MilliSeconds', dimensions: ['deployment'], value: mean },
  ...latencies(['deployment']),
  { name: 'ConnectionsActive', unit: 'Count', dimensions: [], value: unmeasured },
  {
    name: 'NewConnectionsPerSecond',
    unit: 'CountPerSecond',
    dimensions: [],
    value: unmeasured,
  },
  { name: 'NetworkBytes', unit: 'BytesPerSecond', dimensions: [], value: unmeasured },
  ...['DataCollectionErrorsPerMinute', 'DataCollectionEventsPerMinute'].map((name): Metric => ({
    name,
    unit: 'Count',
    dimensions: ['deployment', 'type'],
    value: unmeasured,
  })),
];

export const DEPLOYMENT_METRICS: readonly Metric[] = [
  { name: 'RequestsPerMinute', unit: 'Count', dimensions: ['envoy_response_code'], value: count },
  ...latencies([]),
  ...[
    'CpuUtilizationPercentage',
    'CpuMemoryUtilizationPercentage',
    'DiskUtilization',
    'GpuUtilizationPercentage',
    'GpuMemoryUtilizationPercentage',
  ].map((name): Metric => ({
    name,
    unit: 'Percent',
    dimensions: ['instanceId'],
    value: unmeasured,
  })),
  {
    name: 'DeploymentCapacity',
    unit: 'Count',
    dimensions: ['instanceId', 'State'],
    value: unmeasured,
  },
];
