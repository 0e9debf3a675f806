/** Runs the built program without a terminal, as a pipeline does. */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import type { EventEmitter } from 'node:events';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { MAIN, NODE_FLAGS } from './sandbox.js';

export interface CommandResult {
  code: number | null;
  stdout: string;
  stderr: string;
  /** The JSON lines of standard output. */
  events(): Record<string, unknown>[];
}

export interface RunningCommand extends Promise<CommandResult> {
  interrupt(signal?: NodeJS.Signals): void;
  /** Waits until standard output holds the text; rejects when the program ends without it. */
  says(text: string): Promise<void>;
}

interface RunOptions {
  env?: Record<string, string | undefined>;
  cwd?: string;
}

export const runProgram = (args: readonly string[], options: RunOptions = {}): RunningCommand =>
  run([MAIN, ...args], options);

/** Runs a command line of the program just as it was printed, in a shell. */
export function runPrinted(line: string, options: RunOptions = {}): RunningCommand {
  if (!/^(aml-rollout|node) /.test(line)) throw new Error(`It is no command: ${line}`);
  return run(['-c', `exec ${line}`], options, 'bash');
}

/** Files may not grow past 4 KB, which is what a full disk is like. */
export const runOnFullDisk = (args: readonly string[], options: RunOptions = {}): RunningCommand =>
  run(
    ['-c', `trap '' XFSZ; ulimit -f 4; exec "$0" "$@"`, process.execPath, MAIN, ...args],
    options,
    'bash',
  );

function run(
  args: readonly string[],
  options: RunOptions,
  command = process.execPath,
): RunningCommand {
  const env = { ...process.env, ...options.env };
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<CommandResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(resultOf(code, stdout, stderr)));
  });
  const says = sayer(ended, child.stdout, 'data', () => stdout);
  return Object.assign(ended, {
    interrupt: (signal: NodeJS.Signals = 'SIGINT') => void child.kill(signal),
    says,
  });
}

const resultOf = (code: number | null, stdout: string, stderr: string): CommandResult => ({
  code,
  stdout,
  stderr,
  events: () =>
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>),
});

/** Looks again each time that something came. */
const sayer =
  (ended: Promise<CommandResult>, from: EventEmitter, came: string, stdout: () => string) =>
  (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = () => {
        if (!stdout().includes(text)) return;
        from.off(came, look);
        resolve();
      };
      from.on(came, look);
      look();
      void ended
        .finally(() => from.off(came, look))
        .then(
          ({ code, stdout, stderr }) =>
            reject(new Error(`Ended with ${code} without ${text}: ${stdout}${stderr}`)),
          reject,
        );
    });

const HOST = fileURLToPath(new URL('program-host.mjs', import.meta.url));
/** Each takes some 150 MB, and may be of an environment that no later test has. */
const MOST_IDLE = 6;
/** Processes of `program-host.mjs` without a command, by the environment they were started with. */
const idle = new Map<string, ChildProcess[]>();

type Told = { stdout?: string; stderr?: string; ended?: number; last?: true };

/**
 * The same, in a process that carries out one command after another: it loads the program once.
 * For what a command does; `runProgram` is for how a process of the program starts, ends, and what
 * else its environment changes.
 */
export function runWarm(
  args: readonly string[],
  { env = {}, cwd = process.cwd() }: RunOptions = {},
): RunningCommand {
  const { AML_ROLLOUT_HOME: home, ...rest } = env;
  const key = JSON.stringify(rest);
  const waiting = idle.get(key) ?? [];
  // At the end: that of the environment which was asked for longest ago is the first to go.
  idle.delete(key);
  idle.set(key, waiting);
  const host = waiting.pop() ?? startHost(rest);
  let stdout = '';
  let stderr = '';
  const ended = new Promise<CommandResult>((resolve) => {
    const onText = (text: string) => (stderr += text);
    const end = (code: number | null, isOver: boolean) => {
      host.off('message', onTold).off('exit', onExit);
      host.stderr?.off('data', onText);
      if (!isOver) waiting.push(host);
      const all = [...idle.values()];
      if (all.flat().length > MOST_IDLE)
        all
          .find((hosts) => hosts.length > 0)
          ?.shift()
          ?.disconnect();
      resolve(resultOf(code, stdout, stderr));
    };
    const onTold = (told: Told) => {
      stdout += told.stdout ?? '';
      stderr += told.stderr ?? '';
      if (told.ended !== undefined) end(told.ended, told.last === true);
    };
    const onExit = (code: number | null) => end(code, true);
    // Node's own warnings are written past the program's stream.
    host.stderr?.on('data', onText);
    host.on('message', onTold).once('exit', onExit);
  });
  host.send({ args, home, cwd });
  return Object.assign(ended, {
    interrupt: (signal: NodeJS.Signals = 'SIGINT') => void host.kill(signal),
    says: sayer(ended, host, 'message', () => stdout),
  });
}

function startHost(env: Record<string, string | undefined>): ChildProcess {
  const host = fork(HOST, [pathToFileURL(MAIN).href], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // Not those of this process.
    execArgv: NODE_FLAGS,
    env: { ...process.env, ...env },
  });
  host.stderr?.setEncoding('utf8');
  host.once('exit', () => {
    for (const hosts of idle.values())
      if (hosts.includes(host)) hosts.splice(hosts.indexOf(host), 1);
  });
  return host;
}
