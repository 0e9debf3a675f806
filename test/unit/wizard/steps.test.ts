import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ProvisioningState } from '../../../src/azure/types.js';
import type { Change } from '../../../src/rollout/changes/change.js';
import type { JournalEntry } from '../../../src/rollout/journal/entry.js';
import type { JournalEvent } from '../../../src/rollout/journal/journal.js';
import { rolesOf } from '../../../src/rollout/roles.js';
import type { Snapshot } from '../../../src/rollout/snapshot.js';
import { parseSplit } from '../../../src/common/split.js';
import { encodeTags } from '../../../src/rollout/tags.js';
import { journalView } from '../../../src/rollout/journal/view.js';
import { shownSteps, stepOf } from '../../../src/wizard/place.js';
import { STEPS } from '../../../src/wizard/steps/index.js';
import { deployment, endpoint, modelId, snapshot, WORKSPACE } from '../rollout/fixtures.js';

const TABLE = new URL('../../../docs/architecture.md', import.meta.url);

const rows = readFileSync(TABLE, 'utf8')
  .split('\n')
  .filter((line) => /^\| *\d+ *\|/.test(line))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  .map(([number = '', at = '', deployments = '', traffic = '', journal = '', step = '']) => ({
    number,
    at,
    deployments,
    traffic,
    journal,
    step,
  }));

const advance: Change = {
  kind: 'setTraffic',
  endpoint: 'heart',
  from: { default: 100 },
  to: { default: 90, 'x-8': 10 },
  why: 'advance',
};

const create = (name: string, role: 'blue' | 'green'): Change => ({
  kind: 'createDeployment',
  endpoint: 'heart',
  deployment: name,
  role,
  spec: { model: modelId('m', '1'), instanceType: 'Standard_DS3_v2', instanceCount: 2 },
});

const register = (model: string, version: string): Change => ({
  kind: 'registerModel',
  model,
  version,
  folder: '/models/v',
});

function done(id: number, change: Change): JournalEvent[] {
  return [
    { event: 'begun', id, change, title: change.kind, splitBefore: { default: 100 } },
    { event: 'ended', id, ok: true, readBack: 'confirmed', seconds: 1 },
  ];
}

const tested = (purpose: 'test' | 'prove'): JournalEvent => ({
  event: 'tested',
  result: {
    purpose,
    csv: { name: 'heart.csv', sha256: 'a', seed: 1, rows: 1, rowNumbers: [1] },
    deployments: ['default', 'x-8'],
    answered: 1,
    failed: 0,
    medianLatencyMs: {},
  },
});

const judged = (decision: 'promote' | 'stop' | 'send-more', override?: string): JournalEvent => ({
  event: 'judged',
  stage: 'prove',
  deployment: 'x-8',
  weight: 0,
  verdicts: [],
  decision,
  ...(override !== undefined && { override }),
});

const WORDS: Record<string, (id: number) => JournalEvent[]> = {
  'created blue': (id) => done(id, create('default', 'blue')),
  'created green': (id) => done(id, create('x-8', 'green')),
  'deleted green': (id) =>
    done(id, { kind: 'deleteDeployment', endpoint: 'heart', deployment: 'x-8' }),
  'blue model': (id) => [
    { event: 'choice', choice: { blueModel: { name: 'm', version: '1' } } },
    ...done(id, register('m', '1')),
  ],
  'new model': (id) => [
    { event: 'choice', choice: { newModel: { name: 'm', version: '2' } } },
    ...done(id, register('m', '2')),
  ],
  'new model picked': () => [
    { event: 'choice', choice: { newModel: { name: 'm', version: '2' } } },
  ],
  'blue chosen': () => [{ event: 'choice', choice: { roles: { blue: 'default' } } }],
  roles: () => [{ event: 'choice', choice: { roles: { blue: 'default', green: 'x-8' } } }],
  tested: () => [tested('test')],
  replayed: () => [tested('prove')],
  proved: () => [tested('prove'), judged('promote')],
  'proof failed': () => [tested('prove'), judged('stop')],
  'proof inconclusive': () => [tested('prove'), judged('send-more')],
  'proof overridden': () => [tested('prove'), judged('stop'), judged('stop', 'known drift')],
  advanced: (id) => done(id, advance),
  aborted: () => [{ event: 'aborted', restored: { default: 100 } }],
  completed: () => [{ event: 'completed', report: 'report.md' }],
  'scale to one': () => [{ event: 'choice', choice: { retire: 'scale-to-one' } }],
  keep: () => [{ event: 'choice', choice: { retire: 'keep' } }],
};

function entriesOf(cell: string): JournalEntry[] {
  if (cell === '-') return [];
  const events: JournalEvent[] = [
    {
      event: 'opened',
      rolloutId: 'r1',
      workspace: WORKSPACE,
      endpoint: 'heart',
      owner: 'ada',
      version: '0',
    },
  ];
  cell.split(', ').forEach((word, index) => {
    const make = WORDS[word];
    if (!make) throw new Error(`The table has a word the test does not know: ${word}`);
    events.push(...make(index + 1));
  });
  return events.map((event, index) => ({
    at: '2026-01-01T00:00:00.000Z',
    seq: index + 1,
    ...event,
  }));
}

function snapshotOf(row: (typeof rows)[number]): Snapshot | undefined {
  if (row.at === 'not chosen') return undefined;
  if (row.at === 'none') return snapshot(undefined);
  const [state = '', tagged] = row.at.split(', ');
  const deployments = row.deployments
    .split(', ')
    .filter((cell) => cell !== '')
    .map((cell) => {
      const [name = '', what = ''] = cell.split(':');
      const [provisioningState, count = '2'] = what.split('×');
      return deployment(name, {
        provisioningState: provisioningState as ProvisioningState,
        instanceCount: Number(count),
      });
    });
  const traffic = row.traffic === '' ? {} : parseSplit(row.traffic);
  if (!traffic) throw new Error(`Row ${row.number} has a split that can't be read: ${row.traffic}`);
  const tags = encodeTags({
    rolloutId: 'r1',
    roles: { blue: 'default', green: 'x-8' },
    start: { default: 100 },
  });
  const kept = Object.entries(tags).filter((tag): tag is [string, string] => tag[1] !== null);
  const observed = endpoint(traffic, {
    provisioningState: state as ProvisioningState,
    tags: tagged ? Object.fromEntries(kept) : {},
  });
  const unborn = row.deployments === '' && (state === 'Creating' || state === 'Failed');
  if (unborn) delete observed.scoringUri;
  return snapshot(observed, deployments);
}

describe('docs/architecture.md', () => {
  it('has a row for every step', () => {
    expect(new Set(rows.map((row) => row.step))).toEqual(new Set(STEPS.map(({ id }) => id)));
    expect(rows.map((row) => Number(row.number))).toEqual(rows.map((_, index) => index + 1));
  });

  it.each(rows)('row $number: $at, $deployments, $traffic, $journal -> $step', (row) => {
    const now = snapshotOf(row);
    const view = row.journal === '-' ? undefined : journalView(entriesOf(row.journal));
    const roles = now
      ? rolesOf(now, view)
      : { roles: {}, source: 'none' as const, live: [], idle: [] };
    expect(stepOf(now, view, roles)).toBe(row.step);
  });
});

describe('the steps shown', () => {
  it('are eleven for an endpoint without live traffic, eight for one that serves', () => {
    const fresh = snapshot(endpoint({}));
    const serving = snapshot(endpoint({ default: 100 }), [deployment('default')]);
    expect(shownSteps(undefined, rolesOf(fresh))).toHaveLength(11);
    expect(shownSteps(undefined, rolesOf(serving))).toHaveLength(8);
  });

  it('stay eleven in a rollout that set blue up itself', () => {
    const view = journalView(entriesOf('created blue'));
    const serving = snapshot(endpoint({ default: 100 }), [deployment('default')]);
    expect(shownSteps(view, rolesOf(serving, view))).toHaveLength(11);
  });

  it('retire nothing in an aborted rollout, where blue serves', () => {
    const serving = snapshot(endpoint({ default: 100 }), [deployment('default')]);
    const view = journalView(entriesOf('created blue'));
    const aborted = { ...view, aborted: { at: serving.takenAt, restored: { default: 100 } } };
    expect(shownSteps(aborted, rolesOf(serving, view))).not.toContain('retire');
  });
});
