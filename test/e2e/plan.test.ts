/** The plan in the wizard: from a file, edited on the screen, and enforced. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect } from 'vitest';
import { connect } from '../../src/azure/connect.js';
import type { Endpoint, Workspace } from '../../src/azure/types.js';
import { connectionTo } from '../support/connection.js';
import { fastTime } from '../support/fast-time.js';
import { journey, type Desk, type WizardUser } from '../support/wizard.js';
import { patience } from '../support/patience.js';

const GREEN = 'xgboost-model-2';
const SAMPLE = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../samples/sample.json', import.meta.url)), 'utf8'),
) as { input_data: object };

/** What rows tell is not asked here, so that a few do. */
const FEW_ROWS = `evidence: {rows: 20}
gates: {errors: warn, latency: warn, capacity: warn, accuracy: warn}
`;

/** None is left for the hold, so that only live users tell. */
const ONE_CHECK = 'probes: {count: 100, budget: 100}\n';

function planFile(desk: Desk, text: string): string {
  const path = join(desk.root, 'rollout.yml');
  writeFileSync(path, `version: 1\n${text}`);
  return path;
}

async function endpointOf(desk: Desk): Promise<string> {
  const [endpoint = ''] = await (await desk.otherClient()).endpoints();
  return endpoint;
}

/** Enter until the traffic screen lies ready. */
async function reachesTraffic(user: WizardUser, step = 'of 11 traffic'): Promise<void> {
  await user.enterUntil(step);
  await user.atRest();
}

/** Types over one row of the plan's editor. */
async function editRow(user: WizardUser, row: string, text: string): Promise<void> {
  user.press('g');
  await user.sees('❯ Steps');
  await user.moveTo(row, 'down', 60);
  user.app.write('\x15');
  await user.sees(new RegExp(`❯ ${row} +_`));
  user.app.write(text);
  await user.sees(`${text.slice(-20)}_`);
}

/** Gives a reason where one is asked for. */
async function becauseOf(user: WizardUser, reason: string): Promise<void> {
  await user.sees('Reason: _');
  user.app.write(reason);
  await user.sees(`${reason}_`);
  user.press('enter');
}

/** Live users: one request after the other until it is enough. */
async function users(workspace: Workspace, endpoint: Endpoint, enough: () => boolean) {
  for (let sent = 0; !enough() && sent < 2_000; sent += 1) {
    await workspace.score(endpoint, SAMPLE);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('the plan', () => {
  journey('is taken from a file, and its yes is asked for at each step', async (desk) => {
    const path = planFile(
      desk,
      `weights: [25, 100]\nholds: {minutes: 0, approval: true}\n${FEW_ROWS}`,
    );
    const user = await desk.wizard({ args: ['--plan', path] });
    await user.enterUntil('of 11 prove');
    await user.sees(/Rows +20/);
    await reachesTraffic(user);
    await user.sees('staged: 75 / 25');
    await user.sees('hold at 0%: until it is approved');
    user.press('enter');
    await user.sees('Approval required at 0%');
    await user.choose('Approve 25%');
    await user.sees(/split served .* 25% +✔ pass/);
    await user.atRest();
    await user.sees('staged: 0 / 100');

    user.press('enter');
    await user.sees('Approval required at 25%');
    // The cursor is on holding.
    user.press('enter');
    await user.seesNoMore('Approval required at 25%');
    const other = await desk.otherClient();
    const endpoint = await endpointOf(desk);
    expect(await other.traffic(endpoint)).toEqual({ default: 75, [GREEN]: 25 });
    user.press('enter');
    await user.sees('Approval required at 25%');
    await user.choose('Approve 100%');
    await user.sees(/xgboost-model-2 100%/);
    expect(desk.journals()).toContain('"planFile":{"name":"rollout.yml"');
    expect(desk.journals()).toMatch(/"holdEnded":\{[^}]*"weight":25,"why":"approved"/);
  });

  journey('that is wrong is refused with its line and column', async (desk) => {
    const path = planFile(desk, 'weights: [10, 100]\ngates:\n  labels: {limit: 5 apples}\n');
    const user = desk.launch(['--plan', path]);
    expect((await user.leaves()).exitCode).toBe(2);
    const said = user.app.scrollback().replaceAll('\n', '');
    expect(said).toMatch(
      /rollout\.yml, line 4, column \d+: gates\.labels\.limit: use a percentage/,
    );
    expect(user.app.bufferType()).toBe('normal');

    const missing = desk.launch(['--plan', join(desk.root, 'none.yml')]);
    expect((await missing.leaves()).exitCode).toBe(2);
    expect(missing.app.scrollback()).toContain('none.yml');
  });

  journey('edited on the screen is enforced, kept, and written to a file', async (desk) => {
    const path = planFile(desk, `holds: {minutes: 0}\n${FEW_ROWS}`);
    const user = await desk.wizard({ args: ['--plan', path] });
    await reachesTraffic(user);
    await editRow(user, 'Hold at each', '3 hours');
    user.press('enter');
    await user.sees('Write 5 min, 50 requests, approval; or none.');
    user.press('escape');
    await user.seesNoMore('Hold at each');

    await editRow(user, 'Hold at each', '5 min, 20 requests');
    user.press('enter');
    await user.sees('The plan is kept in the journal.');
    user.press('enter');
    await user.sees(/split served .* 10% +✔ pass/);
    await user.atRest();
    await user.sees(/hold at 10%: \d+ (min|s) more, \d+ of 20 requests/);
    user.press('enter');
    await user.sees('Hold at 10% is not over');
    user.press('enter');
    await user.sees('Reason: _');
    const other = await desk.otherClient();
    const endpoint = await endpointOf(desk);
    expect(await other.traffic(endpoint)).toEqual({ default: 90, [GREEN]: 10 });
    await becauseOf(user, 'nobody uses it yet');
    await user.sees(/GREEN \S+ 30%/);
    await user.atRest();
    expect(desk.journals()).toContain('"override":"the hold was ended early: nobody uses it yet"');
    expect(await other.traffic(endpoint)).toEqual({ default: 70, [GREEN]: 30 });

    await editRow(user, 'Save to file', 'kept.yml');
    user.press('enter');
    await user.sees('Written to');
    const saved = readFileSync(join(desk.root, 'kept.yml'), 'utf8');
    expect(saved).toContain(`name: ${endpoint}`);
    expect(saved).toMatch(/holds:\n {2}minutes: 5\n {2}requests: 20/);
    // It is read as it was written.
    await user.moveTo('Load from file', 'up', 60);
    user.app.write('kept.yml');
    await user.sees('kept.yml_');
    user.press('enter');
    await user.sees('kept.yml is read');
    user.press('escape');
    await user.seesNoMore('Load from file');
  });

  journey('is no way past a check that failed', async (desk) => {
    const path = planFile(desk, `holds: {minutes: 0}\nonFail: hold\n${FEW_ROWS}`);
    const user = await desk.wizard({ args: ['--plan', path] });
    await reachesTraffic(user);
    await desk.fault({
      match: { path: '^/score' },
      times: 1000,
      action: { serve: { default: 50, [GREEN]: 50 } },
    });
    user.press('enter');
    await user.sees(/split served .* ✖ fail/);
    await user.atRest();
    await editRow(user, 'split served', 'off');
    user.press('enter');
    await user.sees('The plan changes a gate that did not pass');
    await user.sees('Configured is default 90%');
    user.press('enter');
    await user.sees('Reason: _');
    expect(desk.journals()).not.toContain('planReason');
    await becauseOf(user, 'the router is being replaced');
    await user.sees('The plan is kept in the journal.');
    expect(desk.journals()).toMatch(
      /"planReason":\{"gates":\["split"\],"reason":"the router is being replaced"\}/,
    );
    expect(desk.journals()).toContain('"override":"the plan was changed: the router is being');
  });

  journey('wants its load check and its mirror before any traffic', async (desk) => {
    const time = fastTime();
    const sandbox = await desk.startSandbox(0.1, time.env);
    const workspace = await connect(connectionTo(sandbox));
    try {
      const path = planFile(
        desk,
        `weights: [25, 100]
holds: {minutes: 0}
mirror: {percent: 20, minutes: 2}
evidence: {rows: 20, loadCheck: {rate: 120, seconds: 2}}
gates: {errors: warn, latency: warn, capacity: warn, accuracy: warn}
`,
      );
      const user = await desk.wizard({ args: ['--plan', path], env: time.env });
      await reachesTraffic(user);
      await user.sees('the plan requires a load check first: l');
      user.press('enter');
      await user.sees('The plan requires more evidence first');
      user.press('escape');
      await user.seesNoMore('The plan requires more evidence first');
      user.app.write('l');
      await user.sees('green gets 30 requests a minute');
      await user.choose('Send 1 request');
      await user.sees('mirror 20% for 2 min first: m');
      await user.atRest();

      const found = await workspace.getEndpoint(await endpointOf(desk));
      const mirrored = async () => (await workspace.getEndpoint(found!.name))?.mirrorTraffic;
      let judged = false;
      const serving = users(workspace, found!, () => judged);
      user.press('m');
      await user.sees(/20_/);
      user.press('enter');
      await user.sees('Watch 20% of live requests mirrored', patience(60_000));
      expect(await mirrored()).toMatchObject({ [GREEN]: 20 });
      await user
        .sees(/Green got \d+ mirrored requests/, patience(60_000))
        .finally(() => (judged = true));
      await serving;
      await user.atRest();
      expect((await mirrored())?.[GREEN] ?? 0).toBe(0);
      expect(desk.journals()).toMatch(/"stage":"load"[^\n]*"decision":"promote"/);
      expect(desk.journals()).toMatch(/"stage":"mirror"[^\n]*"decision":"promote"/);
      user.press('enter');
      await user.sees(/split served .* 25% +✔ pass/);
    } finally {
      await workspace.close();
    }
  });

  journey('stays at 100% where probes fail on green, until a reason is given', async (desk) => {
    const path = planFile(desk, `weights: [100]\nholds: {minutes: 0}\nonFail: hold\n${FEW_ROWS}`);
    const user = await desk.wizard({ args: ['--plan', path] });
    await reachesTraffic(user);
    await desk.fault({
      match: { deployment: GREEN, path: '/score' },
      times: 1000,
      action: { status: 424 },
    });
    user.press('enter');
    await user.sees(/✖ fail/);
    await user.atRest();
    user.press('enter');
    await user.sees('Override a failed gate');
    expect(desk.journals()).toMatch(/"stage":"split"[^\n]*"decision":"stop"/);
    await becauseOf(user, 'the fault is ours');
    await user.on('retire');
    expect(desk.journals()).toContain('"override":"the fault is ours"');
  });

  journey('goes back by itself when live users are worse off, and says why', async (desk) => {
    const time = fastTime();
    const sandbox = await desk.startSandbox(0.1, time.env);
    // Else the probes of one run in fourteen are too far from the split to settle it.
    await sandbox.control('POST', '/_sandbox/conditions', { evenRouting: true });
    const workspace = await connect(connectionTo(sandbox));
    try {
      const path = planFile(
        desk,
        `weights: [50, 100]\nholds: {minutes: 4}\nonFail: rollback\n${ONE_CHECK}${FEW_ROWS}`,
      );
      const args = ['--plan', path];
      const user = await desk.wizard({ args, env: time.env });
      await reachesTraffic(user);
      user.press('enter');
      await user.sees(/split served .* 50% +✔ pass/);
      await user.atRest();
      await user.sees(/hold at 50%: \d+ (min|s) more/);
      await user.sees(/watched [1-9]\d* [ms]/);
      user.press('q');
      await user.choose('Leave');
      expect((await user.leaves()).exitCode).toBe(0);
      expect(desk.journals()).toMatch(
        /"event":"watched","weight":50,"until":"[^"]+","judgedUntil":"[^"]+"/,
      );

      // Minutes that nobody watches, with users who are served well.
      const endpoint = await workspace.getEndpoint(await endpointOf(desk));
      const until = Date.now() + 2 * time.minuteMs;
      await users(workspace, endpoint!, () => Date.now() > until);
      const back = await desk.wizard({ args, env: time.env });
      back.press('enter');
      await back.on('traffic');
      await back.sees(/unwatched \d\d:\d\d:\d\d to \d\d:\d\d:\d\d: /);
      await back.sees('checked, no gate failed');

      await desk.fault({
        match: { deployment: GREEN, path: '/score' },
        times: 100_000,
        action: { status: 424 },
      });
      let gone = false;
      const serving = users(workspace, endpoint!, () => gone);
      await back
        .sees(/Rolling\s+back,\s+as\s+the\s+plan\s+requires\./, patience(60_000))
        .finally(() => (gone = true));
      await serving;
      // The minute in which it began to fail may have answers too.
      await back.sees(
        /Live\s+requests\s+fail\s+at\s+least\s+\d|All\s+\d+\s+live\s+requests\s+to\s+green\s+failed/,
      );
      await back.sees('BLUE default 100%');
      const other = await desk.otherClient();
      expect(await other.traffic(endpoint!.name)).toEqual({ default: 100 });
      expect(desk.journals()).toMatch(/"stage":"watch"[^\n]*"decision":"stop"/);
      expect(desk.journals()).toContain('"event":"aborted"');
    } finally {
      await workspace.close();
    }
  });
});
