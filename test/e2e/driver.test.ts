import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bundleFixture, type BundledFixture } from '../support/bundle-fixture.js';
import { closeAll, KEY, launch, type LaunchOptions, type TerminalApp } from '../support/pty.js';

let fixture: BundledFixture;
let crashes: string;

beforeAll(async () => {
  fixture = await bundleFixture('list-app.tsx');
  crashes = await mkdtemp(join(tmpdir(), 'aml-rollout-crashes-'));
});
afterEach(closeAll);
afterAll(async () => {
  await fixture.remove();
  await rm(crashes, { recursive: true, force: true });
});

async function start(args: string[] = [], options: LaunchOptions = {}): Promise<TerminalApp> {
  const app = launch(process.execPath, [fixture.path, ...args], options);
  if (!args.includes('crash') && !args.includes('reject')) await app.waitFor('❯ alpha');
  return app;
}

function expectRestored(app: TerminalApp): void {
  expect(app.bufferType()).toBe('normal');
  expect(app.cursorVisible()).toBe(true);
  expect(app.raw()).not.toContain('\x1b[3J');
  expect(app.raw().match(/\x1b\[\?1049l/g)).toHaveLength(1);
  expect(app.raw().lastIndexOf('\x1b[?2004l')).toBeGreaterThan(
    app.raw().lastIndexOf('\x1b[?2004h'),
  );
}

describe('the driver', () => {
  it('sees the screen and throws with it when text does not come', async () => {
    const app = await start();
    expect(app.bufferType()).toBe('alternate');
    await expect(app.waitFor('no such text', 200)).rejects.toThrow(/no such text[\s\S]*❯ alpha/);
  });

  it('throws at once when the program ends while waited for', async () => {
    const app = await start();
    app.press('q');
    await expect(app.waitFor('no such text')).rejects.toThrow(/program ended/);
  });
});

describe('keys through a pseudo-terminal', () => {
  it('chooses the item that keys in one write say', async () => {
    const app = await start();
    app.press('down', 'down', 'enter', 'down', 'enter');
    await app.waitFor('chosen [green delta]');
  });

  it('chooses right when an arrow key is cut in two', async () => {
    const app = await start();
    app.write('\x1b');
    app.write('[B\r');
    await app.waitFor('chosen [blue]');
    expect(app.screen()).not.toContain('esc');
  });

  it('tells a lone Esc after a moment, and pasted text as one', async () => {
    const app = await start();
    app.press('escape');
    await app.waitFor('keys esc');
    app.paste('q\r\nj\x1b[B');
    await app.waitFor('paste(q j[B)');
    expect(app.screen()).toContain('chosen []');
  });

  it('drops keys that wait behind a flush', async () => {
    const app = await start();
    app.press('f', 'down', 'enter');
    await app.waitFor('keys "f"');
    app.press('enter');
    await app.waitFor('chosen [alpha]');
  });
});

describe('the terminal afterwards', () => {
  it('is as it was, with the summary in the scrollback, after q', async () => {
    const app = await start();
    app.press('down', 'enter', 'q');
    expect((await app.waitForExit()).exitCode).toBe(0);
    expectRestored(app);
    expect(app.scrollback()).toBe('chosen: blue');
  });

  it('ends with 130 after Ctrl-C, which overtakes waiting keys', async () => {
    const app = await start();
    app.press('down', 'down', KEY.enter, KEY.ctrlC);
    expect((await app.waitForExit()).exitCode).toBe(130);
    expectRestored(app);
    expect(app.scrollback()).toBe('chosen: nothing');
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGINT', 130],
  ] as const)('is restored after %s, which ends it with %i', async (signal, code) => {
    const app = await start();
    app.kill(signal);
    expect((await app.waitForExit()).exitCode).toBe(code);
    expectRestored(app);
    expect(app.scrollback()).toContain('chosen: nothing');
  });

  it('is restored after an error nobody caught: 70, a sentence, a log, no stack, no secret', async () => {
    const app = await start(['crash'], { columns: 200, env: { TMPDIR: crashes } });
    expect((await app.waitForExit()).exitCode).toBe(70);
    expectRestored(app);
    const left = app.scrollback();
    expect(left).toContain('aml-rollout stopped with an internal error: it broke');
    expect(left).not.toMatch(/\n\s+at |topsecret/);
    const log = /The details are in (\S+\.log)/.exec(left)?.[1];
    const text = await readFile(log!, 'utf8');
    expect(text).toMatch(/it broke[\s\S]*\n\s+at /);
    expect(text).not.toContain('topsecret');
  });

  it('is restored after a rejected promise nobody awaited, with the stack under debug', async () => {
    const app = await start(['reject', 'debug'], { columns: 200, env: { TMPDIR: crashes } });
    expect((await app.waitForExit()).exitCode).toBe(70);
    expectRestored(app);
    expect(app.scrollback()).toMatch(/nobody caught this[\s\S]*\n\s+at /);
  });
});

describe('drawing', () => {
  it('draws again on a clean screen when the window grows and shrinks', async () => {
    const app = await start();
    for (const [columns, rows] of [
      [120, 40],
      [60, 18],
      [60, 12],
      [40, 30],
      [40, 29],
      [100, 30],
    ] as const) {
      const wanted = [
        '─'.repeat(columns - 1),
        `size ${columns}x${rows} pid ${app.pid}`,
        '❯ alpha',
        ...['blue', 'green', 'delta', 'omega'].map((label) => `  ${label}`),
        'chosen []',
        'keys',
      ].join('\n');
      app.resize(columns, rows);
      await app.waitFor((screen) => screen.trimEnd() === wanted);
    }
    app.press('q');
    await app.waitForExit();
    expectRestored(app);
  });

  it('draws under CI=true too, and keeps warnings off the screen until the end', async () => {
    const app = await start(['warn'], { env: { CI: 'true' } });
    expect(app.screen()).not.toContain('a warning');
    app.press('q');
    await app.waitForExit();
    expect(app.scrollback()).toContain('a warning of a library');
  });

  it('stays on the normal screen inline', async () => {
    const app = await start(['inline']);
    expect(app.bufferType()).toBe('normal');
    app.press('q');
    expect((await app.waitForExit()).exitCode).toBe(0);
    expect(app.raw()).not.toContain('\x1b[?1049');
    expect(app.scrollback()).toContain('chosen: nothing');
  });

  it('writes no colour with NO_COLOR and only ASCII when asked', async () => {
    const app = launch(process.execPath, [fixture.path], {
      env: { NO_COLOR: '1', AML_ROLLOUT_ASCII: '1' },
    });
    await app.waitFor('alpha');
    expect(app.raw()).not.toMatch(/\x1b\[3[0-9]m/);
    expect(app.screen().split('\n')[0]).toMatch(/^-+$/);
  });
});
