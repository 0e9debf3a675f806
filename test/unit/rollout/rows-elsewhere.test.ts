/** A proof on rows of the workspace: a data asset's, and those that users sent to blue. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/common/clock.js';
import { MoveContext } from '../../../src/rollout/moves/context.js';
import { newMemory } from '../../../src/rollout/moves/session-memory.js';
import { proveMove } from '../../../src/rollout/moves/prove.js';
import type { PlannedEvidence } from '../../../src/rollout/plan/proof.js';
import { eventually } from '../../support/eventually.js';
import { beginRollout, BLUE, GREEN, type TestRollout } from '../../support/rollout.js';
import { SAMPLES } from '../../support/sample-plan.js';
import { startSandbox, type TestSandbox } from '../../support/sandbox.js';
import { registerData, storeFiles } from '../../support/stored-rows.js';

const heart = readFileSync(join(SAMPLES, 'heart.csv'));
const folder = mkdtempSync(join(tmpdir(), 'aml-rollout-elsewhere-'));
let sandbox: TestSandbox;
let rollout: TestRollout;

beforeAll(async () => {
  sandbox = await startSandbox();
  rollout = await beginRollout(sandbox, {
    endpoint: 'rows-elsewhere',
    rolloutId: 'rows-elsewhere',
    journals: folder,
    greenShare: 0,
    collects: true,
  });
});

afterAll(async () => {
  await rollout.close();
  await sandbox.stop();
  rmSync(folder, { recursive: true, force: true });
});

function contextOf(evidence: PlannedEvidence): MoveContext {
  const clock = systemClock;
  return new MoveContext(
    {
      engine: rollout.engine,
      plan: { weights: [100], evidence },
      folder,
      clock,
      signal: new AbortController().signal,
      emit: () => undefined,
      bakeMinutes: 0,
      writeReport: () => Promise.resolve('report.md'),
    },
    newMemory(clock.now(), 0),
  );
}

const proveOn = (evidence: PlannedEvidence) =>
  proveMove.perform({ id: 'prove', blue: BLUE, green: GREEN }, contextOf(evidence));

describe('rows of the workspace', () => {
  test('what users sent to blue is sent to both, without truth', async () => {
    const { workspace } = rollout;
    const endpoint = (await workspace.getEndpoint('rows-elsewhere'))!;
    const [header = '', ...lines] = heart.toString('utf8').trim().split(/\r?\n/);
    const columns = header.split(',').slice(0, -1);
    const cells = (line: string) =>
      line
        .split(',')
        .slice(0, -1)
        .map((cell) => (Number.isNaN(Number(cell)) ? cell : Number(cell)));
    const sent = lines.slice(0, 12).map(cells);
    // Two rows a request.
    for (let at = 0; at < sent.length; at += 2) {
      const body = { input_data: { columns, index: [0, 1], data: sent.slice(at, at + 2) } };
      expect(await workspace.score(endpoint, body)).toMatchObject({ status: 200 });
    }
    const from = new Date(Date.now() - 3_600_000).toISOString();
    const csv = `collected:${from}/${new Date(Date.now() + 1000).toISOString()}`;
    const found = await eventually(async () => {
      const context = contextOf({ csv, rows: 12, seed: 1 });
      const rows = await context.rows(12, context.deployment(GREEN).model);
      expect(rows.total).toBe(sent.length);
      return rows;
    });
    expect(found.target).toBeUndefined();
    const textOf = (row: unknown[]) =>
      JSON.stringify({ input_data: { columns, index: [0], data: [row] } });
    const bodies = found.rows.map(({ body }) => JSON.stringify(body));
    expect(bodies.sort()).toEqual(sent.map(textOf).sort());
    // The same requests again, by the time that the journal keeps.
    const { result } = await proveOn({ csv: found.path, rows: 12, seed: 1 });
    expect(result).toMatchObject({ answered: 24, failed: 0, csv: { name: found.path } });
    expect(rollout.engine.view.choice.csv?.path).toBe(found.path);
  });

  test('a data asset proves as its file does; the journal has version and hash', async () => {
    const uri = await storeFiles(rollout.workspace, { 'heart.csv': heart });
    await registerData(sandbox, { 'heart:3': { type: 'uri_file', uri: `${uri}/heart.csv` } });
    const evidence = { rows: 30, seed: 4711, target: 'target' };
    const here = await proveOn({ ...evidence, csv: join(SAMPLES, 'heart.csv') });
    const there = await proveOn({ ...evidence, csv: 'azureml:heart@latest' });
    expect(there.rows.map(({ row }) => row)).toEqual(here.rows.map(({ row }) => row));
    expect(there.result.csv).toMatchObject({
      name: 'azureml:heart:3',
      sha256: createHash('sha256').update(heart).digest('hex'),
    });
    expect(rollout.engine.view.choice.csv).toMatchObject({ path: 'azureml:heart:3', seed: 4711 });
  });

  test('a label means the same version for the whole session', async () => {
    const context = contextOf({ csv: 'azureml:heart@latest', rows: 5, seed: 1 });
    const { model } = context.deployment(GREEN);
    const first = await context.rows(5, model);
    const uri = await storeFiles(rollout.workspace, { 'other.csv': 'age\n1\n' });
    await registerData(sandbox, { 'heart:4': { type: 'uri_file', uri: `${uri}/other.csv` } });
    expect((await context.rows(50, model)).rows.slice(0, 5)).toEqual(first.rows);
    await expect(proveOn({ csv: 'azureml:heart@latest', rows: 5, seed: 1 })).rejects.toThrow(
      /azureml:heart:4 does not fit the model/,
    );
  });

  test('a time without requests, and a deployment without a collector, say so', async () => {
    // Back from the rollout's beginning: what it sent itself is no user's.
    const opened = Date.parse(rollout.engine.view.openedAt ?? '');
    const [from, to] = [opened - 3_600_000, opened].map((ms) => new Date(ms).toISOString());
    await expect(proveOn({ csv: 'collected:1h', rows: 5, seed: 1 })).rejects.toThrow(
      `The data collector of default kept no rows from ${from} to ${to}.`,
    );
    const quiet = 'collected:2025-01-01T00:00Z/2025-01-02T00:00Z';
    await expect(proveOn({ csv: quiet, rows: 5, seed: 1 })).rejects.toThrow(
      'The data collector of default kept no rows from 2025-01-01T00:00:00.000Z to 2025-01-02T00:00:00.000Z.',
    );
    const green = rollout.engine.snapshot!.deployments.find(({ name }) => name === GREEN)!;
    const now = new Date();
    await expect(rollout.workspace.collectedFiles(green, now, now)).rejects.toThrow(
      `Deployment ${GREEN} does not collect its inputs (model_inputs).`,
    );
  });
});
