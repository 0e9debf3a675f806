/** What counts as someone else's change. */
import { describe, expect, it } from 'vitest';
import type { Change, SetTraffic } from '../../../src/rollout/changes/change.js';
import { driftFrom, expectedAtStart } from '../../../src/rollout/drift.js';
import type { JournalEntry } from '../../../src/rollout/journal/entry.js';
import { journalView } from '../../../src/rollout/journal/view.js';
import { deployment, endpoint, snapshot } from './fixtures.js';
import type { Split } from '../../../src/common/split.js';
import { V2, TAGS, AT, movedTo10 } from './next-move-support.js';

const createdGreen: JournalEntry[] = [
  {
    at: '2026-03-01T11:40:00.000Z',
    seq: 1,
    event: 'begun',
    id: 7,
    title: 'create green',
    change: {
      kind: 'createDeployment',
      endpoint: 'heart',
      deployment: 'x-8',
      role: 'green',
      spec: { model: V2, instanceType: 'Standard_DS3_v2', instanceCount: 1 },
    },
  },
  {
    at: '2026-03-01T11:41:00.000Z',
    seq: 2,
    event: 'ended',
    id: 7,
    ok: true,
    readBack: 'confirmed',
    seconds: 1,
  },
];

describe('drift', () => {
  const found = (journal: JournalEntry[], now = snapshot(endpoint({ default: 100 }))) =>
    driftFrom(expectedAtStart(now, journalView(journal)), now, {
      roles: ['default', 'x-8'],
      since: AT,
    });
  const at = (traffic: Split, tags: Record<string, string> = TAGS, names = ['default', 'x-8']) =>
    snapshot(
      endpoint(traffic, { tags }),
      names.map((name) => deployment(name)),
    );

  it('is a split that this rollout did not leave', () => {
    expect(found(movedTo10, at({ default: 60, 'x-8': 40 }))?.sentence).toMatch(
      /Someone else set the traffic to default=60 x-8=40.*left it at default=90 x-8=10\.$/,
    );
    expect(found(movedTo10, at({ default: 90, 'x-8': 10, old: 0 }))).toBeUndefined();
  });

  it('is a deployment or an endpoint that someone deleted', () => {
    const gone = at({ default: 90, 'x-8': 10 }, TAGS, ['default']);
    const made: JournalEntry[] = [...createdGreen, ...movedTo10];
    expect(found(made, gone)).toMatchObject({
      what: 'deployment',
      sentence: expect.stringContaining('deleted deployment x-8 between 2026-03-01 12:00:00 UTC'),
    });
    const none = snapshot(undefined, []);
    const created: JournalEntry[] = [
      {
        at: AT,
        seq: 1,
        event: 'begun',
        id: 1,
        title: 'create',
        change: {
          kind: 'createEndpoint',
          endpoint: 'heart',
          authMode: 'key',
          identity: { type: 'system_assigned' },
          tags: {},
        },
      },
      { at: AT, seq: 2, event: 'ended', id: 1, ok: true, readBack: 'confirmed', seconds: 1 },
    ];
    expect(found(created, none)).toMatchObject({ what: 'endpoint' });
  });

  it("is another rollout's tags, or none, where this one wrote its own", () => {
    const split = { default: 90, 'x-8': 10 };
    const journal = movedTo10;
    expect(found(journal, at(split))).toBeUndefined();
    expect(found(journal, at(split, {}))?.sentence).toMatch(/removed the tags of this rollout/);
    const other = { ...TAGS, 'amlr-rollout': 'r2', 'amlr-owner': 'bob' };
    expect(found(journal, at(split, other))?.sentence).toMatch(/started rollout r2 \(bob\)/);
  });

  it('is neither side of a change that was sent and whose end is not known', () => {
    const before = { default: 90, 'x-8': 10 };
    const closing: SetTraffic = {
      kind: 'setTraffic',
      endpoint: 'heart',
      from: before,
      to: { default: 0, 'x-8': 100 },
      why: 'close',
      tags: { 'amlr-rollout': null },
    };
    const removing: Change = { kind: 'deleteDeployment', endpoint: 'heart', deployment: 'x-8' };
    const begun = (change: Change, id: number): JournalEntry => ({
      at: AT,
      seq: id,
      event: 'begun',
      id,
      title: 'sent',
      change,
    });
    const journal = [...createdGreen, ...movedTo10, begun(closing, 20), begun(removing, 21)];
    for (const traffic of [before, closing.to]) {
      for (const tags of [TAGS, {}]) {
        expect(found(journal, at(traffic, tags))).toBeUndefined();
        expect(found(journal, at(traffic, tags, ['default']))).toBeUndefined();
      }
    }
    expect(found(journal, at({ default: 60, 'x-8': 40 }))?.what).toBe('traffic');
    expect(found(journal, at(before, { 'amlr-rollout': 'r2' }))?.what).toBe('tags');
  });

  it('is not asked of a rollout that moved nothing, was aborted, or is completed', () => {
    const now = at({ default: 60, 'x-8': 40 });
    expect(found([], now)).toBeUndefined();
    const completed: JournalEntry = { at: AT, seq: 3, event: 'completed', report: 'r' };
    expect(found([...movedTo10, completed], now)).toBeUndefined();
    const aborted: JournalEntry = { at: AT, seq: 3, event: 'aborted', restored: { default: 100 } };
    expect(found([...movedTo10, aborted], now)).toBeUndefined();
  });
});
