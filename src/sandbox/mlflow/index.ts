/**
 * The region's own hosts (`{region}.api.azureml.ms`): MLflow tracking and registry, artifacts, and
 * the discovery of registries. Takes a request that the front has read, and answers it.
 */
import type { ArmReply, Correlation } from '../arm/call.js';
import { denied, isDenied } from '../arm/authorization.js';
import { checkScope } from '../arm/scope-check.js';
import { workspaceHost } from '../hosts.js';
import type { SandboxContext } from '../model.js';
import { REGISTRY } from '../registry.js';
import {
  type ArtifactCall,
  type ArtifactSet,
  artifactContent,
  artifactMetadata,
  contentByPrefix,
  createArtifacts,
  listArtifacts,
  runArtifacts,
} from './artifacts.js';
import { MlflowError, invalidParameter, missing } from './errors.js';
import { mlflowHandler } from './routes.js';

export interface RegionRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  /** Text as it came; empty where there was none. */
  body: string;
  caller: { objectId: string; name: string };
  correlation: Correlation;
}

const WS = String.raw`/subscriptions/(?<subscription>[^/]+)/resourceGroups/(?<group>[^/]+)/providers/Microsoft\.MachineLearningServices/workspaces/(?<workspace>[^/]+)`;
/** Paths of MLflow's API: stable and `preview`, of any version. */
const TRACKING = new RegExp(
  String.raw`^/mlflow/v[\d.]+${WS}/api/[\d.]+/(?:preview/)?mlflow/(?<rest>.+)$`,
  'i',
);
const HISTORY = new RegExp(
  String.raw`^/history/v1\.0${WS}/experiment(?:s|ids)/[^/]+/runs/(?<run>[^/]+)/artifacts(?<rest>/.*)?$`,
  'i',
);
const ARTIFACT = new RegExp(
  String.raw`^/artifact/v2\.0${WS}/artifacts/(?<origin>[^/]+)/(?<container>[^/]+)(?<rest>/.*)?$`,
  'i',
);
const DISCOVERY = /^\/registrymanagement\/v1\.0\/registries\/(?<registry>[^/]+)\/discovery$/i;
/** The front end as registries reach it: the same routes as ARM's, below this path. */
const FRONT_END = /^\/mferp\/managementfrontend(?<rest>\/.+)$/i;

/** ARM's path of a request that these hosts pass on to ARM's routes. */
export function armPath(path: string): string | undefined {
  return FRONT_END.exec(path)?.groups?.['rest'];
}

/** Answers failures too; only those of ARM's own layer, such as a wrong workspace, are thrown. */
export async function serveRegion(
  context: SandboxContext,
  request: RegionRequest,
): Promise<ArmReply> {
  try {
    return { status: 200, body: (await route(context, request)) ?? {} };
  } catch (error) {
    if (error instanceof MlflowError) {
      const { state, clock } = context;
      const body = error.envelope(request.correlation, state.config.location, clock.now());
      return { status: error.status, body };
    }
    throw error;
  }
}

function route(context: SandboxContext, request: RegionRequest): unknown {
  const tracking = matched(context, TRACKING, request);
  if (tracking !== undefined) {
    const rest = tracking['rest']!;
    const handler = mlflowHandler(request.method, rest);
    if (handler === undefined) {
      throw new MlflowError(
        'ENDPOINT_NOT_FOUND',
        `The sandbox does not serve ${request.method} ${rest} of MLflow's API; docs/sandbox-coverage.md lists what it serves.`,
      );
    }
    checkRights(context, request, rest);
    return handler({ context, params: paramsOf(request), caller: request.caller });
  }
  const history = matched(context, HISTORY, request);
  if (history !== undefined)
    return artifacts(context, request, runArtifacts(context, history['run']!), history['rest']);
  const artifact = matched(context, ARTIFACT, request);
  if (artifact !== undefined) {
    const { origin = '', container = '', rest } = artifact;
    return artifacts(context, request, { origin, container }, rest);
  }
  const registry = DISCOVERY.exec(request.path)?.groups?.['registry'];
  if (registry !== undefined && request.method === 'GET') return discover(context, registry);
  throw new MlflowError('ENDPOINT_NOT_FOUND', 'The sandbox serves nothing at this path.');
}

/** The parts of a path of this workspace; undefined for another kind of path. */
function matched(
  context: SandboxContext,
  pattern: RegExp,
  request: RegionRequest,
): Record<string, string | undefined> | undefined {
  const found = pattern.exec(request.path)?.groups;
  if (found === undefined) return undefined;
  const groups: Record<string, string | undefined> = {};
  try {
    for (const [key, value] of Object.entries(found)) {
      if (value !== undefined) groups[key] = decodeURIComponent(value);
    }
  } catch {
    throw invalidParameter('The path is not readable.');
  }
  const { subscription = '', group = '', workspace = '' } = groups;
  checkScope({ subscription, group, workspace }, context.state.config);
  return groups;
}

function paramsOf(request: RegionRequest): Record<string, unknown> {
  if (request.method === 'GET') {
    const params: Record<string, unknown> = {};
    for (const key of new Set(request.query.keys())) {
      const values = request.query.getAll(key);
      params[key] = values.length > 1 ? values : values[0];
    }
    return params;
  }
  const body = jsonOf(request.body) ?? {};
  if (typeof body !== 'object' || Array.isArray(body))
    throw invalidParameter('The request body must be a JSON object.');
  return body as Record<string, unknown>;
}

function jsonOf(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw invalidParameter('The request body is not JSON.');
  }
}

function artifacts(
  context: SandboxContext,
  request: RegionRequest,
  set: ArtifactSet,
  rest = '',
): unknown {
  const call: ArtifactCall = { context, query: request.query, body: jsonOf(request.body) };
  switch (`${request.method} ${rest.toLowerCase()}`) {
    case 'POST /batch/metadata':
      return createArtifacts(call, set);
    case 'GET ':
    case 'GET /path':
      return listArtifacts(call, set);
    case 'GET /metadata':
      return artifactMetadata(call, set);
    case 'GET /contentinfo':
      return artifactContent(call, set);
    case 'GET /prefix/contentinfo':
      return contentByPrefix(call, set);
    default:
      throw new MlflowError(
        'ENDPOINT_NOT_FOUND',
        `The sandbox does not serve ${request.method} artifacts${rest}.`,
      );
  }
}

/** Names as in Microsoft's list of the provider's operations. */
function checkRights(context: SandboxContext, request: RegionRequest, rest: string): void {
  const verb = request.method === 'GET' || rest.endsWith('/search') ? 'read' : 'write';
  const kind = rest.startsWith('registered-models/')
    ? 'models'
    : rest.startsWith('model-versions/')
      ? 'models/versions'
      : rest.startsWith('experiments/')
        ? 'experiments'
        : 'experiments/runs';
  const action = `Microsoft.MachineLearningServices/workspaces/${kind}/${verb}`;
  if (!isDenied(context.state, action)) return;
  const { caller, path } = request;
  const { message } = denied(action, { path, caller: caller.name, objectId: caller.objectId });
  throw new MlflowError('PERMISSION_DENIED', message);
}

/** Members as azureml-mlflow and azure-ai-ml read them (`registry_discovery`). */
function discover(context: SandboxContext, registry: string): unknown {
  if (registry.toLowerCase() !== REGISTRY) throw missing(`Registry ${registry} was not found.`);
  const { config } = context.state;
  const host = workspaceHost(config);
  return {
    registryName: REGISTRY,
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
