/** The scoring host of every endpoint, `https://{endpoint}.{region}.inference.ml.azure.com`. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { randomUUID } from 'node:crypto';
import { stringifyJson } from '../../common/exact-numbers.js';
import { isTaken } from '../conditions.js';
import type { ReplyFault } from '../faults.js';
import { deploymentRecord, findEndpoint } from '../model.js';
import type { DeploymentRecord, EndpointRecord } from '../endpoint-record.js';
import type { SandboxContext } from '../context.js';
import type { ContainerAnswer } from './container.js';
import { Collector } from './collector.js';
import type { Counters } from './counters.js';
import { Stopped, TimedOut, TooManyRequests } from './instances.js';
import { RawJson } from './runner.js';
import type { ScoringRuntime } from './runtime.js';
import { swaggerOf } from './swagger.js';
import { mirrorTargets, chooseByTraffic, EvenChoice } from './route-choice.js';
import { refuseCaller } from './caller.js';

const NO_DEPLOYMENT = "The endpoint doesn't have any valid deployment with positive weight";

const PIN = 'azureml-model-deployment';

/** Larger than any batch a person would send; the service documents no limit any more. */
const BODY_LIMIT = 64 * 1024 * 1024;

interface RouterParts {
  context: SandboxContext;
  runtime: ScoringRuntime;
  counters: Counters;
  even: EvenChoice;
  collector: Collector;
}

interface Outcome {
  status: number;
  body: unknown;
  /** What the container adds to the answer's headers. */
  served?: Served;
  /** Headers that a fault asks for. */
  headers?: Record<string, string>;
  modelStatus?: number | undefined;
}

export function registerRouter(
  app: FastifyInstance,
  given: Omit<RouterParts, 'even' | 'collector'>,
): void {
  const collector = new Collector(given.context, given.runtime.random);
  const parts: RouterParts = { ...given, even: new EvenChoice(), collector };
  void app.register((scope, _options, done) => {
    // Bodies go to the container as they are: it is the one that judges them.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: BODY_LIMIT },
      (_r, body, next) => next(null, body),
    );
    scope.route({
      method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      url: '/*',
      bodyLimit: BODY_LIMIT,
      handler: (request, reply) => answer(parts, request, reply),
    });
    done();
  });
}

async function answer(
  parts: RouterParts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { context, runtime, even } = parts;
  const started = performance.now();
  const requestId = randomUUID();
  const clientRequestId = header(request, 'x-ms-client-request-id');
  const host = request.headers.host ?? '';
  const plain = (status: number, text: string) =>
    reply
      .code(status)
      .headers(responseHeaders({ requestId, clientRequestId }))
      .type('text/plain; charset=utf-8')
      .send(text);

  const named = host.split('.')[0] ?? '';
  const pin = header(request, PIN);
  const pinning = pin !== undefined;
  const target = { method: request.method, path: request.url, endpoint: named, pinned: pinning };
  await context.faults.arrive({ ...target, deployment: pin });
  const endpoint = findEndpoint(context.state, named);
  // Someone else's endpoint in the region asks for its key, as every endpoint does.
  if (endpoint === undefined && isTaken(context.state, named))
    return plain(401, 'key_auth_bad_header_forbidden');
  if (endpoint === undefined || !endpoint.everSucceeded)
    return plain(404, `There is no endpoint at ${host.replace(/[^\w.:-]/g, '')}.`);
  const refusal = refuseCaller(context, endpoint, request.headers.authorization);
  if (refusal !== undefined) return plain(401, refusal);

  const serves = (one: DeploymentRecord) => runtime.serves(endpoint, one);
  const pinned = pin === undefined ? undefined : deploymentRecord(endpoint, pin);
  const routed = pin === undefined ? context.faults.take(['serve'], target)?.serve : undefined;
  const deployment =
    pin === undefined
      ? chooseByTraffic(endpoint, routed ?? endpoint.traffic, serves, () =>
          context.state.config.evenRouting ? even.next(endpoint.name) : runtime.random(),
        )
      : pinned;
  if (deployment === undefined || !serves(deployment)) return plain(404, NO_DEPLOYMENT);

  const [path = '/'] = request.url.split('?');
  const answering = { ...target, deployment: deployment.name };
  const slow = context.faults.take(['delayMs'], answering);
  if (slow !== undefined) await new Promise((resolve) => setTimeout(resolve, slow.delayMs));
  if (context.faults.take(['drop'], answering) !== undefined) {
    reply.hijack();
    request.raw.socket.destroy();
    return reply;
  }
  const forced = context.faults.take(['status'], answering);
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const scores = path === '/score' && request.method === 'POST';
  const outcome =
    forced !== undefined
      ? forcedOutcome(forced, deployment)
      : scores
        ? await score(parts, endpoint, deployment, body, requestId)
        : await describe(parts, endpoint, deployment, request, path);
  if (scores) {
    count(parts, endpoint, deployment, outcome, started);
    if (outcome.status === 200) parts.collector.inputs(deployment, body, requestId);
    // A call for one deployment bypasses traffic rules and mirroring alike.
    if (pin === undefined) mirror(parts, endpoint, deployment, body);
  }
  const nameless = context.faults.take(['noDeploymentHeader'], answering) !== undefined;
  const headers = responseHeaders({
    requestId,
    ...(!nameless && { deployment: deployment.name }),
    clientRequestId,
    ...outcome.served,
  });
  const isText = typeof outcome.body === 'string';
  return reply
    .code(outcome.status)
    .headers({ ...headers, ...outcome.headers })
    .type(isText ? 'text/plain; charset=utf-8' : 'application/json')
    .send(isText ? outcome.body : jsonOf(outcome.body));
}

function jsonOf(body: unknown): string {
  return body instanceof RawJson ? body.text : (stringifyJson(body ?? null) ?? '');
}

async function score(
  parts: RouterParts,
  endpoint: EndpointRecord,
  deployment: DeploymentRecord,
  body: Uint8Array,
  requestId: string,
): Promise<Outcome> {
  const { runtime } = parts;
  const started = performance.now();
  const log = runtime.logOf(endpoint.name, deployment.name);
  const running = runtime.container(endpoint, deployment);
  const container = await running?.catch(() => undefined);
  if (container === undefined) return { status: 404, body: NO_DEPLOYMENT };
  try {
    const answered = await container.score(body);
    log.request('POST', '/score', answered.status, performance.now() - started, requestId);
    return passOn(answered);
  } catch (error) {
    if (error instanceof TooManyRequests)
      return { status: 429, body: 'Too many pending requests for this deployment.' };
    if (error instanceof TimedOut) {
      log.server('The request took longer than request_timeout_ms.', 'W');
      return { status: 408, body: 'The request timed out.' };
    }
    if (!(error instanceof Stopped)) throw error;
    // An update put new instances in place of these between two steps of this request.
    return runtime.container(endpoint, deployment) === running
      ? { status: 404, body: NO_DEPLOYMENT }
      : score(parts, endpoint, deployment, body, requestId);
  }
}

/** The container's 200 is the caller's; anything else becomes a 424 that carries it. */
function passOn(answered: ContainerAnswer): Outcome {
  const { status, body, execMs } = answered;
  const reached = status !== 502;
  return {
    status: status === 200 ? 200 : 424,
    body,
    modelStatus: status,
    served: {
      execMs: reached ? (execMs ?? 0) : undefined,
      failed: reached ? status >= 500 : undefined,
      modelStatus: status,
    },
  };
}

/** Everything but scoring: health, the description, and what the container does not know. */
async function describe(
  { runtime }: RouterParts,
  endpoint: EndpointRecord,
  deployment: DeploymentRecord,
  request: FastifyRequest,
  path: string,
): Promise<Outcome> {
  const isGet = request.method === 'GET';
  if (isGet && path === '/') return { status: 200, body: 'Healthy' };
  if (isGet && path === '/swagger.json') {
    const container = await runtime.container(endpoint, deployment)?.catch(() => undefined);
    const { version } = request.query as { version?: string };
    const { signature, inputExample } = container ?? {};
    const host = request.headers.host ?? '';
    return {
      status: 200,
      body: swaggerOf(signature, inputExample, host, version === '3' ? 3 : 2),
    };
  }
  return passOn(
    ['/', '/score', '/swagger.json'].includes(path)
      ? { status: 405, body: { message: 'Method not allowed.' } }
      : { status: 404, body: { message: 'Not found. The model is at /score.' } },
  );
}

function forcedOutcome(
  { status, body, headers }: ReplyFault,
  deployment: DeploymentRecord,
): Outcome {
  const model = Number(headers?.['ms-azureml-model-error-statuscode']);
  return {
    status,
    body: body ?? `Fault: ${status} from ${deployment.name}.`,
    headers: headers ?? {},
    ...(Number.isInteger(model) ? { modelStatus: model } : {}),
  };
}

/** Sends copies on their way; their answers are dropped, but counted. */
function mirror(
  parts: RouterParts,
  endpoint: EndpointRecord,
  served: DeploymentRecord,
  body: Uint8Array,
): void {
  for (const name of mirrorTargets(endpoint, parts.runtime.random)) {
    const deployment = deploymentRecord(endpoint, name);
    if (deployment === undefined || deployment === served) continue;
    if (!parts.runtime.serves(endpoint, deployment)) continue;
    const started = performance.now();
    const copied = {
      method: 'POST',
      path: '/score',
      endpoint: endpoint.name,
      deployment: deployment.name,
    };
    const forced = parts.context.faults.take(['status'], copied);
    const outcome = forced
      ? Promise.resolve(forcedOutcome(forced, deployment))
      : score(parts, endpoint, deployment, body, randomUUID());
    void outcome.then((each) => count(parts, endpoint, deployment, each, started));
  }
}

function count(
  { context, counters }: RouterParts,
  endpoint: EndpointRecord,
  deployment: DeploymentRecord,
  outcome: Outcome,
  started: number,
): void {
  counters.record({
    endpoint: endpoint.name,
    deployment: deployment.name,
    at: context.clock.now(),
    statusCode: outcome.status,
    modelStatusCode: outcome.modelStatus,
    latencyMs: performance.now() - started,
  });
}

function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

interface Served {
  /** Made here where it is missing. */
  requestId?: string | undefined;
  deployment?: string | undefined;
  /** Milliseconds in the container's run function. */
  execMs?: number | undefined;
  failed?: boolean | undefined;
  /** What the container answered, where it was not 200. */
  modelStatus?: number | undefined;
  clientRequestId?: string | undefined;
}

function responseHeaders(served: Served): Record<string, string> {
  const headers: Record<string, string> = {
    server: 'azureml-frontdoor',
    'x-request-id': served.requestId ?? randomUUID(),
  };
  if (served.deployment !== undefined) headers['azureml-model-deployment'] = served.deployment;
  if (served.execMs !== undefined) headers['x-ms-run-fn-exec-ms'] = served.execMs.toFixed(3);
  if (served.failed !== undefined)
    headers['x-ms-run-function-failed'] = served.failed ? 'True' : 'False';
  if (served.modelStatus !== undefined && served.modelStatus !== 200) {
    headers['ms-azureml-model-error-statuscode'] = String(served.modelStatus);
    headers['ms-azureml-model-error-reason'] = 'model_error';
  }
  // The service keeps letters, digits, - and _ of the caller's id, and 40 of them.
  const id = served.clientRequestId?.replace(/[^\w-]/g, '').slice(0, 40);
  if (id !== undefined && id !== '') headers['x-ms-client-request-id'] = id;
  return headers;
}
