/** `status --all` over two saved workspaces, one of which can't be reached. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { paths } from '../../src/profiles/paths.js';
import { ProfileStore } from '../../src/profiles/store.js';
import { connectionTo } from '../support/connection.js';
import { closeAll, launch } from '../support/pty.js';
import { MAIN } from '../support/sandbox.js';
import { headless } from '../support/headless.js';
import { beginRollout, BLUE, GREEN } from '../support/rollout.js';

const desk = headless();
const { home } = desk;
const journals = join(home, 'journals');

beforeAll(async () => {
  const { identityHeader = '', ...reachable } = connectionTo(desk.sandbox);
  desk.env['IDENTITY_HEADER'] = identityHeader;
  const profiles = new ProfileStore(paths({ AML_ROLLOUT_HOME: home }).config);
  profiles.add({ name: 'ml-dev', prod: false, connection: reachable });
  const nowhere = { ...reachable, proxyUrl: 'http://127.0.0.1:1' };
  profiles.add({ name: 'ml-gone', prod: false, connection: nowhere });

  const first = await beginRollout(desk.sandbox, {
    ...{ endpoint: 'heart-approval', rolloutId: 'approval-1', journals, greenShare: 30 },
  });
  const holds = { minutes: 0, approval: true };
  first.engine.choose({
    plan: { weights: [30, 100], holds, gates: { split: { mode: 'off' } } },
  });
  // It was left ten minutes ago.
  const file = join(journals, 'heart-approval-approval-1.jsonl');
  const earlier = (iso: string): string => new Date(Date.parse(iso) - 630_000).toISOString();
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace(/(?<="at":")[^"]+/g, earlier));
  // As the rollout of a journal that another machine has.
  const other = {
    endpoint: 'heart-elsewhere',
    rolloutId: 'other-1',
    journals: join(home, 'other'),
  };
  await Promise.all([
    first.close(),
    beginRollout(desk.sandbox, other).then((each) => each.close()),
  ]);
  // Green has it all, and blue was to be kept until a day that is over.
  const kept = await beginRollout(desk.sandbox, {
    ...{ endpoint: 'heart-kept', rolloutId: 'kept-1', journals, greenShare: 100 },
    size: 'Standard_F2s_v2',
  });
  kept.engine.choose({ retire: 'keep', keepUntil: '2024-01-31T00:00:00.000Z' });
  await kept.engine.run(kept.engine.closingChange());
  kept.engine.complete('report.md');
  await kept.close();
  await desk.workspace.createEndpoint('heart-idle', {
    authMode: 'key',
    identity: { type: 'system_assigned' },
    tags: {},
  });
});

afterEach(closeAll);

describe('status --all', () => {
  it('has a row for each endpoint, one for a workspace it cannot read, and the worst exit code', async () => {
    const { code, events } = await desk.program('status', '--all', '--json');
    const rows = events();
    const result = rows.pop();
    const of = (endpoint: string) => rows.find((row) => row['endpoint'] === endpoint);
    expect(rows).toHaveLength(5);
    expect(of('heart-kept')).toMatchObject({
      keptBlue: { blue: BLUE, until: '2024-01-31T00:00:00.000Z', overdue: true },
      message: expect.stringMatching(/kept until 2024-01-31.*, overdue/) as string,
    });
    expect(of('heart-approval')).toMatchObject({
      ...{ event: 'endpoint', workspace: 'ml-dev', state: 'approval' },
      ...{ blue: BLUE, green: GREEN, weight: 30, traffic: { [BLUE]: 70, [GREEN]: 30 } },
      ...{ rolloutId: 'approval-1', unwatchedMinutes: 10 },
      message: 'waiting for approval at 30%, unwatched 10 min',
    });
    expect(of('heart-elsewhere')).toMatchObject({
      ...{ state: 'under-way', green: GREEN, weight: 30, owner: 'ada@contoso.com' },
    });
    expect(of('heart-idle')).toMatchObject({ state: 'none', message: /^no rollout/ });
    expect(rows.find((row) => row['workspace'] === 'ml-gone')).toMatchObject({
      state: 'unreadable',
      message: expect.stringMatching(/^can't be read: /) as string,
    });
    expect(result).toMatchObject({ event: 'result', code });
    expect([5, 7]).toContain(code);
  });

  it('with --watch prints again only what changed, until it is stopped', async () => {
    const run = desk.program('status', '--all', '--watch', '1', '--profile', 'ml-dev');
    await run.says('waiting for approval at 30%');
    await desk.workspace.deleteEndpoint('heart-idle');
    await run.says('no longer there');
    run.interrupt('SIGINT');
    const { code, stdout } = await run;
    expect(code).toBe(130);
    expect(stdout.match(/heart-approval/g)).toHaveLength(1);
    expect(stdout).toMatch(/^WORKSPACE +ENDPOINT +BLUE +GREEN +WEIGHT +STATE$/m);
    expect(stdout).toMatch(/^ml-dev +heart-approval +default +xgboost-model-2 +30% +waiting/m);
  });

  it('with --watch on a terminal is one table that changes in place, the worst first', async () => {
    const app = launch(
      process.execPath,
      [MAIN, 'status', '--all', '--watch', '1', '--profile', 'ml-dev'],
      { env: desk.env, cwd: home, columns: 140, rows: 9 },
    );
    await app.waitFor(/^ml-dev +heart-approval .*waiting for approval at 30%/m);
    await app.waitFor(/1 kept blue overdue/);
    const at = (name: string): number =>
      app
        .screen()
        .split('\n')
        .findIndex((line) => line.includes(name));
    expect(at('WORKSPACE')).toBe(1);
    expect(at('heart-approval')).toBe(2);
    await desk.workspace.createEndpoint('heart-later', {
      authMode: 'key',
      identity: { type: 'system_assigned' },
      tags: {},
    });
    await app.waitFor('heart-later');
    expect(at('heart-approval')).toBe(2);
    app.write('\x03');
    expect((await app.waitForExit()).exitCode).toBe(130);
    await desk.workspace.deleteEndpoint('heart-later');
  });

  it('with --watch keeps weight and state on a terminal of 80 columns, and on one without a size', async () => {
    const watching = ['status', '--all', '--watch', '1', '--profile', 'ml-dev'];
    for (const size of [{ columns: 80, rows: 24 }, 'none'] as const) {
      const command = [process.execPath, MAIN, ...watching].map((each) => `'${each}'`).join(' ');
      const args = size === 'none' ? ['-c', `stty rows 0 columns 0; exec ${command}`] : [];
      const app =
        size === 'none'
          ? launch('bash', args, { env: desk.env, cwd: home })
          : launch(process.execPath, [MAIN, ...watching], { env: desk.env, cwd: home, ...size });
      await app.waitFor(/^WORKSPACE +ENDPOINT +WEIGHT +STATE/m);
      await app.waitFor(/^ml-dev +heart-approval +30% +waiting for approval at 30%/m);
      app.write('\x03');
      expect((await app.waitForExit()).exitCode).toBe(130);
    }
  });

  it('of one workspace ends with what waits for a person', async () => {
    const { code, stdout } = await desk.program('status', '--all', '--profile', 'ml-dev');
    expect(code).toBe(8);
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(
      /^3 endpoints, 1 rollout under way, 1 waits for approval, 1 unwatched, 1 kept blue overdue\.$/,
    );
  });

  it('ends with what is not known where a journal, or the folder of all, cannot be read', async () => {
    const status = (folder: string) =>
      desk.program('status', '--all', '--profile', 'ml-dev', '--state-dir', folder, '--json');
    const state = join(home, 'state');
    mkdirSync(state);
    writeFileSync(join(state, 'journals'), '');
    const none = await status(state);
    expect(none.code).toBe(2);
    expect(none.events().at(-1)).toMatchObject({
      ...{ event: 'result', code: 2 },
      message: expect.stringMatching(/^3 endpoints, .* Not all journals are readable\.$/) as string,
    });
    const one = join(home, 'one');
    mkdirSync(join(one, 'journals'), { recursive: true });
    writeFileSync(join(one, 'journals', 'heart-approval-x.jsonl'), 'no json\n');
    expect((await status(one)).code).toBe(2);
  });
});
