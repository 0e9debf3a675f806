/** Rollouts without a terminal that are left, by a hold, a signal or somebody else, and gone on with. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { headless } from '../support/headless.js';
import { beginRollout, GREEN } from '../support/rollout.js';
import { samplePlan } from '../support/sample-plan.js';
import { MAIN } from '../support/sandbox.js';

const desk = headless();
const { home, live, command, env } = desk;

/** The sample's plan for an endpoint of its own. */
const planFor = (endpoint: string, extra: string, planned: { size?: string } = {}): string =>
  samplePlan(home, {
    endpoint,
    ...planned,
    extra: `weights: [10, 100]\nholds: {minutes: 0}\n${extra}`,
  });

describe.sequential('a rollout that is left', () => {
  const held = 'steps: [{at: 10, holds: {approval: true}}]';

  it('ends at a hold for a yes, and is no longer anybody else’s to begin', async () => {
    const plan = planFor('heart-held', held);
    const after = planFor('heart-after', held);
    const first = await command('run', plan, after, '--sandbox', '--yes', '--state-dir', 'one');
    expect(first.code).toBe(8);
    const reach = '--sandbox --state-dir one';
    expect(first.stderr).toContain(`resume ${plan} --approve 10 ${reach} && `);
    expect(first.stderr).toMatch(`run ${after} ${reach} --yes\n`);
    expect(first.stderr).toContain(`aml-rollout resume ${plan} --approve 10 --sandbox`);
    expect(await live('heart-held')).toEqual({ default: 90, 'xgboost-model': 10 });
    const other = await command('run', plan, '--sandbox', '--yes', '--state-dir', 'two');
    expect(other.code).toBe(6);
    expect(other.stderr).toContain('is under way on heart-held');
  });

  it('names every plan that is left, where a signal ends the first of several', async () => {
    const plans = ['heart-first', 'heart-second', 'heart-third'].map((name) => planFor(name, ''));
    const run = desk.program('run', ...plans, '--sandbox', '--yes');
    await run.says('...      create endpoint');
    run.interrupt('SIGHUP');
    const { code, stderr } = await run;
    expect(code).toBe(129);
    expect(stderr).toContain(`run ${plans.join(' ')} --sandbox --yes\n`);
  });

  it('goes back when probes see another split than is configured', async () => {
    // The router answers from default alone, whatever the split says.
    const wrong = { status: 200, body: [0], headers: { 'azureml-model-deployment': 'default' } };
    const match = { method: 'POST', path: '/score' };
    await desk.sandbox.control('POST', '/_sandbox/faults', { match, times: 1000, action: wrong });
    const plan = join(home, 'heart-held.yml');
    const args = ['--approve', '10', '--sandbox', '--state-dir', 'three'];
    const { code, stdout } = await command('resume', plan, ...args);
    await desk.sandbox.control('DELETE', '/_sandbox/faults');
    expect(code).toBe(3);
    expect(stdout).toContain('FAIL     split served: BLUE 100%, GREEN 0%');
    expect(stdout).toContain('the split at the start is restored: default=100');
    expect(await live('heart-held')).toEqual({ default: 100 });
  });

  it('goes back one split, then all the way', async () => {
    const plan = planFor('heart-back', `${held.replace('10', '30')}`);
    writeFileSync(plan, readFileSync(plan, 'utf8').replace('[10, 100]', '[10, 30, 100]'));
    expect((await command('run', plan, '--sandbox', '--yes')).code).toBe(8);
    expect((await command('undo', plan, '--sandbox')).code).toBe(8);
    const undo = await command('undo', plan, '--sandbox', '--yes');
    expect(undo.code).toBe(0);
    expect(await live('heart-back')).toEqual({ default: 90, 'xgboost-model': 10 });
    expect((await command('abort', 'heart-back', '--sandbox', '--yes')).code).toBe(0);
    expect(await live('heart-back')).toEqual({ default: 100 });
  });

  it('does not go on when someone else moved the traffic, until it is told to', async () => {
    const plan = planFor('heart-moved', `${held}\nretire: {delete: default}`, {
      size: 'Standard_F2s_v2',
    });
    expect((await command('run', plan, '--sandbox', '--yes')).code).toBe(8);
    const traffic = { default: 60, 'xgboost-model': 40 };
    await desk.sandbox.control('POST', '/_sandbox/traffic', { endpoint: 'heart-moved', traffic });
    const refused = await command('resume', plan, '--sandbox');
    expect(refused.code).toBe(6);
    expect(refused.stderr).toContain('this rollout left it at default=90 xgboost-model=10.');
    expect(await live('heart-moved')).toEqual(traffic);
    expect((await command('resume', plan, '--sandbox', '--adopt')).code).toBe(0);
    expect(await live('heart-moved')).toEqual({ 'xgboost-model': 100 });
    const left = await desk.workspace.listDeployments('heart-moved');
    expect(left.map(({ name }) => name)).toEqual(['xgboost-model']);
  });

  it('is not seen from elsewhere before it moves traffic, and an abort there says so', async () => {
    const endpoint = 'heart-unseen';
    const rollout = await beginRollout(desk.sandbox, {
      endpoint,
      rolloutId: 'elsewhere',
      journals: join(home, 'elsewhere'),
      greenShare: 0,
      size: 'Standard_F2s_v2',
    });
    await rollout.close();
    const unseen = `is known only where it was started: end it there, or delete its green. Without traffic: ${GREEN}.`;
    const ended = await command('abort', endpoint, '--sandbox', '--yes');
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining(unseen) });
    const asked = await command('abort', endpoint, '--sandbox', '--yes', '--delete-green');
    expect(asked).toMatchObject({ code: 2, stderr: expect.stringContaining(unseen) });
    expect(asked.stderr).toContain('Nothing was deleted.');
    expect(await desk.workspace.listDeployments(endpoint)).toHaveLength(2);
  });

  it('keeps its state at Ctrl-C, and starts the hold again', async () => {
    const plan = planFor('heart-ctrl-c', 'steps: [{at: 10, holds: {minutes: 5}}]', {
      size: 'Standard_F2s_v2',
    });
    const { code, stderr } = await endedAt(plan, 'hold     at 10%', 'SIGINT');
    expect(code).toBe(130);
    expect(stderr).toContain('is not watched now');
    // A terminal that is closed sends two at once.
    const closed = await endedAt(plan, 'hold     at 10%', 'SIGHUP', { again: 'SIGTERM' });
    expect(closed.code).toBe(129);
    expect(closed.stderr).toContain('Split: default=90 xgboost-model=10, as last read.');
    expect(closed.stderr).toContain('Roll back: ');
    expect(closed.stderr).toContain('Continue: ');
    expect(closed.stdout).toMatch(/^Report /m);
    expect(await live('heart-ctrl-c')).toEqual({ default: 90, 'xgboost-model': 10 });
    writeFileSync(plan, readFileSync(plan, 'utf8').replace('minutes: 5', 'minutes: 0.02'));
    const resumed = await command('resume', plan, '--sandbox');
    expect(resumed.code).toBe(0);
    expect(resumed.stdout).toContain('watched  0.02 min at 10%');
  });

  it('goes on after kill -9 with nothing but the plan and the tags', async () => {
    const plan = planFor('heart-killed', '', { size: 'Standard_F2s_v2' });
    mkdirSync(join(home, 'agent-1'));
    await endedAt(plan, '...      set traffic xgboost-model=100', 'SIGKILL', {
      stateDir: 'agent-1',
    });
    const args = ['--sandbox', '--state-dir', 'agent-2'];
    expect(await command('resume', plan, ...args)).toMatchObject({ code: 0 });
    expect(await live('heart-killed')).toEqual({ 'xgboost-model': 100 });
    const { tags } = (await desk.workspace.getEndpoint('heart-killed')) ?? { tags: {} };
    expect(tags).toMatchObject({ 'amlr-previous': 'default=100' });
    expect(tags).not.toHaveProperty('amlr-rollout');
  });
});

/** Runs a plan and ends it with a signal at the first line that holds `line`. */
async function endedAt(
  plan: string,
  line: string,
  signal: NodeJS.Signals,
  { stateDir, again }: { stateDir?: string; again?: NodeJS.Signals } = {},
) {
  const keep = stateDir === undefined ? [] : ['--state-dir', stateDir];
  const args = [MAIN, 'run', plan, '--sandbox', '--yes', ...keep];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    cwd: home,
  });
  let stdout = '';
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const before = stdout.includes(line);
    stdout += text;
    if (before || !stdout.includes(line)) return;
    child.kill(signal);
    if (again) setTimeout(() => child.kill(again), 5);
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  expect(stdout).toContain(line);
  return { code, stdout, stderr };
}
