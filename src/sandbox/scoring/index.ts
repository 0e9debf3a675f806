/** Scoring, as the front door puts it together: the runtime ARM drives and the hosts callers reach. */
import type { FastifyInstance } from 'fastify';
import type { SandboxContext } from '../context.js';
import { Counters } from './counters.js';
import type { StartContext } from './deployment-start.js';
import { registerRouter } from './router.js';
import { ScoringRuntime } from './runtime.js';

interface ScoringOptions {
  /** Uniform in [0, 1): traffic, mirroring and deliberate failures; seeded by tests. */
  random?: () => number;
  /** The bundled worker; beside this program's own files where it is missing. */
  workerUrl?: URL;
  /** Environment variables of this process, where a Python with mlflow is looked for. */
  environment?: NodeJS.ProcessEnv;
}

export function createScoring(
  context: StartContext,
  options: ScoringOptions = {},
): { runtime: ScoringRuntime; metrics: Counters } {
  const random = options.random ?? Math.random;
  const workerUrl = options.workerUrl ?? new URL('./scoring-worker.js', import.meta.url);
  const environment = options.environment ?? process.env;
  return {
    runtime: new ScoringRuntime(context, { random, workerUrl, environment }),
    metrics: new Counters(random),
  };
}

/** @param context with the runtime and metrics that createScoring made */
export function registerScoring(app: FastifyInstance, context: SandboxContext): void {
  const { runtime, metrics } = context;
  if (!(runtime instanceof ScoringRuntime) || !(metrics instanceof Counters))
    throw new TypeError('registerScoring needs the runtime and metrics of createScoring.');
  registerRouter(app, { context, runtime, counters: metrics });
  app.addHook('onReady', (done) => {
    runtime.resume();
    done();
  });
}
