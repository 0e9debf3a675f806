/** What the log of a CI service takes for a command, and that no text from elsewhere becomes one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BuildLog } from '../../../src/cli/build-log.js';
import { growth } from '../sampling/support.js';

const github = () => new BuildLog({ GITHUB_ACTIONS: 'true' });
const azure = () => new BuildLog({ TF_BUILD: 'True' });

/** As the runner of GitHub and the agent of Azure Pipelines read a line, for any name of a command. */
function isCommand(line: string): boolean {
  const trimmed = line.trimStart();
  const second = trimmed.startsWith('::') && trimmed.indexOf('::', 2) >= 0;
  const first = /##(?:vso)?\[/i.exec(line);
  return second || (first !== null && line.includes(']', first.index));
}

const PIECES = [
  ...['::', ':', '##[', '##vso[', '##VSO[', '#', '[', ']', '\n', '\r', '\r\n', '\t', ' ', '\u00a0'],
  ...[
    'error',
    'stop-commands',
    'x',
    '::error::x',
    '##[error]x',
    '%0A::',
    '\u2028',
    '\x1b[1m',
    '\u200b',
  ],
];
const hostile = fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((all) => all.join(''));
const lines = (text: string): string[] => text.split(/\r\n|\r|\n/);

describe('the log of a CI service', () => {
  it('takes no line of text for a command', () => {
    expect(isCommand('  ::stop-commands::x') && isCommand('note ##[error]x')).toBe(true);
    fc.assert(
      fc.property(hostile, (text) => {
        for (const log of [github(), azure()]) {
          expect(lines(log.plain(text)).filter(isCommand)).toEqual([]);
          const json = log.json(JSON.stringify({ message: text, [text]: text }));
          expect(lines(json).filter(isCommand)).toEqual([]);
          expect(JSON.parse(json)).toEqual(
            JSON.parse(JSON.stringify({ message: text, [text]: text })),
          );
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(['\n', '\r', ' '])('takes ten times as long for ten times as many %j', async (blank) => {
    expect(github().plain(`a${blank}  ::error::x`)).not.toMatch(/^\s*::/m);
    const ratio = await growth(10_000, (n) => github().plain(`a${blank.repeat(n)}b`));
    expect(ratio).toBeLessThan(40);
  });

  it('keeps text as it is elsewhere, and without what looks like a command', () => {
    const text = '::error::a\n##[error]b ::c:: #d';
    expect(new BuildLog({}).plain(text)).toBe(text);
    expect(github().plain('note ::c:: #d [x] 100%')).toBe('note ::c:: #d [x] 100%');
    expect(github().plain(text)).toBe(': :error::a\n# #[error]b ::c:: #d');
  });

  it('has JSON that reorders and hides nothing on a terminal, and reads as it was', () => {
    const message = 'a\u009b31mb\u202ec\u007f\u2028\u{e0001}d\uffff ü 模型';
    const json = new BuildLog({}).json(JSON.stringify({ message }));
    const escapes = String.raw`a\u009b31mb\u202ec\u007f\u2028\udb40\udc01d\uffff ü 模型`;
    expect(json).toBe(`{"message":"${escapes}"}`);
    expect(JSON.parse(json)).toEqual({ message });
  });

  it('of GitHub has groups and annotations of one line each, whatever they say', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const log = github();
        const written = log.open(`a${text}`) + log.annotation('error', text) + log.close();
        const [group, error, end, ...more] = written.split('\n');
        expect([end, more]).toEqual(['::endgroup::', ['']]);
        expect(group).toMatch(/^::group::a[^\r\n]*$/);
        expect(error).toMatch(/^::error title=aml-rollout::[^\r\n]*$/);
      }),
    );
    const log = github();
    expect(log.open('a')).toBe('::group::a\n');
    expect(log.open('a')).toBe('');
    expect(log.open('100%')).toBe('::endgroup::\n::group::100%25\n');
    expect(log.annotation('warning', '50%\nmore')).toBe(
      '::warning title=aml-rollout::50%25%0Amore\n',
    );
    expect(log.close() + log.close()).toBe('::endgroup::\n');
  });

  it('has none of them beside GitHub', () => {
    for (const log of [azure(), new BuildLog({}), new BuildLog({ GITHUB_ACTIONS: 'false' })]) {
      expect(log.open('a') + log.annotation('error', 'b') + log.close()).toBe('');
    }
  });
});
