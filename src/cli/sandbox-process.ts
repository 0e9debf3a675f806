/** Runs the sandbox as a child that ends with this process, however this process ends. */
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
  #connection: Promise<Connection> | undefined;

  /** @param args further options of `aml-rollout sandbox` */
  constructor(private readonly args: readonly string[] = []) {}

  /** Starts it at the first call; a later call gets the same one while it lives. */
  connection(): Promise<Connection> {
    this.#connection ??= this.#start();
    return this.#connection;
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
    this.#child?.stdin?.end();
    this.#child?.kill('SIGTERM');
  }
}
