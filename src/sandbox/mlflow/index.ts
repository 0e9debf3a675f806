/**
 * The region's own hosts (`{region}.api.azureml.ms`): MLflow tracking and registry, artifacts, the
 * discovery of registries, and Resource Manager's routes as registries reach them.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { WS } from '../arm/call.js';
import { checkScope, denied } from '../arm/checks.js';
import { armPlugin } from '../arm/index.js';
import { type Management, installWire, send } from '../arm/wire.js';
import { isDenied } from '../conditions.js';
import { workspaceHost } from '../hosts.js';
import type { SandboxContext } from '../context.js';
import { REGISTRY_NAME } from '../references.js';
import { artifactRoutes } from './artifacts.js';
import { type AddMlflowRoute, MlflowError, invalidParameter, missing } from './call.js';
import { experimentRoutes } from './experiments.js';
import { mlflowModelRoutes } from './models.js';
import { runRoutes } from './runs.js';

export function mlflowRoutes(on: AddMlflowRoute): void {
  experimentRoutes(on);
  runRoutes(on);
  mlflowModelRoutes(on);
}

export function registerRegion(app: FastifyInstance, management: Management): void {
  const { context } = management;
  installWire(app, management, (error, request) => {
    // Those of Resource Manager's own layer, such as a wrong workspace, keep its envelope.
    if (!(error instanceof MlflowError)) return undefined;
    const { state, clock } = context;
    const body = error.envelope(request.wire.correlation, state.config.location, clock.now());
    return { status: error.status, body };
  });
  app.setNotFoundHandler((request) => {
    const rest = /\/mlflow\/(?!.*\/mlflow\/)(.+)$/i.exec(request.wire.path)?.[1];
    throw new MlflowError(
      'ENDPOINT_NOT_FOUND',
      rest === undefined
        ? 'The sandbox serves nothing at this path.'
        : `The sandbox does not serve ${request.method} ${rest} of MLflow's API; docs/sandbox-coverage.md lists what it serves.`,
    );
  });

  const on = (
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    url: string,
    answer: (request: FastifyRequest, params: Record<string, string>) => unknown,
  ) =>
    app.route({
      method,
      url,
      exposeHeadRoute: false,
      async handler(request, reply) {
        const params = request.params as Record<string, string>;
        checkScope(params, context.state.config);
        return send(reply, { status: 200, body: (await answer(request, params)) ?? {} });
      },
    });

  mlflowRoutes((method, path, handler) => {
    for (const preview of ['', '/preview'])
      on(method, `/mlflow/:root${WS}/api/:version${preview}/mlflow/${path}`, (request) => {
        checkRights(context, request, path);
        const { caller } = request.wire;
        return handler({ context, params: paramsOf(request), caller });
      });
  });
  artifactRoutes((method, path, handler) =>
    on(method, path, (request, params) =>
      handler({ context, params, query: request.wire.query, body: jsonOf(request.body) }),
    ),
  );
  // The registry's name is no part of a scope here: another one is not found.
  on('GET', '/registrymanagement/v1.0/registries/:name/discovery', (_request, { name = '' }) =>
    discover(context, name),
  );
  void app.register(armPlugin(management), { prefix: '/mferp/managementfrontend' });
}

/** Of a GET the query, of any other request the body. */
function paramsOf({ method, body, wire }: FastifyRequest): Record<string, unknown> {
  if (method === 'GET') {
    return Object.fromEntries(
      [...new Set(wire.query.keys())].map((key) => {
        const values = wire.query.getAll(key);
        return [key, values.length > 1 ? values : values[0]];
      }),
    );
  }
  const params = jsonOf(body) ?? {};
  if (typeof params !== 'object' || Array.isArray(params))
    throw invalidParameter('The request body must be a JSON object.');
  return params as Record<string, unknown>;
}

function jsonOf(text: unknown): unknown {
  if (typeof text !== 'string' || text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw invalidParameter('The request body is not JSON.');
  }
}

/** Names as in Microsoft's list of the provider's operations. */
function checkRights(
  context: SandboxContext,
  { method, wire }: FastifyRequest,
  path: string,
): void {
  const verb = method === 'GET' || path.endsWith('/search') ? 'read' : 'write';
  const kind = path.startsWith('registered-models/')
    ? 'models'
    : path.startsWith('model-versions/')
      ? 'models/versions'
      : path.startsWith('experiments/')
        ? 'experiments'
        : 'experiments/runs';
  const action = `Microsoft.MachineLearningServices/workspaces/${kind}/${verb}`;
  if (!isDenied(context.state, action)) return;
  const { message } = denied(action, { path: wire.path, ...wire.caller });
  throw new MlflowError('PERMISSION_DENIED', message);
}

/** Members as azureml-mlflow and azure-ai-ml read them (`registry_discovery`). */
function discover(context: SandboxContext, registry: string): unknown {
  if (registry.toLowerCase() !== REGISTRY_NAME)
    throw missing(`Registry ${registry} was not found.`);
  const { config } = context.state;
  const host = workspaceHost(config);
  return {
    registryName: REGISTRY_NAME,
    tenantId: config.tenantId,
    primaryRegion: config.location,
    regions: [config.location],
    registryFqdns: { [config.location]: { host } },
    subscriptionId: config.subscriptionId,
    resourceGroup: config.resourceGroup,
    workspaceName: null,
    primaryRegionResourceProviderUri: `https://${host}/`,
  };
}
