/** What every request of the management plane goes through: correlation, faults, sign-in, headers. */
import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { SandboxContext, TokenAudience, TokenVerdict } from '../context.js';
import { ArmError, type Correlation, armError, faultError } from './errors.js';
import type { Operations } from './operations.js';
import { CLOUDS_PATH } from './clouds.js';

/** What the apps of Resource Manager and of the region's hosts share. */
export interface Management {
  context: SandboxContext;
  operations: Operations;
  limits: RateLimits;
  /** Aborted when the sandbox ends. */
  closing: AbortSignal;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set for requests of the management plane. */
    wire: {
      /** Epoch milliseconds. */
      started: number;
      correlation: Correlation;
      /** Without the query, as sent. */
      path: string;
      query: URLSearchParams;
      caller: { objectId: string; name: string };
    };
  }
}

/**
 * @param envelope the body of a failure, where it is not Resource Manager's
 * @param signIn for whom tokens are, and how one that is not is refused
 */
export function installWire(
  app: FastifyInstance,
  management: Management,
  envelope?: (
    error: Error,
    request: FastifyRequest,
  ) => { status: number; body: unknown } | undefined,
  signIn: { audience: TokenAudience; refusal(reason: NotSignedIn): Error } = {
    audience: 'management',
    refusal: (reason) => unauthorized(reason, management.context.state.config.tenantId),
  },
): void {
  const { context, limits, closing } = management;
  const { config } = context.state;

  // Clients send empty bodies with and without a content type; all are read as text here.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, parsed) => {
    parsed(null, body);
  });

  app.addHook('onRequest', (request, _reply, done) => {
    const [path = '/', search = ''] = request.url.split(/\?(.*)/s);
    request.wire = {
      started: context.clock.now(),
      correlation: newCorrelation(header(request, 'x-ms-correlation-request-id')),
      path,
      query: new URLSearchParams(search),
      caller: { objectId: '', name: '' },
    };
    done();
  });

  app.addHook('preHandler', async (request, reply) => {
    const { endpoint, deployment } = request.params as Record<string, string | undefined>;
    const target = { method: request.method, path: request.url, endpoint, deployment };
    await context.faults.arrive(target);
    const delay = context.faults.take(['delayMs'], target)?.delayMs ?? 0;
    if (delay > 0) await wait(delay, undefined, { signal: closing });
    const fault = context.faults.take(['status', 'drop'], target);
    if (fault !== undefined && 'drop' in fault) {
      request.raw.socket.destroy();
      return reply.hijack();
    }
    if (fault !== undefined) {
      if (fault.body !== undefined) return send(reply, { ...fault, body: fault.body });
      const error = faultError(fault, config.subscriptionId);
      throw new ArmError(error.status, error.code, error.message, error.layer, error.details, {
        ...error.headers,
        ...fault.headers,
      });
    }
    const token = context.checkToken(request.headers.authorization, signIn.audience);
    if (token.ok) request.wire.caller = token;
    else if (request.routeOptions.url !== CLOUDS_PATH) throw signIn.refusal(token.reason);
    return undefined;
  });

  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const own = envelope?.(error, request);
    if (own !== undefined) return send(reply, own);
    const failure = error instanceof ArmError ? error : internal(error);
    const body = failure.envelope(request.wire.correlation, config.location, context.clock.now());
    return send(reply, { status: failure.status, body, headers: failure.headers });
  });

  app.addHook('onSend', (request, reply, payload, done) => {
    const { started, correlation, path } = request.wire;
    const now = context.clock.now();
    const [limit, left] = limits.header(request.method, path, now);
    const clientId = header(request, 'x-ms-client-request-id');
    reply.headers({
      ...commonHeaders(correlation, config.location, started, now),
      [limit]: left,
      'x-ms-response-type': reply.statusCode >= 400 ? 'error' : 'standard',
      ...(clientId !== undefined && /^[\w-]{1,128}$/.test(clientId)
        ? { 'x-ms-client-request-id': clientId }
        : {}),
      ...reply.getHeaders(),
    });
    done(null, payload);
  });
}

/** Sends `null` as the text `null`, text as it is, and no body for undefined. */
export function send(
  reply: FastifyReply,
  answer: { status: number; body?: unknown; headers?: Record<string, string> | undefined },
): FastifyReply {
  reply.code(answer.status).headers(answer.headers ?? {});
  if (answer.body === undefined) return reply.send();
  return reply
    .type('application/json; charset=utf-8')
    .send(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
}

function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}

function newCorrelation(given: string | undefined): Correlation {
  return {
    id: given !== undefined && /^[\w-]{1,64}$/.test(given) ? given : randomUUID(),
    operation: randomBytes(16).toString('hex'),
    request: randomBytes(8).toString('hex'),
  };
}

/** Counts down per kind of call, as ARM does; starts afresh every hour. */
export class RateLimits {
  #hour = 0;
  #left = { reads: 0, writes: 0, deletes: 0, 'resource-requests': 0 };

  header(method: string, path: string, nowMs: number): [string, string] {
    const hour = Math.floor(nowMs / 3_600_000);
    if (hour !== this.#hour) {
      this.#hour = hour;
      this.#left = { reads: 12_000, writes: 1_200, deletes: 15_000, 'resource-requests': 25 };
    }
    const kind =
      method === 'PUT' && /\/deployments\/[^/]+$/i.test(path)
        ? 'resource-requests'
        : method === 'GET' || method === 'HEAD'
          ? 'reads'
          : method === 'DELETE'
            ? 'deletes'
            : 'writes';
    this.#left[kind] = Math.max(1, this.#left[kind] - 1);
    return [`x-ms-ratelimit-remaining-subscription-${kind}`, String(this.#left[kind])];
  }
}

function commonHeaders(
  correlation: Correlation,
  location: string,
  startedMs: number,
  nowMs: number,
): Record<string, string> {
  const stamp = new Date(nowMs).toISOString().replace(/[-:]/g, '').replace(/\.\d+/, '');
  return {
    'cache-control': 'no-cache',
    pragma: 'no-cache',
    expires: '-1',
    'request-context': 'appId=cid-v1:00000000-0000-0000-0000-000000000000',
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-content-type-options': 'nosniff',
    'x-aml-cluster': `vienna-${location}-01`,
    'x-request-time': ((nowMs - startedMs) / 1_000).toFixed(3),
    'x-ms-request-id': randomUUID(),
    'x-ms-correlation-request-id': correlation.id,
    'x-ms-routing-request-id': `${location.toUpperCase()}:${stamp}:${randomUUID()}`,
  };
}

type NotSignedIn = Extract<TokenVerdict, { ok: false }>['reason'];

function unauthorized(reason: NotSignedIn, tenantId: string): ArmError {
  const headers = {
    'www-authenticate': `Bearer authorization_uri="https://login.microsoftonline.com/${tenantId}", error="invalid_token", error_description="The access token is ${reason === 'expired' ? 'expired' : 'missing or invalid'}."`,
  };
  switch (reason) {
    case 'missing':
      return armError(
        401,
        'AuthenticationFailed',
        "Authentication failed. The 'Authorization' header is missing.",
        headers,
      );
    case 'malformed':
      return armError(401, 'InvalidAuthenticationToken', 'The access token is invalid.', headers);
    case 'expired':
      return armError(
        401,
        'ExpiredAuthenticationToken',
        'The access token expiry has passed. Please refresh it and try again.',
        headers,
      );
    case 'audience':
      return armError(
        401,
        'InvalidAuthenticationTokenAudience',
        'The access token has been obtained for the wrong audience or resource.',
        headers,
      );
  }
}

/** A request that Fastify refuses, such as one that is too large, keeps its status. */
function internal(error: Error & { statusCode?: number }): ArmError {
  const { statusCode = 500, message } = error;
  if (statusCode < 500) return armError(statusCode, 'InvalidRequest', message);
  return new ArmError(500, 'ServiceError', 'Received 500 from a service request', 'mfe', [
    { code: 'InternalServerError', message },
  ]);
}
