/** endpoint.yml and deployment.yml of `az ml` in the wizard's forms. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect } from '../../src/azure/connect.js';
import { connectionTo } from '../support/connection.js';
import { closeAll, launch } from '../support/pty.js';
import { MAIN, temporaryFolder } from '../support/sandbox.js';
import { journey, type Desk } from '../support/wizard.js';

const DESCRIPTION = 'first line\nsecond line';
const SECRET = 'do-not-show-Zq83';

function files(desk: Desk): string[] {
  mkdirSync(join(desk.root, 'yml'));
  const endpoint = join(desk.root, 'yml', 'endpoint.yml');
  writeFileSync(
    endpoint,
    `name: heart-from-file
description: ${JSON.stringify(DESCRIPTION)}
tags: {team: risk, note: two words}
properties: {owner: ada}
`,
  );
  const deployment = join(desk.root, 'yml', 'deployment.yml');
  writeFileSync(
    deployment,
    `name: green-from-file
model: {name: heart-from-file, path: ../models/v2}
instance_type: Standard_F4s_v2
instance_count: 2
environment_variables: {WORKERS: 3, API_KEY: ${SECRET}, GREETING: two words}
request_settings: {request_timeout_ms: 9000}
readiness_probe: {initial_delay: 7}
tags: {cost: "42"}
`,
  );
  return ['--endpoint-file', endpoint, '--deployment-file', deployment];
}

describe('files of az ml in the wizard', () => {
  journey('fill the forms, and what has no field comes along', async (desk) => {
    const args = files(desk);
    desk.sample('heart-classifier/v2', 'models/v2');
    const sandbox = await desk.startSandbox();
    const user = await desk.wizard({ args });
    await user.choose('sandbox');
    await user.on('endpoint');
    await user.sees(/Name +heart-from-file/);
    expect(user.screen()).toMatch(/Description +first line second line/);
    expect(user.screen()).toMatch(/Tags +team=risk/);
    expect(user.screen()).toMatch(/From the file +properties owner/);
    await user.enterUntil('7 of 11 green');
    await user.atRest();
    await user.sees(/Name +green-from-file/);
    expect(user.screen()).toMatch(/Instance type +Standard_F4s_v2/);
    user.press('m');
    await user.sees(/Timeout ms +9000/);
    expect(user.screen()).toMatch(/Variables +WORKERS=3/);
    expect(user.screen()).not.toContain(SECRET);
    await user.choose('Create green-from-file at 0%', 'tab');
    // As for `run`: what the file leaves out and blue has is green's only where a person says so.
    await user.sees(/default has liveness_probe = .* which green does not get/s);
    await user.choose('Create green without them');
    await user.on('prove');

    // Azure has the values; the journal has names and a hash.
    const journals = join(desk.home, 'journals');
    const journal = readdirSync(journals)
      .map((name) => readFileSync(join(journals, name), 'utf8'))
      .join('');
    expect(journal).not.toContain(SECRET);
    for (const name of ['WORKERS', 'API_KEY', 'GREETING']) {
      expect(journal).toContain(`"${name}":"••••"`);
    }
    expect(journal).toMatch(/"variables":\{"green-from-file":"[\da-f]{8}"\}/);

    const workspace = await connect(connectionTo(sandbox));
    const [endpoint, deployments, models] = await Promise.all([
      workspace.getEndpoint('heart-from-file'),
      workspace.listDeployments('heart-from-file'),
      workspace.listModels(),
    ]);
    await workspace.close();
    expect(endpoint).toMatchObject({
      description: DESCRIPTION,
      tags: { team: 'risk', note: 'two words' },
    });
    expect(models).toContain('heart-from-file');
    expect(deployments.find((each) => each.name === 'green-from-file')).toMatchObject({
      instanceCount: 2,
      environmentVariables: { WORKERS: '3', API_KEY: SECRET, GREETING: 'two words' },
      requestSettings: { requestTimeoutMs: 9000 },
      livenessProbe: { initialDelay: 10 },
      readinessProbe: { initialDelay: 7 },
      tags: { cost: '42' },
    });
  });

  it('names a field that it can not honour with its line, before it takes the screen', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'endpoint.yml');
    writeFileSync(path, 'name: heart\ncompute: azureml:k8s\n');
    const app = launch(process.execPath, [MAIN, '--endpoint-file', path], {
      env: { AML_ROLLOUT_HOME: folder },
    });
    expect(await app.waitForExit()).toMatchObject({ exitCode: 2 });
    const said = app.screen().replaceAll(/\s+/g, ' ');
    expect(said).toContain('endpoint.yml, line 2, column 1: compute: Kubernetes endpoints');
    await closeAll();
  });
});
