/** Rollouts without a terminal: the built program on the sandbox, as a pipeline runs it. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/azure/connect.js';
import type { Workspace } from '../../src/azure/types.js';
import { listJournals } from '../../src/rollout/journal.js';
import { connectionTo } from '../support/connection.js';
import { runProgram, type CommandResult } from '../support/run-command.js';
import { MAIN, startSandbox, temporaryFolder, type TestSandbox } from '../support/sandbox.js';

const SAMPLES = fileURLToPath(new URL('../../samples', import.meta.url));
let home: string;
let sandbox: TestSandbox;
let workspace: Workspace;

beforeAll(async () => {
  home = temporaryFolder();
  sandbox = await startSandbox({ timeScale: 0.02, stateDir: join(home, 'sandbox') });
  workspace = await connect(connectionTo(sandbox));
}, 60_000);
afterAll(async () => {
  await workspace?.close();
  await sandbox?.stop();
  rmSync(home, { recursive: true, force: true });
});

const env = () => ({ AML_ROLLOUT_HOME: home });
const program = (...args: string[]) => runProgram(args, { env: env(), cwd: home });
const live = async (endpoint: string) => (await workspace.getEndpoint(endpoint))?.traffic;
const result = ({ events }: CommandResult) => events().at(-1);
const journals = () => listJournals(join(home, 'journals')).journals;

/** The sample's plan for an endpoint of its own. */
function planFor(
  endpoint: string,
  extra = '',
  planned: { green?: string; rows?: number; size?: string } = {},
): string {
  const path = join(home, `${endpoint}.yml`);
  // The sandbox has quota for 40 cores a family, and every rollout stays.
  const size = planned.size ?? 'Standard_DS2_v2';
  const model = (folder: string) =>
    `{name: heart-classifier, path: ${join(SAMPLES, 'heart-classifier', folder)}}`;
  writeFileSync(
    path,
    `version: 1
endpoint: {name: ${endpoint}}
blue: {name: default, model: ${model('v1')}, instanceType: ${size}}
green: {name: xgboost-model, model: ${model(planned.green ?? 'v2')}}
evidence: {csv: ${join(SAMPLES, 'heart.csv')}, rows: ${planned.rows ?? 300}, seed: 4711, target: target}
weights: [10, 100]
holds: {minutes: 0}
${extra}`,
  );
  return path;
}

describe.concurrent('a plan that can not be carried out', () => {
  it('is refused with line and column before anything starts', async () => {
    const path = join(home, 'bad.yml');
    writeFileSync(path, 'version: 1\nendpoint: {name: a_b}\ngreen: {name: abc}\nspeed: 9\n');
    const { code, stdout, stderr } = await program('run', path, '--sandbox', '--yes');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('bad.yml, line 2, column 18: endpoint.name');
    expect(stderr).toContain('bad.yml, line 4, column 1: unknown key speed');
  });

  it('is refused when a file it names is not there', async () => {
    const path = planFor('heart-absent', '', { green: 'v9' });
    const { code, stderr } = await program('run', path, '--sandbox', '--yes');
    expect(code).toBe(2);
    expect(stderr).toContain(join('heart-classifier', 'v9'));
  });

  it('changes nothing without a yes', async () => {
    const { code, stderr } = await program('run', planFor('heart-unasked'), '--sandbox');
    expect(code).toBe(8);
    expect(stderr).toContain('--yes');
    expect(await workspace.getEndpoint('heart-unasked')).toBeUndefined();
  });

  it('can not be resumed where nothing was begun', async () => {
    const { code, stderr } = await program('resume', planFor('heart-never'), '--sandbox');
    expect(code).toBe(2);
    expect(stderr).toContain('aml-rollout run');
  });
});

describe.sequential('a plan carried out', { timeout: 90_000 }, () => {
  it('is promoted, after more rows than planned, and tells so in JSON lines', async () => {
    const plan = planFor('heart-good', '', { rows: 60 });
    const run = await program('run', plan, '--sandbox', '--yes', '--json');
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const events = run.events();
    expect(events[0]).toMatchObject({ event: 'plan', endpoint: 'heart-good' });
    expect(events.filter(({ event }) => event === 'more')[0]).toMatchObject({ what: 'rows' });
    expect(events.filter(({ event }) => event === 'probed')).toMatchObject([
      { share: 10, sent: 100, failed: 0 },
      { share: 100, served: { 'xgboost-model': 100 } },
    ]);
    expect(result(run)).toMatchObject({
      event: 'result',
      code: 0,
      outcome: 'promoted',
      traffic: { 'xgboost-model': 100 },
    });
    expect(await live('heart-good')).toEqual({ 'xgboost-model': 100 });
    const report = readFileSync(String(result(run)?.['report']), 'utf8');
    expect(report).toContain('| outcome | promoted |');
    expect(report).toContain('split served');
  });

  it('has nothing to do the second time, and begins no journal', async () => {
    const before = journals().length;
    const { code, stdout } = await program('run', join(home, 'heart-good.yml'), '--sandbox');
    expect(code).toBe(0);
    expect(stdout).toContain('Promoted: xgboost-model has 100 %');
    expect(stdout).not.toContain('set traffic');
    expect(journals()).toHaveLength(before);
    expect(await workspace.listModelVersions('heart-classifier')).toHaveLength(2);
  });

  it('tells where it stands, and that nothing is left to abort', async () => {
    const [status, abort] = await Promise.all([
      program('status', 'heart-good', '--sandbox', '--json'),
      program('abort', 'heart-good', '--sandbox', '--yes'),
    ]);
    expect(status.code).toBe(0);
    expect(status.events()).toMatchObject([
      { event: 'status', live: { 'xgboost-model': 100 }, restores: { default: 100 } },
    ]);
    expect(abort.code).toBe(0);
    expect(abort.stdout).toContain('aml-rollout rollback heart-good');
    expect(await live('heart-good')).toEqual({ 'xgboost-model': 100 });
  });

  it('is loaded and mirrored before it gets traffic, where the plan says so', async () => {
    const plan = planFor('heart-mirror', 'mirror: {percent: 20, minutes: 0.02}', {
      size: 'Standard_F2s_v2',
    });
    const checks = 'inFlight: 4, loadCheck: {seconds: 2, rate: 1200}';
    writeFileSync(plan, readFileSync(plan, 'utf8').replace('seed: 4711', `seed: 4711, ${checks}`));
    const run = await program('run', plan, '--sandbox', '--yes', '--json');
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const events = run.events();
    const titles = events.map(({ event, title, stage }) =>
      String(title ?? (stage === undefined ? event : `judged ${String(stage)}`)),
    );
    const inOrder = [
      'judged prove',
      'loading',
      'loaded',
      'judged load',
      'mirror traffic xgboost-model=20',
      'mirroring',
      'mirrored',
      'turn the mirror of heart-mirror off',
      'set traffic default=90',
    ].map((title) => titles.findIndex((each) => each.startsWith(title)));
    expect(inOrder).not.toContain(-1);
    expect(inOrder).toEqual([...inOrder].sort((a, b) => a - b));
    expect(events).toContainEqual(
      expect.objectContaining({
        event: 'loading',
        deployment: 'xgboost-model',
        perMinute: 120,
        requests: 4,
      }),
    );
    // An instance takes one request at a time, and there is one of each.
    expect(run.stdout).toContain("1 of the plan's 4 rows are sent at once");
    const { mirrorTraffic } = (await workspace.getEndpoint('heart-mirror')) ?? {};
    expect(mirrorTraffic).toEqual({});
    const [journal] = journals().filter(({ path }) => path.includes('heart-mirror'));
    const stages = journal?.entries.flatMap((each) =>
      each.event === 'judged' ? [`${each.stage} ${each.decision}`] : [],
    );
    expect(stages?.slice(0, 3)).toEqual(['prove promote', 'load promote', 'mirror promote']);
  });

  it('stops a green that is too small for the load of its first share', async () => {
    const plan = planFor('heart-small', '', { size: 'Standard_F2s_v2' });
    const checks = 'loadCheck: {seconds: 1, rate: 600000}';
    writeFileSync(plan, readFileSync(plan, 'utf8').replace('seed: 4711', `seed: 4711, ${checks}`));
    const { code, stdout, stderr } = await program('run', plan, '--sandbox', '--yes');
    expect(code).toBe(3);
    expect(stdout).toMatch(/FAIL +429 too busy: NEW \d+ \/ \d+/);
    expect(stderr).toContain('xgboost-model does not carry the load of 10 %: it gets no traffic.');
    expect(stderr).toContain('it needs more instances');
    expect(await live('heart-small')).toEqual({ default: 100 });
  });

  it('stops a worse model before it gets traffic, and shows the rows', async () => {
    const plan = planFor('heart-worse', '', { green: 'v3-regressed' });
    const { code, stdout, stderr } = await program('run', plan, '--sandbox', '--yes');
    expect(code).toBe(3);
    expect(stdout).toContain('FAIL     right answers: LIVE 256, NEW 186');
    expect(stdout).toMatch(/row 113: LIVE 0, NEW 1, right: LIVE/);
    expect(stdout).toContain('more rows differ');
    expect(stdout).not.toContain('xgboost-model=');
    expect(stderr).toContain('A gate failed: xgboost-model gets no traffic.');
    expect(await live('heart-worse')).toEqual({ default: 100 });
  });

  it('lets it through for a reason, which is kept', async () => {
    const plan = join(home, 'heart-worse.yml');
    const reason = 'a demonstration';
    const run = await program('run', plan, '--sandbox', '--yes', '--override', reason);
    expect(run.code).toBe(0);
    expect(run.stdout).not.toContain('create deployment');
    expect(run.stdout).toContain(`Going on in spite of it: ${reason}`);
    const [journal] = journals().filter(({ path }) => path.includes('heart-worse'));
    expect(journal?.entries).toContainEqual(expect.objectContaining({ override: reason }));
  });
});

describe('npm start where no terminal is attached', { timeout: 90_000 }, () => {
  it('carries the sample plan out on a sandbox of its own', async () => {
    const own = temporaryFolder();
    const args = ['--without-terminal', join(SAMPLES, 'rollout.yml'), '--time-scale', '0.02'];
    const options = { env: { AML_ROLLOUT_HOME: own }, cwd: own };
    const { code, stdout } = await runProgram(args, options);
    rmSync(own, { recursive: true, force: true });
    expect(code).toBe(0);
    expect(stdout).toContain('Promoted: xgboost-model has 100 %');
  });
});

describe.sequential('a rollout that is left', { timeout: 90_000 }, () => {
  const held = 'steps: [{at: 10, holds: {approval: true}}]';

  it('ends at a hold for a yes, and is no longer anybody else’s to begin', async () => {
    const plan = planFor('heart-held', held);
    const first = await program('run', plan, '--sandbox', '--yes', '--state-dir', 'one');
    expect(first.code).toBe(8);
    expect(first.stderr).toContain(`aml-rollout resume ${plan} --approve 10 --sandbox`);
    expect(await live('heart-held')).toEqual({ default: 90, 'xgboost-model': 10 });
    const other = await program('run', plan, '--sandbox', '--yes', '--state-dir', 'two');
    expect(other.code).toBe(6);
    expect(other.stderr).toContain('is under way on heart-held');
  });

  it('goes back when probes see another split than is configured', async () => {
    // The router answers from default alone, whatever the split says.
    const wrong = { status: 200, body: [0], headers: { 'azureml-model-deployment': 'default' } };
    const match = { method: 'POST', path: '/score' };
    await sandbox.control('POST', '/_sandbox/faults', { match, times: 1000, action: wrong });
    const plan = join(home, 'heart-held.yml');
    const args = ['--approve', '10', '--sandbox', '--state-dir', 'three'];
    const { code, stdout } = await program('resume', plan, ...args);
    await sandbox.control('DELETE', '/_sandbox/faults');
    expect(code).toBe(3);
    expect(stdout).toContain('FAIL     split served: LIVE 100 %, NEW 0 %');
    expect(stdout).toContain('the split at the start is restored: default=100');
    expect(await live('heart-held')).toEqual({ default: 100 });
  });

  it('goes back one split, then all the way', async () => {
    const plan = planFor('heart-back', `${held.replace('10', '30')}`);
    writeFileSync(plan, readFileSync(plan, 'utf8').replace('[10, 100]', '[10, 30, 100]'));
    expect((await program('run', plan, '--sandbox', '--yes')).code).toBe(8);
    expect((await program('undo', plan, '--sandbox')).code).toBe(8);
    const undo = await program('undo', plan, '--sandbox', '--yes');
    expect(undo.code).toBe(0);
    expect(await live('heart-back')).toEqual({ default: 90, 'xgboost-model': 10 });
    expect((await program('abort', 'heart-back', '--sandbox', '--yes')).code).toBe(0);
    expect(await live('heart-back')).toEqual({ default: 100 });
  });

  it('does not go on when someone else moved the traffic, until it is told to', async () => {
    const plan = planFor('heart-moved', `${held}\nretire: {delete: default}`, {
      size: 'Standard_F2s_v2',
    });
    expect((await program('run', plan, '--sandbox', '--yes')).code).toBe(8);
    const traffic = { default: 60, 'xgboost-model': 40 };
    await sandbox.control('POST', '/_sandbox/traffic', { endpoint: 'heart-moved', traffic });
    const refused = await program('resume', plan, '--sandbox');
    expect(refused.code).toBe(6);
    expect(refused.stderr).toContain('left it at default=90 xgboost-model=10, now it is');
    expect(await live('heart-moved')).toEqual(traffic);
    expect((await program('resume', plan, '--sandbox', '--adopt')).code).toBe(0);
    expect(await live('heart-moved')).toEqual({ 'xgboost-model': 100 });
    const left = await workspace.listDeployments('heart-moved');
    expect(left.map(({ name }) => name)).toEqual(['xgboost-model']);
  });

  it('keeps its state at Ctrl-C, and starts the hold again', async () => {
    const plan = planFor('heart-ctrl-c', 'steps: [{at: 10, holds: {minutes: 5}}]', {
      size: 'Standard_F2s_v2',
    });
    const { code, stderr } = await endedAt(plan, 'hold     at 10 %', 'SIGINT');
    expect(code).toBe(130);
    expect(stderr).toContain('nobody watches it now');
    expect(await live('heart-ctrl-c')).toEqual({ default: 90, 'xgboost-model': 10 });
    writeFileSync(plan, readFileSync(plan, 'utf8').replace('minutes: 5', 'minutes: 0.02'));
    const resumed = await program('resume', plan, '--sandbox');
    expect(resumed.code).toBe(0);
    expect(resumed.stdout).toContain('watched  0.02 min at 10 %');
  });

  it('goes on after kill -9 with nothing but the plan and the tags', async () => {
    const plan = planFor('heart-killed', '', { size: 'Standard_F2s_v2' });
    mkdirSync(join(home, 'agent-1'));
    await endedAt(plan, '...      set traffic xgboost-model=100', 'SIGKILL', 'agent-1');
    const args = ['--sandbox', '--state-dir', 'agent-2'];
    expect(await program('resume', plan, ...args)).toMatchObject({ code: 0 });
    expect(await live('heart-killed')).toEqual({ 'xgboost-model': 100 });
    const { tags } = (await workspace.getEndpoint('heart-killed')) ?? { tags: {} };
    expect(tags).toMatchObject({ 'amlr-previous': 'default=100' });
    expect(tags).not.toHaveProperty('amlr-rollout');
  });
});

/** Runs a plan and ends it with a signal at the first line that holds `line`. */
async function endedAt(plan: string, line: string, signal: NodeJS.Signals, stateDir?: string) {
  const keep = stateDir === undefined ? [] : ['--state-dir', stateDir];
  const args = [MAIN, 'run', plan, '--sandbox', '--yes', ...keep];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env() },
    cwd: home,
  });
  let stdout = '';
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const before = stdout.includes(line);
    stdout += text;
    if (!before && stdout.includes(line)) child.kill(signal);
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  expect(stdout).toContain(line);
  return { code, stdout, stderr };
}
