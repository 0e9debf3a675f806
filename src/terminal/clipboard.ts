import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where the copied text went. */
type Copied = { to: 'terminal' } | { to: 'tmux' } | { to: 'file'; path: string };

interface ClipboardOutput {
  isTTY?: boolean;
  write(text: string): unknown;
}

/** Terminals cut longer sequences, or show them. */
const OSC52_LIMIT = 74_994;

const folders = new Set<string>();

/**
 * Copies through the terminal (OSC 52), which also works over SSH; where the terminal is known
 * not to take it, into a file only this user can read. The file goes when the program ends.
 */
export async function copyText(
  text: string,
  output: ClipboardOutput = process.stdout,
  env: Record<string, string | undefined> = process.env,
): Promise<Copied> {
  // As it comes, tmux takes no OSC 52 from a program: it is asked itself, and passes the text on.
  if (output.isTTY && env['TMUX'] && (await intoTmux(text, env))) return { to: 'tmux' };
  const sequence = `\x1b]52;c;${Buffer.from(text, 'utf8').toString('base64')}\x07`;
  if (output.isTTY && sequence.length <= OSC52_LIMIT && takesOsc52(env)) {
    output.write(throughScreen(sequence, env));
    return { to: 'terminal' };
  }
  const folder = await mkdtemp(join(tmpdir(), 'aml-rollout-copy-'));
  folders.add(folder);
  await chmod(folder, 0o700);
  const path = join(folder, 'copied.txt');
  await writeFile(path, text, { mode: 0o600 });
  return { to: 'file', path };
}

/** Deletes the files that `copyText` wrote. */
export function forgetCopies(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  folders.clear();
}

function takesOsc52(env: Record<string, string | undefined>): boolean {
  const term = env['TERM'] ?? '';
  if (term === '' || term === 'dumb' || term === 'linux') return false;
  if (env['TERM_PROGRAM'] === 'Apple_Terminal') return false;
  // GNOME Terminal and others built on VTE drop the sequence.
  return !env['VTE_VERSION'];
}

/** Into tmux's own buffer, and with `-w` to the clipboard of the terminal around it. */
async function intoTmux(text: string, env: Record<string, string | undefined>): Promise<boolean> {
  const { execFile } = await import('node:child_process');
  return new Promise((resolve) => {
    const tmux = execFile('tmux', ['load-buffer', '-w', '-'], { env, timeout: 2000 }, (error) =>
      resolve(error === null),
    );
    // A tmux that is not there takes nothing: the answer comes from the callback.
    tmux.stdin?.on('error', () => {});
    tmux.stdin?.end(text);
  });
}

function throughScreen(sequence: string, env: Record<string, string | undefined>): string {
  if (env['TERM']?.startsWith('screen')) return `\x1bP${sequence}\x1b\\`;
  return sequence;
}
