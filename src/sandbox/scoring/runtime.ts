/** The deployments that run now: ARM starts, scales and stops them; the router asks them. */
import { type PackagedModel, deploymentRecord, findEndpoint } from '../model.js';
import {
  type DeploymentRecord,
  type EndpointRecord,
  newDeploymentLog,
} from '../endpoint-record.js';
import type { Runtime } from '../context.js';
import type { Container } from './container.js';
import { ContainerLog, type ContainerType, logText } from './container-log.js';
import {
  type StartContext,
  type StartOptions,
  resumeContainer,
  startContainer,
} from './deployment-start.js';
import { buildPackage } from './package-build.js';

interface RuntimeOptions {
  /** The bundled worker.ts. */
  workerUrl: URL;
  /** Uniform in [0, 1). */
  random: () => number;
  /** Environment variables of this process. */
  environment: NodeJS.ProcessEnv;
}

export class ScoringRuntime implements Runtime {
  readonly random: () => number;
  readonly #context: StartContext;
  readonly #options: RuntimeOptions;
  readonly #containers = new Map<string, Promise<Container>>();
  readonly #closing = new AbortController();

  constructor(context: StartContext, options: RuntimeOptions) {
    this.#context = context;
    this.#options = options;
    this.random = options.random;
  }

  async start(endpoint: string, deployment: string, signal: AbortSignal): Promise<void> {
    const options = this.#startOptions(endpoint, deployment);
    options.deployment.log = newDeploymentLog();
    const container = await startContainer(
      options,
      AbortSignal.any([signal, this.#closing.signal]),
    );
    if (signal.aborted || this.#closing.signal.aborted) {
      await container.close();
      throw signal.reason ?? new Error('The sandbox is ending.');
    }
    const key = keyOf(endpoint, deployment);
    const before = this.#containers.get(key);
    this.#containers.set(key, Promise.resolve(container));
    // The old instances finish what they have; nobody waits for that.
    void before?.then((old) => old.drain()).catch(() => undefined);
  }

  async stop(endpoint: string, deployment: string): Promise<void> {
    const key = keyOf(endpoint, deployment);
    const container = this.#containers.get(key);
    this.#containers.delete(key);
    await container?.then((running) => running.close()).catch(() => undefined);
  }

  async buildPackage(model: PackagedModel, signal: AbortSignal): Promise<void> {
    await buildPackage(this.#context, model, AbortSignal.any([signal, this.#closing.signal]));
  }

  async scale(endpoint: string, deployment: string, instances: number): Promise<void> {
    const container = await this.#containers.get(keyOf(endpoint, deployment));
    await container?.resize(instances);
  }

  logs(endpoint: string, deployment: string, container: ContainerType, tail: number): string {
    const record = deploymentRecord(findEndpoint(this.#context.state, endpoint), deployment);
    return record === undefined ? '' : logText(record.log, container, tail);
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('The sandbox is ending.'));
    const containers = [...this.#containers.values()];
    this.#containers.clear();
    await Promise.allSettled(
      containers.map((container) => container.then((running) => running.close())),
    );
  }

  /** After a restart of the sandbox: what had succeeded serves again; requests wait until it does. */
  resume(): void {
    for (const endpoint of Object.values(this.#context.state.endpoints))
      for (const deployment of Object.values(endpoint.deployments))
        if (deployment.everSucceeded && deployment.provisioningState !== 'Failed')
          this.#resumeOne(endpoint, deployment);
  }

  /** Can this deployment answer, now or as soon as it has resumed? */
  serves(endpoint: EndpointRecord, deployment: DeploymentRecord): boolean {
    return this.#containers.has(keyOf(endpoint.name, deployment.name));
  }

  container(
    endpoint: EndpointRecord,
    deployment: DeploymentRecord,
  ): Promise<Container> | undefined {
    return this.#containers.get(keyOf(endpoint.name, deployment.name));
  }

  logOf(endpoint: string, deployment: string): ContainerLog {
    const { state, clock, save } = this.#context;
    // Looked up at each write: an update of the deployment may have replaced the record.
    const orphan = newDeploymentLog();
    return new ContainerLog(
      () => deploymentRecord(findEndpoint(state, endpoint), deployment)?.log ?? orphan,
      () => clock.now(),
      save,
    );
  }

  #resumeOne(endpoint: EndpointRecord, deployment: DeploymentRecord): void {
    const key = keyOf(endpoint.name, deployment.name);
    const container = resumeContainer(
      this.#startOptions(endpoint.name, deployment.name),
      this.#closing.signal,
    );
    this.#containers.set(key, container);
    container.catch(() => {
      if (this.#containers.get(key) === container) this.#containers.delete(key);
    });
  }

  #startOptions(endpointName: string, deploymentName: string): StartOptions {
    const endpoint = findEndpoint(this.#context.state, endpointName);
    const deployment = deploymentRecord(endpoint, deploymentName);
    if (endpoint === undefined || deployment === undefined)
      throw new Error(`There is no deployment ${deploymentName} of endpoint ${endpointName}.`);
    return {
      context: this.#context,
      endpoint,
      deployment,
      log: this.logOf(endpointName, deploymentName),
      workerUrl: this.#options.workerUrl,
      environment: this.#options.environment,
      random: this.random,
    };
  }
}

function keyOf(endpoint: string, deployment: string): string {
  return `${endpoint}/${deployment}`.toLowerCase();
}
