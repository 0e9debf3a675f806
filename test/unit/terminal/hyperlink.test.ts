import { describe, expect, it } from 'vitest';
import { drawsLinks, fileLink, hyperlink } from '../../../src/terminal/hyperlink.js';

describe('links', () => {
  it.each([
    [{}, false],
    [{ TERM: 'xterm-256color' }, false],
    [{ TERM: 'xterm-kitty' }, true],
    [{ TERM: 'xterm-256color', VTE_VERSION: '7200' }, true],
    [{ TERM: 'xterm-256color', VTE_VERSION: '4800' }, false],
    [{ TERM_PROGRAM: 'Apple_Terminal' }, false],
    [{ TERM_PROGRAM: 'vscode' }, true],
    [{ WT_SESSION: 'x' }, true],
    [{ TERM: 'tmux-256color', TMUX: '/tmp/x', VTE_VERSION: '7200' }, false],
    [{ TERM: 'dumb', FORCE_HYPERLINK: '1' }, true],
    [{ TERM: 'xterm-kitty', FORCE_HYPERLINK: '0' }, false],
  ])('with %j: %s', (env, draws) => {
    expect(drawsLinks(env)).toBe(draws);
    expect(hyperlink('here', 'https://ml.azure.com/', env)).toBe(
      draws ? '\u001b]8;;https://ml.azure.com/\u0007here\u001b]8;;\u0007' : 'here',
    );
  });

  it('hold nothing that ends them early', () => {
    const path = '/data/a b\u0007\u001b/report.html';
    const linked = fileLink('report', path, { FORCE_HYPERLINK: '1' });
    expect(linked).toBe(
      '\u001b]8;;file:///data/a%20b%07%1B/report.html\u0007report\u001b]8;;\u0007',
    );
  });

  it('to files are left out over SSH, where the terminal is on another machine', () => {
    const env = { FORCE_HYPERLINK: '1', SSH_CONNECTION: '10.0.0.1 1 10.0.0.2 22' };
    expect(fileLink('report', '/data/report.md', env)).toBe('report');
  });
});
