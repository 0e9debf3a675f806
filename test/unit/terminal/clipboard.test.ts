import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { copyText, forgetCopies } from '../../../src/terminal/clipboard.js';

afterEach(forgetCopies);

function output(isTTY = true): { isTTY: boolean; text: string; write(text: string): void } {
  return {
    isTTY,
    text: '',
    write(text) {
      this.text += text;
    },
  };
}

describe('copyText', () => {
  it('hands the text to the terminal in base64', async () => {
    const out = output();
    expect(await copyText('schlüssel', out, { TERM: 'xterm-256color' })).toEqual({
      to: 'terminal',
    });
    const [, code] = /^\x1b\]52;c;([A-Za-z0-9+/=]+)\x07$/.exec(out.text)!;
    expect(Buffer.from(code!, 'base64').toString('utf8')).toBe('schlüssel');
  });

  it('reaches through tmux', async () => {
    const out = output();
    await copyText('x', out, { TERM: 'tmux-256color', TMUX: '/tmp/t' });
    expect(out.text).toBe('\x1bPtmux;\x1b\x1b]52;c;eA==\x07\x1b\\');
  });

  it.each([
    [{ TERM: 'dumb' }, true],
    [{ TERM: 'xterm-256color', TERM_PROGRAM: 'Apple_Terminal' }, true],
    [{ TERM: 'xterm-256color', VTE_VERSION: '7003' }, true],
    [{ TERM: 'xterm-256color' }, false],
  ] as const)(
    'writes a private file where the terminal would not take it: %j',
    async (env, tty) => {
      const out = output(tty);
      const copied = await copyText('geheim', out, env);
      if (copied.to !== 'file') throw new Error('not in a file');
      expect(out.text).toBe('');
      expect(await readFile(copied.path, 'utf8')).toBe('geheim');
      if (process.platform !== 'win32') expect((await stat(copied.path)).mode & 0o777).toBe(0o600);
      forgetCopies();
      expect(existsSync(copied.path)).toBe(false);
    },
  );
});
