/** Plans whose models are no folder: `latest`, a run's artifact, a registry's model, a package. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/azure/connect.js';
import type { Workspace } from '../../src/azure/types.js';
import { ArmClient } from '../support/arm.js';
import { connectionTo } from '../support/connection.js';
import { logRun, shareInRegistry } from '../support/job-model.js';
import { runWarm } from '../support/run-command.js';
import { startSandbox, temporaryFolder, type TestSandbox } from '../support/sandbox.js';

const SAMPLES = fileURLToPath(new URL('../../samples', import.meta.url));
const V1 = `{name: heart, path: ${join(SAMPLES, 'heart-classifier', 'v1')}}`;

let home: string;
let sandbox: TestSandbox;
let workspace: Workspace;
let arm: ArmClient;

beforeAll(async () => {
  home = temporaryFolder();
  sandbox = await startSandbox({ timeScale: 0.02, stateDir: join(home, 'sandbox') });
  workspace = await connect(connectionTo(sandbox));
  arm = await ArmClient.connect(sandbox.info);
});
afterAll(async () => {
  await arm?.close();
  await workspace?.close();
  await sandbox?.stop();
  rmSync(home, { recursive: true, force: true });
});

async function run(endpoint: string, blue: string, green: string) {
  const path = join(home, `${endpoint}.yml`);
  writeFileSync(
    path,
    `version: 1
endpoint: {name: ${endpoint}}
blue: {name: default, instanceType: Standard_DS2_v2, ${blue}}
green: {name: next, ${green}}
evidence: {csv: ${join(SAMPLES, 'heart.csv')}, rows: 300, seed: 4711, target: target}
weights: [100]
holds: {minutes: 0}
`,
  );
  const { code, stdout, stderr } = await runWarm(['run', path, '--sandbox', '--yes'], {
    env: { AML_ROLLOUT_HOME: home },
    cwd: home,
  });
  return { code, said: stdout + stderr };
}

const deployments = async (endpoint: string) =>
  Object.fromEntries((await workspace.listDeployments(endpoint)).map((each) => [each.name, each]));

describe('a plan', () => {
  it('registers the artifact of a run, once', async () => {
    const id = await logRun(arm, sandbox, 'v2');
    const uri = `runs:/${id}/model`;
    const first = await run('heart-run', `model: ${V1}`, `model: {name: heart-run, uri: "${uri}"}`);
    expect(first).toMatchObject({ code: 0 });
    expect(await workspace.listModelVersions('heart-run')).toMatchObject([
      { version: '1', uri: expect.stringContaining(`dcid.${id}/model`) as string },
    ]);
    expect((await deployments('heart-run'))['next']?.model).toMatch(
      /models\/heart-run\/versions\/1$/,
    );
    const again = await run('heart-run', `model: ${V1}`, `model: {name: heart-run, uri: "${uri}"}`);
    expect(again.said).toContain('same content');
    expect(await workspace.listModelVersions('heart-run')).toHaveLength(1);
  });

  it('takes the version registered last, and serves a registry’s model from there', async () => {
    await arm.registerSample('heart-latest', '1', 'v1');
    await arm.registerSample('heart-latest', '4', 'v1');
    const id = await shareInRegistry(arm, 'heart-shared', '2', 'v2');
    const { code, said } = await run(
      'heart-registry',
      'model: {name: heart-latest, version: latest}',
      'model: {name: heart-shared, registry: sandbox-registry, version: 2}',
    );
    expect(said).toContain('heart-latest version 4 is used');
    expect({ code, said }).toMatchObject({ code: 0 });
    const made = await deployments('heart-registry');
    expect(made['default']?.model).toMatch(/heart-latest\/versions\/4$/);
    expect(made['next']?.model).toBe(id);
    // Nothing was registered in the workspace for it.
    expect(await workspace.listModelVersions('heart-shared')).toEqual([]);
    expect(said).toContain('only answers can show the contract');
  });

  it('packages the models of deployments without egress', async () => {
    const sealed = 'egressPublicNetworkAccess: disabled';
    const { code, said } = await run(
      'heart-sealed',
      `model: ${V1}, package: true, ${sealed}`,
      `model: {name: heart, path: ${join(SAMPLES, 'heart-classifier', 'v2')}}`,
    );
    expect({ code, said }).toMatchObject({ code: 0 });
    expect(said.match(/package model heart:\d/g)?.length).toBeGreaterThanOrEqual(2);
    const { default: blue, next: green } = await deployments('heart-sealed');
    for (const each of [blue, green]) {
      expect(each).toMatchObject({
        egressPublicNetworkAccess: 'disabled',
        packagedEnvironment: expect.stringMatching(
          /\/environments\/packaged_heart_\d_[0-9a-f]{8}\/versions\/1$/,
        ) as string,
        model: expect.stringMatching(/\/models\/heart\/versions\/\d$/) as string,
      });
    }
    expect(blue?.packagedEnvironment).not.toBe(green?.packagedEnvironment);
  });

  it('is refused with a sentence for a place that Azure reads no model from', async () => {
    const { code, said } = await run(
      'heart-bad',
      `model: ${V1}`,
      'model: {name: m, uri: "s3://b/m"}',
    );
    expect(code).toBe(2);
    expect(said).toMatch(
      /line 4, column \d+: green.model.uri: Azure ML does not register .* from s3/,
    );
    const lost = await run('heart-lost', 'model: {name: nothing, version: latest}', `model: ${V1}`);
    expect(lost.code).toBe(2);
    expect(lost.said).toContain('The workspace has no model nothing');
    // Green's is looked for before blue is made.
    const late = await run('heart-late', `model: ${V1}`, 'model: {name: nothing, version: 7}');
    expect(late.code).toBe(2);
    expect(late.said).toContain('The workspace has no model nothing');
    expect(await workspace.getEndpoint('heart-late')).toBeUndefined();
  });
});
