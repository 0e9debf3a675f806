/** Resource Manager's routes, on management.azure.com and its twins, and below the front end's path. */
import type { FastifyInstance, FastifyPluginCallback, FastifyRequest } from 'fastify';
import { assetRoutes } from './assets.js';
import type { AddArmRoute, ArmCall } from './call.js';
import { checkAllowed, checkLegacyMode, checkProvider, checkScope } from './checks.js';
import { computeRoutes } from './compute.js';
import { deploymentRoutes } from './deployments.js';
import { endpointRoutes } from './endpoints.js';
import { armError } from './errors.js';
import { jobRoutes } from './jobs.js';
import { metricRoutes } from './metrics.js';
import { modelRoutes } from './models.js';
import { monitorRoutes } from './monitor.js';
import { operationRoutes } from './operations.js';
import { resourceManagerRoutes } from './resource-manager.js';
import { CLOUDS_PATH } from './clouds.js';
import { roleRoutes } from './roles.js';
import { secretRoutes } from './secrets.js';
import { surroundingRoutes } from './surroundings.js';
import { type Management, installWire, send } from './wire.js';
import { workspaceRoutes } from './workspace.js';

export function armRoutes(on: AddArmRoute): void {
  resourceManagerRoutes(on);
  workspaceRoutes(on);
  computeRoutes(on);
  operationRoutes(on);
  jobRoutes(on);
  modelRoutes(on);
  assetRoutes(on);
  endpointRoutes(on);
  deploymentRoutes(on);
  metricRoutes(on);
  monitorRoutes(on);
  roleRoutes(on);
  secretRoutes(on);
  surroundingRoutes(on);
}

const KNOWN_METHODS = new Set(['GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS']);

export function registerArm(app: FastifyInstance, management: Management): void {
  installWire(app, management);
  void app.register(armPlugin(management));
  app.addHook('onReady', (done) => {
    management.operations.resume();
    done();
  });
}

/** For an app with the wire installed; its prefix is that of the addresses which are handed out. */
export function armPlugin(management: Management): FastifyPluginCallback {
  const { context } = management;
  const { state } = context;

  function callOf(request: FastifyRequest, prefix: string): ArmCall {
    const { path, query, correlation, caller } = request.wire;
    const host = (request.headers.host ?? 'management.azure.com').replace(/:443$/, '');
    return {
      context,
      operations: management.operations,
      method: request.method,
      params: request.params as Record<string, string>,
      query,
      apiVersion: apiVersionOf(query),
      body: parseBody(request.body),
      // With the front end's prefix, where the caller came by it.
      origin: `https://${host}${path.slice(0, prefix.length)}`,
      path: path.slice(prefix.length),
      url: request.url,
      correlation,
      caller: caller.name,
    };
  }

  return (app, _options, done) => {
    app.addHook('preHandler', (request, _reply, next) => {
      apiVersionOf(request.wire.query);
      next();
    });
    // Asked, and not routed: a route for each method that is not served took longer than all others.
    const served = new Set<string>();
    app.setNotFoundHandler((request) => {
      const path = request.wire.path.slice(app.prefix.length);
      if (KNOWN_METHODS.has(request.method) && [...served].some((url) => isAt(url, path)))
        throw armError(
          405,
          'MethodNotAllowed',
          `The sandbox does not serve ${request.method} at this path.`,
        );
      throw armError(
        404,
        'InvalidResourceType',
        'The resource type could not be found: the sandbox does not serve this path.',
      );
    });

    const on: AddArmRoute = (method, url, handler) => {
      served.add(url);
      app.route({
        method,
        url,
        async handler(request, reply) {
          const path = request.wire.path.slice(app.prefix.length);
          checkScope(request.params as Record<string, string>, state.config);
          if (url !== CLOUDS_PATH) {
            checkAllowed(state, { method: request.method, path, ...request.wire.caller });
            checkProvider(state, path);
            checkLegacyMode(state, path);
          }
          const answer = await handler(callOf(request, app.prefix));
          // "Resources - Check Existence": 204 where it is there.
          const isThere = request.method === 'HEAD' && answer.status === 200;
          return send(reply, isThere ? { status: 204 } : answer);
        },
      });
    };
    armRoutes(on);
    done();
  };
}

/** Whether a path is one of a route: as the router compares them, which reads no slash twice. */
function isAt(url: string, path: string): boolean {
  const segments = (text: string) => text.split('/').filter((segment) => segment !== '');
  const [wanted, there] = [segments(url), segments(path)];
  return (
    wanted.length === there.length &&
    wanted.every(
      (segment, at) =>
        segment.startsWith(':') || segment.toLowerCase() === there[at]?.toLowerCase(),
    )
  );
}

function apiVersionOf(query: URLSearchParams): string {
  const version = [...query].find(([key]) => key.toLowerCase() === 'api-version')?.[1];
  if (version === undefined || version === '') {
    throw armError(
      400,
      'MissingApiVersionParameter',
      'The api-version query parameter (?api-version=) is required for all requests.',
    );
  }
  if (!/^\d{4}-\d{2}-\d{2}(-preview|-privatepreview|-dataplanepreview)?$/i.test(version)) {
    throw armError(
      400,
      'InvalidApiVersionParameter',
      `The api-version '${version.slice(0, 40)}' is invalid.`,
    );
  }
  return version;
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
