/**
 * What a terminal shows outside the screen while one waits: its title, the progress in a taskbar, and
 * a bell when a person is needed. Each only as an escape sequence that a terminal ignores if unknown.
 */
interface Announcement {
  title: string;
  /** Percent of the work under way; absent: none is counted. */
  percent?: number;
  /** Somebody has to decide, where nobody had to before. */
  attention: boolean;
}

/** The title is taken as it was, and given back. */
const KEEP_TITLE = '\x1b[22;0t';
const RESTORE_TITLE = '\x1b[23;0t';
const NO_PROGRESS = '\x1b]9;4;0;0\x07';
const BELL = '\x07';

/** OSC 9 is a notification elsewhere, so that its progress goes only to who is known to draw it. */
const drawsProgress = (env: Record<string, string | undefined>): boolean =>
  env['WT_SESSION'] !== undefined ||
  env['ConEmuANSI'] === 'ON' ||
  env['TERM_PROGRAM'] === 'ghostty' ||
  env['TERM_PROGRAM'] === 'WezTerm';

/** A title that came from outside can't end its own sequence. */
const safe = (title: string): string => title.replace(/\p{Cc}/gu, ' ').slice(0, 120);

export class Announcer {
  #title: string | undefined;
  #percent: number | undefined;
  #attention = false;
  readonly #progress: boolean;

  constructor(
    private readonly screen: { isTTY?: boolean; write(text: string): unknown },
    private readonly options: { bell: boolean },
    env: Record<string, string | undefined> = process.env,
  ) {
    this.#progress = drawsProgress(env);
  }

  show({ title, percent, attention }: Announcement): void {
    if (!this.screen.isTTY) return;
    let out = '';
    if (title !== this.#title) {
      out += `${this.#title === undefined ? KEEP_TITLE : ''}\x1b]2;${safe(title)}\x07`;
    }
    if (this.#progress && percent !== this.#percent) {
      out += percent === undefined ? NO_PROGRESS : `\x1b]9;4;1;${Math.round(percent)}\x07`;
    }
    if (attention && !this.#attention && this.options.bell) out += BELL;
    this.#title = title;
    this.#percent = percent;
    this.#attention = attention;
    if (out !== '') this.screen.write(out);
  }

  end(): void {
    if (!this.screen.isTTY || this.#title === undefined) return;
    this.screen.write(
      (this.#progress && this.#percent !== undefined ? NO_PROGRESS : '') + RESTORE_TITLE,
    );
    this.#title = undefined;
  }
}
