/**
 * The control route: faults, conditions, another operator, a look at the state and at recorded
 * requests. The front door mounts it on the proxy's loopback port and asks for the lock file's
 * token first.
 */
import { changeConditions, conditionsOf } from './conditions.js';
import { parseFault } from './faults.js';
import { type SandboxContext, findDeployment, findEndpoint } from './model.js';
import { coreLimit } from './arm/compute.js';
import type { Recording } from './recording.js';

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

/** What the control route sets off elsewhere. */
export interface ControlHooks {
  requests: Recording;
  record(on: boolean): Promise<void>;
  /** Resolves when every request that was answered has been recorded. */
  settle(): Promise<void>;
  /** Resolves when what was changed holds everywhere. */
  conditionsChanged(): Promise<void>;
}

export async function handleControl(
  context: SandboxContext,
  hooks: ControlHooks,
  request: ControlRequest,
): Promise<ControlReply> {
  switch (`${request.method} ${request.path}`) {
    case 'GET /faults':
      return { status: 200, body: { faults: context.faults.list() } };
    case 'POST /faults':
      return addFaults(context, request.body);
    case 'DELETE /faults':
      context.faults.clear();
      return { status: 200, body: { faults: [] } };
    case 'GET /holds':
      return { status: 200, body: { holds: context.faults.holds.list() } };
    case 'DELETE /holds': {
      const { name } = (request.body ?? {}) as { name?: unknown };
      if (typeof name !== 'string') return refuse(400, '"name" must be the name of a hold.');
      context.faults.holds.release(name);
      return { status: 200, body: { holds: context.faults.holds.list() } };
    }
    case 'GET /counts':
      return { status: 200, body: { counts: counts(context) } };
    case 'GET /state':
      return { status: 200, body: describe(context) };
    case 'POST /traffic':
      return moveTraffic(context, request.body);
    case 'GET /conditions':
      return { status: 200, body: conditionsShown(context) };
    case 'POST /conditions':
      return setConditions(context, hooks, request.body);
    case 'DELETE /conditions':
      delete context.state.conditions;
      context.save();
      await hooks.conditionsChanged();
      return { status: 200, body: conditionsShown(context) };
    case 'GET /requests':
      await hooks.settle();
      return { status: 200, body: hooks.requests.list() };
    case 'POST /requests':
      return record(hooks, request.body);
    case 'DELETE /requests':
      await hooks.settle();
      hooks.requests.clear();
      return { status: 200, body: hooks.requests.list() };
    default:
      return refuse(
        404,
        'The control route knows GET, POST and DELETE /faults, GET and DELETE /holds, GET /counts, GET /state, POST /traffic, and GET, POST and DELETE of /conditions and of /requests.',
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

async function record(hooks: ControlHooks, body: unknown): Promise<ControlReply> {
  const { record: on } = (body ?? {}) as { record?: unknown };
  if (typeof on !== 'boolean') return refuse(400, '"record" must be true or false.');
  await hooks.record(on);
  return { status: 200, body: hooks.requests.list() };
}

/** Sets what is named and leaves the rest; what is configuration outlives a DELETE. */
async function setConditions(
  context: SandboxContext,
  hooks: ControlHooks,
  body: unknown,
): Promise<ControlReply> {
  const changed = changeConditions(context.state, body);
  if (typeof changed === 'string') return refuse(400, changed);
  context.state.conditions = changed.conditions;
  Object.assign(context.state.config, changed.config);
  context.save();
  await hooks.conditionsChanged();
  return { status: 200, body: conditionsShown(context) };
}

function conditionsShown({ state }: SandboxContext): unknown {
  const { datastoreCredentials = 'account-key', evenRouting = false } = state.config;
  return { ...conditionsOf(state), datastoreCredentials, coreLimit: coreLimit(state), evenRouting };
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

/** Scoring requests of the last day by endpoint, deployment and status. */
function counts({ state, metrics }: SandboxContext): unknown {
  const byEndpoint: Record<string, Record<string, Record<string, number>>> = {};
  for (const { name } of Object.values(state.endpoints)) {
    const byDeployment: Record<string, Record<string, number>> = (byEndpoint[name] = {});
    for (const { deployment, statusCode, count } of metrics.minutes(name, 0, Infinity)) {
      const byStatus = (byDeployment[deployment] ??= {});
      byStatus[statusCode] = (byStatus[statusCode] ?? 0) + count;
    }
  }
  return byEndpoint;
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
