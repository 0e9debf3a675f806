/**
 * A run on a workspace that is reached as a real one is: by ids, a proxy and a CA file. It is left by
 * signals, and each command that it prints is run as it was printed.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/azure/connect.js';
import type { Workspace } from '../../src/azure/types.js';
import { connectionTo } from '../support/connection.js';
import { patience } from '../support/patience.js';
import { closeAll, launch } from '../support/pty.js';
import {
  runOnFullDisk,
  runPrinted,
  runProgram,
  type CommandResult,
} from '../support/run-command.js';
import { samplePlan } from '../support/sample-plan.js';
import { MAIN, startSandbox, temporaryFolder, type TestSandbox } from '../support/sandbox.js';

const home = temporaryFolder();
const where = { cwd: home, env: { AML_ROLLOUT_HOME: home } as Record<string, string> };
let sandbox: TestSandbox;
let workspace: Workspace;
let reach: string[];

beforeAll(async () => {
  // Slow enough for a signal to arrive while Azure works.
  sandbox = await startSandbox({ timeScale: 0.3, stateDir: join(home, 'sandbox') });
  workspace = await connect(connectionTo(sandbox));
  const { info } = sandbox;
  where.env['IDENTITY_HEADER'] = info.env['IDENTITY_HEADER'] ?? '';
  reach = ['--subscription', info.subscriptionId, '--resource-group', info.resourceGroup];
  reach.push('--workspace', info.workspaceName, '--sign-in', 'managed-identity');
  reach.push('--identity-endpoint', info.identityEndpoint);
  reach.push('--proxy-url', info.proxyUrl, '--ca-file', info.caFile);
});
afterAll(async () => {
  await workspace?.close();
  await sandbox?.stop();
  rmSync(home, { recursive: true, force: true });
});
afterEach(closeAll);

const traffic = async (name: string) => (await workspace.getEndpoint(name))?.traffic;
const planFor = (endpoint: string, hold: string): string =>
  samplePlan(home, {
    endpoint,
    extra: `weights: [10, 100]\nholds: {minutes: 0}\nsteps: [{at: 10, holds: ${hold}}]`,
  });

/** The command behind this label. */
function printed({ stderr }: CommandResult, label: string): string {
  const line = stderr.split('\n').find((each) => each.startsWith(label));
  return line?.slice(label.length).trim() ?? '';
}

describe.sequential('a signal', () => {
  it('says the split, what Azure still does, and commands that run as printed', async () => {
    const plan = planFor('heart-signals', '{minutes: 5}');
    const first = runProgram(['run', plan, '--yes', '--state-dir', 'a b', ...reach], where);
    await first.says('...      create deployment xgboost-model');
    first.interrupt('SIGTERM');
    const creating = await first;
    expect(creating.code).toBe(143);
    expect(creating.stderr).toContain('Split: default=100, as last read.');
    expect(creating.stderr).toContain(
      'Azure: create deployment xgboost-model was sent, and continues without this program.',
    );
    expect(printed(creating, 'Roll back:')).toBe('');
    expect(printed(creating, 'Continue:')).toContain(`aml-rollout run ${plan}`);

    const second = runPrinted(printed(creating, 'Continue:'), where);
    await second.says('hold     at 10%');
    second.interrupt('SIGHUP');
    const holding = await second;
    expect(holding.code).toBe(129);
    expect(holding.stderr).toContain('Split: default=90 xgboost-model=10, as last read.');
    expect(holding.stderr).toContain('Azure: no change is running.');
    expect(printed(holding, 'Roll back:')).toContain('aml-rollout rollback heart-signals');

    writeFileSync(plan, readFileSync(plan, 'utf8').replace('minutes: 5', 'minutes: 0'));
    const third = runPrinted(printed(holding, 'Continue:'), where);
    await third.says('...      set traffic xgboost-model=100');
    third.interrupt('SIGINT');
    const moving = await third;
    expect(moving.code).toBe(130);
    expect(moving.stderr).toContain('Azure: set traffic xgboost-model=100 was sent');
    const back = await runPrinted(printed(moving, 'Roll back:'), where);
    expect(back).toMatchObject({ code: 0 });
    expect(await traffic('heart-signals')).toEqual({ default: 100 });
  });

  it('of a run with JSON lines leaves the same in its result', async () => {
    const plan = planFor('heart-json', '{minutes: 5}');
    const run = runProgram(['run', plan, '--yes', '--json', ...reach], where);
    await run.says('"event":"holding"');
    run.interrupt('SIGTERM');
    const left = await run;
    const result = left.events().at(-1) as Record<
      'outcome' | 'rollBackCommand' | 'continueCommand',
      string
    >;
    expect(result).toMatchObject({
      event: 'result',
      code: 143,
      outcome: 'interrupted',
      traffic: { default: 90, 'xgboost-model': 10 },
    });
    expect(result.continueCommand).toContain(`aml-rollout resume ${plan}`);
    expect(await runPrinted(result.rollBackCommand, where)).toMatchObject({ code: 0 });
  });
});

describe.sequential('a signal at a question', () => {
  // Later tests need the cores.
  afterAll(() =>
    Promise.all(['heart-question', 'heart-several'].map((name) => workspace.deleteEndpoint(name))),
  );

  it('of a plan changes nothing; of an approval says the split, and commands that run', async () => {
    const plan = planFor('heart-question', '{approval: true}');
    const asked = (...words: string[]) =>
      launch(process.execPath, [MAIN, ...words, plan, ...reach], {
        ...where,
        columns: 800,
      });
    const begin = asked('run');
    await begin.waitFor('Run this plan? [y/N]');
    begin.kill('SIGTERM');
    expect(await begin.waitForExit()).toMatchObject({ exitCode: 143 });
    expect(begin.screen()).toContain('Nothing was changed.');
    const run = asked('run', '--yes');
    await run.waitFor('Approve more traffic than 10%? [y/N]', patience(120_000));
    run.kill('SIGTERM');
    expect(await run.waitForExit()).toMatchObject({ exitCode: 143 });
    const said = run.scrollback();
    expect(said).toContain('Split: default=90 xgboost-model=10, as last read.');
    expect(said).toMatch(/^Continue: +aml-rollout resume /m);
    const back = /^Roll back: (aml-rollout rollback .*)$/m.exec(said)?.[1] ?? '';
    expect(await runPrinted(`${back.trim()} --yes`, where)).toMatchObject({ code: 0 });
  });

  it('and in the first of several plans is told of that plan by the code it ends with', async () => {
    const plan = planFor('heart-several', '{minutes: 5}');
    const run = runProgram(['run', plan, plan, '--yes', '--json', ...reach], where);
    await run.says('"event":"holding"');
    run.interrupt('SIGTERM');
    const left = await run;
    expect(left.code).toBe(143);
    expect(left.events().at(-1)).toMatchObject({ code: 143, plans: [{ plan, code: 143 }] });
  });
});

describe.sequential('commands that are printed', () => {
  it('name a plan that looks like an option by its path, and no way back where there is none', async () => {
    writeFileSync(join(home, '-p8.yml'), readFileSync(planFor('heart-dash', '{minutes: 0}')));
    const { stderr } = await runProgram(['resume', ...reach, '--', '-p8.yml'], where);
    expect(stderr).toContain('aml-rollout run ./-p8.yml ');
    await workspace.createEndpoint('heart-bare', {
      authMode: 'key',
      identity: { type: 'system_assigned' },
      tags: {},
    });
    const bare = await runProgram(['abort', 'heart-bare', '--yes', ...reach], where);
    expect(bare).toMatchObject({ code: 0, stdout: expect.not.stringContaining('rollback') });
    expect(bare.stdout).toContain('No rollout is under way on heart-bare');
  });

  it('run as printed from a hold, a refusal, a report, and where nothing is under way', async () => {
    const plan = planFor('heart-printed', '{approval: true}');
    const nothing = await runProgram(['resume', plan, ...reach], where);
    expect(nothing.code).toBe(2);
    const begin = nothing.stderr.match(/aml-rollout run .*(?=\.$)|aml-rollout run .*/m)?.[0] ?? '';
    const held = await runPrinted(`${begin} --yes`, where);
    expect(held.code).toBe(8);

    const elsewhere = ['--state-dir', 'elsewhere'];
    const refused = await runProgram(['run', plan, '--yes', ...elsewhere, ...reach], where);
    expect(refused.code).toBe(6);
    const again = await runPrinted(printed(refused, 'Resume it:'), where);
    expect(again.code).toBe(8);

    expect(await runPrinted(printed(held, 'Continue:'), where)).toMatchObject({ code: 0 });
    expect(await traffic('heart-printed')).toEqual({ 'xgboost-model': 100 });

    const abort = await runProgram(['abort', 'heart-printed', '--yes', ...reach], where);
    const restore = abort.stdout.match(/aml-rollout rollback .*/)?.[0] ?? '';
    const report = held.stdout.match(/^Report +(.*)$/m)?.[1] ?? '';
    const reported =
      readFileSync(report, 'utf8').match(/`(aml-rollout rollback [^`]*)`/)?.[1] ?? '';
    expect(await runPrinted(`${reported} --yes`, where)).toMatchObject({ code: 0 });
    expect(await traffic('heart-printed')).toEqual({ default: 100 });
    expect(await runPrinted(`${restore} --yes`, where)).toMatchObject({ code: 0 });
  });

  it('name the saved workspace, quoted where its name asks for it, and its own targets get the news', async () => {
    const tell = `process.stdin.pipe(fs.createWriteStream('told.jsonl', {flags: 'a'}))`;
    const argv = JSON.stringify([process.execPath, '-e', tell]);
    writeFileSync(join(home, 'tell.yml'), `notify: [{command: {argv: ${argv}}}]`);
    const add = ['profiles', 'add', "Anna's team", '--notify', 'tell.yml', ...reach];
    expect(await runProgram(add, where)).toMatchObject({ code: 0 });
    const plan = planFor('heart-profile', '{approval: true}');
    const held = await runProgram(['run', plan, '--yes', '--profile', "Anna's team"], where);
    expect(held.code).toBe(8);
    expect(await runPrinted(printed(held, 'Roll back:'), where)).toMatchObject({ code: 0 });
    expect(await traffic('heart-profile')).toEqual({ default: 100 });
    const told = readFileSync(join(home, 'told.jsonl'), 'utf8').trimEnd().split('\n');
    expect(told.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual([
      'started',
      'approval',
      'unwatched',
      'rolled-back',
    ]);
  });
});

describe.sequential('a journal that cannot be written', () => {
  const journals = (folder: string): string => join(home, folder, 'journals');

  it('from the start: nothing is sent', async () => {
    const plan = planFor('heart-no-journal', '{minutes: 0}');
    mkdirSync(join(home, 'no-journal'));
    writeFileSync(journals('no-journal'), 'a file');
    const args = ['run', plan, '--yes', '--state-dir', 'no-journal', ...reach];
    const { code, stderr } = await runProgram(args, where);
    expect(code).toBe(2);
    expect(stderr).toContain(
      `${journals('no-journal')} can't be read (it is a file, not a folder)`,
    );
    expect(await workspace.getEndpoint('heart-no-journal')).toBeUndefined();
  });

  // Only Linux has a folder that can hold no other.
  it.runIf(existsSync('/proc/self'))('where no folder can be made: nothing is sent', async () => {
    const plan = planFor('heart-no-folder', '{minutes: 0}');
    const args = ['run', plan, '--yes', '--state-dir', '/proc/nowhere', ...reach];
    const { code, stderr } = await runProgram(args, where);
    expect(code).toBe(2);
    expect(stderr).toContain("can't be written (ENOENT). Nothing is sent that can't be journaled");
    expect(await workspace.getEndpoint('heart-no-folder')).toBeUndefined();
  });

  it('any more: the run ends, every change that was sent is in it, and resume completes it', async () => {
    const plan = planFor('heart-full', '{minutes: 0}');
    const args = ['run', plan, '--yes', '--state-dir', 'full', ...reach];
    const { code, stderr } = await runOnFullDisk(args, where);
    expect(code).toBe(5);
    expect(stderr).toContain("Nothing is sent that can't be journaled");
    const folder = journals('full');
    const [file = ''] = readdirSync(folder);
    const begun = readFileSync(join(folder, file), 'utf8').split('\n').slice(0, -1);
    const sent = begun.filter((line) => line.includes('"event":"begun"')).join('\n');
    expect(sent).toContain('createEndpoint');
    for (const { name } of await workspace.listDeployments('heart-full')) {
      expect(sent).toContain(`"deployment":"${name}"`);
    }
    const line = printed({ code, stderr } as CommandResult, 'Continue:');
    expect(await runPrinted(line, where)).toMatchObject({ code: 0 });
  });
});
