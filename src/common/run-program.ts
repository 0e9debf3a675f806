/** Runs a program to its end, without a shell; one that is stopped takes the programs that it started along. */
import { spawn, type ChildProcess } from 'node:child_process';

interface ProgramOptions {
  cwd: string;
  env: Record<string, string | undefined>;
  timeoutSeconds: number;
  /** More than this on either output stops it. */
  mostBytes: number;
  signal: AbortSignal;
  /** All that it can read. */
  input?: string;
}

export type ProgramEnd =
  | { how: 'ended'; code: number; stdout: string; stderr: string }
  /** Someone else ended it. */
  | { how: 'killed'; by: string }
  /** It can't be started; a code such as ENOENT. */
  | { how: 'missing'; code: string }
  | { how: 'late' | 'long' | 'aborted' };

/** Never rejects. */
export function runProgram(argv: readonly string[], options: ProgramOptions): Promise<ProgramEnd> {
  const { cwd, env, timeoutSeconds, mostBytes, signal, input = '' } = options;
  if (signal.aborted) return Promise.resolve({ how: 'aborted' });
  const [program = '', ...given] = argv;
  return new Promise((resolve) => {
    let child: ChildProcess;
    try {
      // A group of its own can be ended as a whole; Windows has no such groups.
      const detached = process.platform !== 'win32';
      child = spawn(program, given, { cwd, env, detached, windowsHide: true });
    } catch (error) {
      const { code = 'unknown' } = error as NodeJS.ErrnoException;
      return resolve({ how: 'missing', code });
    }
    const end = (result: ProgramEnd): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      process.removeListener('exit', kill);
      resolve(result);
    };
    const kill = (): void => endGroup(child);
    const stop = (how: 'late' | 'long' | 'aborted'): void => {
      kill();
      // What left the group may hold the outputs open.
      for (const stream of child.stdio) stream?.destroy();
      end({ how });
    };
    const abort = (): void => stop('aborted');
    const timer = setTimeout(() => stop('late'), timeoutSeconds * 1000);
    signal.addEventListener('abort', abort, { once: true });
    process.once('exit', kill);
    const printed = [child.stdout, child.stderr].map((stream) => {
      const pieces: Buffer[] = [];
      let bytes = 0;
      stream?.on('data', (piece: Buffer) => {
        pieces.push(piece);
        bytes += piece.length;
        if (bytes > mostBytes) stop('long');
      });
      return (): string => Buffer.concat(pieces).toString('utf8');
    });
    child.on('error', ({ code = 'unknown' }: NodeJS.ErrnoException) =>
      end({ how: 'missing', code }),
    );
    child.on('close', (code, by) => {
      const [stdout = '', stderr = ''] = printed.map((text) => text());
      end(
        code === null ? { how: 'killed', by: String(by) } : { how: 'ended', code, stdout, stderr },
      );
    });
    // A program that does not read its input ends before all is written.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

function endGroup(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill('SIGKILL');
    else process.kill(-pid, 'SIGKILL');
  } catch {
    // All of it has ended.
  }
}
