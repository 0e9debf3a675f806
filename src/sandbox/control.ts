/**
 * The control route: faults, another operator, and a look at the state. The front door mounts it
 * on the proxy's loopback port and asks for the lock file's token first.
 */
import { parseFault } from './faults.js';
import { type SandboxContext, findDeployment, findEndpoint } from './model.js';

export interface ControlRequest {
  method: string;
  /** Below `/_sandbox`, e.g. `/faults`. */
  path: string;
  /** Parsed JSON, where there was a body. */
  body: unknown;
}

export interface ControlReply {
  status: number;
  body: unknown;
}

export function handleControl(context: SandboxContext, request: ControlRequest): ControlReply {
  switch (`${request.method} ${request.path}`) {
    case 'GET /faults':
      return { status: 200, body: { faults: context.faults.list() } };
    case 'POST /faults':
      return addFaults(context, request.body);
    case 'DELETE /faults':
      context.faults.clear();
      return { status: 200, body: { faults: [] } };
    case 'GET /state':
      return { status: 200, body: describe(context) };
    case 'POST /traffic':
      return moveTraffic(context, request.body);
    default:
      return refuse(
        404,
        'The control route knows GET, POST and DELETE /faults, GET /state and POST /traffic.',
      );
  }
}

function addFaults(context: SandboxContext, body: unknown): ControlReply {
  const faults = (Array.isArray(body) ? body : [body]).map(parseFault);
  const wrong = faults.find((fault) => typeof fault === 'string');
  if (typeof wrong === 'string') return refuse(400, wrong);
  for (const fault of faults) if (typeof fault !== 'string') context.faults.add(fault);
  return { status: 200, body: { faults: context.faults.list() } };
}

/** Another operator: the split changes at once, past any operation and without its checks. */
function moveTraffic(context: SandboxContext, body: unknown): ControlReply {
  const { endpoint: name, traffic } = (body ?? {}) as { endpoint?: unknown; traffic?: unknown };
  if (typeof name !== 'string') return refuse(400, '"endpoint" must be the name of an endpoint.');
  const endpoint = findEndpoint(context.state, name);
  if (endpoint === undefined) return refuse(404, `There is no endpoint "${name}".`);
  if (typeof traffic !== 'object' || traffic === null)
    return refuse(400, '"traffic" must be an object of percentages by deployment.');
  const split: Record<string, number> = {};
  for (const [key, percent] of Object.entries(traffic)) {
    const deployment = findDeployment(endpoint, key);
    if (deployment === undefined) return refuse(400, `There is no deployment "${key}".`);
    if (typeof percent !== 'number' || !Number.isInteger(percent) || percent < 0 || percent > 100)
      return refuse(400, `The percentage of "${key}" must be a whole number from 0 to 100.`);
    split[deployment.name] = percent;
  }
  endpoint.traffic = split;
  context.save();
  return { status: 200, body: { endpoint: endpoint.name, traffic: split } };
}

/** Everything but keys and secrets. */
function describe(context: SandboxContext): unknown {
  const { config, models, endpoints, operations } = context.state;
  const { storageKey: _key, scoringTokenSecret: _secret, ...publicConfig } = config;
  return {
    config: publicConfig,
    models,
    operations,
    endpoints: Object.fromEntries(
      Object.entries(endpoints).map(([name, { keys: _keys, ...endpoint }]) => [name, endpoint]),
    ),
  };
}

function refuse(status: number, message: string): ControlReply {
  return { status, body: { error: { message } } };
}
