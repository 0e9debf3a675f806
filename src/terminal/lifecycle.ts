import { enterScreen, leaveScreen } from './alternate-screen.js';
import { forgetCopies } from './clipboard.js';
import { hideSecrets } from '../common/hide-secrets.js';
import { writeCrashLog } from './crash-log.js';
import { EXIT, SIGNAL_EXIT, type EndingSignal } from './exit-codes.js';
import { holdStderr } from './held-stderr.js';
import { KeyStdin } from './key-stdin.js';
import { screenOutput } from './screen-output.js';

interface SessionOptions {
  /** Draw on the normal screen: for recordings, and for screen readers. */
  inline?: boolean;
  /** Print lines and draw nothing. */
  spoken?: boolean;
  /** Show stack traces. */
  debug?: boolean;
  /** Where the report of an internal error goes; the system's temporary folder by default. */
  crashFolder?: string;
}

export interface TerminalSession {
  /** For Ink: `render(<App/>, {stdin: session.keys.asStdin(), stdout: session.stdout})`. */
  readonly keys: KeyStdin;
  readonly stdout: NodeJS.WriteStream;
  readonly inline: boolean;
  readonly spoken: boolean;
  /** Runs once, before the terminal is restored, however the program ends: unmount Ink here. */
  onLeave(run: () => void): void;
  /** What stays in the scrollback afterwards; asked for at the end. */
  setSummary(summary: () => string): void;
}

/**
 * Gives `run` the terminal and takes it back, however it ends: by itself, by a signal, by an error
 * nobody caught. Resolves to the exit code `run` chose; a signal or an internal error ends the
 * process with its own code (130, 143, 129, 70). Raw mode, the alternate screen, the cursor and
 * bracketed paste are restored exactly once.
 */
export async function withTerminal(
  options: SessionOptions,
  run: (session: TerminalSession) => Promise<number>,
): Promise<number> {
  const { stdin, stdout, stderr } = process;
  const inline = options.inline ?? false;
  const keys = new KeyStdin(stdin);
  const leavers: (() => void)[] = [];
  let summary = (): string => '';
  let entered = true;

  const leave = (): void => {
    if (!entered) return;
    entered = false;
    for (const leaver of leavers) quietly(leaver);
    quietly(() => keys.setRawMode(false).unref());
    quietly(() => stdin.pause());
    quietly(() => leaveScreen(stdout, inline));
    quietly(letGoOfStderr);
    quietly(forgetCopies);
    quietly(() => {
      const text = summary().trimEnd();
      if (text !== '') stdout.write(`${text}\n`);
    });
  };
  const die = (code: number): never => {
    leave();
    process.exit(code);
  };
  const crash = (error: unknown): never => {
    const path = writeCrashLog(error, options.crashFolder);
    leave();
    quietly(() => stderr.write(crashSentences(error, path, options.debug ?? false)));
    process.exit(EXIT.internal);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    die(SIGNAL_EXIT[signal as EndingSignal]);
  };
  // A window that was closed answers writes with EIO or EPIPE.
  const onGone = (): void => {
    die(EXIT.hungUp);
  };
  const signals = Object.keys(SIGNAL_EXIT) as EndingSignal[];

  for (const signal of signals) process.on(signal, onSignal);
  // Ink can't be stopped and taken up again.
  process.on('SIGTSTP', ignore);
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  process.on('exit', leave);
  stdout.on('error', onGone);
  stdin.once('end', onGone);
  const letGoOfStderr = holdStderr(stderr);
  enterScreen(stdout, inline);

  const session: TerminalSession = {
    keys,
    stdout: screenOutput(stdout),
    inline,
    spoken: options.spoken ?? false,
    onLeave: (leaver) => void leavers.push(leaver),
    setSummary: (text) => void (summary = text),
  };
  try {
    return await run(session);
  } catch (error) {
    return crash(error);
  } finally {
    leave();
    for (const signal of signals) process.off(signal, onSignal);
    process.off('SIGTSTP', ignore);
    process.off('uncaughtException', crash);
    process.off('unhandledRejection', crash);
    process.off('exit', leave);
    stdout.off('error', onGone);
    stdin.off('end', onGone);
  }
}

function crashSentences(error: unknown, path: string | undefined, debug: boolean): string {
  const what = error instanceof Error ? error.message : String(error);
  const stack = debug && error instanceof Error ? `${error.stack ?? ''}\n` : '';
  const where = path === undefined ? '' : `The details are in ${path}\n`;
  return hideSecrets(
    `aml-rollout stopped with an internal error: ${what}\n${stack}` +
      `Nothing in the workspace was undone by this. ${where}`.trimEnd() +
      '\n',
  );
}

function ignore(): void {}

function quietly(run: () => void): void {
  try {
    run();
  } catch {
    // The terminal may be gone; what can still be restored, is.
  }
}
