/** `aml-rollout rollback`, the built program, on the sandbox. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { listJournals } from '../../src/rollout/journal.js';
import { journalView } from '../../src/rollout/view.js';
import { closeAll, launch } from '../support/pty.js';
import { beginRollout, BLUE, GREEN, type TestRollout } from '../support/rollout.js';
import { runProgram } from '../support/run-command.js';
import { MAIN, startSandbox, temporaryFolder, type TestSandbox } from '../support/sandbox.js';

const ENDPOINT = 'heart-rollback';
let home: string;
let sandbox: TestSandbox;
let rollout: TestRollout;
const env = () => ({ AML_ROLLOUT_HOME: home });

beforeAll(async () => {
  home = temporaryFolder();
  sandbox = await startSandbox({ timeScale: 0.02, stateDir: join(home, 'sandbox') });
  rollout = await beginRollout(sandbox, {
    endpoint: ENDPOINT,
    rolloutId: 'r0ll0ut1',
    // Another machine's: the command has nothing but the tags.
    journals: join(home, 'elsewhere'),
    blueInstances: 2,
  });
}, 60_000);
afterEach(closeAll);
afterAll(async () => {
  await rollout?.close();
  await sandbox?.stop();
  rmSync(home, { recursive: true, force: true });
});

const live = async () => (await rollout.workspace.getEndpoint(ENDPOINT))?.traffic;
const advance = async (share: number) => {
  await rollout.engine.observe();
  await rollout.engine.run(rollout.engine.trafficChange(share));
};
const back = (...args: string[]) =>
  runProgram(['rollback', ENDPOINT, '--sandbox', ...args], { env: env() });

describe.sequential('rolling back', { timeout: 60_000 }, () => {
  it('changes nothing without a terminal and without --yes', async () => {
    const { code, stdout, stderr } = await back();
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('--yes') });
    expect(stdout).toContain(`Live now  ${BLUE}=70 ${GREEN}=30`);
    expect(stdout).toContain(`Restores  ${BLUE}=100`);
    expect(stdout).toContain('rollout r0ll0ut1 of ada@contoso.com');
    expect(await live()).toMatchObject({ [BLUE]: 70, [GREEN]: 30 });
  });

  it('asks on a terminal, and a no leaves it as it is', async () => {
    const app = launch(process.execPath, [MAIN, 'rollback', ENDPOINT, '--sandbox'], { env: env() });
    await app.waitFor(`Roll back to ${BLUE}=100? [y/N]`);
    app.press('n', 'enter');
    expect(await app.waitForExit()).toMatchObject({ exitCode: 130 });
    expect(app.screen()).toContain('Left as it is.');
    expect(await live()).toMatchObject({ [GREEN]: 30 });
  });

  it('takes Ctrl-C at the question as a no', async () => {
    const app = launch(process.execPath, [MAIN, 'rollback', ENDPOINT, '--sandbox'], { env: env() });
    await app.waitFor('[y/N]');
    app.press('ctrlC');
    expect(await app.waitForExit()).toMatchObject({ exitCode: 130 });
    expect(await live()).toMatchObject({ [GREEN]: 30 });
  });

  it('restores the split at the start with one y, and ends the rollout in the tags', async () => {
    const app = launch(process.execPath, [MAIN, 'rollback', ENDPOINT, '--sandbox'], { env: env() });
    await app.waitFor('[y/N]');
    app.press('y', 'enter');
    expect(await app.waitForExit()).toMatchObject({ exitCode: 0 });
    expect(app.screen()).toMatch(/Rolled back: traffic is default=100, read back after [\d.]+ s/);
    const endpoint = await rollout.workspace.getEndpoint(ENDPOINT);
    expect(endpoint?.traffic).toEqual({ [BLUE]: 100, [GREEN]: 0 });
    expect(Object.keys(endpoint?.tags ?? {}).filter((name) => name.startsWith('amlr-'))).toEqual([]);
    const [journal] = listJournals(join(home, 'journals')).journals;
    const view = journalView(journal?.entries ?? []);
    expect(view).toMatchObject({ rolloutId: 'r0ll0ut1', aborted: { restored: { [BLUE]: 100 } } });
    expect(view.pending).toEqual([]);
  });

  it('says so when nothing is known to go back to', async () => {
    const { code, stdout, stderr } = await back('--yes');
    expect(code).toBe(4);
    expect(stdout).toBe('');
    expect(stderr).toContain('nothing known to roll back to');
  });

  it('scales blue to its former size first', async () => {
    await advance(100);
    await rollout.engine.run({
      kind: 'scaleDeployment',
      endpoint: ENDPOINT,
      deployment: BLUE,
      from: 2,
      to: 1,
    });
    const result = await back('--yes', '--json');
    expect(result.code).toBe(0);
    const events = result.events();
    expect(events.map(({ event }) => event)).toEqual([
      'plan',
      'sending',
      'confirmed',
      'sending',
      'confirmed',
      'result',
    ]);
    expect(events[0]).toMatchObject({ scaleFirst: { deployment: BLUE, to: 2 } });
    expect(events.at(-1)).toMatchObject({ code: 0, outcome: 'rolled back' });
    expect(await live()).toMatchObject({ [BLUE]: 100 });
    const [blue] = await rollout.workspace.listDeployments(ENDPOINT);
    expect(blue).toMatchObject({ name: BLUE, instanceCount: 2 });
  });

  it('switches at once with --now', async () => {
    await advance(100);
    await rollout.engine.run({
      kind: 'scaleDeployment',
      endpoint: ENDPOINT,
      deployment: BLUE,
      from: 2,
      to: 1,
    });
    const { code, stdout } = await back('--yes', '--now');
    expect(code).toBe(0);
    expect(stdout).toContain(`${BLUE} has 1 of the 2 instances`);
    expect(await live()).toMatchObject({ [BLUE]: 100 });
    const [blue] = await rollout.workspace.listDeployments(ENDPOINT);
    expect(blue).toMatchObject({ name: BLUE, instanceCount: 1 });
  });

  it('waits a running write out, and tries again after a conflict', async () => {
    await advance(20);
    await sandbox.control('POST', '/_sandbox/faults', {
      method: 'PUT',
      route: 'onlineEndpoints',
      kind: 'conflict',
      times: 1,
    });
    const { code, stdout } = await back('--yes');
    expect({ code, stdout }).toMatchObject({ code: 0 });
    expect(stdout).toContain('Trying again.');
    expect(await live()).toMatchObject({ [BLUE]: 100 });
  });

  it('does it once more where the answer is lost', async () => {
    await advance(20);
    await sandbox.control('POST', '/_sandbox/faults', {
      method: 'PUT',
      route: 'onlineEndpoints',
      kind: 'drop',
      times: 1,
    });
    expect(await back('--yes')).toMatchObject({ code: 0 });
    expect(await live()).toMatchObject({ [BLUE]: 100 });
  });

  it('names an endpoint that is not there', async () => {
    const { code, stderr } = await runProgram(['rollback', 'heart-nowhere', '--sandbox', '--yes'], {
      env: env(),
    });
    expect({ code, stderr }).toMatchObject({ code: 2 });
    expect(stderr).toContain('no endpoint heart-nowhere');
  });

  it('says how to go on where blue is deleted', async () => {
    await advance(100);
    const { engine } = rollout;
    await engine.run(engine.closingChange());
    await engine.run({ kind: 'deleteDeployment', endpoint: ENDPOINT, deployment: BLUE });
    const result = await back('--yes', '--json');
    expect(result.code).toBe(4);
    expect(result.events()).toMatchObject([{ outcome: 'deleted', missing: [BLUE] }]);
  });
});
