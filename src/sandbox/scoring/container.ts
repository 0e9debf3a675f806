/** A deployment's running container: the model's instances behind a scoring server. */
import type { ContainerLog } from './container-log.js';
import { InstancePool, Stopped, TimedOut, TooManyRequests } from './instances.js';
import { BadInput, type ModelInput, parseRequest } from './request.js';
import { Crashed, type RunnerAnswer, type StartRunner } from './runner.js';
import type { ServedSignature } from './signature.js';

interface ContainerOptions {
  start: StartRunner;
  signature: ServedSignature | undefined;
  inputExample: unknown;
  /** Of the deployment's request settings. */
  requestTimeoutMs: number;
  concurrency: number;
  environmentVariables: Readonly<Record<string, string>>;
  log: ContainerLog;
  /** Uniform in [0, 1). */
  random: () => number;
  /** Called once when no instance is left. */
  onClosed(): Promise<void>;
}

/** Errors that the router answers itself. */
const ROUTERS_OWN = [TimedOut, TooManyRequests, Stopped];

/** What the scoring server inside the container answered. */
export interface ContainerAnswer {
  status: number;
  /** Sent as JSON, a RawJson as it is. */
  body: unknown;
  /** Milliseconds in the model; missing where it was not reached. */
  execMs?: number;
}

export class Container {
  readonly signature: ServedSignature | undefined;
  readonly inputExample: unknown;
  readonly #options: ContainerOptions;
  readonly #pool: InstancePool;
  readonly #behaviour: Behaviour;

  constructor(options: ContainerOptions) {
    this.#options = options;
    this.signature = options.signature;
    this.inputExample = options.inputExample;
    this.#behaviour = readBehaviour(options.environmentVariables);
    this.#pool = new InstancePool({
      start: options.start,
      concurrency: options.concurrency,
      warmUp: exampleInput(options),
      log: (line) => options.log.server(line, 'E'),
    });
  }

  get instances(): number {
    return this.#pool.size;
  }

  /** @throws Unloadable */
  resize(instances: number): Promise<void> {
    return this.#pool.resize(instances);
  }

  async close(): Promise<void> {
    await this.#pool.close();
    await this.#options.onClosed();
  }

  async drain(): Promise<void> {
    await this.#pool.drain();
    await this.#options.onClosed();
  }

  /** @throws TimedOut, TooManyRequests, Stopped: the router's own affairs */
  async score(body: Uint8Array): Promise<ContainerAnswer> {
    let input: ModelInput;
    try {
      input = parseRequest(body, this.signature?.inputs);
    } catch (error) {
      if (!(error instanceof BadInput)) throw error;
      return refused(error);
    }
    if (input.kind === 'table' && input.rows.length === 0)
      return { status: 200, body: [], execMs: 0 };
    const { delayMs, failPercent, crashPercent } = this.#behaviour;
    const chance = (percent: number) => percent > 0 && this.#options.random() * 100 < percent;
    try {
      const scored: RunnerAnswer = await this.#pool.score(
        { input, delayMs, crash: chance(crashPercent) },
        this.#options.requestTimeoutMs,
      );
      if (chance(failPercent))
        throw new Error('The model failed, as AMLR_SANDBOX_FAIL_PERCENT asks.');
      return { status: 200, body: scored.value, execMs: scored.ms };
    } catch (error) {
      if (ROUTERS_OWN.some((kind) => error instanceof kind)) throw error;
      if (error instanceof BadInput) return refused(error);
      const message = error instanceof Error ? error.message : String(error);
      if (error instanceof Crashed) return { status: 502, body: { message } };
      this.#options.log.server(`Exception in the run function: ${message}`, 'E');
      return { status: 500, body: { error_code: 'INTERNAL_ERROR', message } };
    }
  }
}

function refused({ message }: BadInput): ContainerAnswer {
  return { status: 400, body: { error_code: 'BAD_REQUEST', message } };
}

interface Behaviour {
  delayMs: number;
  failPercent: number;
  crashPercent: number;
}

/**
 * Environment variables of a deployment that make its model slow or unreliable, for tests and
 * demonstrations: `AMLR_SANDBOX_DELAY_MS` (added to each request), `AMLR_SANDBOX_FAIL_PERCENT`
 * (the run function fails) and `AMLR_SANDBOX_CRASH_PERCENT` (the instance ends). Azure ignores them.
 */
function readBehaviour(variables: Readonly<Record<string, string>>): Behaviour {
  const amount = (name: string) => {
    const value = Number(variables[name] ?? 0);
    return Number.isFinite(value) && value > 0 ? value : 0;
  };
  return {
    delayMs: amount('AMLR_SANDBOX_DELAY_MS'),
    failPercent: amount('AMLR_SANDBOX_FAIL_PERCENT'),
    crashPercent: amount('AMLR_SANDBOX_CRASH_PERCENT'),
  };
}

/** The model's own example, where it is one that its signature takes. */
function exampleInput({ inputExample, signature }: ContainerOptions): ModelInput | undefined {
  try {
    return parseRequest(
      Buffer.from(JSON.stringify({ input_data: inputExample })),
      signature?.inputs,
    );
  } catch {
    return undefined;
  }
}
