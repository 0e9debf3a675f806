/** Rollouts without a terminal: the built program on the sandbox, as a pipeline runs it. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listJournals } from '../../src/rollout/journal/journal.js';
import { ArmClient } from '../support/arm.js';
import { autoscaleBody, autoscalePath } from '../support/autoscale.js';
import { serveBlue } from '../support/live-endpoint.js';
import { runProgram, type CommandResult } from '../support/run-command.js';
import { headless } from '../support/headless.js';
import { SAMPLES, samplePlan } from '../support/sample-plan.js';
import { temporaryFolder } from '../support/sandbox.js';

/** In the environment, for checks. Neither it nor its variable looks like a secret. */
const ASKED_AS = 'orders-desk-7781';
const desk = headless({ ORDERS_AS: ASKED_AS });
const { home, live, command, program } = desk;

const result = ({ events }: CommandResult) => events().at(-1);
/** The report that a run names, in both forms. */
const reportOf = (stdout: string) => {
  const path = /^Report {4}(.+)$/m.exec(stdout)?.[1] ?? 'no report';
  const json = JSON.parse(readFileSync(path.replace(/\.md$/, '.json'), 'utf8')) as object;
  return { markdown: readFileSync(path, 'utf8'), json };
};
const journals = () => listJournals(join(home, 'journals')).journals;

/** The sample's plan for an endpoint of its own. */
const planFor = (
  endpoint: string,
  extra = '',
  { green, ...planned }: { green?: string; rows?: number; size?: string } = {},
): string =>
  samplePlan(home, {
    endpoint,
    ...(green !== undefined && { green: { model: green } }),
    ...planned,
    extra: `weights: [10, 100]\nholds: {minutes: 0}\n${extra}`,
  });

const says = 'console.error(process.argv[1] + " is not known"); process.exit(1)';
const CHECKS = `checks:
  - name: orders
    mode: warn
    at: [before]
    pass: '> 0'
    command: {argv: [${process.execPath}, -e, '${says}', '\${ORDERS_AS}']}
  - name: orders by http
    mode: warn
    at: [before]
    pass: '> 0'
    http: {url: 'http://127.0.0.1:9/\${ORDERS_AS}', headers: {X-Asked-As: '\${ORDERS_AS}'}}
`;

describe.concurrent('a plan that can not be carried out', () => {
  it('is refused with line and column before anything starts', async () => {
    const path = join(home, 'bad.yml');
    writeFileSync(path, 'version: 1\nendpoint: {name: a_b}\ngreen: {name: abc}\nspeed: 9\n');
    const { code, stdout, stderr } = await command('run', path, '--sandbox', '--yes');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('bad.yml, line 2, column 18: endpoint.name');
    expect(stderr).toContain('bad.yml, line 4, column 1: unknown key speed');
  });

  it('is refused when a file it names is not there', async () => {
    const path = planFor('heart-absent', '', { green: 'v9' });
    const { code, stderr } = await command('run', path, '--sandbox', '--yes');
    expect(code).toBe(2);
    expect(stderr).toContain(join('heart-classifier', 'v9'));
  });

  it('is refused where its rows can prove nothing, before anything is created', async () => {
    const data = join(home, 'few.csv');
    const rows = readFileSync(join(SAMPLES, 'heart.csv'), 'utf8').split('\n').slice(0, 45);
    writeFileSync(data, rows.join('\n'));
    const extra = 'weights: [100]\nholds: {minutes: 0}';
    const path = samplePlan(home, { endpoint: 'heart-few', data, extra });
    const { code, stderr } = await command('run', path, '--sandbox', '--yes');
    expect(code).toBe(2);
    expect(stderr).toContain('44 rows cannot prove errors ≤ 1 pp: 268 needed');
    expect(await desk.workspace.getEndpoint('heart-few')).toBeUndefined();
  });

  it('is refused where its budget of probes can verify no step', async () => {
    const path = planFor('heart-budget', 'probes: {count: 5, budget: 10}');
    const { code, stdout, stderr } = await command('run', path, '--sandbox', '--yes');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(
      "probes.budget: a budget of 10 can't verify the split at 10%, which needs at least 100 probes",
    );
    expect(await desk.workspace.getEndpoint('heart-budget')).toBeUndefined();
  });

  it('changes nothing without a yes', async () => {
    const { code, stderr } = await command('run', planFor('heart-unasked'), '--sandbox');
    expect(code).toBe(8);
    expect(stderr).toContain('--yes');
    expect(await desk.workspace.getEndpoint('heart-unasked')).toBeUndefined();
  });

  it('can not be resumed where nothing was begun', async () => {
    const { code, stderr } = await command('resume', planFor('heart-never'), '--sandbox');
    expect(code).toBe(2);
    expect(stderr).toContain('aml-rollout run');
  });
});

describe.sequential('a plan carried out', () => {
  it('is promoted, after more rows than planned, and tells so in JSON lines', async () => {
    const plan = planFor('heart-good', CHECKS, { rows: 60 });
    const run = await program('run', plan, '--sandbox', '--yes', '--json');
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toContain('xgboost-model differs from default in its model only.');
    const events = run.events();
    expect(events.every(({ schemaVersion }) => schemaVersion === 1)).toBe(true);
    expect(events[0]).toMatchObject({ event: 'plan', command: 'run', endpoint: 'heart-good' });
    expect(run.stdout).not.toContain('null');
    const proved = events.filter(({ event, stage }) => event === 'verdict' && stage === 'prove');
    expect(proved.map(({ verdict }) => verdict)).toContainEqual(
      expect.objectContaining({
        gate: 'accuracy',
        measured: expect.objectContaining({ unit: 'pp', limit: -2 }) as unknown,
      }),
    );
    expect(events.filter(({ event }) => event === 'more')[0]).toMatchObject({ what: 'rows' });
    expect(events.filter(({ event }) => event === 'probed')).toMatchObject([
      { weight: 10, failed: 0 },
      { weight: 100, served: { 'xgboost-model': 100 } },
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
    const page = readFileSync(String(result(run)?.['report']).replace(/md$/, 'html'), 'utf8');
    expect(page).toContain('Promoted: green has all the live traffic.');
    expect(page).toContain('Latency over rows');
    expect(report).toContain('split served');
  });

  it('keeps nothing of what a check was given in a variable', () => {
    const verdicts = journals().flatMap(({ entries }) =>
      entries.flatMap((entry) => (entry.event === 'judged' ? entry.verdicts : [])),
    );
    const whys = verdicts.flatMap(({ gate, why }) => (gate.startsWith('check:') ? [why] : []));
    // Each said it: the program in its error, the server's address in its path.
    expect(whys.join('\n')).toMatch(
      /orders can't be read: .* ended with code 1\. •••• is not known/,
    );
    expect(whys.join('\n')).toMatch(/orders by http can't be read/);
    const files = readdirSync(home, { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile())
      .map(({ parentPath, name }) => join(parentPath, name));
    expect(files.some((file) => file.endsWith('.jsonl'))).toBe(true);
    expect(files.filter((file) => readFileSync(file).includes(ASKED_AS))).toEqual([]);
  });

  it('is followed by a plan to fill in, which overwrites no file and asks for a new version', async () => {
    const init = ['init', 'heart-good', '--sandbox', '--csv', join(SAMPLES, 'heart.csv')];
    expect(await command(...init)).toMatchObject({ code: 0, stderr: '' });
    const again = await command(...init);
    expect(again).toMatchObject({ code: 2 });
    expect(again.stderr).toContain('--force');
    const plan = readFileSync(join(home, 'rollout.yml'), 'utf8');
    expect(plan).toContain('Blue is what serves now: xgboost-model, heart-classifier:2');
    const asItIs = await command('run', 'rollout.yml', '--sandbox');
    expect(asItIs).toMatchObject({ code: 2 });
    expect(asItIs.stderr).toContain('your-model-folder');
    // With the folder that it asks for it is taken, and only not confirmed.
    const folder = join(SAMPLES, 'heart-classifier', 'v3-regressed');
    writeFileSync(join(home, 'rollout.yml'), plan.replace('./your-model-folder', folder));
    expect(await command('run', 'rollout.yml', '--sandbox')).toMatchObject({ code: 8 });
  });

  it('has nothing to do the second time, and begins no journal', async () => {
    const before = journals().length;
    const { code, stdout } = await program('run', join(home, 'heart-good.yml'), '--sandbox');
    expect(code).toBe(0);
    expect(stdout).toContain('Promoted: xgboost-model has 100%');
    expect(stdout).not.toContain('set traffic');
    expect(journals()).toHaveLength(before);
    expect(await desk.workspace.listModelVersions('heart-classifier')).toHaveLength(2);
  });

  it('tells where it stands, and that nothing is left to abort', async () => {
    const [status, abort] = await Promise.all([
      command('status', 'heart-good', '--sandbox', '--json'),
      command('abort', 'heart-good', '--sandbox', '--yes'),
    ]);
    expect(status.code).toBe(0);
    expect(status.events()).toMatchObject([
      {
        event: 'status',
        traffic: { 'xgboost-model': 100 },
        costPerHour: 0.292,
        restores: { default: 100 },
        rollBackCommand: 'aml-rollout rollback heart-good --sandbox',
      },
    ]);
    expect(abort.code).toBe(0);
    expect(abort.stdout).toContain('aml-rollout rollback heart-good');
    expect(await live('heart-good')).toEqual({ 'xgboost-model': 100 });
  });

  it('gives green the autoscale of blue before its first traffic, where it asks for that', async () => {
    const arm = await ArmClient.connect(desk.sandbox.info);
    try {
      await serveBlue(arm, 'heart-scaled', { model: 'heart-scaled' });
      const path = `${arm.workspace}/onlineEndpoints/heart-scaled/deployments`;
      const setting = autoscaleBody('scale', `${path}/default`);
      await arm.put(autoscalePath(arm, 'scale'), setting, '2022-10-01');
      const run = await command(
        'run',
        planFor('heart-scaled', 'autoscale: copy\n'),
        '--sandbox',
        '--yes',
      );
      expect(run.code, run.stdout + run.stderr).toBe(0);
      const { status, body } = await arm.get(autoscalePath(arm, 'scale-xgboost-model'));
      expect([status, body.properties?.targetResourceUri]).toEqual([200, `${path}/xgboost-model`]);
      const { markdown } = reportOf(run.stdout);
      const [copied, moved] = [
        'copy autoscale setting scale to xgboost-model',
        'set traffic default=90 xgboost-model=10',
      ].map((words) => markdown.indexOf(words));
      expect(copied).toBeGreaterThan(0);
      expect(moved).toBeGreaterThan(copied!);
      expect(markdown).toContain('| autoscale | copied from blue to green |');
    } finally {
      await arm.close();
    }
  });

  it('is loaded and mirrored before it gets traffic, where the plan says so', async () => {
    const plan = planFor('heart-mirror', 'mirror: {percent: 20, minutes: 0.02}', {
      size: 'Standard_F2s_v2',
    });
    const checks = 'inFlight: 4, loadCheck: {seconds: 2, rate: 1200}';
    writeFileSync(plan, readFileSync(plan, 'utf8').replace('seed: 4711', `seed: 4711, ${checks}`));
    const run = await command('run', plan, '--sandbox', '--yes', '--json');
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
    const { mirrorTraffic } = (await desk.workspace.getEndpoint('heart-mirror')) ?? {};
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
    const { code, stdout, stderr } = await command('run', plan, '--sandbox', '--yes');
    expect(code).toBe(3);
    expect(stdout).toMatch(/FAIL +429 too busy: GREEN \d+ \/ \d+/);
    expect(stderr).toContain('xgboost-model does not carry the load: it gets no traffic.');
    expect(stderr).toContain('it needs more instances');
    expect(await live('heart-small')).toEqual({ default: 100 });
  });

  it('stops a worse model before it gets traffic, and shows the rows', async () => {
    const plan = planFor('heart-worse', '', { green: 'v3-regressed' });
    const { code, stdout, stderr } = await command('run', plan, '--sandbox', '--yes');
    expect(code).toBe(3);
    expect(stdout).toContain('FAIL     right answers: BLUE 256, GREEN 186');
    expect(stdout).toMatch(/row 113: BLUE 0, GREEN 1, right: BLUE/);
    expect(stdout).toContain('more rows differ');
    expect(stdout).not.toContain('xgboost-model=');
    expect(stderr).toContain('A gate failed: xgboost-model gets no traffic.');
    expect(await live('heart-worse')).toEqual({ default: 100 });
    const { markdown, json } = reportOf(stdout);
    for (const line of [
      /^\| outcome \| not started \|$/m,
      /^\| by \| .+ \|$/m,
      /^\| steps \| 10, 100% \|$/m,
      /^\| rows \| 300, of heart.csv, seed 4711, target target \|$/m,
      /^\| file \| heart-worse.yml, SHA-256 [0-9a-f]{64} \|$/m,
      /^\| \d{4}-.+Z \| create deployment xgboost-model.* \| done, verified \| .+ \|$/m,
      /^- heart.csv \(prove\): SHA-256 `[0-9a-f]{64}`$/m,
      /^ {2}- differing rows: \d+, \d+/m,
      /^### before traffic, xgboost-model at 0%: stop$/m,
      /^\| right answers \| enforce \| 256 \| 186 \| -23.+ \| -2.0 pp \| fail \|$/m,
      /^- right answers: Only blue was right on \d+ rows, only green on \d+; green loses at least \d+\.\d pp\.$/m,
    ]) {
      expect(markdown).toMatch(line);
    }
    expect(json).toMatchObject({
      outcome: 'not started',
      plan: { weights: [10, 100], evidence: { csv: 'heart.csv', rows: 300, seed: 4711 } },
      planFile: { name: 'heart-worse.yml' },
      judgements: expect.arrayContaining([
        expect.objectContaining({
          stage: 'prove',
          decision: 'stop',
          verdicts: expect.arrayContaining([
            expect.objectContaining({ gate: 'accuracy', verdict: 'fail', blue: '256' }),
          ]),
        }),
      ]),
    });
  });

  it('lets it through for a reason, which is kept', async () => {
    const plan = join(home, 'heart-worse.yml');
    const reason = 'a demonstration';
    const run = await command('run', plan, '--sandbox', '--yes', '--override', reason);
    expect(run.code).toBe(0);
    expect(run.stdout).not.toContain('create deployment');
    expect(run.stdout).toContain(`Override: ${reason}`);
    const [journal] = journals().filter(({ path }) => path.includes('heart-worse'));
    expect(journal?.entries).toContainEqual(expect.objectContaining({ override: reason }));
    const { markdown, json } = reportOf(run.stdout);
    expect(markdown).toContain(`| proof overridden because | ${reason} |`);
    expect(markdown).toMatch(/^\d{4}-.+Z, overridden: a demonstration$/m);
    expect(markdown).toMatch(/^### before traffic, xgboost-model at 0%: stop$/m);
    expect(json).toMatchObject({ outcome: 'promoted', proofOverride: reason });
  });
});

describe('npm start where no terminal is attached', () => {
  it('carries the sample plan out on a sandbox of its own', async () => {
    const own = temporaryFolder();
    const args = ['--without-terminal', join(SAMPLES, 'rollout.yml'), '--time-scale', '0.02'];
    const options = { env: { AML_ROLLOUT_HOME: own }, cwd: own };
    const { code, stdout } = await runProgram(args, options);
    rmSync(own, { recursive: true, force: true });
    expect(code).toBe(0);
    expect(stdout).toContain('Promoted: xgboost-model has 100%');
  });
});
