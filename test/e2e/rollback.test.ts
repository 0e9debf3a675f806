/** `aml-rollout rollback`, the built program, on the sandbox. */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { listJournals } from '../../src/rollout/journal/journal.js';
import { journalView } from '../../src/rollout/journal/view.js';
import { closeAll, launch } from '../support/pty.js';
import { beginRollout, BLUE, GREEN, type TestRollout } from '../support/rollout.js';
import { runProgram, runWarm } from '../support/run-command.js';
import { MAIN, startSandbox, temporaryFolder, type TestSandbox } from '../support/sandbox.js';
import { eventually } from '../support/eventually.js';
import { patience } from '../support/patience.js';

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
});
afterEach(closeAll);
afterAll(async () => {
  await rollout?.close();
  await sandbox?.stop();
  rmSync(home, { recursive: true, force: true });
});

/** The sandbox as any other workspace. */
const reach = () => {
  const { info } = sandbox;
  return [
    ['--subscription', info.subscriptionId, '--resource-group', info.resourceGroup],
    ['--workspace', info.workspaceName, '--sign-in', 'managed-identity'],
    ['--proxy-url', info.proxyUrl, '--ca-file', info.caFile],
    ['--identity-endpoint', info.identityEndpoint],
  ].flat();
};
const live = async () => (await rollout.workspace.getEndpoint(ENDPOINT))?.traffic;
/** Moves traffic although the command has moved it meanwhile, which is drift to this engine. */
const advance = async (share: number) => {
  await rollout.engine.observe();
  rollout.engine.adopt();
  await rollout.engine.run(rollout.engine.trafficChange(share));
};
const back = (...args: string[]) =>
  runWarm(['rollback', ENDPOINT, '--sandbox', ...args], { env: env() });

/** Strikes the next write of the endpoint itself. */
const fault = async (action: object) => {
  const match = { method: 'PUT', path: `onlineEndpoints/${ENDPOINT}(\\?|$)` };
  const { status } = await sandbox.control('POST', '/_sandbox/faults', { match, action });
  expect(status).toBeLessThan(300);
};
const rolling = (busy: boolean) =>
  eventually(
    async () => {
      const endpoint = await rollout.workspace.getEndpoint(ENDPOINT);
      expect(endpoint?.provisioningState === 'Updating').toBe(busy);
    },
    { withinMs: 15_000, intervalMs: 50 },
  );

describe.sequential('rolling back', () => {
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
    expect(app.screen()).toContain('Nothing was changed.');
    expect(await live()).toMatchObject({ [GREEN]: 30 });
  });

  it('takes Ctrl-C at the question as a no', async () => {
    const app = launch(process.execPath, [MAIN, 'rollback', ENDPOINT, '--sandbox'], { env: env() });
    await app.waitFor('[y/N]');
    app.press('ctrlC');
    expect(await app.waitForExit()).toMatchObject({ exitCode: 130 });
    expect(await live()).toMatchObject({ [GREEN]: 30 });
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('takes %s at the question as a no', async (signal, exitCode) => {
    const app = launch(process.execPath, [MAIN, 'rollback', ENDPOINT, '--sandbox'], { env: env() });
    await app.waitFor('[y/N]');
    app.kill(signal);
    expect(await app.waitForExit()).toMatchObject({ exitCode });
    expect(app.screen()).toContain('Nothing was changed.');
    expect(await live()).toMatchObject({ [GREEN]: 30 });
  });

  it('restores the split at the start with one y, and ends the rollout in the tags', async () => {
    const app = launch(process.execPath, [MAIN, 'rollback', ENDPOINT, '--sandbox'], { env: env() });
    await app.waitFor('[y/N]');
    app.press('y', 'enter');
    expect(await app.waitForExit()).toMatchObject({ exitCode: 0 });
    expect(app.screen()).toMatch(/Rolled back: traffic is default=100, verified after [\d.]+ s/);
    const endpoint = await rollout.workspace.getEndpoint(ENDPOINT);
    expect(endpoint?.traffic).toEqual({ [BLUE]: 100 });
    expect(Object.keys(endpoint?.tags ?? {}).filter((name) => name.startsWith('amlr-'))).toEqual(
      [],
    );
    const [journal] = listJournals(join(home, 'journals')).journals;
    const view = journalView(journal?.entries ?? []);
    expect(view).toMatchObject({ rolloutId: 'r0ll0ut1', aborted: { restored: { [BLUE]: 100 } } });
    expect(view.pending).toEqual([]);
  });

  it('has nothing to do the second time', async () => {
    const { code, stdout } = await back('--yes');
    expect(code).toBe(0);
    expect(stdout).toContain(`Traffic is already ${BLUE}=100`);
  });

  it('says so where nothing is known to go back to', async () => {
    const other = temporaryFolder();
    const { code, stdout, stderr } = await runWarm(['rollback', ENDPOINT, '--yes', ...reach()], {
      env: { ...sandbox.info.env, AML_ROLLOUT_HOME: other },
    });
    rmSync(other, { recursive: true });
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(stderr).toContain('nothing to roll back to');
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

  it('tries again after a conflict', async () => {
    await advance(20);
    await fault({ status: 409, body: { error: { code: 'Conflict', message: 'Busy elsewhere.' } } });
    const { code, stdout } = await back('--yes', '--now');
    expect(code).toBe(0);
    expect(stdout).toContain('Retrying.');
    expect(await live()).toMatchObject({ [BLUE]: 100 });
  });

  it('gives up with its own code and the az line where Azure forbids it', async () => {
    await advance(20);
    await fault({ status: 403, body: { error: { code: 'AuthorizationFailed', message: 'No.' } } });
    const { code, stderr } = await back('--yes', '--now');
    expect(code).toBe(7);
    expect(stderr).toContain(`az ml online-endpoint update --name ${ENDPOINT}`);
    expect(stderr).toContain(`Traffic was last seen at ${BLUE}=80 ${GREEN}=20.`);
  });

  it('sends nothing over a split that someone moved while it asked', async () => {
    const args = [MAIN, 'rollback', ENDPOINT, '--sandbox', '--now'];
    const app = launch(process.execPath, args, { env: env(), columns: 120 });
    await app.waitFor('[y/N]');
    await advance(40);
    app.press('y', 'enter');
    expect(await app.waitForExit()).toMatchObject({ exitCode: 6 });
    expect(app.screen()).toContain('moved by someone else');
    expect(await live()).toMatchObject({ [GREEN]: 40 });
    expect(await back('--yes', '--now')).toMatchObject({ code: 0 });
  });

  it('stops at Ctrl-C, and the next one finds that Azure went on', async () => {
    await advance(30);
    await fault({ slowOperationMs: patience(1_500) });
    const stopped = back('--yes', '--now');
    await rolling(true);
    stopped.interrupt();
    expect(await stopped).toMatchObject({
      code: 130,
      stderr: expect.stringMatching(/continues in Azure|completes what it accepted/),
    });
    const next = await back('--yes', '--now');
    expect(next).toMatchObject({ code: 0, stdout: expect.stringContaining('already default=100') });
    expect(next.stdout).toContain('waiting for the change under way');
  });

  it('reaches a saved workspace, used last, whose identity secret is in the environment', async () => {
    await advance(20);
    const { info } = sandbox;
    const added = await runProgram(['profiles', 'add', 'ml-prod', '--prod', ...reach()], {
      env: env(),
    });
    expect(added).toMatchObject({ code: 0 });
    const args = ['rollback', ENDPOINT, '--yes', '--now'];
    const header = info.env['IDENTITY_HEADER'];
    expect(header).toBeTruthy();
    const without = await runProgram(args, { env: { ...env(), IDENTITY_HEADER: undefined } });
    expect(without).toMatchObject({ code: 7 });
    const elsewhere = { IDENTITY_ENDPOINT: 'http://127.0.0.1:9/', IDENTITY_HEADER: header };
    expect(await runProgram(args, { env: { ...env(), ...elsewhere } })).toMatchObject({ code: 7 });
    const done = await runProgram(args, { env: { ...env(), IDENTITY_HEADER: header } });
    expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining('in ml-prod  PROD') });
    expect(await live()).toMatchObject({ [BLUE]: 100 });
    const files = readdirSync(home, { recursive: true, withFileTypes: true });
    const kept = files.filter((file) => file.isFile() && !file.parentPath.includes('sandbox'));
    expect(kept.length).toBeGreaterThan(1);
    for (const file of kept) {
      expect(readFileSync(join(file.parentPath, file.name), 'utf8')).not.toContain(header);
    }
  });

  it('goes back although the journal can not be written', async () => {
    await advance(20);
    const other = temporaryFolder();
    // A file where the folder of the journals has to be.
    writeFileSync(join(other, 'journals'), '');
    const result = await runProgram(['rollback', ENDPOINT, '--yes', '--now', ...reach()], {
      env: { ...sandbox.info.env, AML_ROLLOUT_HOME: other },
    });
    rmSync(other, { recursive: true });
    expect(result).toMatchObject({ code: 0 });
    expect(result.stderr).toContain('without a journal');
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
    expect(result.stdout).not.toContain('export');
    // On the machine of the rollout, its journal has the definition.
    cpSync(join(home, 'elsewhere'), join(home, 'journals'), { recursive: true });
    const { stderr } = await back('--yes');
    expect(stderr).toContain(`aml-rollout export ${ENDPOINT} --rollout r0ll0ut1`);
  });
});
