/** One request to an endpoint's scoring URI, timed. */
import { performance } from 'node:perf_hooks';
import { request } from 'undici';
import { record } from './arm-request.js';
import { parseJson, stringifyJson } from '../common/exact-numbers.js';
import { abortError } from '../common/clock.js';
import { AzureError, invalid, toFailure } from './errors.js';
import type { EndpointKeys } from './keys.js';
import type { Scope } from './scope.js';
import { oneLine } from './text.js';
import type { Endpoint, Scored, ScoreOptions } from './types.js';

/** Resolves for every HTTP status and for network failures; `failure` says why no answer came. */
export async function score(
  scope: Scope,
  keys: EndpointKeys,
  endpoint: Endpoint,
  body: unknown,
  options: ScoreOptions = {},
): Promise<Scored> {
  const what = `send a request to ${endpoint.name}`;
  let scored: Scored = { status: 0, latencyMs: 0 };
  let refused: string | undefined;
  try {
    const url = scoringUrl(endpoint, what);
    const payload = typeof body === 'string' ? body : (stringifyJson(body) ?? '');
    // A second time, with the key as it is now: it may have been changed, and one refusal may be a mistake.
    for (let attempt = 0; attempt < 2; attempt++) {
      const secret = await keys.secret(endpoint, options.signal, refused);
      scored = await once(scope, url, payload, secret, what, options);
      if (scored.status !== 401) break;
      refused = secret;
    }
    return scored;
  } catch (error) {
    return { ...scored, failure: toFailure(error, what) };
  }
}

function scoringUrl(endpoint: Endpoint, what: string): URL {
  if (!endpoint.scoringUri) {
    throw new AzureError({
      kind: 'conflict',
      what,
      message: `Endpoint ${endpoint.name} has no scoring URI yet.`,
      advice: 'Wait until the endpoint is ready.',
      retrySafe: true,
    });
  }
  const url = new URL(endpoint.scoringUri);
  if (url.protocol !== 'https:') {
    throw invalid(
      what,
      'The scoring URI is not https; the key is not sent.',
      'Check the endpoint.',
    );
  }
  return url;
}

async function once(
  scope: Scope,
  url: URL,
  payload: string,
  secret: string,
  what: string,
  options: ScoreOptions,
): Promise<Scored> {
  const fresh = options.freshConnection === true;
  const started = performance.now();
  try {
    const response = await request(url, {
      method: 'POST',
      dispatcher: scope.transport.dispatcher(url, fresh),
      // Closed after its answer; the next one resumes its TLS session.
      reset: fresh,
      body: payload,
      headers: {
        Authorization: `Bearer ${secret}`,
        'Content-Type': 'application/json',
        Accept: 'application/json',
        ...(options.deployment && { 'azureml-model-deployment': options.deployment }),
        ...(options.clientRequestId && {
          'x-ms-client-request-id': requestId(options.clientRequestId),
        }),
      },
      ...(options.signal && { signal: options.signal }),
    });
    const text = await response.body.text();
    const latencyMs = performance.now() - started;
    const header = (name: string): string | undefined => {
      const value = response.headers[name];
      return Array.isArray(value) ? value[0] : value;
    };
    const modelMs = Number(header('x-ms-run-fn-exec-ms') ?? NaN);
    const deployment = header('azureml-model-deployment');
    const id = header('x-request-id');
    const modelStatus = Number(header('ms-azureml-model-error-statuscode') ?? NaN);
    const failed = response.statusCode >= 300;
    const reason = failed ? reasonIn(text) : undefined;
    return {
      status: response.statusCode,
      body: parse(text),
      latencyMs,
      ...(deployment && { deployment: oneLine(deployment) }),
      ...(Number.isFinite(modelMs) && { modelMs }),
      ...(id && { requestId: oneLine(id) }),
      ...(reason !== undefined && { reason }),
      ...(failed && Number.isFinite(modelStatus) && { modelStatus }),
    };
  } catch (error) {
    return {
      status: 0,
      latencyMs: performance.now() - started,
      failure: toFailure(aborted(options.signal) ?? error, what),
    };
  }
}

const LONGEST_REASON = 300;

/** The sentence in what a model's server answered: MLflow's JSON, another's, or text. */
function reasonIn(text: string): string | undefined {
  const body = record(parse(text));
  const said =
    [body['message'], body['detail'], body['error'], record(body['error'])['message']].find(
      (each): each is string => typeof each === 'string' && each !== '',
    ) ?? text;
  const line = oneLine(said);
  if (line === '' || /^<(!doctype|html)/i.test(line)) return undefined;
  return line.length > LONGEST_REASON ? `${line.slice(0, LONGEST_REASON)}…` : line;
}

/** undici rejects with a signal's reason, whatever that is. */
function aborted(signal: AbortSignal | undefined): Error | undefined {
  return signal?.aborted ? abortError(signal) : undefined;
}

/** Azure takes letters, digits, `-` and `_`, at most 40. Exported for its test. */
export function requestId(id: string): string {
  return id.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, 40);
}

function parse(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}
