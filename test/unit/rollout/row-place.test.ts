/** Where a plan's rows lie: what a plan may say, and what a person is told. */
import { describe, expect, test } from 'vitest';
import { proofPlanYaml, readProofPlan } from '../../../src/interop/proof-plan.js';
import {
  placeProblem,
  rowsFrom,
  shownRows,
  windowOf,
} from '../../../src/rollout/plan/row-place.js';

const evidence = (text: string) => readProofPlan(`evidence: ${text}`, 'plan.yml').plan.evidence;

describe('where rows lie', () => {
  test.each([
    'heart.csv',
    'C:\\rows\\heart.csv',
    'azureml:heart@latest',
    'azureml:heart:3',
    'azureml://datastores/workspaceblobstore/paths/rows/heart.csv',
    'azureml://datastores/lake/rows/',
    'azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/lake/paths/rows/heart.csv',
    'azureml:/subscriptions/s/resourceGroups/g/providers/p/workspaces/w/data/heart/versions/1',
    'collected:24h',
    'collected:7d',
    'collected:2026-11-28T06:00Z/2026-11-28T18:00Z',
  ])('%s is a place', (place) => {
    expect(placeProblem(place)).toBeUndefined();
    expect(evidence(`{data: '${place}'}`)?.csv).toBe(place);
    // The older name of the key.
    expect(evidence(`{csv: '${place}'}`)?.csv).toBe(place);
  });

  test.each([
    ['azureml:heart', /use azureml:NAME@latest/],
    ['azureml:heart@newest', /use azureml:NAME@latest/],
    ['azureml://jobs', /use azureml:NAME@latest/],
    ['azureml://subscriptions/s/datastores/lake/paths/x.csv', /use azureml:NAME@latest/],
    ['collected:yesterday', /use collected:24h/],
    ['collected:2026-11-28T06:00Z/2026-11-27T06:00Z', /ends after it begins/],
    ['collected:400d', /at most 92 days/],
  ])('%s is none', (place, sentence) => {
    expect(() => evidence(`{data: '${place}'}`)).toThrow(sentence);
    expect(() => evidence(`{data: '${place}'}`)).toThrow(/plan\.yml, line 1/);
  });

  test('only one of both names is taken', () => {
    expect(() => evidence('{data: a.csv, csv: b.csv}')).toThrow(/csv is an older name of data/);
  });

  test('a file is read from its folder, and shown without it', () => {
    expect(rowsFrom('/plans', 'heart.csv')).toBe('/plans/heart.csv');
    expect(shownRows('/plans/heart.csv')).toBe('heart.csv');
    const place = 'azureml://datastores/d/paths/x.csv';
    expect([rowsFrom('/plans', place), shownRows(place)]).toEqual([place, place]);
  });

  test('a saved plan says it as data, and is read again', () => {
    const text = proofPlanYaml({ weights: [100], evidence: { csv: 'collected:24h', rows: 5 } });
    expect(text).toContain('data: collected:24h');
    expect(readProofPlan(text, 'plan.yml').plan.evidence).toMatchObject({ csv: 'collected:24h' });
  });

  test('a time is counted back from now, or as it is written', () => {
    const now = Date.parse('2026-11-29T06:00:00Z');
    expect(windowOf('collected:24h', now)?.from.toISOString()).toBe('2026-11-28T06:00:00.000Z');
    const written = windowOf('collected:2026-11-28T06:00Z/2026-11-28T18:00Z', now);
    expect(written?.to.toISOString()).toBe('2026-11-28T18:00:00.000Z');
  });
});
