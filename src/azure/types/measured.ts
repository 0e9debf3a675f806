/** Metrics, logs and answers of other servers. */
/**
 * One minute of one deployment, as Azure Monitor counted it: live requests, pinned ones and
 * mirrored ones alike. Whole requests, not rates.
 */
export interface MinuteMetrics {
  /** ISO time of its start. */
  at: string;
  deployment: string;
  requests: number;
  /** Not 2xx and not 429. */
  failed: number;
  /** The part of `failed` that is the deployment's doing and not the caller's: 408, 424, 5xx. */
  errors: number;
  /** 429: turned away for want of capacity. */
  busy: number;
  p50Ms?: number;
  p95Ms?: number;
  p99Ms?: number;
}

/** One metric of a resource, as Azure Monitor keeps it. */
export interface MetricQuery {
  /** ARM id. */
  resource: string;
  metric: string;
  /** Where the resource has several: those of a guest, or custom ones. */
  namespace?: string | undefined;
  aggregation: 'average' | 'total' | 'minimum' | 'maximum' | 'count';
  /** Of one value: 1, 5, 15 or 30 minutes, 1, 6 or 12 hours, a day. */
  grainMinutes: number;
  /** OData, such as `deployment eq 'green' and statusCode ne '200'`. */
  filter?: string | undefined;
}

/** Of any server; the body as it comes. */
export interface WebRequest {
  headers: Record<string, string>;
  /** The body of a POST; without it, it is a GET. */
  post?: string;
}

export interface WebAnswer {
  status: number;
  /** What `Retry-After` asks for. */
  retryAfterSeconds?: number;
  body: AsyncIterable<Uint8Array>;
}

/** A Log Analytics workspace by its customer id, or a resource by its ARM id. */
export type LogsOf = { workspace: string } | { resource: string };

export interface LogTable {
  columns: string[];
  rows: unknown[][];
}

export type LogContainer = 'inference-server' | 'storage-initializer';
