/** How rollouts without a terminal end when Azure refuses the way back, and what becomes of blue. */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { headless } from '../support/headless.js';
import { SAMPLES, samplePlan } from '../support/sample-plan.js';

const desk = headless();
const { home, live } = desk;

const program = (...args: string[]) => desk.program(...args, '--sandbox');
const command = (...args: string[]) => desk.command(...args, '--sandbox');
/** Strikes every time; with `after`, only once such a request has come. */
const fault = (match: object, action: object, after?: object) =>
  desk.sandbox.control('POST', '/_sandbox/faults', {
    match,
    times: 10_000,
    action,
    ...(after && { after: { match: after, times: 1 } }),
  });

describe.sequential('a rollout without a terminal', () => {
  it('says that somebody has to look when a gate failed and Azure refuses the way back', async () => {
    const extra = 'weights: [10, 100]\nholds: {minutes: 0}';
    const plan = samplePlan(home, { endpoint: 'heart-stuck', extra });
    await fault({ method: 'POST', path: '/score' }, { serve: { default: 100 } });
    const run = program('run', plan, '--yes');
    await run.says('ok       set traffic default=90');
    // The right was taken away meanwhile.
    const body = { error: { code: 'AuthorizationFailed', message: 'The client has no right.' } };
    await fault({ method: 'PUT', path: 'onlineEndpoints/heart-stuck\\?' }, { status: 403, body });
    const { code, stdout, stderr } = await run;
    await desk.sandbox.control('DELETE', '/_sandbox/faults');
    expect(code).toBe(4);
    expect(stdout).toContain('FAIL     split served: BLUE 100%, GREEN 0%');
    expect(stdout).toMatch(/^FAILED +set traffic/m);
    expect(stderr).toContain('the split at the start could not be restored');
    expect(stderr).toContain('xgboost-model was last seen with 10% of the traffic.');
    expect(stderr).toContain('aml-rollout rollback heart-stuck --sandbox');
    expect(await live('heart-stuck')).toEqual({ default: 90, 'xgboost-model': 10 });
    const back = await command('rollback', 'heart-stuck', '--yes');
    expect(back.code).toBe(0);
    expect(await live('heart-stuck')).toEqual({ default: 100 });
  });

  it('refuses an endpoint name that is taken in the region, and has nothing to continue', async () => {
    const plan = samplePlan(home, { endpoint: 'taken-in-region', extra: 'weights: [100]' });
    const { code, stderr } = await command('run', plan, '--yes');
    expect(stderr).toContain('There is already an endpoint with this name');
    expect(stderr).toContain('Choose another, for example with a few characters added.');
    expect(stderr).not.toMatch(/--adopt|Continue:/);
    expect(code).toBe(2);
  });

  it('calls what a poll answers with 400 the failure of what was accepted', async () => {
    const extra = 'weights: [100]\nholds: {minutes: 0}';
    const plan = samplePlan(home, { endpoint: 'heart-polled', size: 'Standard_E4s_v3', extra });
    const error = { code: 'BadArgument', message: 'The image of green is not there.' };
    const green = { method: 'PUT', deployment: 'xgboost-model' };
    await fault(green, { operationError: { code: 'ImageBuildFailure', message: 'No image.' } });
    await fault({ path: 'mfeOperationsStatus' }, { status: 400, body: { error } }, green);
    const { code, stdout, stderr } = await command('run', plan, '--yes');
    await desk.sandbox.control('DELETE', '/_sandbox/faults');
    expect(stderr).toContain(
      'Azure accepted the request, and it failed: The image of green is not there.',
    );
    expect(stdout + stderr).not.toMatch(/nothing was (?:changed|sent)/i);
    expect(code).toBe(3);
    expect(await live('heart-polled')).toEqual({ default: 100 });
  });

  it('deploys no green whose signature breaks callers of the one that serves', async () => {
    const folder = join(home, 'wants-more');
    cpSync(join(SAMPLES, 'heart-classifier', 'v2'), folder, { recursive: true });
    const mlmodel = join(folder, 'MLmodel');
    const text = readFileSync(mlmodel, 'utf8');
    const changed = text.replace(/"name": "chol"/, '"name": "cholesterol"');
    expect(changed).not.toBe(text);
    writeFileSync(mlmodel, changed);
    const plan = samplePlan(home, {
      endpoint: 'heart-contract',
      size: 'Standard_E2s_v3',
      extra: 'weights: [100]\nholds: {minutes: 0}',
    });
    const said = readFileSync(plan, 'utf8');
    const other = said.replace(/(green: .*path: )[^}]+/, `$1${folder}`);
    expect(other).not.toBe(said);
    writeFileSync(plan, other);
    const { code, stderr } = await command('run', plan, '--yes');
    // Found before the first write, so nothing was changed.
    expect(code).toBe(2);
    expect(stderr).toContain('cholesterol');
    expect(await desk.workspace.getEndpoint('heart-contract')).toBeUndefined();
  });

  it('calls a blue that does not answer blue, with an exit code of its own', async () => {
    const endpoint = 'heart-dumb';
    const plan = samplePlan(home, {
      endpoint,
      size: 'Standard_F4s_v2',
      extra: 'weights: [100]\nholds: {minutes: 0}',
    });
    await fault({ deployment: 'default' }, { crash: 'no module' });
    const crashed = await command('run', plan, '--yes');
    expect(crashed.code).toBe(9);
    expect(crashed.stderr).toContain('Blue (default) did not start.');
    await desk.sandbox.control('DELETE', '/_sandbox/faults');
    await desk.workspace.deleteDeployment(endpoint, 'default');
    const body = { message: 'ValueError: could not convert string to float: Zq7kCELL' };
    await fault({ endpoint, path: '/score', pinned: false }, { status: 424, body });
    const untested = await command('run', plan, '--yes');
    expect(untested.code).toBe(9);
    expect(untested.stderr).toContain('Blue (default) does not answer: 5 of 5 rows');
    expect(untested.stdout + untested.stderr).toContain('Zq7kCELL');
    await desk.sandbox.control('DELETE', '/_sandbox/faults');
    const pinned = { endpoint, path: '/score', deployment: 'default', pinned: true };
    await fault(pinned, { status: 424, body });
    const unproved = await command('run', plan, '--yes', '--json');
    expect(unproved.code).toBe(9);
    expect(unproved.stdout).toContain('"outcome":"blue-down"');
    expect(unproved.stdout).toContain('Blue (default) answered none of 10 rows');
    expect(unproved.stdout + unproved.stderr).toContain('float: Zq7kCELL');
    // A model repeats cells: they are for the terminal alone.
    const kept = readdirSync(home, { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile() && /\.(?:jsonl|json|md|html)$/.test(each.name))
      .map((each) => readFileSync(join(each.parentPath, each.name), 'utf8'));
    expect(kept.filter((text) => text.includes('(424): ValueError.'))).not.toEqual([]);
    expect(kept.filter((text) => text.includes('Zq7kCELL'))).toEqual([]);
    expect(await live(endpoint)).toEqual({ default: 100 });
    await desk.sandbox.control('DELETE', '/_sandbox/faults');
  });

  it('is promoted also where its report can not be written, and says why there is none', async () => {
    const extra = 'weights: [100]\nholds: {minutes: 0}';
    const plan = samplePlan(home, { endpoint: 'heart-untold', extra });
    mkdirSync(join(home, 'kept'));
    writeFileSync(join(home, 'kept', 'reports'), 'A file where the folder would be.');
    const run = () => command('run', plan, '--yes', '--state-dir', 'kept');
    const { code, stdout, stderr } = await run();
    expect(stdout).toContain('Promoted: xgboost-model has 100% of the traffic on heart-untold.');
    expect(stdout).not.toMatch(/^Report /m);
    expect(stderr.match(/The report can't be written: ENOTDIR/g)).toHaveLength(1);
    expect(stderr).not.toContain('internal error');
    expect(code).toBe(0);
    const again = await run();
    expect(again.stdout).toContain('Promoted: ');
    expect(again.code).toBe(0);
  });

  it('makes blue smaller in the end, where the plan says so', async () => {
    const plan = samplePlan(home, {
      endpoint: 'heart-small',
      instances: 2,
      size: 'Standard_F2s_v2',
      extra: `weights: [100]
holds: {minutes: 0}
retire: scale-to-one
notify:
  - command: {argv: [${process.execPath}, -e, "process.stdin.pipe(fs.createWriteStream('told.jsonl', {flags: 'a'}))"]}
  - webhook: {urlFrom: NO_SUCH_WEBHOOK}
    on: [promoted]`,
    });
    const { code, stdout } = await command('run', plan, '--yes');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ok +scale default.* 2 .*1/m);
    const told = readFileSync(join(home, 'told.jsonl'), 'utf8').trimEnd().split('\n');
    expect(told.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual([
      'started',
      'promoted',
    ]);
    // That nobody could be told is said, and changes nothing.
    expect(stdout).toContain('Not notified (promoted): The environment variable NO_SUCH_WEBHOOK');
    const sizes = (await desk.workspace.listDeployments('heart-small')).map(
      ({ name, instanceCount }) => `${name} ${instanceCount}`,
    );
    expect(sizes.toSorted()).toEqual(['default 1', 'xgboost-model 2']);
    // Several plans: one that is done already, one that is refused, one that is not reached.
    const refused = samplePlan(home, {
      ...{ endpoint: 'heart-refused', size: 'Standard_NOPE', extra: 'weights: [100]' },
    });
    const never = samplePlan(home, { endpoint: 'heart-never', extra: 'weights: [100]' });
    const several = await command('run', plan, refused, never, '--yes', '--json');
    const events = several.events();
    const results = events.filter(({ event }) => event === 'result');
    expect(results).toMatchObject([
      { plan, code: 0, outcome: 'promoted' },
      { plan: refused, code: several.code },
      { code: several.code, plans: [{ plan, code: 0 }, { plan: refused }], notRun: [never] },
    ]);
    expect(several.code).toBe(2);
    expect(results[2]).not.toHaveProperty('plan');
    expect(events.slice(0, -1).every((each) => each['plan'] !== undefined)).toBe(true);
    expect(await desk.workspace.getEndpoint('heart-never')).toBeUndefined();
    // And the way back knows how large it was.
    const { tags } = (await desk.workspace.getEndpoint('heart-small')) ?? {};
    expect(tags).toMatchObject({ 'amlr-previous': 'default=100' });
  });
});
