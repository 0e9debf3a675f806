/** `aml-rollout sandbox`: serves an Azure ML workspace on this machine. */
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';

/** Optional peer dependencies: those who only work with Azure need not carry them. */
const PEERS = ['azurite', 'fastify', 'onnxruntime-web'];

interface SandboxFlags {
  json?: true;
  stateDir?: string;
  fresh?: true;
  timeScale: number;
  realistic?: true;
  host: string;
  port: number;
  parentPipe?: true;
  location?: string;
  cloud?: 'public' | 'usgov' | 'china';
  credentials?: 'account-key' | 'sas' | 'identity';
}

export function registerSandbox(program: Command): void {
  program
    .command('sandbox')
    .description('run an Azure ML workspace on this machine: no account, no cost')
    .option('--json', 'print one line of JSON when ready, with the environment for other clients')
    .option('--state-dir <dir>', 'folder for the workspace; a second start on it joins the first')
    .option('--fresh', 'start over with an empty workspace')
    .option('--time-scale <factor>', 'multiply all waiting times', nonNegative, 1)
    .option('--realistic', "use Azure's own times: minutes instead of seconds")
    .option('--port <number>', 'port of the proxy; 0 picks a free one', portNumber, 0)
    .addOption(new Option('--host <address>', 'loopback address').default('127.0.0.1'))
    .option('--location <region>', 'region of a new workspace (default: westeurope)', region)
    .addOption(
      new Option('--cloud <name>', 'cloud of a new workspace').choices([
        'public',
        'usgov',
        'china',
      ]),
    )
    .addOption(
      new Option('--credentials <kind>', 'how the default datastore grants access').choices([
        'account-key',
        'sas',
        'identity',
      ]),
    )
    .option('--parent-pipe', 'end when standard input closes')
    .action(async (flags: SandboxFlags) => {
      process.exit(await run(flags));
    });
}

/** Joins the sandbox that runs on the folder of this user, where one does, until `lease` is closed. */
export async function joinSandbox() {
  const { joinReady } = await import('../sandbox/lock.js');
  return joinReady(resolve(defaultStateDir()));
}

async function run(flags: SandboxFlags): Promise<number> {
  const missing = PEERS.filter((name) => {
    try {
      import.meta.resolve(name);
      return false;
    } catch {
      return true;
    }
  });
  if (missing.length > 0) {
    return refuse(
      `The sandbox needs packages that are not installed: npm install ${missing.join(' ')}`,
    );
  }
  const { isLoopback } = await import('../sandbox/hosts.js');
  if (!isLoopback(flags.host)) {
    return refuse(
      `The sandbox serves this machine only: --host ${clean(flags.host)} is not a loopback address. Leave it out, or use 127.0.0.1.`,
      2,
    );
  }
  const [{ serve }, { SandboxProblem }] = await Promise.all([
    import('../sandbox/serve.js'),
    import('../sandbox/problems.js'),
  ]);
  try {
    return await serve({
      stateDir: flags.stateDir ?? defaultStateDir(),
      host: flags.host,
      port: flags.port,
      fresh: flags.fresh ?? false,
      realistic: flags.realistic ?? false,
      timeScale: flags.timeScale,
      parentPipe: flags.parentPipe ?? false,
      location: flags.location,
      cloud: flags.cloud,
      credentials: flags.credentials,
      onReady(info, joined) {
        process.stdout.write(
          flags.json ? `${JSON.stringify(info)}\n` : `${describe(info, joined)}\n`,
        );
      },
      onNotice: (sentence) => void process.stderr.write(`${sentence}\n`),
    });
  } catch (error) {
    if (error instanceof SandboxProblem) return refuse(error.message, error.exitCode);
    throw error;
  }
}

function describe(
  info: {
    workspaceName: string;
    resourceGroup: string;
    subscriptionId: string;
    location: string;
    stateDir: string;
    env: Record<string, string>;
  },
  joined: boolean,
): string {
  const exports = Object.entries(info.env).map(([name, value]) => `  export ${name}='${value}'`);
  return [
    joined ? 'Joined the running sandbox.' : 'The sandbox is ready. Ctrl-C ends it.',
    '',
    `  workspace       ${info.workspaceName}`,
    `  resource group  ${info.resourceGroup}`,
    `  subscription    ${info.subscriptionId}`,
    `  location        ${info.location}`,
    `  state           ${info.stateDir}`,
    '',
    'Azure clients in another shell reach it with:',
    '',
    ...exports,
  ].join('\n');
}

/** `$AML_ROLLOUT_HOME/sandbox`, else where the system wants data that is kept. */
function defaultStateDir(): string {
  const { AML_ROLLOUT_HOME, XDG_STATE_HOME, LOCALAPPDATA } = process.env;
  if (AML_ROLLOUT_HOME) return join(AML_ROLLOUT_HOME, 'sandbox');
  if (process.platform === 'win32') {
    return join(LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'aml-rollout', 'sandbox');
  }
  if (process.platform === 'darwin') {
    return join(homedir(), 'Library', 'Application Support', 'aml-rollout', 'sandbox');
  }
  // The XDG Base Directory Specification wants relative paths ignored.
  const state =
    XDG_STATE_HOME && isAbsolute(XDG_STATE_HOME)
      ? XDG_STATE_HOME
      : join(homedir(), '.local', 'state');
  return join(state, 'aml-rollout', 'sandbox');
}

function nonNegative(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError('It must be a number of 0 or more, e.g. 0.1.');
  return value;
}

function portNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535)
    throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
  return value;
}

function region(text: string): string {
  if (!/^[a-z][a-z0-9]{2,29}$/.test(text))
    throw new InvalidArgumentError('A region is written like westeurope or eastus2.');
  return text;
}

function clean(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '?').slice(0, 100);
}

function refuse(sentence: string, exitCode = 1): number {
  process.stderr.write(`${sentence}\n`);
  return exitCode;
}
