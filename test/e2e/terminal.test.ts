/** The terminal: sizes, colours, build agents, and that it is left as it was found. */
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect } from 'vitest';
import type { TerminalApp } from '../support/pty.js';
import { journey, type Desk, type WizardUser } from '../support/wizard.js';
import { patience } from '../support/patience.js';

const COLOUR = /\x1b\[(?:[39][0-7]|4[0-7]|38;|48;)/;

function expectRestored(app: TerminalApp): void {
  expect(app.bufferType()).toBe('normal');
  expect(app.cursorVisible()).toBe(true);
  const raw = app.raw();
  expect(raw.includes('\x1b[3J')).toBe(false);
  expect(raw.match(/\x1b\[\?1049l/g)).toHaveLength(1);
  expect(raw.lastIndexOf('\x1b[?2004l')).toBeGreaterThan(raw.lastIndexOf('\x1b[?2004h'));
}

/** Header, keys and the line above them are whole at this size. */
function expectWhole(user: WizardUser, columns: number, rows: number): void {
  const lines = user.screen().split('\n');
  expect(lines).toHaveLength(rows);
  expect(lines[0]).toMatch(/^ aml-rollout .*\d\d:\d\d$/);
  expect(lines[rows - 2]).toMatch(/ \?(?: help)?$/);
  expect(lines[rows - 1]).toBe('');
  for (const line of lines) expect(line.length).toBeLessThan(columns);
}

/** A rollout with a live endpoint, so that leaving has something to say. */
async function toBlue(
  desk: Desk,
  options: Parameters<Desk['wizard']>[0] = {},
): Promise<WizardUser> {
  const user = await desk.wizard(options);
  await user.choose('sandbox');
  await user.on('endpoint');
  user.press('enter');
  await user.on('model');
  return user;
}

describe('the window', () => {
  journey('may be of any size, and change in the middle of a rollout', async (desk) => {
    const user = await toBlue(desk, { columns: 80, rows: 23 });
    expectWhole(user, 80, 23);
    await user.enterUntil('Create default, then set it to 100%');
    await user.on('blue');
    await desk.fault({
      match: { path: '/deployments/default' },
      action: { slowOperationMs: patience(1_000) },
    });
    user.press('enter');
    await user.sees('create deployment default');
    user.app.resize(200, 60);
    await user.sees((screen) => screen.split('\n')[58]?.includes(' ?') === true);
    expect(user.screen()).toContain('create deployment default');
    user.app.resize(59, 17);
    await user.sees('This window is 59x17: please enlarge it');
    user.app.resize(80, 23);
    await user.sees(/of \d+ blue .*[\s\S]*create deployment default/);
    await user.on('test');
    expectWhole(user, 80, 23);
    user.app.resize(200, 60);
    await user.sees((screen) => screen.split('\n')[58]?.includes(' ?') === true);
    expectWhole(user, 200, 60);
    user.press('enter');
    await user.sees('send other rows');
    user.press('q');
    await user.leaves();
    expectRestored(user.app);
  });

  journey('every step is whole at 80x23, without a colour where NO_COLOR is set', async (desk) => {
    const user = await desk.wizard({ columns: 80, rows: 23, env: { NO_COLOR: '1' } });
    const titles = [
      'endpoint',
      'model',
      'blue',
      'test',
      'new model',
      'green',
      'prove',
      'traffic',
      'retire',
    ] as const;
    await user.choose('sandbox');
    for (const title of titles) {
      await user.on(title);
      expectWhole(user, 80, 23);
      await user.enterUntil(` ${titles[titles.indexOf(title) + 1] ?? 'report'}   `);
    }
    await user.sees('⏎ leave');
    expectWhole(user, 80, 23);

    expect(COLOUR.exec(user.app.raw())).toBeNull();
  });

  journey('FORCE_COLOR alone decides about colours', async (desk) => {
    for (const [env, coloured] of [
      [{ TERM: 'unknown' }, false],
      [{ TERM: 'unknown', FORCE_COLOR: '1' }, true],
      [{ FORCE_COLOR: '0' }, false],
    ] as const) {
      const user = await desk.wizard({ env });
      await user.sees('new connection');
      expect(COLOUR.test(user.app.raw()), JSON.stringify(env)).toBe(coloured);
      user.press('q');
      await user.leaves();
    }
  });

  journey('is drawn on a build agent with a terminal as everywhere', async (desk) => {
    const user = await desk.wizard({
      env: { CI: 'true', GITHUB_ACTIONS: 'true', TF_BUILD: 'True' },
    });
    await user.sees('❯ sandbox');
    user.press('down');
    await user.sees('❯ new connection');
    user.press('q');
    expect((await user.leaves()).exitCode).toBe(0);
    expectRestored(user.app);
  });
});

journey('--inline leaves every step in the scrollback, with what came of it', async (desk) => {
  const user = await desk.wizard({ args: ['--inline'], columns: 80, rows: 24 });
  await user.choose('sandbox');
  await user.on('endpoint');
  await user.enterUntil(' blue  ');
  await user.enterUntil(' test  ');
  expect(user.app.bufferType()).toBe('normal');
  user.press('ctrlC');
  await user.sees('Ctrl-C again to leave');
  user.press('ctrlC');
  await user.leaves();
  expect(user.app.raw()).not.toContain('\x1b[?1049');
  const rows = user.app.scrollback().split('\n');
  const steps = rows.map((row) => / (\d+) of 11 (\w+)/.exec(row)?.slice(1)).filter(Boolean);
  expect(steps.slice(0, 4)).toEqual([
    ['2', 'endpoint'],
    ['3', 'model'],
    ['4', 'blue'],
    ['5', 'test'],
  ]);
  expect(rows).toContain(' ✔ default is Succeeded');
  // The keys stand below the step that one is at.
  expect(rows.filter((row) => row.includes('Esc back')).length).toBeLessThanOrEqual(1);
});

describe('a screen reader', () => {
  journey('is told lines, each once, and nothing is drawn over', async (desk) => {
    const user = desk.launch(['--time-scale', '0.1'], {
      env: { AML_ROLLOUT_SCREEN_READER: '1' },
    });
    const told = (): string => user.app.scrollback();
    const tells = (text: string) => user.sees(() => told().includes(text));
    await tells('> 1 of 2: sandbox');
    user.press('enter');
    await tells('> button: Create endpoint');
    expect(told()).toContain('field 2 of 6, Authentication: key, choice 1 of 3\n');
    user.press('up');
    await tells('> field 6 of 6, Tags: empty, optional');
    user.press('up', 'up');
    await tells('> field 4 of 6, Identity id: empty');
    user.press('down', 'down', 'down');
    await user.sees(() => told().split('> button: Create endpoint').length === 3);
    user.press('enter');
    await tells('3 of 11 model');
    await tells('> button: Review, then register');
    user.press('enter');
    await tells('> Register it');
    user.press('ctrlC');
    await tells('Press Ctrl-C again to leave');
    user.press('ctrlC');
    expect(await user.leaves()).toMatchObject({ exitCode: 130 });
    // No erasing, no moving of the cursor, no other screen, no rules.
    expect(/\x1b\[\d*(?:;\d*)?[A-HJKST]|\x1b\[\?1049/.exec(user.app.raw())).toBeNull();
    expect(told()).not.toMatch(/[─❯█]/);
    const lines = told().split('\n');
    expect(lines.filter((line, at) => line !== '' && line === lines[at - 1])).toEqual([]);
    expect(told()).toContain('Come back with: aml-rollout');
  });
});

describe('the terminal is as it was', () => {
  journey('after q: 0, and the summary stands in the scrollback', async (desk) => {
    const user = await toBlue(desk);
    user.press('escape');
    await user.on('endpoint');
    user.press('q');
    expect(await user.leaves()).toMatchObject({ exitCode: 0 });
    expectRestored(user.app);
    expect(user.app.scrollback()).toMatch(/heart-classifier-\w+: .*step: /);
    expect(user.app.scrollback()).toContain('Come back with: aml-rollout');
  });

  journey('after Ctrl-C outside a rollout: 130, and a newer version is named', async (desk) => {
    const registry = createServer((_, response) => response.end('{"version":"99.0.0"}'));
    // It is closed by who asks, once the answer is read.
    const answered = new Promise<void>((done) =>
      registry.on('connection', (socket) => socket.on('close', () => done())),
    );
    await new Promise<void>((ready) => registry.listen(0, '127.0.0.1', ready));
    const { port } = registry.address() as AddressInfo;
    const env = { NO_UPDATE_NOTIFIER: '', npm_config_registry: `http://127.0.0.1:${port}` };
    try {
      const user = await desk.wizard({ env });
      await answered;
      user.press('ctrlC');
      expect(await user.leaves()).toMatchObject({ exitCode: 130 });
      expectRestored(user.app);
      expect(user.app.scrollback()).toContain('Version 99.0.0 is available');
    } finally {
      registry.close();
    }
  });

  journey(
    'after Ctrl-C twice inside one: 130, traffic untouched, and how to come back',
    async (desk) => {
      const user = await toBlue(desk);
      user.press('ctrlC');
      await user.sees('Ctrl-C again to leave');
      user.press('ctrlC');
      expect(await user.leaves()).toMatchObject({ exitCode: 130 });
      expectRestored(user.app);
      expect(user.app.scrollback()).toContain('Come back with: aml-rollout');
    },
  );

  journey('after Ctrl-C twice in one write: 130', async (desk) => {
    const user = await toBlue(desk);
    user.press('ctrlC', 'ctrlC');
    expect(await user.leaves()).toMatchObject({ exitCode: 130 });
    expectRestored(user.app);
  });

  journey('after SIGTERM: 143', async (desk) => {
    const user = await toBlue(desk);
    user.app.kill('SIGTERM');
    expect(await user.leaves()).toMatchObject({ exitCode: 143 });
    expectRestored(user.app);
  });

  journey('after an internal error: 70, one sentence, and the details in a file', async (desk) => {
    const crash = join(desk.root, 'crash.mjs');
    writeFileSync(crash, "process.on('SIGUSR2', () => { throw new Error('planted here'); });\n");
    const user = await toBlue(desk, {
      env: { NODE_OPTIONS: `--import=${pathToFileURL(crash).href}` },
    });
    user.app.kill('SIGUSR2');
    expect(await user.leaves()).toMatchObject({ exitCode: 70 });
    expectRestored(user.app);
    const text = user.app.scrollback().replaceAll('\n', '');
    expect(text).toContain('an internal error: planted here');
    expect(text).toContain(join(desk.home, 'logs'));
    expect(text).not.toMatch(/ +at .*:\d+:\d+/);
  });
});
