/** A rollout without a terminal whose rows are not in a plain CSV of this machine. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import Papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import { headless } from '../support/headless.js';
import { SAMPLES, samplePlan } from '../support/sample-plan.js';
import { registerData, storeFiles } from '../support/stored-rows.js';

const desk = headless();

describe.sequential('rows of the workspace', () => {
  const extra = 'weights: [100]\nholds: {minutes: 0}';

  it('refuses an asset that is not there before anything is created', async () => {
    const plan = samplePlan(desk.home, {
      endpoint: 'heart-none',
      data: 'azureml:none@latest',
      extra,
    });
    const { code, stderr } = await desk.command('run', plan, '--yes', '--sandbox');
    expect(code).toBe(2);
    expect(stderr).toContain('Data container with name: none not found.');
    expect(await desk.workspace.getEndpoint('heart-none')).toBeUndefined();
  });

  it('promotes on a data asset, whose version and hash the report has', async () => {
    const heart = readFileSync(join(SAMPLES, 'heart.csv'));
    const uri = await storeFiles(desk.workspace, { 'rows/heart.csv': heart });
    await registerData(desk.sandbox, { 'heart:2': { type: 'uri_folder', uri: `${uri}/rows` } });
    const endpoint = 'heart-asset';
    const plan = samplePlan(desk.home, { endpoint, data: 'azureml:heart@latest', extra });
    const { code, stdout, stderr } = await desk.command('run', plan, '--yes', '--sandbox');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(/prove +300 rows of azureml:heart:2, seed 4711: 600 answered, 0 failed/);
    const report = /(\S+\.md)/.exec(stdout)?.[1] ?? '';
    const text = readFileSync(report.startsWith('/') ? report : join(desk.home, report), 'utf8');
    expect(text).toMatch(/- azureml:heart:2 \(prove\): SHA-256 `[0-9a-f]{64}`/);
    expect(text).toContain('of azureml:heart@latest');
  });

  const heart = readFileSync(join(SAMPLES, 'heart.csv'));
  const jsonLines = () =>
    Papa.parse<object>(heart.toString('utf8').trim(), { header: true, dynamicTyping: true })
      .data.map((row) => JSON.stringify(row))
      .join('\n');
  const kept = (name: string, content: string | Buffer): string => {
    writeFileSync(join(desk.home, name), content);
    return name;
  };

  it.each([
    ['gzip', () => kept('heart.csv.gz', gzipSync(heart)), 'heart.csv.gz'],
    ['json', () => kept('heart.jsonl', jsonLines()), 'heart.jsonl'],
    [
      'store',
      async () => `${await storeFiles(desk.workspace, { 'path/heart.csv': heart })}/path/heart.csv`,
      'azureml://',
    ],
  ])('promotes on rows of %s', async (name, place, told) => {
    const data = await place();
    const plan = samplePlan(desk.home, { endpoint: `heart-${name}`, data, extra });
    const { code, stdout, stderr } = await desk.command('run', plan, '--yes', '--sandbox');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(/prove +300 rows of .*seed 4711: 600 answered, 0 failed/);
    expect(stdout).toContain(`300 rows of ${told}`);
  });
});
