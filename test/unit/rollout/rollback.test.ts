import { describe, expect, it } from 'vitest';
import type { Split } from '../../../src/common/split.js';
import { planRollback } from '../../../src/rollout/rollback.js';
import { encodeTags, type RolloutTags } from '../../../src/rollout/tags.js';
import { abortTarget, closeRollout, moveTraffic } from '../../../src/rollout/traffic-change.js';
import { journalView } from '../../../src/rollout/journal/view.js';
import { deployment, endpoint, snapshot } from './fixtures.js';

function tagged(traffic: Split, tags: RolloutTags, names = ['default', 'x-8'], blueCount = 2) {
  const kept = Object.entries(encodeTags(tags)).filter((tag) => tag[1] !== null);
  return snapshot(
    endpoint(traffic, { tags: Object.fromEntries(kept) as Record<string, string> }),
    names.map((name) => deployment(name, name === 'default' ? { instanceCount: blueCount } : {})),
  );
}

const roles = { blue: 'default', green: 'x-8' };
const underWay: RolloutTags = { rolloutId: 'r', roles, start: { default: 100 }, blueInstances: 2 };
const view = journalView([]);

describe('a rollback', () => {
  it('restores the split at the start of a rollout under way, and closes its tags', () => {
    const plan = planRollback(tagged({ default: 70, 'x-8': 30 }, underWay));
    expect(plan).toMatchObject({
      kind: 'ready',
      rolloutId: 'r',
      change: {
        from: { default: 70, 'x-8': 30 },
        to: { default: 100, 'x-8': 0 },
        why: 'rollback',
        tags: { 'amlr-rollout': null, 'amlr-start': null },
      },
    });
    expect(plan).not.toHaveProperty('warning');
  });

  it('restores the previous split of a closed rollout', () => {
    const tags: RolloutTags = { roles: { blue: 'default' }, previous: { default: 100 } };
    expect(planRollback(tagged({ 'x-8': 100 }, tags))).toMatchObject({
      kind: 'ready',
      change: { to: { default: 100, 'x-8': 0 } },
    });
  });

  it('takes the split at the start from the journal while no tag tells it', () => {
    const moved = tagged({ default: 60, 'x-8': 40 }, { roles: {} });
    const known = { ...view, splitAtStart: { default: 100 } };
    expect(planRollback(moved)).toMatchObject({ kind: 'nothing', why: 'no earlier split' });
    expect(planRollback(moved, known)).toMatchObject({
      kind: 'ready',
      change: { from: { default: 60, 'x-8': 40 }, to: { default: 100, 'x-8': 0 } },
    });
    const aborted = { ...known, aborted: { at: '', restored: { default: 100 } } };
    expect(planRollback(moved, aborted)).toMatchObject({ why: 'no earlier split' });
  });

  it('leaves the split before the last rollout alone while a rollout that moved nothing is under way', () => {
    const tags: RolloutTags = { roles: { blue: 'default' }, previous: { default: 100 } };
    const now = tagged({ 'x-8': 100 }, tags);
    const begun = { ...view, splitAtStart: { 'x-8': 100 } };
    expect(planRollback(now, begun)).toMatchObject({
      kind: 'nothing',
      why: 'already restored',
      sentence: expect.stringContaining('To restore default=100'),
    });
    const aborted = { ...begun, aborted: { at: '', restored: { 'x-8': 100 } } };
    for (const over of [aborted, { ...begun, completed: { at: '', report: '' } }]) {
      expect(planRollback(now, over)).toMatchObject({
        kind: 'ready',
        change: { to: { default: 100, 'x-8': 0 } },
      });
    }
  });

  it('says that blue is smaller, and offers to scale it first', () => {
    expect(planRollback(tagged({ 'x-8': 100 }, underWay, undefined, 1))).toMatchObject({
      kind: 'ready',
      warning: expect.stringContaining('1 of the 2'),
      scaleFirst: { deployment: 'default', from: 1, to: 2 },
    });
  });

  it('explains a blue that is deleted', () => {
    expect(planRollback(tagged({ 'x-8': 100 }, underWay, ['x-8']))).toMatchObject({
      kind: 'recreate',
      missing: ['default'],
    });
  });

  it.each([
    ['no tag', snapshot(endpoint({ default: 100 }), [deployment('default')])],
    ['already there', tagged({ default: 100 }, underWay)],
    ['no endpoint', snapshot(undefined)],
  ])('has nothing to do: %s', (_, now) => {
    expect(planRollback(now)).toMatchObject({ kind: 'nothing' });
  });
});

describe('an abort', () => {
  it('restores the start, zeros said for what came since', () => {
    const now = tagged({ default: 20, 'x-8': 80 }, underWay);
    expect(abortTarget({ now, roles, view })).toEqual({ default: 100, 'x-8': 0 });
  });

  it('leaves the others where someone else moved them meanwhile', () => {
    const names = ['default', 'x-8', 'old'];
    const tags: RolloutTags = { ...underWay, start: { default: 80, old: 20 } };
    const now = tagged({ default: 30, 'x-8': 30, old: 40 }, tags, names);
    expect(abortTarget({ now, roles, view })).toEqual({ default: 60, 'x-8': 0, old: 40 });
  });

  it('never raises green, even when the start had more of it', () => {
    const tags: RolloutTags = { ...underWay, start: { default: 50, 'x-8': 50 } };
    const names = ['default', 'x-8', 'old'];
    const now = tagged({ default: 70, 'x-8': 20, old: 10 }, tags, names);
    expect(abortTarget({ now, roles, view })).toEqual({ default: 70, 'x-8': 20, old: 10 });
  });

  it('has no target when blue is gone', () => {
    const now = tagged({ 'x-8': 100 }, underWay, ['x-8']);
    expect(abortTarget({ now, roles, view })).toBeUndefined();
  });
});

describe('the tags of traffic writes', () => {
  const ours = journalView([
    {
      at: '2026-01-01T00:00:00.000Z',
      seq: 1,
      event: 'opened',
      rolloutId: 'r',
      workspace: { subscriptionId: 's', resourceGroup: 'rg', workspaceName: 'ws' },
      endpoint: 'heart',
      owner: 'ada',
      version: '0',
    },
  ]);

  it('keep the start of the first write through all later ones', () => {
    const first = tagged({ default: 100 }, { roles: {} });
    const change = moveTraffic({ now: first, roles, view: ours }, 10);
    expect(change.tags).toMatchObject({ 'amlr-rollout': 'r', 'amlr-start': 'default=100' });
    const later = tagged({ default: 90, 'x-8': 10 }, { ...underWay, owner: 'ada' });
    expect(moveTraffic({ now: later, roles, view: ours }, 30).tags).toBeUndefined();
  });

  it('are closed with what a rollback restores', () => {
    const now = tagged({ 'x-8': 100 }, { ...underWay, owner: 'ada' });
    const change = closeRollout({ now, roles, view: ours });
    expect(change.from).toEqual(change.to);
    expect(change.tags).toMatchObject({ 'amlr-rollout': null, 'amlr-previous': 'default=100' });
  });
});
