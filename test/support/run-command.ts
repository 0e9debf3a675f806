/** Runs the built program without a terminal, as a pipeline does. */
import { spawn } from 'node:child_process';
import { MAIN } from './sandbox.js';

export interface CommandResult {
  code: number | null;
  stdout: string;
  stderr: string;
  /** The JSON lines of standard output. */
  events(): Record<string, unknown>[];
}

export interface RunningCommand extends Promise<CommandResult> {
  interrupt(): void;
  /** Waits until standard output holds the text; rejects when the program ends without it. */
  says(text: string): Promise<void>;
}

export function runProgram(
  args: readonly string[],
  options: { env?: Record<string, string | undefined>; cwd?: string } = {},
): RunningCommand {
  const env = { ...process.env, ...options.env };
  const child = spawn(process.execPath, [MAIN, ...args], {
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
  return Object.assign(ended, { interrupt: () => void child.kill('SIGINT'), says });
}
