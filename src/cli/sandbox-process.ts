/** The sandbox that this process uses: one that runs already, else a child that ends with this process. */
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Connection } from '../azure/types.js';

/** What `aml-rollout sandbox --json` prints, as far as a connection needs it. */
interface Reach {
  subscriptionId: string;
  resourceGroup: string;
  workspaceName: string;
  cloud?: Connection['cloud'];
  proxyUrl: string;
  caFile: string;
  identityEndpoint: string;
  metricsLagMs?: number;
  env: { IDENTITY_HEADER?: string };
}

const MAIN = fileURLToPath(new URL('main.js', import.meta.url));

const toConnection = (reach: Reach): Connection => ({
  subscriptionId: reach.subscriptionId,
  resourceGroup: reach.resourceGroup,
  workspaceName: reach.workspaceName,
  cloud: reach.cloud ?? 'public',
  signIn: 'managed-identity',
  proxyUrl: reach.proxyUrl,
  caFile: reach.caFile,
  identityEndpoint: reach.identityEndpoint,
  ...(reach.metricsLagMs !== undefined && { metricsLagMs: reach.metricsLagMs }),
  ...(reach.env.IDENTITY_HEADER !== undefined && { identityHeader: reach.env.IDENTITY_HEADER }),
});

export class SandboxProcess {
  #child: ChildProcess | undefined;
  #lease: { close(): void } | undefined;
  #connection: Promise<Connection> | undefined;
  #stopped = false;

  /** @param args further options of `aml-rollout sandbox` */
  constructor(private readonly args: readonly string[] = []) {}

  /** Starts or joins it at the first call; a later call gets the same one while it lives. */
  connection(): Promise<Connection> {
    this.#connection ??= this.#open();
    this.#connection.catch(() => (this.#connection = undefined));
    return this.#connection;
  }

  async #open(): Promise<Connection> {
    // The child refuses to start over where one runs.
    const running = this.args.includes('--fresh') ? undefined : await this.#join();
    if (this.#stopped) {
      this.stop();
      throw new Error('The sandbox was stopped before it was ready.');
    }
    return running ?? this.#start();
  }

  /** A process that only holds a connection to another need not be started. */
  async #join(): Promise<Connection | undefined> {
    const { joinSandbox } = await import('./sandbox.js');
    const joined = await joinSandbox();
    if (joined === undefined) return undefined;
    const { info, lease } = joined;
    this.#lease = lease;
    void lease.ended.then(() => (this.#connection = undefined));
    return toConnection(info);
  }

  #start(): Promise<Connection> {
    const child = spawn(
      process.execPath,
      [MAIN, 'sandbox', '--json', '--parent-pipe', ...this.args],
      {
        // Its standard input is the pipe whose end tells it that we are gone.
        stdio: ['pipe', 'pipe', 'pipe'],
      },
    );
    this.#child = child;
    let out = '';
    let problem = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (problem += text));
    return new Promise<Connection>((resolve, reject) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        out += text;
        const end = out.indexOf('\n');
        if (end >= 0) resolve(toConnection(JSON.parse(out.slice(0, end)) as Reach));
      });
      child.once('error', reject);
      child.once('exit', (code) => {
        this.#child = undefined;
        this.#connection = undefined;
        reject(new Error(problem.trim() || `The sandbox ended with code ${code ?? 'none'}.`));
      });
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#lease?.close();
    this.#child?.stdin?.end();
    this.#child?.kill('SIGTERM');
  }
}
