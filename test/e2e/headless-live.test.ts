/** Rollouts without a terminal while live users are served; minutes pass in seconds. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listJournals } from '../../src/rollout/journal/journal.js';
import { fastTime } from '../support/fast-time.js';
import { type RunningCommand } from '../support/run-command.js';
import { headless } from '../support/headless.js';
import { SAMPLES, samplePlan } from '../support/sample-plan.js';
import { eventually } from '../support/eventually.js';

const time = fastTime();
const desk = headless(time.env);
const { home, live } = desk;

const program = (...args: string[]) => desk.program(...args, '--sandbox');
const entries = (endpoint: string) =>
  listJournals(join(home, 'journals')).journals.find(({ path }) => path.includes(endpoint))
    ?.entries ?? [];
const report = (stdout: string) =>
  readFileSync(/^Report {4}(.+)$/m.exec(stdout)?.[1] ?? 'no report', 'utf8');

/** Each rollout has a green of its own name, so that a fault strikes only its own. */
const planFor = (endpoint: string, extra: string, size = 'Standard_F2s_v2'): string =>
  samplePlan(home, { endpoint, green: { name: `green-${endpoint}` }, size, extra });

const fault = (match: object, action: object) =>
  desk.sandbox.control('POST', '/_sandbox/faults', { match, times: 100_000, action });
const failsOn = (deployment: string) => fault({ deployment, path: '/score' }, { status: 424 });

const { input_data: sample } = JSON.parse(readFileSync(join(SAMPLES, 'sample.json'), 'utf8')) as {
  input_data: object;
};

/** Live users: one request after the other, until told to stop and at most so many. */
async function users(endpoint: string, until: () => boolean, most = 1_500): Promise<number> {
  const found = await desk.workspace.getEndpoint(endpoint);
  if (!found) throw new Error(`There is no ${endpoint}.`);
  let sent = 0;
  while (!until() && sent < most) {
    await desk.workspace.score(found, { input_data: sample });
    sent += 1;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return sent;
}

/** Live users until the program ends. */
async function usersWhile(endpoint: string, run: RunningCommand) {
  let ended = false;
  const over = run.finally(() => (ended = true));
  const sent = await users(endpoint, () => ended);
  return { ...(await over), sent };
}

describe.concurrent('live users of a rollout without a terminal', () => {
  it('are worse off on green: it goes back by itself, and says why', async () => {
    // Where a hundred random answers leave the split open, more are sent.
    await desk.sandbox.control('POST', '/_sandbox/conditions', { evenRouting: true });
    const plan = planFor('live-worse', 'weights: [50, 100]\nholds: {minutes: 4}');
    const run = program('run', plan, '--yes');
    await run.says('hold     at 50% for 4 min');
    expect(await live('live-worse')).toEqual({ default: 50, 'green-live-worse': 50 });
    await failsOn('green-live-worse');
    const { code, stdout, stderr } = await usersWhile('live-worse', run);
    expect(code).toBe(3);
    expect(stdout).toMatch(/FAIL {5}live errors: BLUE 0 \/ \d+, GREEN \d+ \/ \d+,/);
    // The minute in which it began to fail may have answers too.
    const why = /All \d+ live requests to green failed|Live requests fail at least/;
    expect(stdout).toMatch(new RegExp(`ABORT {4}(${why.source})`));
    expect(stdout).toContain('the split at the start is restored: default=100');
    expect(stderr).toContain(
      'Live users are worse off at 50%: green-live-worse no longer gets traffic',
    );
    expect(await live('live-worse')).toEqual({ default: 100 });
    expect(entries('live-worse')).toContainEqual(
      expect.objectContaining({ event: 'probed', weight: 50, sent: 100 }),
    );
    const written = report(stdout);
    expect(written).toContain('| outcome | aborted |');
    expect(written).toContain('live minutes, green-live-worse at 50%: stop');
    expect(written).toMatch(/\| live errors \| enforce \| 0 \/ \d+ \| .*\| fail \|/);
    expect(written).toMatch(why);
  });

  it('get no traffic of a green that fails on their mirrored copies', async () => {
    const plan = planFor(
      'live-mirror',
      'weights: [50, 100]\nholds: {minutes: 0}\nmirror: {percent: 50, minutes: 4}',
      'Standard_DS2_v2',
    );
    const run = program('run', plan, '--yes');
    await run.says('mirror   50%');
    await failsOn('green-live-mirror');
    const { code, stdout, stderr } = await usersWhile('live-mirror', run);
    expect(code).toBe(3);
    expect(stdout).toMatch(/FAIL {5}live errors/);
    expect(stdout).not.toContain('set traffic default=50');
    expect(stderr).toContain('A gate on mirrored requests failed: green-live-mirror');
    const { traffic, mirrorTraffic } = (await desk.workspace.getEndpoint('live-mirror')) ?? {};
    expect({ traffic, mirrorTraffic }).toEqual({ traffic: { default: 100 }, mirrorTraffic: {} });
    expect(report(stdout)).toContain('mirrored requests, green-live-mirror at 0%: stop');
  });

  it('are counted by Azure Monitor where answers name nobody', async () => {
    const plan = planFor('live-nameless', 'weights: [100]\nholds: {minutes: 0}', 'Standard_E2s_v3');
    await fault({ deployment: 'green-live-nameless' }, { noDeploymentHeader: true });
    const { code, stdout } = await program('run', plan, '--yes');
    expect(code).toBe(0);
    expect(stdout).toMatch(/note {5}The answers do not name who served them.*Azure Monitor/);
    expect(stdout).toMatch(
      /probes {3}\d+ at 100% in the metrics of Azure Monitor: green-live-nameless \d+$/m,
    );
    expect(stdout).toMatch(/pass {5}split served: BLUE 0%, GREEN 100%, of \d+ requests/);
  });

  it('were not watched: those minutes are fetched and judged first, and the plan decides', async () => {
    const extra = 'weights: [50, 100]\nholds: {minutes: 30}\nonFail: hold\nonUnwatched: rollback';
    const plan = planFor('live-left', extra, 'Standard_D2as_v4');
    const left = program('run', plan, '--yes');
    await left.says('hold     at 50%');
    const kept = () => entries('live-left').some(({ event }) => event === 'watched');
    await eventually(() => expect(kept()).toBe(true), { withinMs: 4 * time.minuteMs });
    left.interrupt();
    expect((await left).code).toBe(130);
    const watched = entries('live-left').findLast(({ event }) => event === 'watched');
    if (watched?.event !== 'watched') throw new Error('not kept');
    expect(watched.weight).toBe(50);
    // Nobody looks, and green fails for two minutes.
    await failsOn('green-live-left');
    const start = Date.now();
    await users('live-left', () => Date.now() - start > 2 * time.minuteMs);
    const { code, stdout, stderr } = await program('resume', plan);
    expect(stdout).toContain(`note     Unwatched from ${watched.until} to `);
    expect(stdout).toMatch(/FAIL {5}live errors/);
    expect(code).toBe(3);
    expect(stderr).toContain('Live users are worse off at 50%');
    expect(await live('live-left')).toEqual({ default: 100 });
  });

  it('are worse off where the plan says hold: only a reason goes on, given when it is known', async () => {
    const extra = 'weights: [50, 100]\nholds: {minutes: 2}\nonFail: hold';
    const plan = planFor('live-held', extra, 'Standard_E2s_v3');
    const run = program('run', plan, '--yes', '--override', 'given before anything failed');
    await run.says('hold     at 50%');
    await failsOn('green-live-held');
    const { code, stderr } = await usersWhile('live-held', run);
    expect(code).toBe(5);
    expect(stderr).toContain('resume with --override and a reason');
    expect(await live('live-held')).toEqual({ default: 50, 'green-live-held': 50 });
    expect((await program('resume', plan)).code).toBe(5);
    const reason = 'the callers sent nonsense';
    const gone = await program('resume', plan, '--override', reason);
    expect(gone.stdout).toContain(`Override: ${reason}`);
    expect(entries('live-held')).toContainEqual(
      expect.objectContaining({ stage: 'watch', weight: 50, override: reason }),
    );
    // The reason was for what was seen at 50%; at 100% green still answers nobody.
    expect(gone.code).toBe(5);
    // Ten probes tell, and no more are sent.
    expect(gone.stdout).toMatch(/FAIL {5}live errors: GREEN 10 \/ 10/);
    expect(gone.stderr).toContain('A gate failed at 100%, and the plan says hold.');
    expect(await live('live-held')).toEqual({ 'green-live-held': 100 });
    expect(entries('live-held')).not.toContainEqual(
      expect.objectContaining({ weight: 100, override: reason }),
    );
  });
});

describe('a router that comes to serve another split', () => {
  it('is found by the few probes of a hold', async () => {
    const plan = planFor('live-stray', 'weights: [100]\nholds: {minutes: 60}', 'Standard_DS1_v2');
    const run = program('run', plan, '--yes');
    await run.says('hold     at 100%');
    await fault({ method: 'POST', path: '/score' }, { serve: { default: 100 } });
    const { code, stdout } = await run;
    await desk.sandbox.control('DELETE', '/_sandbox/faults');
    expect(code).toBe(3);
    expect(stdout).toMatch(/FAIL {5}split served: BLUE 100%, GREEN 0%, of \d probes?/);
    expect(stdout).toContain('ABORT    default has 0% and answered');
    expect(await live('live-stray')).toEqual({ default: 100 });
  });
});
