/**
 * The Azure Monitor route of an endpoint or a deployment, answered from what scoring counted.
 * Buckets of one minute; a minute without requests has no value, as at the service.
 */
import type { MinuteBucket } from '../model.js';
import { findDeployment } from '../model.js';
import { type ArmCall, type ArmReply, ok, param, queryValue } from './call.js';
import { mustFindEndpoint } from './endpoints.js';
import { armError, onlineNotFound } from './errors.js';
import { parseFilter } from './metrics-filter.js';
import { workspaceId } from './workspace.js';

const MINUTE = 60_000;
const MAX_SPAN = 30 * 24 * 60 * MINUTE;

interface Metric {
  name: string;
  unit: 'Count' | 'Milliseconds';
  value(buckets: MinuteBucket[]): number | undefined;
}

const quantile = (share: number) => (buckets: MinuteBucket[]) => {
  const sorted = buckets.flatMap(({ latencies }) => latencies).toSorted((a, b) => a - b);
  if (sorted.length === 0) return undefined;
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
};

const mean = (buckets: MinuteBucket[]): number | undefined => {
  const all = buckets.flatMap(({ latencies }) => latencies);
  return all.length === 0 ? undefined : all.reduce((sum, one) => sum + one, 0) / all.length;
};

const count = (buckets: MinuteBucket[]): number | undefined => {
  const sum = buckets.reduce((total, bucket) => total + bucket.count, 0);
  return sum === 0 ? undefined : sum;
};

const METRICS: Metric[] = [
  { name: 'RequestsPerMinute', unit: 'Count', value: count },
  { name: 'RequestLatency', unit: 'Milliseconds', value: mean },
  { name: 'RequestLatency_P50', unit: 'Milliseconds', value: quantile(0.5) },
  { name: 'RequestLatency_P90', unit: 'Milliseconds', value: quantile(0.9) },
  { name: 'RequestLatency_P95', unit: 'Milliseconds', value: quantile(0.95) },
  { name: 'RequestLatency_P99', unit: 'Milliseconds', value: quantile(0.99) },
];

export function listMetricDefinitions(call: ArmCall): ArmReply {
  const { id, namespace } = subject(call);
  return ok({
    value: METRICS.map(({ name, unit }) => ({
      id: `${id}/providers/Microsoft.Insights/metricDefinitions/${name}`,
      resourceId: id,
      namespace,
      name: { value: name, localizedValue: name },
      unit,
      primaryAggregationType: 'Average',
      supportedAggregationTypes: ['Average', 'Total', 'Minimum', 'Maximum'],
      metricAvailabilities: [{ timeGrain: 'PT1M', retention: 'P93D' }],
    })),
  });
}

export function getMetrics(call: ArmCall): ArmReply {
  const { id, namespace, only } = subject(call);
  const { clock, metrics, state } = call.context;
  const [from, to] = timespan(queryValue(call, 'timespan'), clock.now());
  const step = interval(queryValue(call, 'interval'));
  const aggregations = (queryValue(call, 'aggregation') ?? 'Average').toLowerCase().split(',');
  const filter = parseFilter(queryValue(call, '$filter'));
  const names = (queryValue(call, 'metricnames') ?? 'RequestsPerMinute').split(',');
  const wanted = names.map((name) => {
    const metric = METRICS.find((one) => one.name.toLowerCase() === name.trim().toLowerCase());
    if (metric === undefined) {
      throw armError(
        400,
        'BadRequest',
        `Failed to find metric configuration for provider: Microsoft.MachineLearningServices, resource Type: workspaces/onlineEndpoints, metric: ${name}, Valid metrics: ${METRICS.map((one) => one.name).join(',')}`,
      );
    }
    return metric;
  });
  const buckets = metrics
    .minutes(param(call, 'endpoint'), from, to)
    .filter((bucket) => only === undefined || bucket.deployment.toLowerCase() === only)
    .filter((bucket) => filter.matches(dimensionsOf(bucket)));

  return ok({
    cost: wanted.length * Math.max(1, Math.round((to - from) / MINUTE)),
    timespan: `${iso(from)}/${iso(to)}`,
    interval: `PT${step / MINUTE}M`,
    namespace,
    resourceregion: state.config.location,
    value: wanted.map((metric) => ({
      id: `${id}/providers/Microsoft.Insights/metrics/${metric.name}`,
      type: 'Microsoft.Insights/metrics',
      name: { value: metric.name, localizedValue: metric.name },
      displayDescription: metric.name,
      unit: metric.unit,
      errorCode: 'Success',
      timeseries: series(buckets, filter.dimensions).map(([dimensions, own]) => ({
        metadatavalues: filter.dimensions.map((name) => ({
          name: { value: name, localizedValue: name },
          value: dimensions[name] ?? '',
        })),
        data: points(metric, own, from, to, step, aggregations),
      })),
    })),
  });
}

function points(
  metric: Metric,
  buckets: MinuteBucket[],
  from: number,
  to: number,
  step: number,
  aggregations: string[],
): Record<string, unknown>[] {
  const result: Record<string, unknown>[] = [];
  for (let start = from; start < to; start += step) {
    const minutes: number[] = [];
    for (let minute = start; minute < Math.min(start + step, to); minute += MINUTE) {
      const value = metric.value(buckets.filter((bucket) => bucket.minute === minute));
      if (value !== undefined) minutes.push(value);
    }
    const point: Record<string, unknown> = { timeStamp: iso(start) };
    const total = minutes.reduce((sum, one) => sum + one, 0);
    if (minutes.length > 0) {
      if (aggregations.includes('average')) point['average'] = total / minutes.length;
      if (aggregations.includes('total')) point['total'] = total;
      if (aggregations.includes('count')) point['count'] = minutes.length;
      if (aggregations.includes('minimum')) point['minimum'] = Math.min(...minutes);
      if (aggregations.includes('maximum')) point['maximum'] = Math.max(...minutes);
    }
    result.push(point);
  }
  return result;
}

function series(
  buckets: MinuteBucket[],
  dimensions: string[],
): [Record<string, string>, MinuteBucket[]][] {
  if (dimensions.length === 0) return [[{}, buckets]];
  const groups = new Map<string, [Record<string, string>, MinuteBucket[]]>();
  for (const bucket of buckets) {
    const values = dimensionsOf(bucket);
    const key = dimensions.map((name) => values[name] ?? '').join('\n');
    const group = groups.get(key) ?? [values, []];
    group[1].push(bucket);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function dimensionsOf(bucket: MinuteBucket): Record<string, string> {
  return {
    deployment: bucket.deployment,
    statuscode: String(bucket.statusCode),
    envoy_response_code: String(bucket.statusCode),
    statuscodeclass: `${Math.floor(bucket.statusCode / 100)}xx`,
    modelstatuscode: bucket.modelStatusCode === undefined ? '' : String(bucket.modelStatusCode),
  };
}

function subject(call: ArmCall): { id: string; namespace: string; only: string | undefined } {
  const endpoint = mustFindEndpoint(call);
  const id = `${workspaceId(call.context)}/onlineEndpoints/${endpoint.name}`;
  const namespace = 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints';
  const name = call.params['deployment'];
  if (name === undefined) return { id, namespace, only: undefined };
  const deployment = findDeployment(endpoint, name);
  if (deployment === undefined) throw onlineNotFound();
  return {
    id: `${id}/deployments/${deployment.name}`,
    namespace: `${namespace}/deployments`,
    only: deployment.name.toLowerCase(),
  };
}

/** `from/to`, or `PT1H` for the last hour, which is also the default. Whole minutes. */
function timespan(text: string | undefined, now: number): [number, number] {
  const floor = (ms: number) => Math.floor(ms / MINUTE) * MINUTE;
  const hours = /^PT(\d+)([HM])$/.exec(text ?? 'PT1H');
  if (hours !== null) {
    const length = Number(hours[1]) * (hours[2] === 'H' ? 60 * MINUTE : MINUTE);
    return [floor(now - length), floor(now)];
  }
  const [from, to] = (text ?? '').split('/').map((part) => Date.parse(part));
  if (from === undefined || to === undefined || !(from < to) || to - from > MAX_SPAN)
    throw armError(400, 'BadRequest', `The timespan '${text ?? ''}' is not valid.`);
  return [floor(from), to];
}

function interval(text: string | undefined): number {
  const match = /^PT(\d+)([MH])$/i.exec(text ?? 'PT1M');
  if (match === null || Number(match[1]) === 0)
    throw armError(400, 'BadRequest', `The interval '${text ?? ''}' is not valid.`);
  return Number(match[1]) * (match[2]?.toUpperCase() === 'H' ? 60 : 1) * MINUTE;
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}
