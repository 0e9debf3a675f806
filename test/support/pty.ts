import { createRequire } from 'node:module';
import * as nodePty from '@lydell/node-pty';
import type { Terminal as HeadlessTerminal } from '@xterm/headless';
import { patience } from './patience.js';

// The package's ESM entry is not reachable from Node.
const { Terminal } = createRequire(import.meta.url)('@xterm/headless') as {
  Terminal: typeof HeadlessTerminal;
};

/** What a terminal sends for each key. */
export const KEY = {
  up: '\x1b[A',
  down: '\x1b[B',
  right: '\x1b[C',
  left: '\x1b[D',
  shiftRight: '\x1b[1;2C',
  shiftLeft: '\x1b[1;2D',
  pageUp: '\x1b[5~',
  pageDown: '\x1b[6~',
  home: '\x1b[H',
  end: '\x1b[F',
  enter: '\r',
  escape: '\x1b',
  tab: '\t',
  shiftTab: '\x1b[Z',
  backspace: '\x7f',
  ctrlC: '\x03',
  space: ' ',
} as const;

export type KeyName = keyof typeof KEY;

export interface LaunchOptions {
  columns?: number;
  rows?: number;
  cwd?: string;
  /** Added to a clean copy of this process's environment; `undefined` removes a variable. */
  env?: Record<string, string | undefined>;
}

export interface Exit {
  exitCode: number;
  signal: number | undefined;
}

/** What is waited for: text on the screen, a pattern in it, or anything one can ask of it. */
export type Wanted = string | RegExp | ((screen: string, app: TerminalApp) => boolean);

/** Variables that make libraries behave as on a build agent or in the parent's terminal. */
const NOT_INHERITED =
  /^(?:CI|CI_.*|CONTINUOUS_INTEGRATION|GITHUB_ACTIONS|GITLAB_CI|TF_BUILD|BUILD_NUMBER|NO_COLOR|FORCE_COLOR|NODE_ENV|NODE_OPTIONS|VITEST.*|TMUX|TERM_PROGRAM.*|VTE_VERSION|FORCE_HYPERLINK|WT_SESSION|COLUMNS|LINES|COLORTERM|INK_.*|AML_ROLLOUT_.*)$/;

const FRAME_BEGINS = '\x1b[?2026h';
const FRAME_ENDS = '\x1b[?2026l';

const running = new Set<TerminalApp>();

/** Starts a program in a pseudo-terminal with a real terminal's grid behind it. */
export function launch(
  file: string,
  args: readonly string[] = [],
  options: LaunchOptions = {},
): TerminalApp {
  const app = new TerminalApp(file, args, options);
  running.add(app);
  return app;
}

/** Ends every program that a test left running; for `afterEach`. */
export async function closeAll(): Promise<void> {
  await Promise.all([...running].map((app) => app.close()));
}

export class TerminalApp {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  #raw = '';
  /** Within a synchronized update (DEC mode 2026): the rest of the frame is still to come. */
  #inFrame = false;
  #tail = '';
  /** The rows as they are now, until something is written. */
  #screen: string | undefined;
  #exit: Exit | undefined;
  #writing = 0;
  readonly #child: nodePty.IPty;
  readonly #terminal: HeadlessTerminal;
  readonly #watchers = new Set<() => void>();

  constructor(file: string, args: readonly string[], options: LaunchOptions) {
    const { columns = 80, rows = 24 } = options;
    this.#terminal = new Terminal({
      cols: columns,
      rows,
      scrollback: 1_000,
      allowProposedApi: true,
    });
    const env = cleanEnvironment(options.env);
    this.#child = nodePty.spawn(file, [...args], {
      name: env['TERM'] ?? 'xterm-256color',
      cols: columns,
      rows,
      cwd: options.cwd ?? process.cwd(),
      env,
    });
    this.pid = this.#child.pid;
    this.#child.onData((data) => {
      this.#raw += data;
      // The end of what came before may hold the first half of a mark.
      const fresh = this.#tail + data;
      this.#tail = fresh.slice(1 - FRAME_BEGINS.length);
      const begins = fresh.lastIndexOf(FRAME_BEGINS);
      const ends = fresh.lastIndexOf(FRAME_ENDS);
      if (begins !== ends) this.#inFrame = begins > ends;
      this.#writing += 1;
      this.#terminal.write(data, () => {
        this.#writing -= 1;
        this.#screen = undefined;
        this.#notify();
      });
    });
    // A program may ask its terminal something, and waits for the answer.
    this.#terminal.onData((answer) => {
      if (this.#exit === undefined) this.#child.write(answer);
    });
    this.exited = new Promise((resolve) => {
      this.#child.onExit(({ exitCode, signal }) => {
        this.#exit = { exitCode, signal: signal || undefined };
        running.delete(this);
        this.#notify();
        resolve(this.#exit);
      });
    });
  }

  /** The rows one sees now, without the spaces at their ends. */
  screen(): string {
    const { baseY } = this.#terminal.buffer.active;
    return (this.#screen ??= this.#lines(baseY, baseY + this.#terminal.rows).join('\n'));
  }

  /** Everything of the normal screen, what scrolled away included. */
  scrollback(): string {
    const buffer = this.#terminal.buffer.normal;
    const lines: string[] = [];
    for (let row = 0; row < buffer.length; row += 1) {
      lines.push(buffer.getLine(row)?.translateToString(true) ?? '');
    }
    return lines.join('\n').trimEnd();
  }

  bufferType(): 'normal' | 'alternate' {
    return this.#terminal.buffer.active.type;
  }

  /** The grid itself, for colours and for pictures. */
  terminal(): HeadlessTerminal {
    return this.#terminal;
  }

  /** Every byte the program wrote. */
  raw(): string {
    return this.#raw;
  }

  /** Whether the program left the cursor to be seen. */
  cursorVisible(): boolean {
    return this.#raw.lastIndexOf('\x1b[?25h') >= this.#raw.lastIndexOf('\x1b[?25l');
  }

  get ended(): boolean {
    return this.#exit !== undefined;
  }

  /** Sends bytes as they are. */
  write(bytes: string): void {
    if (!this.ended) this.#child.write(bytes);
  }

  /** Presses keys by name or character, all at once. */
  press(...keys: (KeyName | (string & {}))[]): void {
    this.write(keys.map((key) => (key in KEY ? KEY[key as KeyName] : key)).join(''));
  }

  /** Pastes as a terminal with bracketed paste does. */
  paste(text: string): void {
    this.write(`\x1b[200~${text}\x1b[201~`);
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
    this.#screen = undefined;
    this.#child.resize(columns, rows);
  }

  kill(signal: NodeJS.Signals = 'SIGTERM'): void {
    if (this.#exit === undefined) process.kill(this.pid, signal);
  }

  /**
   * Resolves to the screen on which `wanted` was seen. Throws with the whole screen when it does
   * not come in time, or when the program ends first.
   */
  async waitFor(wanted: Wanted, timeoutMs = patience(15_000)): Promise<string> {
    return this.#until(
      () => matches(wanted, this.screen(), this),
      `waited for ${say(wanted)}`,
      timeoutMs,
    );
  }

  /** Resolves when `unwanted` is no longer on the screen. */
  async waitUntilGone(unwanted: Wanted, timeoutMs = patience(15_000)): Promise<string> {
    return this.#until(
      () => !matches(unwanted, this.screen(), this),
      `waited for the end of ${say(unwanted)}`,
      timeoutMs,
    );
  }

  /** Waits for the program's end, and until its last output is on the grid. */
  async waitForExit(timeoutMs = patience(15_000)): Promise<Exit> {
    await this.#until(() => this.#exit !== undefined, 'waited for the program to end', timeoutMs);
    return this.exited;
  }

  /** Ends the program if it still runs. */
  async close(): Promise<void> {
    if (this.#exit === undefined) {
      this.kill('SIGKILL');
      await this.exited;
    }
    this.#terminal.dispose();
  }

  #until(isDone: () => boolean, what: string, timeoutMs: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        this.#watchers.delete(look);
        settle();
      };
      const fail = (why: string): void => {
        end(() => reject(new Error(`${what}: ${why}\n${framed(this.screen())}`)));
      };
      const look = (): void => {
        // Half a chunk on the grid is no screen.
        if (this.#writing > 0 || (this.#exit === undefined && this.#inFrame)) return;
        if (isDone()) end(() => resolve(this.screen()));
        else if (this.#exit !== undefined) fail(`the program ended, ${JSON.stringify(this.#exit)}`);
      };
      const timer = setTimeout(() => fail(`not within ${timeoutMs} ms`), timeoutMs);
      this.#watchers.add(look);
      look();
    });
  }

  #notify(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  #lines(from: number, to: number): string[] {
    const buffer = this.#terminal.buffer.active;
    const lines: string[] = [];
    for (let row = from; row < to; row += 1) {
      lines.push(buffer.getLine(row)?.translateToString(true).trimEnd() ?? '');
    }
    return lines;
  }
}

function cleanEnvironment(extra: LaunchOptions['env'] = {}): Record<string, string> {
  const env: Record<string, string> = {};
  const all = { LANG: 'C.UTF-8', ...process.env };
  for (const [name, value] of Object.entries(all)) {
    if (value !== undefined && !NOT_INHERITED.test(name)) env[name] = value;
  }
  env['TERM'] = 'xterm-256color';
  // No test asks a registry, unless it is about that.
  env['NO_UPDATE_NOTIFIER'] = '1';
  for (const [name, value] of Object.entries(extra)) {
    if (value === undefined) delete env[name];
    else env[name] = value;
  }
  return env;
}

function matches(wanted: Wanted, screen: string, app: TerminalApp): boolean {
  if (typeof wanted === 'string') return screen.includes(wanted);
  if (typeof wanted === 'function') return wanted(screen, app);
  wanted.lastIndex = 0;
  return wanted.test(screen);
}

function say(wanted: Wanted): string {
  return typeof wanted === 'string' ? JSON.stringify(wanted) : String(wanted);
}

function framed(screen: string): string {
  const lines = screen.split('\n');
  const rule = '-'.repeat(Math.max(20, ...lines.map((line) => line.length)));
  return [rule, ...lines, rule].join('\n');
}
