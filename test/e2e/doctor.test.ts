/** `aml-rollout doctor`, the built program, on the sandbox. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { closeAll, launch } from '../support/pty.js';
import { runProgram } from '../support/run-command.js';
import { MAIN, startSandbox, temporaryFolder, type TestSandbox } from '../support/sandbox.js';

let home: string;
let sandbox: TestSandbox;
const env = () => ({ AML_ROLLOUT_HOME: home });

beforeAll(async () => {
  home = temporaryFolder();
  sandbox = await startSandbox({ timeScale: 0.02, stateDir: join(home, 'sandbox') });
});
afterEach(closeAll);
afterAll(async () => {
  await sandbox?.stop();
  rmSync(home, { recursive: true, force: true });
});

const fault = (path: string, action: object) =>
  sandbox.control('POST', '/_sandbox/faults', { match: { method: 'GET', path }, action });

describe('doctor', () => {
  it('finds a healthy machine and workspace ready, on a terminal', async () => {
    const app = launch(process.execPath, [MAIN, 'doctor', '--sandbox'], {
      env: env(),
      columns: 100,
      rows: 40,
    });
    expect(await app.waitForExit()).toMatchObject({ exitCode: 0 });
    const screen = app.screen();
    expect(screen).toMatch(/ok +terminal +100 x 40, \d+ colours, Unicode/);
    expect(screen).toMatch(/ok +sign-in +you@sandbox.local/);
    expect(screen).toContain('Ready.');
    expect(screen).not.toContain('fail');
  });

  it('says what is missing, which role brings it, and what is not registered', async () => {
    const actions = ['Microsoft.MachineLearningServices/workspaces/read'];
    const body = { value: [{ actions, notActions: [] }] };
    await fault('Authorization/permissions', { status: 200, body });
    await fault('providers/Microsoft.Cdn', {
      status: 200,
      body: { namespace: 'Microsoft.Cdn', registrationState: 'NotRegistered' },
    });
    const { code, stdout } = await runProgram(['doctor', '--sandbox'], { env: env() });
    expect(code).toBe(1);
    expect(stdout).toMatch(/fail +permissions .*onlineEndpoints\/write/);
    expect(stdout).toContain('AzureML Data Scientist on the workspace');
    // What only the watching of live users asks for stops nobody.
    expect(stdout).toMatch(/warn +permissions .*Insights\/metrics\/read/);
    expect(stdout).not.toMatch(/fail +permissions .*Insights/);
    expect(stdout).toContain('az provider register --namespace Microsoft.Cdn');
    expect(stdout).toMatch(/warn +terminal/);
  });

  it('says what is wrong with a workspace it may not see', async () => {
    await fault('workspaces/[^/]+\\?', {
      status: 403,
      body: { error: { code: 'AuthorizationFailed', message: 'No read for you.' } },
    });
    const result = await runProgram(['doctor', '--sandbox', '--json'], { env: env() });
    expect(result.code).toBe(1);
    expect(result.events()).toContainEqual(
      expect.objectContaining({ what: 'workspace', state: 'fail', detail: 'No read for you.' }),
    );
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('that is stopped by %s ends with %i, and fails nothing', async (signal, expected) => {
    await fault('workspaces/[^/]+\\?', { delayMs: 60_000 });
    const asking = runProgram(['doctor', '--sandbox'], { env: env() });
    await asking.says('sign-in');
    asking.interrupt(signal);
    const { code, stdout, stderr } = await asking;
    await sandbox.control('DELETE', '/_sandbox/faults');
    expect(code).toBe(expected);
    expect(stdout).not.toMatch(/^fail/m);
    expect(stderr).toContain('Stopped. Nothing was sent.');
  });

  it('says which folder to choose where AML_ROLLOUT_HOME is a file', async () => {
    const file = join(home, 'a-file');
    writeFileSync(file, '');
    const run = (...args: string[]) =>
      runProgram([...args, '--sandbox'], { env: { AML_ROLLOUT_HOME: file } });
    const { code, stdout } = await run('doctor');
    expect(stdout).toMatch(/fail +workspace +The sandbox can't keep its state in .*a-file/);
    expect(stdout).toContain('set AML_ROLLOUT_HOME');
    expect(code).toBe(1);
    const status = await run('status', 'heart-none');
    expect(status.stderr).toContain('Choose another folder: set AML_ROLLOUT_HOME');
    expect(status.code).toBe(2);
  });

  it('does not touch a settings file that it can not read', async () => {
    const other = temporaryFolder();
    const config = join(other, 'config', 'config.json');
    mkdirSync(join(other, 'config'));
    writeFileSync(config, '{"profiles": [');
    const { code, stdout } = await runProgram(['doctor'], { env: { AML_ROLLOUT_HOME: other } });
    expect(code).toBe(1);
    expect(stdout).toMatch(/fail +settings .*is not valid JSON/);
    expect(readFileSync(config, 'utf8')).toBe('{"profiles": [');
    expect(readdirSync(join(other, 'config'))).toEqual(['config.json']);
    rmSync(other, { recursive: true });
  });

  it('finds a CA file that is none', async () => {
    const other = temporaryFolder();
    const pem = join(other, 'ca.pem');
    writeFileSync(pem, 'not a certificate');
    const { code, stdout } = await runProgram(
      [
        ['doctor', '--subscription', '00000000-0000-0000-0000-000000000000'],
        ['--resource-group', 'rg', '--workspace', 'ml-prod', '--ca-file', pem],
      ].flat(),
      { env: { AML_ROLLOUT_HOME: other } },
    );
    expect(code).toBe(1);
    expect(stdout).toMatch(/fail +CA file .*no certificate/);
    rmSync(other, { recursive: true });
  });
});
