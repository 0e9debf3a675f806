/** `aml-rollout export`, the built program: of a rollout on the sandbox, and of a plan. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { connect } from '../../src/azure/connect.js';
import { connectionTo } from '../support/connection.js';
import { eventually } from '../support/eventually.js';
import { beginRollout, BLUE, GREEN } from '../support/rollout.js';
import { runWarm } from '../support/run-command.js';
import { SAMPLES } from '../support/sample-plan.js';
import { startSandbox, temporaryFolder, type TestSandbox } from '../support/sandbox.js';

let home: string;
let sandbox: TestSandbox;
const env = () => ({ AML_ROLLOUT_HOME: home });
/** Nothing answers there. */
const OFFLINE = { HTTPS_PROXY: 'http://127.0.0.1:9', HTTP_PROXY: 'http://127.0.0.1:9' };

beforeAll(async () => {
  home = temporaryFolder();
  sandbox = await startSandbox({ timeScale: 0.02, stateDir: join(home, 'sandbox') });
});
afterAll(async () => {
  await sandbox?.stop();
  rmSync(home, { recursive: true, force: true });
});

describe('export', () => {
  const endpoint = 'heart-export';

  it('writes report and scripts without a network, and with one', async () => {
    const rollout = await beginRollout(sandbox, {
      endpoint,
      rolloutId: 'exp0rted',
      journals: join(home, 'journals'),
    });
    await rollout.close();
    const cwd = temporaryFolder();
    const offline = await runWarm(['export', endpoint, '--sandbox'], {
      env: { ...env(), ...OFFLINE },
      cwd,
    });
    expect(offline).toMatchObject({ code: 0, stderr: '' });
    // The journals of another machine, as a pipeline's artifact has them.
    const named = ['export', endpoint, '--sandbox', '--state-dir', home, '--dir', 'elsewhere'];
    const nowhere = { AML_ROLLOUT_HOME: join(cwd, 'nowhere'), ...OFFLINE };
    expect(await runWarm(named, { env: nowhere, cwd })).toMatchObject({ code: 0 });
    const folder = join(cwd, 'rollouts', `${endpoint}-exp0rted`);
    expect(readdirSync(folder).sort()).toEqual([
      'blue-deployment.yml',
      'charts',
      'endpoint.yml',
      'green-deployment.yml',
      'report.html',
      'report.json',
      'report.md',
      'rollout.py',
      'rollout.sh',
      'rollout_mlflow.py',
    ]);
    expect(statSync(join(folder, 'rollout.sh')).mode & 0o100).toBe(0o100);
    const read = (at: string) =>
      JSON.parse(readFileSync(join(at, 'report.json'), 'utf8')) as object;
    const told = read(folder);
    expect(told).toMatchObject({
      program: expect.stringContaining('from the journal'),
      outcome: 'partly',
      splitNow: { [BLUE]: 70, [GREEN]: 30 },
    });

    const page = readFileSync(join(folder, 'report.html'), 'utf8');
    expect(page).toContain('In part: green and blue both have live traffic.');
    expect(readFileSync(join(folder, 'charts', 'weights.svg'), 'utf8')).toMatch(
      /^<svg .*<\/svg>\n$/s,
    );

    const dir = join(cwd, 'live');
    const live = await runWarm(['report', endpoint, '--live', '--sandbox', '--dir', dir], {
      env: env(),
      cwd,
    });
    expect(live).toMatchObject({ code: 0 });
    // But for who says it and when, the journal alone tells the same.
    const volatile = { program: '', reportedAt: '' };
    expect({ ...told, ...volatile }).toEqual({ ...read(dir), ...volatile });
    rmSync(cwd, { recursive: true });
  });

  // Elsewhere the machine itself decides what opens a page.
  it.runIf(process.platform === 'linux')('opens the page only when asked', async () => {
    const dir = join(home, 'opened');
    const seen = join(home, 'opened.txt');
    const bin = join(home, 'bin');
    mkdirSync(bin);
    // What xdg-open asks where there is no desktop, one or the other.
    const opener = `#!/bin/sh\nfor last; do :; done\nprintf %s "$last" > '${seen}'\n`;
    for (const name of ['run-mailcap', 'browser']) {
      writeFileSync(join(bin, name), opener, { mode: 0o755 });
    }
    const desk = {
      ...env(),
      PATH: `${bin}:${process.env['PATH'] ?? ''}`,
      BROWSER: join(bin, 'browser'),
      DISPLAY: '',
      WAYLAND_DISPLAY: '',
      XDG_CURRENT_DESKTOP: 'X-Generic',
    };
    const run = (...more: string[]) =>
      runWarm(['report', endpoint, '--sandbox', '--dir', dir, ...more], {
        env: desk,
        cwd: home,
      });
    expect(await run()).toMatchObject({ code: 0 });
    expect(existsSync(seen)).toBe(false);
    expect(await run('--open')).toMatchObject({ code: 0, stderr: '' });
    await eventually(() => expect(readFileSync(seen, 'utf8')).toContain(join(dir, 'report.html')));
  });

  it('says which rollouts there are', async () => {
    const { code, stderr } = await runWarm(['export', 'heart-other'], { env: env() });
    expect(code).toBe(2);
    expect(stderr).toContain(`This folder has rollouts of ${endpoint}.`);
  });

  it('names the file that can not be written', async () => {
    const dir = join(home, 'a-file');
    writeFileSync(dir, '');
    const { code, stderr } = await runWarm(['export', endpoint, '--dir', dir], { env: env() });
    expect(code).toBe(1);
    expect(stderr).toContain("can't be written");
    expect(existsSync(join(dir, 'report.md'))).toBe(false);
  });
});

describe('export of a load test', () => {
  const endpoint = 'heart-load';
  const run = (...args: string[]) =>
    runWarm(['export', ...args, '--sandbox'], { env: env(), cwd: home });

  it('asks for the rate that nobody knows, and for rows that no plan names', async () => {
    const rollout = await beginRollout(sandbox, {
      endpoint,
      rolloutId: 'l0adtest',
      journals: join(home, 'journals'),
      greenShare: 0,
    });
    const unknown = await run(endpoint, '--load-test');
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('Azure Monitor has no request to default');
    expect(unknown.stderr).toContain('Add --rate');
    const without = await run(endpoint, '--load-test', '--rate', '600');
    expect(without.code).not.toBe(0);
    expect(without.stderr).toMatch(/rows/);
    const evidence = { csv: join(SAMPLES, 'heart.csv'), rows: 40, seed: 4711, target: 'target' };
    rollout.engine.choose({ plan: { weights: [20, 100], evidence } });
    await rollout.close();
  });

  it("pins the plan's rows to green at the next weight of the rate, with no key in a file", async () => {
    const dir = join(home, 'load');
    const made = await run(endpoint, '--load-test', '--rate', '600', '--dir', dir, '--json');
    expect(made).toMatchObject({ code: 0, stderr: '' });
    expect(made.events().at(-1)).toMatchObject({ green: GREEN, weight: 20, perMinute: 120 });
    const read = (name: string) => readFileSync(join(dir, name), 'utf8');
    const script = read('locustfile.py');
    expect(script).toContain(`DEPLOYMENT = "${GREEN}"`);
    expect(script).toContain('"azureml-model-deployment": DEPLOYMENT');
    expect(script).toContain('REQUESTS_PER_SECOND = 2\n');
    expect(script).toMatch(/host = "https:\/\/heart-load\./);
    expect(statSync(join(dir, 'payloads.jsonl')).mode & 0o777).toBe(0o600);
    const bodies = read('payloads.jsonl').trimEnd().split('\n');
    expect(bodies).toHaveLength(40);
    for (const body of bodies) expect(JSON.parse(body)).toHaveProperty('input_data');
    const azure = parse(read('load-test.yml')) as object;
    expect(azure).toMatchObject({
      version: 'v0.1',
      testId: 'heart-load-xgboost-model-2',
      testType: 'Locust',
      testPlan: 'locustfile.py',
      engineInstances: 1,
      configurationFiles: ['payloads.jsonl'],
      failureCriteria: ['percentage(error) > 1', 'avg(requests_per_sec) < 1.8'],
      secrets: [{ name: 'ENDPOINT_KEY' }],
    });
    const workspace = await connect(connectionTo(sandbox));
    const key = await workspace.revealKey((await workspace.getEndpoint(endpoint))!);
    await workspace.close();
    for (const name of readdirSync(dir)) expect(read(name)).not.toContain(key);
    expect(readdirSync(dir)).toHaveLength(3);
    // Many machines of the service, where one of it is too small.
    const large = await run(endpoint, '--load-test', '--rate', '900000', '--dir', dir, '--json');
    expect(large.events().at(-1)).toMatchObject({ perMinute: 180_000 });
    expect(read('load-test.yml')).toContain('engineInstances: 24');
    expect(read('locustfile.py')).toContain('ENGINES = 24');
  });

  it.each([
    [['--load-test'], 'name it'],
    [[endpoint, '--load-test', '--open'], 'without --plan, --rollout and --open'],
    [[endpoint, '--rate', '5'], 'need --load-test'],
    [[endpoint, '--load-test', '--rate', '0'], 'from 1 to 10000000'],
    [['../../heart', '--load-test'], 'Invalid endpoint name "../../heart"'],
    [['heart-nowhere', '--load-test', '--rate', '5'], 'There is no endpoint heart-nowhere'],
  ])('refuses %j', async (args, sentence) => {
    const { code, stderr } = await run(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(sentence);
  });
});

describe('export of a plan', () => {
  const WORKSPACE = [
    ['--subscription', '00000000-0000-0000-0000-000000000001'],
    ['--resource-group', 'rg', '--workspace', 'ml-prod'],
  ].flat();
  const SECRET = 'do-not-show-Zq83';
  let folder: string;

  beforeAll(() => {
    folder = temporaryFolder();
    mkdirSync(join(folder, 'yml'));
    writeFileSync(join(folder, 'yml', 'endpoint.yml'), 'name: heart\ndescription: "it\'s $HOME"\n');
    const deployment = (name: string, version: string, more = '') =>
      `name: ${name}\nmodel: {name: heart, path: ../models/${version}}\ninstance_type: Standard_F4s_v2\ninstance_count: 2\n${more}`;
    writeFileSync(join(folder, 'yml', 'blue.yml'), deployment('old', 'v1'));
    writeFileSync(
      join(folder, 'yml', 'green.yml'),
      deployment('new', 'v2', `environment_variables: {API_KEY: ${SECRET}}\n`),
    );
    writeFileSync(
      join(folder, 'rollout.yml'),
      `version: 1
endpoint: {file: yml/endpoint.yml}
blue: {file: yml/blue.yml}
green: {file: yml/green.yml, instanceCount: 3}
weights: [20, 100]
retire: {delete: old}
`,
    );
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const exported = (...args: string[]) =>
    runWarm(['export', '--plan', 'rollout.yml', ...WORKSPACE, ...args], {
      env: { AML_ROLLOUT_HOME: join(folder, 'home'), ...OFFLINE },
      cwd: folder,
    });

  it('says in each tongue what it would do, without a network and without a secret', async () => {
    const { code, stderr, events } = await exported('--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const dir = join(folder, 'rollouts', 'heart-plan');
    expect(events().at(-1)).toMatchObject({ event: 'result', code: 0, dir });
    const names = readdirSync(dir).sort();
    expect(names).toEqual([
      'blue-deployment.yml',
      'endpoint.yml',
      'green-deployment.yml',
      'rollout.py',
      'rollout.sh',
      'rollout_mlflow.py',
    ]);
    const read = (name: string) => readFileSync(join(dir, name), 'utf8');
    for (const name of names) expect(read(name)).not.toContain(SECRET);
    const shell = read('rollout.sh');
    expect(shell).toContain('--traffic "old=80 new=20"');
    expect(shell).toContain('--traffic "old=0 new=100"');
    expect(shell).toContain('az ml online-deployment delete --name old');
    expect(read('endpoint.yml')).toContain("description: it's $HOME");
    expect(read('green-deployment.yml')).toContain('instance_count: 3');
    // From where the file stands.
    expect(read('green-deployment.yml')).toContain('path: ../../models/v2');
    expect(read('rollout.py')).toContain('workspace_name="ml-prod"');
    expect(read('rollout.py')).toContain('"API_KEY": os.environ["API_KEY"]');
  });

  it.each([
    ['retire: soon', 'bad.yml, line 6, column 9: retire: use keep'],
    ['gates: {speed: {mode: off}}', 'bad.yml, line 6, column 9: unknown key speed in gates'],
  ])('names what is wrong with %j, and ends with 2', async (line, sentence) => {
    const text = readFileSync(join(folder, 'rollout.yml'), 'utf8').replace(/^retire.*$/m, line);
    writeFileSync(join(folder, 'bad.yml'), text);
    const { code, stderr } = await runWarm(['export', '--plan', 'bad.yml', ...WORKSPACE], {
      env: { AML_ROLLOUT_HOME: join(folder, 'home') },
      cwd: folder,
    });
    expect(code).toBe(2);
    expect(stderr).toContain(sentence);
  });

  it.each(['config.json', '.azureml/config.json', '../aml_config/project.json'])(
    'takes the workspace from %s where none is saved or named',
    async (path) => {
      const root = temporaryFolder();
      const cwd = join(root, 'here');
      mkdirSync(cwd);
      mkdirSync(join(cwd, path, '..'), { recursive: true });
      const id = '/subscriptions/00000000-0000-0000-0000-000000000009/resourceGroups/rg-config';
      const scope = `${id}/providers/Microsoft.MachineLearningServices/workspaces/ws-config`;
      writeFileSync(join(cwd, path), JSON.stringify({ Scope: scope }));
      const { code, stderr } = await runWarm(
        ['export', '--plan', join(folder, 'rollout.yml'), '--dir', 'out'],
        { env: { AML_ROLLOUT_HOME: join(root, 'home'), ...OFFLINE }, cwd },
      );
      expect(code).toBe(0);
      expect(stderr).toContain(`Workspace rg-config / ws-config, by ${join(cwd, path)}.`);
      expect(readFileSync(join(cwd, 'out', 'rollout.sh'), 'utf8')).toContain('WORKSPACE=ws-config');
      rmSync(root, { recursive: true });
    },
  );

  it('wants a blue, and a plan or an endpoint, not both', async () => {
    writeFileSync(
      join(folder, 'green-only.yml'),
      'version: 1\nendpoint: {name: heart}\ngreen: {file: yml/green.yml}\n',
    );
    const run = (...args: string[]) =>
      runWarm(['export', ...args, ...WORKSPACE], {
        env: { AML_ROLLOUT_HOME: join(folder, 'home') },
        cwd: folder,
      });
    expect(await run('--plan', 'green-only.yml')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('The plan has no blue') as string,
    });
    expect(await run()).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Name an endpoint') as string,
    });
    expect(await run('--plan', 'rollout.yml', '--open')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('A plan has no report to open') as string,
    });
    expect(await run('heart', '--plan', 'rollout.yml')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Use --plan alone') as string,
    });
  });
});
