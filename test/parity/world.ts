/**
 * One sandbox for a file of parity rows, and for each row and face an endpoint of its own on it,
 * where blue serves version 1. Routing is even, so that both faces' probes meet the same answers.
 */
import { mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '../../src/azure/connect.js';
import { ArmClient, deployment, endpoint, model } from '../support/arm.js';
import { connectionTo } from '../support/connection.js';
import { eventually } from '../support/eventually.js';
import { fastTime } from '../support/fast-time.js';
import {
  journalLines,
  judgedIn,
  type JournalLine,
  type JudgedLine,
} from '../support/journal-lines.js';
import { patience } from '../support/patience.js';
import { runWarm, type RunningCommand } from '../support/run-command.js';
import { SAMPLES } from '../support/sample-plan.js';
import type { FaceName } from './face.js';
import { startSandbox, temporaryFolder, type TestSandbox } from '../support/sandbox.js';

export const BLUE = 'default';
export const GREEN = 'green';
/** Longest wait for something that has to come; only a hanging program reaches it. */
export const PATIENCE_MS = patience(45_000);
const SIZE = 'Standard_F2s_v2';

export interface PlanPieces {
  /** Members of a plan file but endpoint, green and evidence, as YAML. */
  rest: string;
  evidence?: {
    csv?: string;
    rows?: number;
    /** Model input to CSV column; typed at the wizard, and in the plan of `run`. */
    renames?: Record<string, string>;
  };
  /** Folder of the sample model that green is to serve; `v2` unless told. */
  greenModel?: string;
  /** Of blue, and of green. */
  instances?: [blue: number, green: number];
}

export class World {
  readonly time = fastTime();
  #folder = '';
  #sandbox!: TestSandbox;
  arm!: ArmClient;
  #blueUri = '';

  async start(): Promise<void> {
    this.#folder = realpathSync(temporaryFolder());
    const stateDir = join(this.#folder, 'sandbox');
    this.#sandbox = await startSandbox({ timeScale: 0.02, stateDir, env: this.time.env });
    await this.control('POST', '/_sandbox/conditions', { evenRouting: true, coreLimit: 1_000_000 });
    this.arm = await ArmClient.connect(this.#sandbox.info);
    await this.arm.registerSample('parity-samples', '1', 'v1');
    const { body } = await this.arm.get('models/parity-samples/versions/1');
    this.#blueUri = body.properties.modelUri as string;
  }

  async stop(): Promise<void> {
    await this.arm?.close();
    await this.#sandbox?.stop();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  async control(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await this.#sandbox.control(method, path, body);
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** A stage of its own for one row and one face. */
  async stage(name: string, face: FaceName, plan: PlanPieces): Promise<Stage> {
    const home = join(this.#folder, name);
    mkdirSync(home);
    symlinkSync(this.#sandbox.stateDir, join(home, 'sandbox'));
    const stage = new Stage(this, name, home, face, plan);
    const answer = await this.arm.put(`models/${name}/versions/1`, model(this.#blueUri));
    await this.arm.createEndpoint(name);
    const body = deployment(answer.body.id as string, { instanceType: SIZE });
    body['sku'] = { name: 'Default', capacity: plan.instances?.[0] ?? 1 };
    await this.arm.finished(
      await this.arm.put(`onlineEndpoints/${name}/deployments/${BLUE}`, body),
    );
    await stage.putTraffic({ [BLUE]: 100 });
    return stage;
  }

  async upload(folder: string, name: string): Promise<string> {
    const workspace = await connect(connectionTo(this.#sandbox));
    try {
      return (await workspace.uploadFolder(folder, name)).uri;
    } finally {
      await workspace.close();
    }
  }
}

/** One endpoint, one home, one plan. */
export class Stage {
  /** Names of holds and of what happened while they were held. */
  #holds = 0;

  constructor(
    readonly world: World,
    readonly endpoint: string,
    readonly home: string,
    readonly face: FaceName,
    public plan: PlanPieces,
  ) {
    this.writePlan(plan);
  }

  get env(): Record<string, string> {
    return { AML_ROLLOUT_HOME: this.home, ...this.world.time.env };
  }

  get planPath(): string {
    return join(this.home, 'rollout.yml');
  }

  get greenFolder(): string {
    return join(SAMPLES, 'heart-classifier', this.plan.greenModel ?? 'v2');
  }

  writePlan(plan: PlanPieces): void {
    this.plan = plan;
    const { rest, evidence = {}, greenModel = 'v2', instances } = plan;
    const { csv = join(SAMPLES, 'heart.csv'), rows = 60, renames } = evidence;
    const said = renames && this.face === 'run' ? `, renames: ${JSON.stringify(renames)}` : '';
    const path = join(SAMPLES, 'heart-classifier', greenModel);
    const count = instances ? `, instanceCount: ${instances[1]}` : '';
    writeFileSync(
      this.planPath,
      `version: 1
endpoint: {name: ${this.endpoint}}
green: {name: ${GREEN}, model: {name: ${this.endpoint}, path: ${path}}${count}}
evidence: {csv: ${csv}, rows: ${rows}, seed: 4711, target: target${said}}
${rest}
`,
    );
  }

  /** A command of the program beside the face. */
  program(...args: string[]): RunningCommand {
    return runWarm([...args, '--sandbox'], { env: this.env, cwd: this.home });
  }

  /** A command of the program on another machine, which knows nothing of this one's journal. */
  colleague(...args: string[]): RunningCommand {
    const home = `${this.home}-other`;
    mkdirSync(home);
    symlinkSync(realpathSync(join(this.home, 'sandbox')), join(home, 'sandbox'));
    const env = { ...this.env, AML_ROLLOUT_HOME: home };
    return runWarm([...args, '--sandbox'], { env, cwd: home });
  }

  journal(): JournalLine[] {
    return journalLines(join(this.home, 'journals'), this.endpoint);
  }

  judged(): JudgedLine[] {
    return judgedIn(this.journal());
  }

  /** Strikes requests of this endpoint only. */
  async fault(fault: {
    match: { method?: string; path?: string; deployment?: string; pinned?: boolean };
    times?: number;
    after?: { match: object; times: number };
    action: object;
  }): Promise<void> {
    const { after } = fault;
    await this.world.control('POST', '/_sandbox/faults', {
      times: 100_000,
      ...fault,
      match: this.#own(fault.match),
      ...(after && { after: { ...after, match: this.#own(after.match) } }),
    });
  }

  #own = (match: object): object => ({ ...match, endpoint: this.endpoint });

  /**
   * Lets another operator act when a request of this kind arrives: it waits until the act is over.
   * Resolves when it came and the act is done.
   */
  async first(
    act: () => Promise<void>,
    fault: Omit<Parameters<Stage['fault']>[0], 'action' | 'times'>,
  ): Promise<Interruption> {
    const name = `${this.endpoint}-${(this.#holds += 1)}`;
    await this.fault({ ...fault, times: 1, action: { hold: name } });
    let acted = false;
    let ended = false;
    const done = (async () => {
      await until(async () => {
        const { holds } = (await this.world.control('GET', '/_sandbox/holds')) as {
          holds: Record<string, number>;
        };
        return ended || (holds[name] ?? 0) > 0;
      }, `a request of the kind that ${name} waits for`);
      if (ended) return;
      await act().finally(() => (acted = true));
      await this.world.control('POST', '/_sandbox/holds', { release: name });
    })();
    // Told where `done` is awaited.
    done.catch(() => undefined);
    return { done, has: () => acted, giveUp: () => void (ended = true) };
  }

  async split(): Promise<Record<string, number> | undefined> {
    const { status, body } = await this.world.arm.get(`onlineEndpoints/${this.endpoint}`);
    if (status === 404) return undefined;
    const traffic = body.properties.traffic as Record<string, number>;
    return Object.fromEntries(Object.entries(traffic).filter(([, weight]) => weight > 0));
  }

  async deployments(): Promise<string[]> {
    const { body } = await this.world.arm.get(`onlineEndpoints/${this.endpoint}/deployments`);
    return ((body.value ?? []) as { name: string }[]).map(({ name }) => name).sort();
  }

  /** Registers green's model by the upload that this program names by its content. */
  async registerGreen(): Promise<void> {
    const uri = await this.world.upload(this.greenFolder, this.endpoint);
    await this.world.arm.put(`models/${this.endpoint}/versions/2`, model(uri));
  }

  /** Versions of this stage's model. */
  async versions(): Promise<string[]> {
    const { body } = await this.world.arm.get(`models/${this.endpoint}/versions`);
    return (body.value as { name: string }[]).map(({ name }) => name).sort();
  }

  /** Scoring requests that the sandbox counted, by deployment. */
  async requests(): Promise<Record<string, number>> {
    const { counts } = (await this.world.control('GET', '/_sandbox/counts')) as {
      counts: Record<string, Record<string, Record<string, number>>>;
    };
    return Object.fromEntries(
      Object.entries(counts[this.endpoint] ?? {}).map(([name, byStatus]) => [
        name,
        Object.values(byStatus).reduce((sum, each) => sum + each, 0),
      ]),
    );
  }

  /** As another operator with another client writes it: the whole endpoint, with these tags. */
  async putTraffic(traffic: Record<string, number>, tags?: Record<string, string>): Promise<void> {
    const path = `onlineEndpoints/${this.endpoint}`;
    const { body } = await this.world.arm.get(path);
    const kept = (tags ?? body.tags ?? {}) as Record<string, string>;
    const answer = await this.world.arm.put(path, endpoint({ traffic }, { tags: kept }));
    const ended = await this.world.arm.finished(answer);
    if (ended.status !== 'Succeeded') throw new Error(JSON.stringify(ended));
  }

  async tags(): Promise<Record<string, string>> {
    const { body } = await this.world.arm.get(`onlineEndpoints/${this.endpoint}`);
    return (body.tags ?? {}) as Record<string, string>;
  }

  async delete(deploymentName?: string): Promise<void> {
    const path = `onlineEndpoints/${this.endpoint}`;
    const full = deploymentName === undefined ? path : `${path}/deployments/${deploymentName}`;
    const answer = await this.world.arm.send('DELETE', full);
    if (answer.status >= 300) throw new Error(JSON.stringify(answer.body));
    await until(async () => (await this.world.arm.get(full)).status === 404, `the end of ${full}`);
  }

  /** Takes its workers' memory back; what the row is about is over. */
  async clear(): Promise<void> {
    await this.world.arm.send('DELETE', `onlineEndpoints/${this.endpoint}`);
  }
}

export interface Interruption {
  done: Promise<void>;
  has(): boolean;
  /** The request will not come any more. */
  giveUp(): void;
}

export const until = (condition: () => boolean | Promise<boolean>, what: string): Promise<void> =>
  eventually(
    async () => {
      if (!(await condition())) throw new Error(`Waited in vain for ${what}.`);
    },
    // Each look is a request, which both the sandbox and this process pay for.
    { withinMs: 30_000, intervalMs: 100 },
  );
