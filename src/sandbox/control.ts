/**
 * The control route: faults, conditions, another operator, a look at the state and at recorded
 * requests. The front door mounts it on the proxy's loopback port and asks for the lock file's
 * token first.
 */
import type { FastifyInstance } from 'fastify';
import { changeConditions, conditionsOf } from './conditions.js';
import { parseFault } from './faults.js';
import { deploymentRecord, findEndpoint } from './model.js';
import type { SandboxContext } from './context.js';
import { coreLimit } from './arm/compute.js';
import { wireTime } from './arm/errors.js';
import { addObserved, observedOf } from './observed.js';
import type { Recording } from './recording.js';

/** What the control route sets off elsewhere. */
interface ControlHooks {
  requests: Recording;
  record(on: boolean): Promise<void>;
  /** Resolves when every request that was answered has been recorded. */
  settle(): Promise<void>;
  /** Resolves when what was changed holds everywhere. */
  conditionsChanged(): Promise<void>;
}

/** What the control route refuses, with a sentence. */
class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export function registerControl(
  front: FastifyInstance,
  context: SandboxContext,
  hooks: ControlHooks,
): void {
  const { faults } = context;
  const listed = () => ({ faults: faults.list() });
  const held = () => ({ holds: faults.holds.list() });
  void front.register(
    (app, _options, done) => {
      app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
        const status = error instanceof Refusal ? error.status : (error.statusCode ?? 500);
        void reply.code(status).send({ error: { message: error.message } });
      });
      app.setNotFoundHandler(() => {
        throw new Refusal(
          404,
          'The control route serves GET, POST and DELETE /faults, GET and POST /holds, GET /counts, GET /state, POST /traffic, and GET, POST and DELETE of /conditions, of /observed and of /requests.',
        );
      });

      app.get('/faults', listed);
      app.post('/faults', ({ body }) => {
        const parsed = (Array.isArray(body) ? body : [body]).map(parseFault);
        for (const fault of parsed) if (typeof fault === 'string') throw new Refusal(400, fault);
        for (const fault of parsed) if (typeof fault !== 'string') faults.add(fault);
        return listed();
      });
      app.delete('/faults', () => {
        faults.clear();
        return listed();
      });
      app.get('/holds', held);
      app.post('/holds', ({ body }) => {
        const { release } = (body ?? {}) as { release?: unknown };
        if (typeof release !== 'string')
          throw new Refusal(400, '"release" must be the name of a hold.');
        faults.holds.release(release);
        return held();
      });
      app.get('/counts', () => ({ counts: counts(context) }));
      app.get('/state', () => describe(context));
      app.post('/traffic', ({ body }) => moveTraffic(context, body));
      app.get('/conditions', () => conditionsShown(context));
      app.post('/conditions', ({ body }) => setConditions(context, hooks, body));
      app.delete('/conditions', async () => {
        delete context.state.conditions;
        context.save();
        await hooks.conditionsChanged();
        return conditionsShown(context);
      });
      app.get('/observed', () => observedOf(context.state));
      app.post('/observed', ({ body }) => {
        const observed = addObserved(context.state, body, context.clock.now());
        if (typeof observed === 'string') throw new Refusal(400, observed);
        context.state.observed = observed;
        context.save();
        return observed;
      });
      app.delete('/observed', () => {
        delete context.state.observed;
        context.save();
        return observedOf(context.state);
      });
      app.get('/requests', async () => {
        await hooks.settle();
        return hooks.requests.list();
      });
      app.post('/requests', async ({ body }) => {
        const { record } = (body ?? {}) as { record?: unknown };
        if (typeof record !== 'boolean') throw new Refusal(400, '"record" must be true or false.');
        await hooks.record(record);
        return hooks.requests.list();
      });
      app.delete('/requests', async () => {
        await hooks.settle();
        hooks.requests.clear();
        return hooks.requests.list();
      });
      done();
    },
    { prefix: '/_sandbox' },
  );
}

/** Sets what is named and leaves the rest; what is configuration outlives a DELETE. */
async function setConditions(
  context: SandboxContext,
  hooks: ControlHooks,
  body: unknown,
): Promise<unknown> {
  const changed = changeConditions(context.state, body);
  if (typeof changed === 'string') throw new Refusal(400, changed);
  context.state.conditions = changed.conditions;
  Object.assign(context.state.config, changed.config);
  context.save();
  await hooks.conditionsChanged();
  return conditionsShown(context);
}

function conditionsShown({ state }: SandboxContext): unknown {
  const { datastoreCredentials = 'account-key', evenRouting = false } = state.config;
  return { ...conditionsOf(state), datastoreCredentials, coreLimit: coreLimit(state), evenRouting };
}

/** Another operator: the split changes at once, past any operation and without its checks. */
function moveTraffic(context: SandboxContext, body: unknown): unknown {
  const { endpoint: name, traffic } = (body ?? {}) as { endpoint?: unknown; traffic?: unknown };
  if (typeof name !== 'string')
    throw new Refusal(400, '"endpoint" must be the name of an endpoint.');
  const endpoint = findEndpoint(context.state, name);
  if (endpoint === undefined) throw new Refusal(404, `There is no endpoint "${name}".`);
  if (typeof traffic !== 'object' || traffic === null)
    throw new Refusal(400, '"traffic" must be an object of percentages by deployment.');
  const split: Record<string, number> = {};
  for (const [key, percent] of Object.entries(traffic)) {
    const deployment = deploymentRecord(endpoint, key);
    if (deployment === undefined) throw new Refusal(400, `There is no deployment "${key}".`);
    if (typeof percent !== 'number' || !Number.isInteger(percent) || percent < 0 || percent > 100)
      throw new Refusal(400, `The percentage of "${key}" must be a whole number from 0 to 100.`);
    split[deployment.name] = percent;
  }
  endpoint.traffic = split;
  endpoint.systemData.lastModifiedAt = wireTime(context.clock.now());
  context.save();
  return { endpoint: endpoint.name, traffic: split };
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
