/** A model with many versions: what a rollout asks does not grow with them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../../src/azure/connect.js';
import type { Workspace } from '../../../src/azure/types.js';
import { RolloutEngine } from '../../../src/rollout/engine.js';
import { Journal } from '../../../src/rollout/journal/journal.js';
import { findModel } from '../../../src/rollout/moves/registered-model.js';
import { LATEST } from '../../../src/rollout/plan.js';
import type { SandboxState } from '../../../src/sandbox/model.js';
import type { RecordedRequest } from '../../../src/sandbox/recording.js';
import { connectionTo } from '../../support/connection.js';
import { runWarm } from '../../support/run-command.js';
import { samplePlan } from '../../support/sample-plan.js';
import { startSandbox, type TestSandbox } from '../../support/sandbox.js';

/** 67 pages of them, as the service pages its lists. */
const VERSIONS = 2000;
const MODEL = 'heart';
const folder = fileURLToPath(new URL('../../../samples/heart-classifier/v2', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'aml-rollout-versions-'));

let sandbox: TestSandbox;
let workspace: Workspace;

beforeAll(async () => {
  const stateDir = join(scratch, 'sandbox');
  sandbox = await startSandbox({ stateDir });
  workspace = await connect(connectionTo(sandbox));
  // The content of the folder is the oldest version of them.
  const { uri } = await workspace.uploadFolder(folder, MODEL);
  await workspace.putModelVersion(MODEL, '1', uri);
  await workspace.close();
  await sandbox.stop();
  addVersions(join(stateDir, 'state.json'));
  sandbox = await startSandbox({ stateDir });
  workspace = await connect(connectionTo(sandbox));
});
afterAll(async () => {
  await workspace?.close();
  await sandbox?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

/** As many PUTs would leave them, and in no time. */
function addVersions(stateFile: string): void {
  const content = JSON.parse(readFileSync(stateFile, 'utf8')) as { state: SandboxState };
  const { versions } = content.state.models[MODEL]!;
  const first = versions['1']!;
  const { createdAt } = first.systemData;
  for (let version = 2; version <= VERSIONS; version += 1) {
    const at = new Date(Date.parse(createdAt) + version).toISOString();
    versions[version] = {
      ...first,
      version: String(version),
      modelUri: first.modelUri.replace(/LocalUpload\/[^/]+/, `LocalUpload/${version}`),
      systemData: { ...first.systemData, createdAt: at, lastModifiedAt: at },
    };
  }
  writeFileSync(stateFile, JSON.stringify(content));
}

/** The lists of versions that `work` asked for. */
async function listsOf(work: () => Promise<unknown>): Promise<RecordedRequest[]> {
  await sandbox.control('POST', '/_sandbox/requests', { record: true });
  await sandbox.control('DELETE', '/_sandbox/requests');
  await work();
  const { body } = await sandbox.control('GET', '/_sandbox/requests');
  const { requests } = body as { requests: RecordedRequest[] };
  expect(requests.length).toBeGreaterThan(0);
  // It keeps so many, and forgets the oldest of more.
  expect(requests.length).toBeLessThan(2000);
  return requests.filter(({ path }) => /\/models\/[^/]+\/versions$/.test(path));
}

/** What azure-ai-ml sends for `az ml model create`, as test_sdk_requests.py proves. */
function listsOfOfficialClient(): number {
  const file = new URL('../../conformance/az_ml_requests.json', import.meta.url);
  const recorded = JSON.parse(readFileSync(file, 'utf8')) as {
    command: string;
    requests: { method: string; path: string }[];
  }[];
  const create = recorded.find(({ command }) => command.startsWith('az ml model create'))!;
  return create.requests.filter(
    ({ method, path }) => method === 'GET' && /\/models\/[^/]+\/versions$/.test(path),
  ).length;
}

describe('with many versions', () => {
  it('a look at the workspace lists none', async () => {
    const { subscriptionId, resourceGroup, workspaceName } = sandbox.info;
    const journal = Journal.create(scratch, {
      rolloutId: 'r-versions',
      workspace: { subscriptionId, resourceGroup, workspaceName },
      endpoint: 'heart-look',
      owner: 'ada@contoso.com',
      version: 'test',
    });
    const engine = new RolloutEngine({ workspace, journal, endpoint: 'heart-look' });
    engine.choose({ newModel: { name: MODEL, version: '3' } });
    const lists = await listsOf(() => engine.observe());
    expect(lists).toEqual([]);
    expect(engine.snapshot?.models[MODEL]).toMatchObject([{ version: '3' }]);
    journal.close();
  });

  it('the latest is one request, as azure-ai-ml asks for it', async () => {
    const lists = await listsOf(async () => {
      const found = await findModel({ name: MODEL, version: LATEST }, workspace, scratch);
      expect(found).toMatchObject({ version: { version: String(VERSIONS) } });
    });
    expect(lists.map(({ query }) => query)).toMatchObject([{ $top: '1' }]);
  });

  it('a folder that was registered long ago is found by its upload', async () => {
    const lists = await listsOf(async () => {
      const found = await findModel({ name: MODEL, path: folder }, workspace, scratch);
      expect(found).toMatchObject({ version: { version: '1' }, why: 'same content' });
    });
    expect(lists.length).toBeLessThanOrEqual(1);
  });

  it('a version that the plan names is asked for alone', async () => {
    const lists = await listsOf(async () => {
      const planned = { name: MODEL, version: '1', path: folder };
      await expect(findModel(planned, workspace, scratch)).resolves.toMatchObject({
        version: { version: '1' },
      });
      await expect(findModel({ ...planned, version: '7' }, workspace, scratch)).rejects.toThrow(
        'Version 7 of model heart is already registered with different content.',
      );
    });
    expect(lists).toEqual([]);
  });

  it('a whole rollout lists them no more often than azure-ai-ml for its two models', async () => {
    const plan = samplePlan(scratch, {
      endpoint: 'heart-many',
      model: MODEL,
      extra: 'weights: [100]\nholds: {minutes: 0}',
    });
    const lists = await listsOf(async () => {
      const run = await runWarm(['run', plan, '--sandbox', '--yes'], {
        env: { AML_ROLLOUT_HOME: scratch },
        cwd: scratch,
      });
      expect(run.code, run.stderr).toBe(0);
    });
    expect(listsOfOfficialClient()).toBe(1);
    expect(lists.length).toBeLessThanOrEqual(2 * listsOfOfficialClient());
  });
});
