/** One sandbox for a file of cells, and for each cell an endpoint, a home and a proxy of its own. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ArmClient, endpoint } from '../support/arm.js';
import { fastTime, type FastTime } from '../support/fast-time.js';
import {
  runPrinted,
  runProgram,
  type CommandResult,
  type RunningCommand,
} from '../support/run-command.js';
import { patience } from '../support/patience.js';
import { samplePlan } from '../support/sample-plan.js';
import { startSandbox, temporaryFolder, type TestSandbox } from '../support/sandbox.js';
import { faultAuthority, FaultProxy } from './proxy.js';

/**
 * How much faster the program's time passes: its shortest limit, 40 s, has to stay long enough for
 * this machine to answer in.
 */
export const FACTOR = Math.max(4, Math.min(40, Math.round(60_000 / patience(1_000))));
export const BLUE = 'default';
export const GREEN = 'green';
/** Green's share of the traffic at first. */
export const FIRST_WEIGHT = 20;

/** Longer than the longest patience of the program, half an hour of its own time. */
const LIMIT_MS = 40 * (60_000 / FACTOR) + patience(15_000);

export class Desk {
  readonly #folder = temporaryFolder();
  readonly time: FastTime;
  #sandbox!: TestSandbox;
  arm!: ArmClient;
  #count = 0;

  constructor(factor = FACTOR) {
    this.time = fastTime(factor);
  }

  async start(): Promise<void> {
    const stateDir = join(this.#folder, 'sandbox');
    this.#sandbox = await startSandbox({ timeScale: 1, stateDir, env: this.time.env });
    await this.control('POST', '/_sandbox/conditions', {
      evenRouting: true,
      coreLimit: 1_000_000,
      regionCoreLimit: 1_000_000,
    });
    this.arm = await ArmClient.connect(this.#sandbox.info);
    // Where no endpoint stands, a rollout asks for more; whether one does must not depend on other cells.
    await this.arm.put('onlineEndpoints/standing', endpoint());
    const standing = () => this.arm.get('onlineEndpoints/standing');
    while ((await standing()).body.properties.provisioningState !== 'Succeeded') await delay(100);
    const { certPem } = await faultAuthority();
    writeFileSync(this.caFile, certPem);
  }

  get info(): TestSandbox['info'] {
    return this.#sandbox.info;
  }

  get caFile(): string {
    return join(this.#folder, 'ca.pem');
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

  /** Runs `work` on an endpoint of its own. */
  async cell<T>(work: (cell: Cell) => Promise<T>, planned: Planned = {}): Promise<T> {
    const name = `cell-${(this.#count += 1)}`;
    const home = join(this.#folder, name);
    mkdirSync(home);
    const proxy = await FaultProxy.start(this.info);
    const cell = new Cell(this, name, home, proxy, planned);
    try {
      return await work(cell);
    } finally {
      await proxy.close();
      await this.arm.send('DELETE', `onlineEndpoints/${name}`);
      rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    }
  }
}

interface Planned {
  instances?: number;
  /** What green's first weight is held for. */
  hold?: string;
}

export class Cell {
  readonly plan: string;
  readonly #told: string[] = [];

  constructor(
    readonly desk: Desk,
    readonly endpoint: string,
    readonly home: string,
    readonly proxy: FaultProxy,
    { instances = 1, hold = 'minutes: 1' }: Planned,
  ) {
    this.plan = samplePlan(home, {
      endpoint,
      green: { name: GREEN },
      model: endpoint,
      instances,
      rows: 10,
      extra: `weights: [${FIRST_WEIGHT}, 100]
holds: {minutes: 0}
steps: [{at: ${FIRST_WEIGHT}, holds: {${hold}}}]
probes: {count: 35, budget: 1000}
gates: {errors: warn, latency: warn, capacity: warn, labels: warn, accuracy: warn, liveLatency: warn, liveErrors: warn, liveCapacity: warn, split: {mode: enforce, probes: 20}}
`,
    });
  }

  /** The program on its real-workspace path. */
  program(...args: string[]): RunningCommand {
    return this.keep(args.join(' '), runProgram([...args, ...this.reach], this.#where));
  }

  /** The same to its end, which has to come. */
  run(...args: string[]): Promise<CommandResult> {
    return this.ended(this.program(...args));
  }

  /** As the program said, or the same command again. */
  again({ stderr }: CommandResult): RunningCommand {
    const line = stderr.match(/^Continue: +(.*)$/m)?.[1];
    if (line === undefined) return this.program('run', this.plan, '--yes');
    return this.keep(line, runPrinted(line, this.#where));
  }

  get #where() {
    return { env: this.env, cwd: this.home };
  }

  keep(command: string, running: RunningCommand): RunningCommand {
    void running.then(({ code, stdout, stderr }) =>
      this.#told.push(`$ ${command}\n${stdout}${stderr}= ${code}`),
    );
    return running;
  }

  /** All that the program said, for whoever reads why a cell failed. */
  story(): string {
    return this.#told.join('\n');
  }

  async split(): Promise<Record<string, number> | undefined> {
    const { status, body } = await this.#get();
    if (status === 404) return undefined;
    const traffic = body.properties.traffic as Record<string, number>;
    return Object.fromEntries(Object.entries(traffic).filter(([, weight]) => weight > 0));
  }

  async tags(): Promise<Record<string, string>> {
    return ((await this.#get()).body.tags ?? {}) as Record<string, string>;
  }

  async deployments(): Promise<string[]> {
    const { body } = await this.#get('/deployments');
    return ((body.value ?? []) as { name: string }[]).map(({ name }) => name).sort();
  }

  async versions(): Promise<string[]> {
    const { body } = await this.desk.arm.get(`models/${this.endpoint}/versions`);
    return ((body.value ?? []) as { name: string }[]).map(({ name }) => name).sort();
  }

  #get(below = '') {
    return this.desk.arm.get(`onlineEndpoints/${this.endpoint}${below}`);
  }

  get env(): Record<string, string> {
    const { env } = this.desk.time;
    const timers = new URL('./fast-timers.mjs', import.meta.url).href;
    return {
      ...env,
      NODE_OPTIONS: `${env['NODE_OPTIONS'] ?? ''} --import=${timers}`,
      ...this.ownEnv,
    };
  }

  get ownEnv(): Record<string, string> {
    return {
      AML_ROLLOUT_HOME: this.home,
      IDENTITY_HEADER: this.desk.info.env['IDENTITY_HEADER'] ?? '',
    };
  }

  get reach(): string[] {
    const { info, caFile } = this.desk;
    return [
      ['--subscription', info.subscriptionId],
      ['--resource-group', info.resourceGroup],
      ['--workspace', info.workspaceName],
      ['--sign-in', 'managed-identity'],
      ['--identity-endpoint', `${this.proxy.url}${new URL(info.identityEndpoint).pathname}`],
      ['--proxy-url', this.proxy.url],
      ['--ca-file', caFile],
    ].flat();
  }

  /** Rejects where it hangs. */
  async ended(running: RunningCommand): Promise<CommandResult> {
    const limit = setTimeout(() => running.interrupt('SIGKILL'), LIMIT_MS);
    const begun = Date.now();
    const result = await running;
    clearTimeout(limit);
    if (Date.now() - begun >= LIMIT_MS) throw new Error(`It hangs.\n${this.story()}`);
    return result;
  }
}
