/** What the start screen lists of journals on disk. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Paths } from '../../../src/profiles/paths.js';
import { ProfileStore } from '../../../src/profiles/store.js';
import type { SetTraffic } from '../../../src/rollout/changes/change.js';
import { openJournal } from '../../../src/rollout/journal/open.js';
import { COMMANDS } from '../../../src/wizard/effects/index.js';
import type { Services, World } from '../../../src/wizard/effects/world.js';
import { remaining } from '../../../src/wizard/remaining.js';
import { temporaryFolder } from '../../support/sandbox.js';

let folder: string;
let world: World;
const workspace = {
  subscriptionId: '00000000-0000-0000-0000-000000000001',
  resourceGroup: 'rg',
  workspaceName: 'ml-prod',
};

beforeAll(() => {
  folder = temporaryFolder();
  const profiles = new ProfileStore(join(folder, 'config'));
  const connection = { ...workspace, cloud: 'public' as const, signIn: 'cli' as const };
  profiles.add({ name: 'ml', prod: false, connection });
  const paths = { journals: join(folder, 'journals'), state: folder } as Paths;
  world = { services: {} as Services, paths, profiles, program: 'test', cwd: folder };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A journal whose traffic was moved for these reasons, one after the other. */
function journal(endpoint: string, ...whys: SetTraffic['why'][]): void {
  const at = openJournal(world.paths.journals, { workspace, endpoint, owner: 'a', program: 't' });
  whys.forEach((why, index) => {
    const id = index + 1;
    const to = why === 'advance' ? { default: 90, next: 10 } : { default: 100, next: 0 };
    const change: SetTraffic = { kind: 'setTraffic', endpoint, from: {}, to, why };
    at.append({ event: 'begun', id, change, title: 'set traffic' });
    at.append({ event: 'ended', id, ok: true, readBack: 'confirmed', seconds: 1 });
    if (why === 'abort') at.append({ event: 'aborted', restored: to });
  });
  at.close();
}

test('a rollout that was rolled back is over; one that was aborted can be gone on with', async () => {
  journal('heart-moving', 'advance');
  journal('heart-aborted', 'advance', 'abort');
  journal('heart-back', 'advance', 'rollback');
  journal('heart-again', 'advance', 'rollback', 'advance');
  const signal = new AbortController().signal;
  const context = { world, signal, progress: () => undefined };
  const { rollouts } = await COMMANDS.loadStart.carryOut({}, context);
  expect(rollouts.map(({ endpoint }) => endpoint).toSorted()).toEqual([
    'heart-aborted',
    'heart-again',
    'heart-moving',
  ]);
  expect(rollouts.find(({ endpoint }) => endpoint === 'heart-aborted')?.summary).toMatch(
    /^aborted/,
  );
  const moving = rollouts.find(({ endpoint }) => endpoint === 'heart-moving')?.about;
  expect(moving?.split?.text).toBe('default=90 next=10');
  expect(moving?.changes.map(({ title, ended }) => [title, ended?.seconds])).toEqual([
    ['set traffic', 1],
  ]);
});

test('lists that are on the screen already are not read again, but once they are asked for anew', async () => {
  const lists = { profiles: [], rollouts: [], notices: [] };
  const drawn: World = { ...world, lists };
  const context = { world: drawn, signal: new AbortController().signal, progress: () => undefined };
  expect(await COMMANDS.loadStart.carryOut({}, context)).toBe(lists);
  expect((await COMMANDS.loadStart.carryOut({}, context)).rollouts).not.toEqual([]);
});

test('what is left of a write is what it usually takes, not always 20 s', () => {
  const task = { command: 'run', title: '', startedAt: 0, writes: true } as const;
  const creating = { ...task, usualSeconds: 560 };
  expect(remaining(creating, 20_000, false)).toBe('about 9 min');
  expect(remaining(creating, 500_000, false)).toBe('about 60 s');
  expect(remaining(creating, 700_000, false)).toBe('longer than usual already');
  expect(remaining(task, 2_000, false)).toBe('about 20 s');
  expect(remaining(creating, 0, true)).toBe('a few seconds');
});
