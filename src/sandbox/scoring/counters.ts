/** What the router counted, by minute, for the Azure Monitor route of the sandbox. */
import type { MetricsSource, MinuteBucket } from '../context.js';

const MINUTE = 60_000;
/** A day of minutes; older ones are dropped. */
const KEPT_MINUTES = 24 * 60;
const SAMPLE = 500;

interface Observation {
  endpoint: string;
  deployment: string;
  /** Epoch milliseconds. */
  at: number;
  statusCode: number;
  /** What the container answered, where it was asked. */
  modelStatusCode?: number | undefined;
  latencyMs: number;
}

export class Counters implements MetricsSource {
  readonly #random: () => number;
  /** By lower-case endpoint, then by minute, then by deployment and status. */
  readonly #endpoints = new Map<string, Map<number, Map<string, MinuteBucket>>>();

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  record(seen: Observation): void {
    const minute = Math.floor(seen.at / MINUTE) * MINUTE;
    const minutes = getOrAdd(
      this.#endpoints,
      seen.endpoint.toLowerCase(),
      () => new Map<number, Map<string, MinuteBucket>>(),
    );
    if (!minutes.has(minute))
      for (const old of minutes.keys())
        if (old < minute - KEPT_MINUTES * MINUTE) minutes.delete(old);
    const buckets = getOrAdd(minutes, minute, () => new Map<string, MinuteBucket>());
    const key = `${seen.deployment} ${seen.statusCode} ${seen.modelStatusCode ?? ''}`;
    const bucket = getOrAdd(buckets, key, (): MinuteBucket => ({
      minute,
      deployment: seen.deployment,
      statusCode: seen.statusCode,
      ...(seen.modelStatusCode === undefined ? {} : { modelStatusCode: seen.modelStatusCode }),
      count: 0,
      latencies: [],
    }));
    bucket.count += 1;
    // Reservoir sampling: every request of the minute is as likely to be kept.
    if (bucket.latencies.length < SAMPLE) bucket.latencies.push(seen.latencyMs);
    else {
      const at = Math.floor(this.#random() * bucket.count);
      if (at < SAMPLE) bucket.latencies[at] = seen.latencyMs;
    }
  }

  minutes(endpoint: string, from: number, to: number): MinuteBucket[] {
    const minutes =
      this.#endpoints.get(endpoint.toLowerCase()) ?? new Map<number, Map<string, MinuteBucket>>();
    return [...minutes]
      .filter(([minute]) => minute >= from && minute < to)
      .sort(([a], [b]) => a - b)
      .flatMap(([, buckets]) => [...buckets.values()]);
  }
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
