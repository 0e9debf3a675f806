/**
 * Requests that the sandbox was sent, for tests and for the curious: off until it is asked for,
 * kept in memory only, bounded, and without anything that grants access.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';

export interface RecordedRequest {
  /** Epoch milliseconds of its arrival. */
  at: number;
  method: string;
  host: string;
  /** Without the query. */
  path: string;
  query: Record<string, string>;
  /** Those of KEPT_HEADERS only. */
  headers: Record<string, string>;
  /** Parsed JSON of a Resource Manager request; never what a blob or a model was sent. */
  body?: unknown;
  /** Of the answer; null while there is none, and where the connection was dropped. */
  status: number | null;
}

interface RequestSeen {
  method: string;
  host: string;
  /** Path and query. */
  url: string;
  headers: Record<string, string | string[] | undefined>;
  /** JSON as text. */
  body?: unknown;
}

const MOST = 2_000;
const LONGEST_BODY = 64 * 1024;
const MASK = '(not recorded)';

/** What is not named here is left out: a list of what is secret would always miss one. */
const KEPT_HEADERS = new Set([
  'content-length',
  'content-md5',
  'content-type',
  'if-match',
  'if-none-match',
  'azureml-model-deployment',
]);
const KEPT_HEADER_STARTS = ['x-ms-blob-', 'x-ms-meta-', 'x-ms-version'];
/** Beside a SAS, what is left of the query. */
const NOT_SAS = new Set(['blockid', 'comp', 'include', 'prefix', 'restype', 'timeout']);
const SECRET_NAME =
  /passw|pwd|secret|token|credential|connection_?string|key_?value|(?:api|access|account|private|primary|secondary|shared)[-_]?key/i;

export class Recording {
  #on = false;
  #requests: RecordedRequest[] = [];
  #dropped = 0;

  turn(on: boolean): void {
    this.#on = on;
  }

  clear(): void {
    this.#requests = [];
    this.#dropped = 0;
  }

  /** The entry, so that its status can follow; `undefined` while nothing is recorded. */
  add(seen: RequestSeen, at: number, status: number | null = null): RecordedRequest | undefined {
    if (!this.#on) return undefined;
    const [path = '/', search = ''] = seen.url.split(/\?(.*)/s);
    const entry: RecordedRequest = {
      at,
      method: seen.method,
      host: seen.host,
      path,
      query: keptQuery(new URLSearchParams(search)),
      headers: keptHeaders(seen.headers),
      ...keptBody(seen.body),
      status,
    };
    this.#requests.push(entry);
    if (this.#requests.length > MOST) {
      this.#requests.shift();
      this.#dropped += 1;
    }
    return entry;
  }

  /** In the order of arrival; `dropped` counts the oldest that there was no room for. */
  list(): { recording: boolean; dropped: number; requests: RecordedRequest[] } {
    const requests = [...this.#requests].sort((a, b) => a.at - b.at);
    return { recording: this.#on, dropped: this.#dropped, requests };
  }
}

export function recordRequests(
  app: FastifyInstance,
  recording: Recording,
  keepsBody: boolean,
): void {
  const entries = new WeakMap<FastifyRequest, RecordedRequest>();
  app.addHook('preHandler', (request, _reply, done) => {
    const { method, host, url, headers, body } = request;
    const seen = { method, host, url, headers, ...(keepsBody && { body }) };
    const entry = recording.add(seen, Date.now());
    if (entry !== undefined) entries.set(request, entry);
    done();
  });
  app.addHook('onSend', (request, reply, _payload, done) => {
    const entry = entries.get(request);
    if (entry !== undefined) entry.status = reply.statusCode;
    done();
  });
}

function keptQuery(query: URLSearchParams): Record<string, string> {
  const signed = query.has('sig');
  return Object.fromEntries(
    [...query].filter(([name]) =>
      signed ? NOT_SAS.has(name.toLowerCase()) : !SECRET_NAME.test(name),
    ),
  );
}

function keptHeaders(headers: RequestSeen['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value !== undefined &&
      (KEPT_HEADERS.has(name) || KEPT_HEADER_STARTS.some((start) => name.startsWith(start)))
        ? [[name, unsigned(String(value))]]
        : [],
    ),
  );
}

function keptBody(text: unknown): { body?: unknown } {
  if (typeof text !== 'string' || text.trim() === '') return {};
  if (text.length > LONGEST_BODY) return { body: MASK };
  try {
    return { body: masked(JSON.parse(text)) };
  } catch {
    return { body: MASK };
  }
}

function masked(value: unknown): unknown {
  if (typeof value === 'string') return unsigned(value);
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      typeof inner === 'string' && SECRET_NAME.test(name) ? MASK : masked(inner),
    ]),
  );
}

/** A SAS inside a URL. */
function unsigned(text: string): string {
  return text.replaceAll(/([?&]sig=)[^&\s"]+/gi, `$1${MASK}`);
}
