/** What every command beside the wizard has around it: output, Ctrl-C, and how errors end it. */
import { setMaxListeners } from 'node:events';
import { SIGNAL_EXIT } from '../terminal/exit-codes.js';
import { ending } from './errors.js';
import { CODE } from './exit-codes.js';
import { Printer } from './output.js';

declare const __VERSION__: string;

/** Name and version, for journals and reports. */
export const PROGRAM = `aml-rollout ${__VERSION__}`;

export interface Run {
  out: Printer;
  /** Fires at Ctrl-C, SIGTERM or when the terminal is closed; a later one ends the process. */
  signal: AbortSignal;
  /** Prints the last lines of what is under way, where a later signal ends it before they came. */
  lastLines?: (() => void) | undefined;
}

/**
 * Until then a signal that comes again is the first one: of a terminal that is closed, the system
 * and the shell each send one.
 */
const AGAIN_MS = 2000;

/**
 * Runs a command to its exit code.
 * @param options.otherwise the code of failures that have none of their own
 * @param options.answers what it prints is all it does, so without it the command failed
 */
export async function runToExit(
  options: { json?: boolean; otherwise: number; answers?: true },
  work: (run: Run) => Promise<number>,
): Promise<void> {
  const out = new Printer(options.json ?? false);
  const stop = new AbortController();
  // Each request under way listens to it, and a load check sends many at once.
  setMaxListeners(0, stop.signal);
  const run: Run = { out, signal: stop.signal };
  let stopped: number | undefined;
  let stoppedAt = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopped !== undefined) {
      if (performance.now() - stoppedAt < AGAIN_MS) return;
      run.lastLines?.();
      process.exit(stopped);
    }
    stoppedAt = performance.now();
    stopped = SIGNAL_EXIT[signal as keyof typeof SIGNAL_EXIT];
    out.stopped = stopped;
    stop.abort();
  };
  const signals = Object.keys(SIGNAL_EXIT);
  for (const signal of signals) process.on(signal, onSignal);
  // Whoever read the output may be gone; the change must be carried to its end all the same.
  process.stderr.on('error', () => {});
  let lost = false;
  process.stdout.on('error', ({ code = 'unknown' }: NodeJS.ErrnoException) => {
    // A reader that has enough, such as `head`, closes the pipe.
    if (lost || code === 'EPIPE') return;
    lost = true;
    out.note(`Standard output can't be written (${code}): lines are missing from it.`);
    // The work may still be under way, and sets its own code when it ends.
    process.once('exit', () => {
      if (options.answers && process.exitCode === CODE.done) process.exitCode = CODE.attention;
    });
  });
  let code: number;
  try {
    code = await work(run);
  } catch (error) {
    const end = ending(error, options.otherwise);
    if (end) {
      for (const line of end.lines) out.note(line);
      const message = end.lines.join(' ');
      out.event({ event: 'result', code: end.code, outcome: 'failed', message });
    } else await crashed(error, out);
    code = end?.code ?? CODE.internal;
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
  }
  process.exitCode = out.codeOf(code);
  // What was waited for may still hold the process.
  if (stopped !== undefined) process.exit();
}

async function crashed(error: unknown, out: Printer): Promise<void> {
  const [{ hideSecrets }, { writeCrashLog }, { paths }] = await Promise.all([
    import('../common/hide-secrets.js'),
    import('../terminal/crash-log.js'),
    import('../profiles/paths.js'),
  ]);
  const path = writeCrashLog(error, paths().logs);
  const what = hideSecrets(error instanceof Error ? error.message : String(error));
  out.note(`aml-rollout stopped with an internal error: ${what}`);
  if (path !== undefined) out.note(`The details are in ${path}`);
  out.event({ event: 'result', code: CODE.internal, outcome: 'failed', message: what });
}
