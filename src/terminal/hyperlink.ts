/** Links in text (OSC 8), where a terminal is known to follow them; elsewhere the text alone. */
import { pathToFileURL } from 'node:url';

type Environment = Record<string, string | undefined>;

const PROGRAMS = new Set(['iTerm.app', 'WezTerm', 'vscode', 'ghostty', 'Hyper', 'rio', 'Tabby']);
/** From this version on: 0.50. */
const VTE = 5_000;

/** `FORCE_HYPERLINK=1` or `0` decides, as it does for other programs. */
export function drawsLinks(env: Environment = process.env): boolean {
  const forced = env['FORCE_HYPERLINK'];
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false';
  // tmux and screen hand on only what they were told to.
  if (env['TMUX'] !== undefined || /^(?:screen|tmux|dumb|linux)/.test(env['TERM'] ?? '')) {
    return false;
  }
  return (
    env['WT_SESSION'] !== undefined ||
    PROGRAMS.has(env['TERM_PROGRAM'] ?? '') ||
    /^(?:xterm-kitty|xterm-ghostty|alacritty|foot)/.test(env['TERM'] ?? '') ||
    Number(env['VTE_VERSION'] ?? 0) >= VTE
  );
}

export function hyperlink(text: string, url: string, env: Environment = process.env): string {
  if (!drawsLinks(env)) return text;
  // As a URL nothing in it can end the sequence.
  const { href } = new URL(url);
  return `\x1b]8;;${href}\x07${text}\x1b]8;;\x07`;
}

/** A file of this machine; over SSH the terminal is on another one, which has no such file. */
export const fileLink = (text: string, path: string, env: Environment = process.env): string =>
  env['SSH_CONNECTION'] === undefined ? hyperlink(text, pathToFileURL(path).href, env) : text;
