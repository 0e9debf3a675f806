/** Serves management.azure.com and its twins: `registerArm(app, context)`. */
import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { SandboxContext } from '../model.js';
import { isWorkspaceApi } from '../hosts.js';
import { armPath, serveRegion } from '../mlflow/index.js';
import { Operations } from './async-operation.js';
import { checkAllowed } from './authorization.js';
import type { ArmCall, ArmReply, Correlation } from './call.js';
import { ArmError, armError } from './errors.js';
import { faultError } from './fault-reply.js';
import { RateLimits, commonHeaders, newCorrelation } from './headers.js';
import { OPEN_TO_ALL, routes } from './routes.js';
import { checkLegacyMode } from './legacy-mode.js';
import { checkScope } from './scope-check.js';
import { checkProvider } from './subscriptions.js';

export interface Arm {
  /** Is an operation running on this endpoint? */
  busy(endpoint: string): boolean;
  /** Stops operations; also done when the app closes. */
  close(): Promise<void>;
}

export function registerArm(app: FastifyInstance, context: SandboxContext): Arm {
  const operations = new Operations(context);
  const router = routes();
  const limits = new RateLimits();
  const closing = new AbortController();
  const { config } = context.state;

  async function serve(
    request: FastifyRequest,
    given: string,
    query: URLSearchParams,
    correlation: Correlation,
  ): Promise<ArmReply | 'drop'> {
    const region = isWorkspaceApi(request.headers.host ?? '');
    const path = (region ? armPath(given) : undefined) ?? given;
    const own = router.find(request.method, path);
    // What has no HEAD of its own has the GET's, without its body.
    const head = request.method === 'HEAD' && typeof own === 'string';
    const found = head ? router.find('GET', path) : own;
    const params = typeof found === 'string' ? {} : found.params;
    const target = {
      method: request.method,
      path: request.url,
      endpoint: params['endpoint'],
      deployment: params['deployment'],
    };
    await context.faults.arrive(target);
    const delay = context.faults.take(['delayMs'], target)?.delayMs ?? 0;
    if (delay > 0) await wait(delay, undefined, { signal: closing.signal });
    const fault = context.faults.take(['status', 'drop'], target);
    if (fault !== undefined && 'drop' in fault) return 'drop';
    if (fault !== undefined) {
      const headers = fault.headers ?? {};
      if (fault.body !== undefined) return { status: fault.status, body: fault.body, headers };
      const error = faultError(fault, config.subscriptionId);
      throw new ArmError(error.status, error.code, error.message, error.layer, error.details, {
        ...error.headers,
        ...headers,
      });
    }
    const token = context.checkToken(request.headers.authorization, 'management');
    const open = typeof found !== 'string' && OPEN_TO_ALL.has(found.handler);
    if (!token.ok && !open) throw unauthorized(token.reason, config.tenantId);
    const caller = token.ok ? token : { objectId: '', name: '' };
    if (region && path === given) {
      const body = typeof request.body === 'string' ? request.body : '';
      return serveRegion(context, {
        method: request.method,
        path,
        query,
        body,
        caller,
        correlation,
      });
    }
    const apiVersion = [...query].find(([key]) => key.toLowerCase() === 'api-version')?.[1];
    if (apiVersion === undefined || apiVersion === '') {
      throw armError(
        400,
        'MissingApiVersionParameter',
        'The api-version query parameter (?api-version=) is required for all requests.',
      );
    }
    if (!/^\d{4}-\d{2}-\d{2}(-preview|-privatepreview|-dataplanepreview)?$/i.test(apiVersion)) {
      throw armError(
        400,
        'InvalidApiVersionParameter',
        `The api-version '${apiVersion.slice(0, 40)}' is invalid.`,
      );
    }
    if (found === 'method-not-allowed') {
      throw armError(
        405,
        'MethodNotAllowed',
        `The sandbox does not serve ${request.method} at this path.`,
      );
    }
    if (found === 'not-found') {
      throw armError(
        404,
        'InvalidResourceType',
        'The resource type could not be found: the sandbox does not serve this path.',
      );
    }
    checkScope(params, config);
    const { state } = context;
    if (!open) {
      checkAllowed(state, {
        method: request.method,
        path,
        caller: caller.name,
        objectId: caller.objectId,
      });
      checkProvider(state, path);
      checkLegacyMode(state, path);
    }
    const call: ArmCall = {
      context,
      operations,
      method: request.method,
      params,
      query,
      apiVersion,
      body: parseBody(request.body),
      // With the front end's prefix, where the caller came by it.
      origin:
        `https://${request.headers.host ?? 'management.azure.com'}`.replace(/:443$/, '') +
        given.slice(0, given.length - path.length),
      path,
      url: request.url,
      correlation,
      caller: caller.name,
    };
    const answer = await found.handler(call);
    // Azure Resource Manager, "Resources - Check Existence": 204 where it is there.
    return head && answer.status === 200 ? { status: 204 } : answer;
  }

  async function handle(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const started = context.clock.now();
    const given = request.headers['x-ms-correlation-request-id'];
    const correlation = newCorrelation(typeof given === 'string' ? given : undefined);
    const [path = '/', search = ''] = request.url.split(/\?(.*)/s);
    let answer: ArmReply | 'drop';
    let failed = false;
    try {
      answer = await serve(request, path, new URLSearchParams(search), correlation);
    } catch (reason) {
      failed = true;
      const error = reason instanceof ArmError ? reason : internal(reason);
      answer = {
        status: error.status,
        body: error.envelope(correlation, config.location, context.clock.now()),
        headers: error.headers,
      };
    }
    if (answer === 'drop') {
      request.raw.socket.destroy();
      return reply.hijack();
    }
    const now = context.clock.now();
    reply.headers(commonHeaders(correlation, config.location, started, now));
    reply.header(...limits.header(request.method, path, now));
    reply.header('x-ms-response-type', failed || answer.status >= 400 ? 'error' : 'standard');
    const clientId = request.headers['x-ms-client-request-id'];
    if (typeof clientId === 'string' && /^[\w-]{1,128}$/.test(clientId))
      reply.header('x-ms-client-request-id', clientId);
    reply.headers(answer.headers ?? {});
    reply.code(answer.status);
    if (answer.body === undefined) return reply.send();
    reply.header('content-type', 'application/json; charset=utf-8');
    return reply.send(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
  }

  app.register((scope, _options, done) => {
    // Clients send empty bodies with and without a content type; all are read as text here.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, parsed) => {
      parsed(null, body);
    });
    scope.all('/*', handle);
    done();
  });
  const close = async (): Promise<void> => {
    closing.abort(new Error('The sandbox is closing.'));
    await operations.close();
  };
  app.addHook('onReady', (done) => {
    operations.resume();
    done();
  });
  app.addHook('preClose', close);
  return { busy: (name) => operations.busy(name), close };
}

function parseBody(text: unknown): unknown {
  if (typeof text !== 'string' || text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw armError(
      400,
      'InvalidRequestContent',
      'The request content was invalid and could not be deserialized: it is not JSON.',
    );
  }
}

function unauthorized(
  reason: 'missing' | 'malformed' | 'expired' | 'audience',
  tenantId: string,
): ArmError {
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

function internal(reason: unknown): ArmError {
  const message = reason instanceof Error ? reason.message : String(reason);
  return new ArmError(500, 'ServiceError', 'Received 500 from a service request', 'mfe', [
    { code: 'InternalServerError', message },
  ]);
}
