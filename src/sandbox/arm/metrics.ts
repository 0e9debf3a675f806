/**
 * Azure Monitor's metrics of an endpoint or a deployment, answered from what scoring counted; and of any
 * resource, from what the control route was told. Buckets
 * of one minute; a minute without requests has no value, as at the service. Names, units and
 * dimensions: Microsoft's pages "Supported metrics for Microsoft.MachineLearningServices/workspaces/
 * onlineEndpoints" and ".../onlineEndpoints/deployments".
 */
import { sameName } from '../../common/same-name.js';
import { deploymentRecord } from '../model.js';
import type { MinuteBucket } from '../context.js';
import { type ObservedMetric, observedOf, wasSeen } from '../observed.js';
import { workspaceId } from './bodies.js';
import {
  type AddArmRoute,
  type ArmCall,
  type ArmReply,
  DEPLOYMENT,
  ENDPOINT,
  GROUP,
  ok,
  param,
  queryValue,
} from './call.js';
import { mustFindEndpoint } from './endpoint-checks.js';
import { armError, onlineNotFound } from './errors.js';
import { type MetricsFilter, parseMetricFilter } from './metrics-filter.js';
import { type Metric, mean, ENDPOINT_METRICS, DEPLOYMENT_METRICS } from './metric-definitions.js';

export function metricRoutes(on: AddArmRoute): void {
  for (const scope of [ENDPOINT, DEPLOYMENT]) {
    const monitor = `${scope}/providers/Microsoft.Insights`;
    on('GET', `${monitor}/metrics`, getMetrics);
    on('GET', `${monitor}/metricDefinitions`, listMetricDefinitions);
  }
  const resource = `${GROUP}/providers/:provider/:type/:resource`;
  for (const scope of [resource, `${resource}/:childType/:child`])
    on('GET', `${scope}/providers/Microsoft.Insights/metrics`, getMetrics);
}

const MINUTE = 60_000;

const MAX_SPAN = 30 * 24 * 60 * MINUTE;

/** Series in an answer to a filter, where the caller does not say `top`. */
const DEFAULT_TOP = 10;

function listMetricDefinitions(call: ArmCall): ArmReply {
  const { id, namespace, metrics } = subject(call);
  return ok({
    value: metrics.map(({ name, unit, dimensions }) => ({
      id: `${id}/providers/Microsoft.Insights/metricDefinitions/${name}`,
      resourceId: id,
      namespace,
      name: { value: name, localizedValue: name },
      unit,
      primaryAggregationType: 'Average',
      supportedAggregationTypes: ['Average', 'Total', 'Minimum', 'Maximum'],
      isDimensionRequired: false,
      dimensions: dimensions.map((value) => ({ value, localizedValue: value })),
      metricAvailabilities: [{ timeGrain: 'PT1M', retention: 'P93D' }],
    })),
  });
}

function getMetrics(call: ArmCall): ArmReply {
  const { id, namespace, only, metrics: known } = subject(call);
  const { clock, durations, metrics, state } = call.context;
  const [from, to] = timespan(queryValue(call, 'timespan'), clock.now());
  const step = interval(queryValue(call, 'interval'));
  const aggregations = (queryValue(call, 'aggregation') ?? 'Average').toLowerCase().split(',');
  const filter = parseMetricFilter(queryValue(call, '$filter'));
  const top = topOf(queryValue(call, 'top'));
  const names = (queryValue(call, 'metricnames') ?? 'RequestsPerMinute').split(',');
  const wanted = names.map((name) => metricOf(known, name.trim(), namespace));
  for (const metric of wanted) checkDimensions(metric, filter);
  const lag = durations.metricsLag;
  const counted = metrics
    .minutes(call.params['endpoint'] ?? '', from, to)
    .filter((bucket) => only === undefined || bucket.deployment.toLowerCase() === only);
  const bucketsOf = ({ set }: Metric): MinuteBucket[] =>
    (set?.flatMap((each) => bucketsSet(each, from, to)) ?? counted)
      // What came in lately is not told yet; without a lag even the running minute is.
      .filter(({ minute }) => lag === 0 || minute + MINUTE + lag <= clock.now())
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
      timeseries: series(bucketsOf(metric), filter.dimensions, top).map(([dimensions, own]) => ({
        metadatavalues: filter.dimensions.map((name) => ({
          name: { value: name, localizedValue: name },
          value: dimensions[name] ?? '',
        })),
        data: points(metric, own, from, to, step, aggregations),
      })),
    })),
  });
}

function bucketsSet(each: ObservedMetric, from: number, to: number): MinuteBucket[] {
  const dimensions = Object.fromEntries(
    Object.entries(each.dimensions).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const minutes: MinuteBucket[] = [];
  for (let minute = from; minute < to; minute += MINUTE) {
    if (!wasSeen(each, minute)) continue;
    minutes.push({
      ...{ minute, deployment: '', statusCode: 0, count: 1, latencies: [each.value] },
      dimensions,
    });
  }
  return minutes;
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

function metricOf(known: readonly Metric[], name: string, namespace: string): Metric {
  const metric = known.find((one) => sameName(one.name, name));
  if (metric !== undefined) return metric;
  const [provider = '', ...type] = namespace.split('/');
  throw armError(
    400,
    'BadRequest',
    `Failed to find metric configuration for provider: ${provider}, resource Type: ${type.join('/')}, metric: ${name}, Valid metrics: ${known.map((one) => one.name).join(',')}`,
  );
}

/** One filter holds for all metrics of a call, and each has to have its dimensions. */
function checkDimensions(metric: Metric, filter: MetricsFilter): void {
  const known = metric.dimensions.map((name) => name.toLowerCase());
  const unknown = filter.dimensions.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw armError(
    400,
    'BadRequest',
    `Metric: ${metric.name} does not support requested dimension combination: ${unknown.join(',')}, supported ones are: ${metric.dimensions.join(',')}.`,
  );
}

function topOf(text: string | undefined): number {
  const top = Number(text ?? DEFAULT_TOP);
  if (Number.isInteger(top) && top > 0) return top;
  throw armError(400, 'BadRequest', `The value '${text ?? ''}' of top is not valid.`);
}

/** Without a filter one series; else one for each combination of its dimensions, the largest first. */
function series(
  buckets: MinuteBucket[],
  dimensions: string[],
  top: number,
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
  const size = ([, own]: [unknown, MinuteBucket[]]) =>
    own.reduce((sum, bucket) => sum + bucket.count, 0);
  return [...groups.values()].sort((a, b) => size(b) - size(a)).slice(0, top);
}

function dimensionsOf(bucket: MinuteBucket): Record<string, string> {
  return {
    deployment: bucket.deployment,
    statuscode: String(bucket.statusCode),
    envoy_response_code: String(bucket.statusCode),
    statuscodeclass: `${Math.floor(bucket.statusCode / 100)}xx`,
    modelstatuscode: bucket.modelStatusCode === undefined ? '' : String(bucket.modelStatusCode),
    ...bucket.dimensions,
  };
}

interface Subject {
  id: string;
  namespace: string;
  metrics: readonly Metric[];
  /** The deployment asked about, in lower case. */
  only: string | undefined;
}

function subject(call: ArmCall): Subject {
  if (call.params['endpoint'] === undefined) return anyResource(call);
  const endpoint = mustFindEndpoint(call);
  const id = `${workspaceId(call.context)}/onlineEndpoints/${endpoint.name}`;
  const namespace = 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints';
  const name = call.params['deployment'];
  if (name === undefined) {
    return { id, namespace, metrics: withSet(call, id, ENDPOINT_METRICS), only: undefined };
  }
  const deployment = deploymentRecord(endpoint, name);
  if (deployment === undefined) throw onlineNotFound();
  const ofDeployment = `${id}/deployments/${deployment.name}`;
  return {
    id: ofDeployment,
    namespace: `${namespace}/deployments`,
    metrics: withSet(call, ofDeployment, DEPLOYMENT_METRICS),
    only: deployment.name.toLowerCase(),
  };
}

/** There is a resource of every id of which the control route was told a metric. */
function anyResource(call: ArmCall): Subject {
  const { provider = '', type = '', resource = '', childType, child = '' } = call.params;
  const [id = ''] = call.path.split(/\/providers\/Microsoft\.Insights\//i);
  const metrics = withSet(call, id, []);
  const namespace = [provider, type, ...(childType === undefined ? [] : [childType])].join('/');
  if (metrics.length > 0) return { id, namespace, metrics, only: undefined };
  const name = [namespace, resource, ...(childType === undefined ? [] : [child])].join('/');
  throw armError(
    404,
    'ResourceNotFound',
    `The Resource '${name}' under resource group '${param(call, 'group')}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  );
}

function withSet(call: ArmCall, id: string, known: readonly Metric[]): Metric[] {
  const set = new Map<string, Metric>();
  for (const each of observedOf(call.context.state).metrics) {
    if (each.resource.toLowerCase() !== id.toLowerCase()) continue;
    const name = each.metric;
    const before = set.get(name.toLowerCase());
    set.set(name.toLowerCase(), {
      ...{ name, unit: 'Count', value: mean },
      dimensions: [...new Set([...(before?.dimensions ?? []), ...Object.keys(each.dimensions)])],
      set: [...(before?.set ?? []), each],
    });
  }
  return [...set.values(), ...known.filter(({ name }) => !set.has(name.toLowerCase()))];
}

/** `from/to`, or `PT1H` for the last hour, which is also the default. Whole minutes. */
function timespan(text: string | undefined, now: number): [number, number] {
  const floor = (ms: number) => Math.floor(ms / MINUTE) * MINUTE;
  const hours = /^PT(\d+)([HM])$/.exec(text ?? 'PT1H');
  if (hours !== null) {
    const length = Number(hours[1]) * (hours[2] === 'H' ? 60 * MINUTE : MINUTE);
    return [floor(now - length), floor(now)];
  }
  // `az monitor metrics list` (2.91) escapes it twice.
  const parts = (text ?? '').replaceAll(/%3A/gi, ':').split(/\/|%2F/i);
  const [from, to] = parts.map((part) => Date.parse(part));
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
