import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { copyText, forgetCopies } from '../../../src/terminal/clipboard.js';
import { temporaryFolder } from '../../support/sandbox.js';

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

  const hasTmux = spawnSync('tmux', ['-V']).status === 0;
  it.skipIf(!hasTmux)(
    'asks a stock tmux to keep the text, which takes no OSC 52 itself',
    async () => {
      const socket = join(temporaryFolder(), 'tmux');
      const tmux = (...args: string[]) =>
        spawnSync('tmux', ['-f', '/dev/null', '-S', socket, ...args], { encoding: 'utf8' });
      tmux('new-session', '-d', 'sleep 60');
      try {
        const out = output();
        const env = { ...process.env, TERM: 'tmux-256color', TMUX: `${socket},1,0` };
        expect(await copyText('schlüssel', out, env)).toEqual({ to: 'tmux' });
        expect(out.text).toBe('');
        expect(tmux('show-buffer').stdout).toBe('schlüssel');
      } finally {
        tmux('kill-server');
      }
    },
  );

  it('goes on to OSC 52 where no tmux answers', async () => {
    const out = output();
    const env = { TERM: 'tmux-256color', TMUX: '/nowhere/tmux,1,0', PATH: process.env['PATH'] };
    expect(await copyText('x', out, env)).toEqual({ to: 'terminal' });
    expect(out.text).toBe('\x1b]52;c;eA==\x07');
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
