/** Runs the built program without a terminal, as a pipeline does. */
import { execFileSync, spawn } from 'node:child_process';
import { MAIN } from './sandbox.js';

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

/** Runs a command line of the program just as it was printed, quotes and all. */
export function runPrinted(line: string, options: RunOptions = {}): RunningCommand {
  if (!line.startsWith('aml-rollout ')) throw new Error(`It is no command: ${line}`);
  const words = execFileSync('bash', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' });
  return run([MAIN, ...words.split('\0').slice(1, -1)], options);
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
    child.once('close', (code) =>
      resolve({
        code,
        stdout,
        stderr,
        events: () =>
          stdout
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line) as Record<string, unknown>),
      }),
    );
  });
  const says = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = () => {
        if (!stdout.includes(text)) return;
        child.stdout.off('data', look);
        resolve();
      };
      child.stdout.on('data', look);
      look();
      void ended.then(
        ({ code }) => reject(new Error(`Ended with ${code} without ${text}: ${stdout}${stderr}`)),
        reject,
      );
    });
  return Object.assign(ended, {
    interrupt: (signal: NodeJS.Signals = 'SIGINT') => void child.kill(signal),
    says,
  });
}
