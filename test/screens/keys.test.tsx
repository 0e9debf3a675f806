/** Keys through the drawn screens: what Enter, abort, leaving and help really do. */
import { afterEach, describe, expect, test } from 'vitest';
import { activeBindings } from '../../src/wizard/reducer.js';
import type { State } from '../../src/wizard/state.js';
import { withOpened, withScreen } from '../../src/wizard/update.js';
import { clear, draw, type Drawn, KEY, LARGE } from '../support/wizard-screen.js';
import { alters, answerTo, nameOf } from '../support/wizard-world.js';
import {
  done,
  emptyState,
  entered,
  moments,
  NOW,
  onScreen,
  PROD,
  rollout,
  SANDBOX,
  START,
  stepFailure,
  working,
} from '../support/wizard-states.js';

afterEach(clear);

const MOMENTS = moments();

/** The same moment, with the last traffic moved so long ago. */
function movedMinutesAgo(state: State, minutes: number): State {
  const opened = state.session!.opened!;
  const at = new Date(NOW - minutes * 60_000).toISOString();
  const moved = done(99, {
    kind: 'setTraffic',
    endpoint: opened.endpoint,
    from: {},
    to: opened.snapshot.endpoint!.traffic,
    why: 'advance',
  });
  const changes = [...opened.journal.changes, { ...moved, ended: { ...moved.ended!, at } }];
  return withOpened(state, { ...opened, journal: { ...opened.journal, changes } });
}

/** Answers everything that was asked and not answered yet, as an uneventful workspace would. */
async function answerAll(drawn: Drawn, from: number): Promise<number> {
  let at = from;
  for (; at < drawn.issued.length; at += 1) {
    const { run, command } = drawn.issued[at]!;
    if (drawn.store.getState().runs[command.do] !== run) continue;
    await drawn.answer(command.do, answerTo(command, drawn.store.getState()));
  }
  return at;
}

/** The same moment in a workspace where Enter alone must not act, its screens entered anew. */
function guarded(state: State): State {
  const { task: _, ...rest } = state;
  const session = rest.session && { ...rest.session, profile: PROD };
  return entered({ ...rest, ...(session && { session }), screens: {}, overlays: [], runs: {} });
}

describe('Enter, on Azure', () => {
  test.each(Object.entries(MOMENTS))('alone writes nothing, from %s on', async (_, state) => {
    const drawn = await draw(guarded(state));
    let answeredTo = 0;
    for (let press = 0; press < 14; press += 1) {
      answeredTo = await answerAll(drawn, answeredTo);
      await drawn.press(KEY.enter);
    }
    expect(drawn.issued.filter(({ command }) => alters(command))).toEqual([]);
  });

  test('the same keys on the sandbox do act', async () => {
    const { session, ...rest } = guarded(MOMENTS['blue, idle']!);
    const state = entered({ ...rest, screens: {}, session: { ...session!, profile: SANDBOX } });
    const drawn = await draw(state);
    await drawn.press(KEY.enter);
    const [run] = drawn.issued.filter(({ command }) => command.do === 'run');
    expect(run?.command).toMatchObject({ changes: [{ kind: 'setTraffic', to: { default: 100 } }] });
  });
});

describe('abort', () => {
  test('behind a running write it can be confirmed, is queued, and follows the write', async () => {
    const drawn = await draw(working(MOMENTS['traffic']!));
    await drawn.press('A');
    expect(drawn.frame()).toContain('Abort the rollout');
    expect(drawn.frame()).toContain('abort is queued behind it');
    await drawn.press(KEY.enter);
    expect(drawn.store.getState().task?.abortQueued).toBe(true);
    expect(drawn.frame()).toContain('abort is queued behind this write');
    expect(drawn.issued).toEqual([]);
    await drawn.answer('run', drawn.store.getState().session!.opened!);
    expect(drawn.issued.map(({ command }) => nameOf(command))).toEqual(['abort']);
    expect(drawn.frame()).toContain('Restoring');
  });

  test('while rows are being sent it does not wait for them', async () => {
    const sending = working(MOMENTS['traffic']!, { command: 'perform', writes: false });
    const drawn = await draw({ ...sending, runs: { perform: 7 } });
    await drawn.press('A', KEY.enter);
    expect(drawn.issued.map(({ command }) => nameOf(command))).toEqual(['abort']);
    expect(drawn.store.getState().runs.perform).not.toBe(7);
  });

  test.each(['help over traffic', 'logs over traffic', 'code over traffic'])(
    'is one key from %s',
    async (name) => {
      const drawn = await draw(MOMENTS[name]!);
      await drawn.press('A');
      expect(drawn.frame()).toContain('Abort the rollout');
      await drawn.press(KEY.enter);
      expect(drawn.issued.map(({ command }) => nameOf(command))).toEqual(['abort']);
    },
  );

  test('from a text field, through the stop menu', async () => {
    const drawn = await draw({ ...rollout(PROD, { share: 10 }), view: 'prove' });
    const typing = await draw(entered({ ...drawn.store.getState(), screens: {} }));
    await typing.press('A');
    expect(typing.frame()).not.toContain('Abort the rollout');
    expect(typing.lines().at(-1)).toContain('Ctrl-C');
    await typing.press(KEY.ctrlC);
    expect(typing.frame()).toContain('❯ Roll back');
    await typing.press(KEY.enter, KEY.enter);
    expect(typing.issued.map(({ command }) => nameOf(command))).toContain('abort');
  });
});

describe('leaving with users on the new version', () => {
  test('asks, with staying under the cursor', async () => {
    const drawn = await draw(MOMENTS['traffic']!);
    await drawn.press('q');
    expect(drawn.frame()).toContain('❯ Stay');
    expect(drawn.frame()).toContain('default=90 xgboost-model-2=10');
    await drawn.press(KEY.enter);
    expect(drawn.store.getState().leaving).toBeUndefined();
    await drawn.press('q', KEY.down, KEY.down, KEY.enter);
    expect(drawn.store.getState().leaving).toMatchObject({ code: 0 });
  });

  test('asks too when one goes back past the first step', async () => {
    const drawn = await draw(entered({ ...MOMENTS['traffic']!, view: 'endpoint' }));
    await drawn.press(KEY.esc);
    expect(drawn.frame()).toContain('Leave while green has traffic?');
    await drawn.press(KEY.down, KEY.down, KEY.enter);
    expect(drawn.store.getState().leaving).toBeUndefined();
    expect(drawn.store.getState().session).toBeUndefined();
  });

  test('Ctrl-C shows the stop menu; twice leaves at once, with the way back', async () => {
    const drawn = await draw(MOMENTS['traffic']!);
    await drawn.press(KEY.ctrlC);
    expect(drawn.frame()).toContain('❯ Roll back');
    await drawn.press(KEY.ctrlC);
    const { leaving } = drawn.store.getState();
    expect(leaving?.code).toBe(130);
    expect(leaving?.summary.join('\n')).toContain('aml-rollout rollback heart');
    expect(drawn.issued).toEqual([]);
  });

  test('with nobody on it, q leaves at once', async () => {
    const drawn = await draw(MOMENTS['new model']!);
    await drawn.press('q');
    expect(drawn.store.getState().leaving).toMatchObject({ code: 0 });
  });
});

describe('help', () => {
  test.each(Object.entries(MOMENTS).filter(([, state]) => state.overlays.length === 0))(
    'names every key of %s, and why one can not act',
    async (_, state) => {
      const drawn = await draw({ ...state, overlays: [{ kind: 'help' }] }, { size: LARGE });
      const words = drawn.frame().replace(/\s+/g, ' ');
      for (const binding of activeBindings(state)) {
        expect(words).toContain(binding.label);
        if (binding.disabledBecause) expect(words).toContain(binding.disabledBecause);
      }
    },
  );

  test('opens with ?, scrolls, and closes with Esc', async () => {
    const drawn = await draw(MOMENTS['traffic']!);
    await drawn.press('?');
    expect(drawn.frame()).toContain('Keys on this screen');
    const before = drawn.frame();
    await drawn.press(KEY.down);
    expect(drawn.frame()).not.toBe(before);
    await drawn.press(KEY.esc);
    expect(drawn.frame()).not.toContain('Keys on this screen');
  });
});

describe('the start screen', () => {
  const start = MOMENTS['start']!;

  test('has its sections, and opens what the cursor is on', async () => {
    const drawn = await draw(start);
    expect(drawn.frame()).toMatch(/ROLLOUTS UNDER WAY\n ❯ heart-prod[^]*WORKSPACES\n {3}ml-prod/);
    await drawn.press(KEY.down, KEY.down, KEY.enter);
    expect(drawn.issued.at(-1)?.command).toMatchObject({
      do: 'connect',
      profile: { name: 'ml-dev' },
    });
  });

  test('rolls back the rollout under the cursor with b', async () => {
    const drawn = await draw(entered(emptyState()));
    await drawn.answer('loadStart', START).catch(() => undefined);
    const fresh = await draw(emptyState());
    fresh.store.begin();
    await fresh.until('Reading saved workspaces');
    await fresh.answer('loadStart', START);
    await fresh.press('b');
    expect(fresh.issued.at(-1)?.command).toMatchObject({
      do: 'connect',
      profile: { name: 'ml-prod' },
    });
    expect(fresh.store.getState().screens.workspace?.intent).toMatchObject({
      endpoint: 'heart-prod',
      rollback: true,
    });
  });

  test('filters by what is typed after /, letters that are keys included', async () => {
    const drawn = await draw(start);
    await drawn.press('/', 'd', 'e', 'v', 'q', '\b');
    expect(drawn.frame()).toContain('filter: dev');
    expect(drawn.frame()).toContain('❯ ml-dev');
    expect(drawn.frame()).not.toContain('heart-prod');
    await drawn.press(KEY.enter, KEY.enter);
    expect(drawn.issued.at(-1)?.command).toMatchObject({
      do: 'connect',
      profile: { name: 'ml-dev' },
    });
  });

  test('Esc takes the filter off', async () => {
    const drawn = await draw(start);
    await drawn.press('/', 'x', 'y', KEY.enter, KEY.esc);
    expect(drawn.frame()).toContain('heart-prod');
  });

  test('a failed connection leads back to the list, or tries again where that is safe', async () => {
    const failed = stepFailure();
    const safe = { ...failed, failure: { ...failed.failure, retrySafe: true } };
    const drawn = await draw(onScreen(start, 'workspace', { failure: safe }));
    await drawn.press('r');
    expect(drawn.issued.at(-1)?.command).toMatchObject({
      do: 'connect',
      profile: { name: 'ml-prod' },
    });
    clear();
    const again = await draw(onScreen(start, 'workspace', { failure: failed }));
    await again.press('r');
    expect(again.issued).toEqual([]);
    expect(again.frame()).toContain('change something first');
    await again.press(KEY.enter);
    expect(again.frame()).toContain('WORKSPACES');
  });
});

test.each(['endpoint failed', 'start, failed', 'green, crashed', 'traffic, failed'])(
  '%s is not a dead end',
  async (name) => {
    const drawn = await draw(MOMENTS[name]!);
    const before = drawn.frame();
    await drawn.press(KEY.enter);
    expect(drawn.frame()).not.toBe(before);
  },
);

test('keys that arrive together reach the choice they were meant for', async () => {
  const drawn = await draw(MOMENTS['retire']!);
  await drawn.press(KEY.down, KEY.down, KEY.enter);
  expect(drawn.frame()).toContain('Type default to confirm');
  await drawn.press(KEY.enter);
  expect(drawn.issued).toEqual([]);
  await drawn.press(...'default', KEY.enter);
  expect(drawn.issued.at(-1)?.command).toMatchObject({
    do: 'perform',
    move: { id: 'retire', blue: { name: 'default' } },
    plan: { retire: { delete: 'default' } },
  });
});

test('blue is not deleted before it was without traffic for a while', async () => {
  const drawn = await draw(movedMinutesAgo(MOMENTS['retire']!, 4));
  await drawn.press(KEY.down, KEY.down, KEY.enter);
  expect(drawn.frame()).toContain('without traffic for 4 of 10 minutes');
  expect(drawn.issued.some(({ command }) => alters(command))).toBe(false);
});

test('one instance is not said to become cheaper by scaling to one', async () => {
  const state = MOMENTS['retire']!;
  const opened = state.session!.opened!;
  const deployments = opened.snapshot.deployments.map((each) => ({ ...each, instanceCount: 1 }));
  const single = withOpened(state, { ...opened, snapshot: { ...opened.snapshot, deployments } });
  const frame = (await draw(single)).frame();
  expect(frame).toContain('Scale to one  no change: it has one instance');
});

test.each([
  ['Creating', 'default is not ready yet:'],
  ['Succeeded', 'default is ready:'],
] as const)('a blue that is %s is said to be so', async (provisioningState, wanted) => {
  const state = MOMENTS['blue, idle']!;
  const opened = state.session!.opened!;
  const deployments = opened.snapshot.deployments.map((each) => ({ ...each, provisioningState }));
  const now = withOpened(state, { ...opened, snapshot: { ...opened.snapshot, deployments } });
  expect((await draw(now)).frame()).toContain(wanted);
});

test('the day of a kept blue is whole on a usual terminal', async () => {
  const kept = {
    ...START.rollouts[0]!,
    endpoint: 'heart-classifier-97wmr',
    summary: 'default is kept until 2026-12-08',
    profileName: 'sandbox',
    kept: true as const,
  };
  const info = { ...START, rollouts: [kept] };
  const frame = (await draw(onScreen(MOMENTS['start']!, 'workspace', { info }))).frame();
  expect(frame).toContain('default is kept until 2026-12-08 (sandbox)');
});

test('a kept blue says what it costs', async () => {
  const drawn = await draw(MOMENTS['retire']!);
  await drawn.answer('listPrices', { prices: { Standard_DS3_v2: 0.293 } });
  await drawn.until('It costs $0.59 per hour (Azure list price).');
});

test('blue is not deleted while someone still calls it by name', async () => {
  const state = MOMENTS['retire']!;
  const drawn = await draw(withScreen(state, 'retire', { bake: { hits: 3, minutes: 11 } }));
  await drawn.press(KEY.down, KEY.down, KEY.enter);
  expect(drawn.frame()).toContain('answered 3 requests');
});

test('a choice list keeps its place while the clock ticks', async () => {
  const drawn = await draw(MOMENTS['retire']!);
  await drawn.press(KEY.down);
  drawn.store.dispatch({ type: 'tick', now: NOW + 1000 });
  await drawn.until('❯ Scale to one');
});
