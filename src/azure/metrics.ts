/**
 * What live users saw, minute by minute: the platform metrics of an online endpoint; and any other
 * metric of any resource, for custom checks.
 * Sources: Microsoft's "Supported metrics for Microsoft.MachineLearningServices/workspaces/
 * onlineEndpoints" for names and dimensions, "Metrics - List" of the Monitor REST reference for
 * the route, the filter and `top`.
 */
import { isNumeric } from '../common/exact-numbers.js';
import { sameName } from '../common/same-name.js';
import { record, type Json } from './arm-request.js';
import { doing, type Scope } from './scope.js';
import type { Endpoint, MetricQuery, MinuteMetrics } from './types.js';

const API = '2018-01-01';
const MINUTE = 60_000;
/** Of minutes, Azure Monitor gives a day in one answer. */
const LONGEST = 24 * 60 * MINUTE;
/** Series in an answer: without it, Azure Monitor stops at ten, which two deployments can exceed. */
const TOP = 500;

const LATENCIES = {
  RequestLatency_P50: 'p50Ms',
  RequestLatency_P95: 'p95Ms',
  RequestLatency_P99: 'p99Ms',
} as const;

/** A value of one minute of one series; the dimensions' names in lower case. */
interface Point {
  metric: string;
  dimensions: Record<string, string>;
  at: number;
  value: number;
}

export async function minuteMetrics(
  scope: Pick<Scope, 'arm'>,
  endpoint: Endpoint,
  deployments: readonly string[],
  from: Date,
  to: Date,
  signal?: AbortSignal,
): Promise<MinuteMetrics[]> {
  const start = Math.floor(from.getTime() / MINUTE) * MINUTE;
  const end = Math.ceil(to.getTime() / MINUTE) * MINUTE;
  if (deployments.length === 0 || !(start < end)) return [];
  const what = `read the live metrics of ${endpoint.name}`;
  const served = deployments
    .map((name) => `deployment eq '${name.replaceAll("'", "''")}'`)
    .join(' or ');
  return doing(what, async () => {
    const found: MinuteMetrics[] = [];
    for (let first = start; first < end; first += LONGEST) {
      const ask = async (names: string, filter: string): Promise<Point[]> => {
        const query = new URLSearchParams({
          metricnames: names,
          aggregation: 'Average',
          interval: 'PT1M',
          timespan: `${iso(first)}/${iso(Math.min(first + LONGEST, end))}`,
          $filter: filter,
          top: String(TOP),
        });
        const path = `${endpoint.id}/providers/Microsoft.Insights/metrics?${query.toString()}`;
        return metricPoints(await scope.arm.get(path, what, { apiVersion: API, signal }));
      };
      // Latencies know no status, and one filter holds for all metrics of a call, so there are two calls.
      const [counts, latencies] = await Promise.all([
        ask('RequestsPerMinute', `${served} and statusCode eq '*'`),
        ask(Object.keys(LATENCIES).join(','), served),
      ]);
      found.push(...toMinutes(deployments, counts, latencies));
    }
    return found;
  });
}

/**
 * The values of one metric, a list for each series that the filter leaves apart, oldest first.
 * @throws AzureError where the resource or the metric is not there, or may not be read
 */
export function metricSeries(
  scope: Pick<Scope, 'arm'>,
  { resource, metric, namespace, aggregation, grainMinutes, filter }: MetricQuery,
  from: Date,
  to: Date,
  signal?: AbortSignal,
): Promise<number[][]> {
  const what = `read the metric ${metric}`;
  return doing(what, async () => {
    const query = new URLSearchParams({
      metricnames: metric,
      ...(namespace !== undefined && { metricnamespace: namespace }),
      aggregation,
      interval: durationOf(grainMinutes),
      timespan: `${iso(from.getTime())}/${iso(to.getTime())}`,
      ...(filter !== undefined && { $filter: filter, top: String(TOP) }),
    });
    const path = `${resource}/providers/Microsoft.Insights/metrics?${query.toString()}`;
    const body = await scope.arm.get(path, what, { apiVersion: API, signal });
    return seriesIn(body, aggregation).map((points) => points.map(({ value }) => value));
  });
}

/** Grains are written in the largest whole unit: PT1M to PT30M, PT1H to PT12H, P1D. */
const durationOf = (minutes: number): string =>
  minutes % 1_440 === 0
    ? `P${minutes / 1_440}D`
    : minutes % 60 === 0
      ? `PT${minutes / 60}H`
      : `PT${minutes}M`;

/** An answer's values. Minutes without one carry only their time. Exported for its test. */
export const metricPoints = (body: Json): Point[] => seriesIn(body, 'average').flat();

function seriesIn(body: Json, aggregation: MetricQuery['aggregation']): Point[][] {
  return objects(body['value']).flatMap((metric) =>
    objects(metric['timeseries']).map((series) => {
      const dimensions = Object.fromEntries(
        objects(series['metadatavalues']).map((one) => [
          String(record(one['name'])['value'] ?? '').toLowerCase(),
          String(one['value'] ?? ''),
        ]),
      );
      return objects(series['data']).flatMap((point) => {
        const at = Date.parse(String(point['timeStamp']));
        const value = point[aggregation];
        if (!isNumeric(value) || Number.isNaN(at)) return [];
        const name = String(record(metric['name'])['value'] ?? '');
        return { metric: name, dimensions, at, value: Number(value) };
      });
    }),
  );
}

/** Exported for its test. */
export function toMinutes(
  deployments: readonly string[],
  counts: readonly Point[],
  latencies: readonly Point[],
): MinuteMetrics[] {
  const key = (name: string, at: number) => `${at} ${name.toLowerCase()}`;
  const found = new Map<string, MinuteMetrics>();
  for (const { dimensions, at, value } of counts) {
    // Names of Azure's resources have no case; the caller's spelling is the one to answer in.
    const told = dimensions['deployment']?.toLowerCase();
    const deployment = deployments.find((name) => name.toLowerCase() === told);
    if (deployment === undefined) continue;
    const minute = found.get(key(deployment, at)) ?? {
      at: iso(at),
      deployment,
      requests: 0,
      failed: 0,
      errors: 0,
      busy: 0,
    };
    found.set(key(deployment, at), minute);
    const status = dimensions['statuscode'] ?? '';
    // Each minute's average is that minute's number of requests.
    const requests = Math.round(value);
    minute.requests += requests;
    if (status === '429') minute.busy += requests;
    else if (!/^2\d\d$/.test(status)) minute.failed += requests;
    if (/^(408|424|5\d\d)$/.test(status)) minute.errors += requests;
  }
  for (const { metric, dimensions, at, value } of latencies) {
    const minute = found.get(key(dimensions['deployment'] ?? '', at));
    const name = Object.entries(LATENCIES).find(([known]) => sameName(known, metric))?.[1];
    if (minute && name) minute[name] = value;
  }
  const place = ({ deployment }: MinuteMetrics) => deployments.indexOf(deployment);
  return [...found.values()].sort((a, b) => a.at.localeCompare(b.at) || place(a) - place(b));
}

const objects = (value: unknown): Json[] => (Array.isArray(value) ? value.map(record) : []);

const iso = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');
