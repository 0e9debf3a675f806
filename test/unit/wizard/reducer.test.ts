/** Single transitions: what is asked of the world, what is held, what is dropped. */
import type { Split } from '../../../src/common/split.js';
import { describe, expect, test } from 'vitest';
import type { WizardEvent } from '../../../src/wizard/events.js';
import { activeStep } from '../../../src/wizard/navigation.js';
import { isGuarded } from '../../../src/wizard/policy.js';
import { activeBindings, reduce } from '../../../src/wizard/reducer.js';
import { stagedChange, stagedShare } from '../../../src/wizard/steps/staged-traffic.js';
import { summaryOf } from '../../../src/wizard/leaving.js';
import type { ProfileChoice, State } from '../../../src/wizard/state.js';
import { nameOf } from '../../support/wizard-world.js';
import {
  blueOnly,
  emptyState,
  failure,
  moments,
  onScreen,
  PROD,
  rollout,
  rolloutOpened,
  SANDBOX,
  tested,
  working,
} from '../../support/wizard-states.js';

const key = (name: string): WizardEvent => ({
  type: 'key',
  key: { name, ...(name.length === 1 && { text: name }) },
});

/** The state after some keys, and all that was asked. */
function press(state: State, ...names: string[]) {
  const asked: string[] = [];
  let now = state;
  for (const name of names) {
    const { state: after, issued } = reduce(now, key(name));
    now = after;
    asked.push(...issued.map(({ command }) => nameOf(command)));
  }
  return { state: now, asked };
}

/** The write that is under way ends in a failure. */
const failedRun = (): WizardEvent => ({
  type: 'failed',
  run: 5,
  do: 'run',
  failed: { failure: failure() },
});

test('a workspace named on the command line is opened once, without a key', () => {
  const named = emptyState();
  const state: State = {
    ...named,
    defaults: { ...named.defaults, profile: PROD.id },
    runs: { loadStart: 1 },
    lastRun: 1,
  };
  const loaded: WizardEvent = {
    type: 'answered',
    run: 1,
    do: 'loadStart',
    answer: { profiles: [SANDBOX, PROD], rollouts: [], notices: [] },
  };
  const first = reduce(state, loaded);
  expect(first.issued).toMatchObject([{ command: { do: 'connect', profile: { id: PROD.id } } }]);
  const again = reduce({ ...first.state, runs: { loadStart: 1 } }, loaded);
  expect(again.issued).toEqual([]);
});

test('who leaves is told the commands that reach this workspace again', () => {
  expect(summaryOf(moments()['start']!)).toEqual([
    'No endpoint was open.',
    'Come back with: aml-rollout',
  ]);
  const completed = { at: '2026-03-01T11:59:00.000Z', report: '/data/rollouts/heart/report.md' };
  const ended = summaryOf(rollout(PROD, { share: 100, view: { completed } }));
  expect(ended).toEqual([
    expect.stringContaining('xgboost-model-2=100'),
    'Rollout complete.',
    'Report: /data/rollouts/heart/report.md',
    'Come back with: aml-rollout --profile ml-prod',
  ]);
  const lines = (profile: ProfileChoice) => summaryOf(rollout(profile, { share: 10 })).join('\n');
  expect(lines(PROD)).toMatch(/^Come back with: aml-rollout --profile ml-prod$/m);
  expect(lines(PROD)).toMatch(/^Roll back with: aml-rollout rollback \S+ --profile ml-prod$/m);
  expect(lines(SANDBOX)).toMatch(/^Come back with: aml-rollout$/m);
});

describe('the load check', () => {
  test('tells its rate and its time before anything is sent', () => {
    const proved = rollout(PROD, { share: 0 });
    const state = onScreen({ ...proved, view: 'prove' }, 'prove', { tested: tested() });
    const asked = press(state, 'l');
    expect(asked.asked).toEqual(['planLoad']);
    const run = asked.state.runs.planLoad ?? 0;
    const load = { perMinute: 12, seconds: 30, requests: 6 };
    const known = reduce(asked.state, {
      type: 'answered',
      run,
      do: 'planLoad',
      answer: { load },
    });
    expect(known.issued).toEqual([]);
    const top = known.state.overlays.at(-1);
    expect(top).toMatchObject({ kind: 'confirm', title: 'Load check' });
    expect(JSON.stringify(top)).toMatch(/6 requests at that rate, for at most 30 s/);
    const chosen = (value: string) =>
      reduce(known.state, { type: 'chosen', list: 'confirm', value }).issued;
    expect(chosen('no')).toEqual([]);
    expect(chosen('send')).toMatchObject([
      { command: { do: 'perform', move: { id: 'check-load', weight: 10 } } },
    ]);
  });

  test('holds Enter when it failed, and more traffic wants a reason', () => {
    const proved = rollout(PROD, { share: 0 });
    const opened = proved.session!.opened!;
    const green = opened.roles.green ?? '';
    const failed = (override?: string): State => ({
      ...proved,
      session: {
        ...proved.session!,
        opened: {
          ...opened,
          journal: {
            ...opened.journal,
            judgements: (['prove', 'load'] as const).map((stage) => ({
              at: '2026-03-01T11:00:00.000Z',
              line: 1,
              stage,
              deployment: green,
              weight: 0,
              verdicts: [],
              decision: stage === 'load' ? 'stop' : 'promote',
              ...(stage === 'load' && override !== undefined && { override }),
            })),
          },
        },
      },
    });
    const onTraffic = (state: State) => press({ ...state, view: 'traffic' }, 'right', 'enter');
    expect(onTraffic(failed()).asked).not.toContain('set-traffic');
    expect(onTraffic(failed()).state.overlays.at(-1)).toMatchObject({
      kind: 'reason',
      then: { do: 'override', stage: 'load' },
    });
    expect(onTraffic(failed('small on purpose')).asked).toContain('set-traffic');
  });

  test('is not asked for where no live request tells a rate', () => {
    const proved = rollout(PROD, { share: 0 });
    const state = onScreen({ ...proved, view: 'prove' }, 'prove', { tested: tested() });
    const { state: asked } = press(state, 'l');
    const { state: after } = reduce(asked, {
      type: 'answered',
      run: asked.runs.planLoad ?? 0,
      do: 'planLoad',
      answer: {},
    });
    expect(after.overlays).toEqual([]);
    expect(after.notice?.text).toContain('no live request in the last hour');
  });
});

describe('staging', () => {
  const traffic = rollout(PROD, { share: 10 });

  test('arrows, pages and digits stage; nothing is sent', () => {
    expect(stagedShare(press(traffic, 'right').state)).toBe(11);
    expect(stagedShare(press(traffic, 'left', 'left').state)).toBe(8);
    expect(stagedShare(press(traffic, 'shift+right').state)).toBe(20);
    expect(stagedShare(press(traffic, 'pagedown', 'pagedown').state)).toBe(0);
    expect(stagedShare(press(traffic, '5').state)).toBe(50);
    expect(stagedShare(press(traffic, 'f').state)).toBe(100);
    expect(press(traffic, 'right', '5', 'f').asked).toEqual([]);
  });

  test('a typed share is held to what the others leave', () => {
    const shared = rollout(PROD, { share: 10, others: { c: 25 } });
    const refused = press(shared, 't', '9', '0', 'enter').state;
    expect(stagedChange(refused)).toBeUndefined();
    const error = expect.stringContaining('whole number from 0 to 75') as unknown;
    expect(refused.overlays).toMatchObject([{ error }]);
    const staged = press(shared, 't', '7', '5', 'enter').state;
    expect(stagedChange(staged)?.to).toMatchObject({ c: 25, default: 0, 'xgboost-model-2': 75 });
  });

  test.each(['150', '12.5', '-5', '1e1', '0x10', ' '])(
    'a typed share of %j is refused and stays to be corrected',
    (typed) => {
      const { state } = press(traffic, 't', ...typed, 'enter');
      expect(stagedChange(state)).toBeUndefined();
      const error = `Invalid percentage "${typed}". Enter a whole number from 0 to 100.`;
      expect(state.overlays).toMatchObject([{ kind: 'number', typed, error }]);
    },
  );

  test.each(['35', '35%', ' 35 '])('a typed share of %j is staged', (typed) => {
    expect(stagedShare(press(traffic, 't', ...typed, 'enter').state)).toBe(35);
  });

  test('more than half is not mirrored', () => {
    const { state, asked } = press(rollout(PROD, { share: 0 }), 'm', '5', '1', 'enter');
    expect(asked).toEqual([]);
    const error = expect.stringContaining('from 0 to 50') as unknown;
    expect(state.overlays).toMatchObject([{ kind: 'number', typed: '51', error }]);
  });

  test('a failed green is given no more, and no reason is asked for it', () => {
    const failed = { provisioningState: 'Failed' as const };
    expect(stagedChange(rollout(SANDBOX, { share: 40, green: failed }))).toBeUndefined();
    const more = press(rollout(PROD, { share: 40, green: failed }), 'right', 'enter');
    expect(more.asked).toEqual([]);
    expect(more.state.overlays).toEqual([]);
    expect(more.state.notice?.text).toContain('cannot get more traffic');
    const less = press(rollout(PROD, { share: 40, green: failed }), 'left', 'enter');
    expect(less.asked).toEqual(['set-traffic']);
  });

  test('Enter sends exactly what is staged', () => {
    const choice = { plan: { weights: [100], holds: { minutes: 0 } } };
    const { state } = press(rollout(PROD, { share: 10, view: { choice } }), 'right');
    const { issued } = reduce(state, key('enter'));
    expect(issued.map(({ command }) => command)).toMatchObject([
      { do: 'perform', move: { id: 'set-traffic', weight: 11 } },
    ]);
  });

  test('Enter with nothing staged sends nothing, and says what to press', () => {
    const { state, asked } = press(traffic, 'enter');
    expect(asked).toEqual([]);
    expect(state.notice?.text).toContain('Nothing staged');
  });

  test("the sandbox has the plan's next share ready, Azure has nothing", () => {
    expect(stagedShare(rollout(SANDBOX, { share: 10 }))).toBe(30);
    expect(stagedChange(rollout(PROD, { share: 10 }))).toBeUndefined();
  });

  test('what was staged is held when a colleague freezes more of the traffic', () => {
    const staged = press(traffic, 'f').state;
    const moved = rolloutOpened({ share: 10, others: { c: 40 } });
    const after = { ...staged, session: { ...staged.session!, opened: moved } };
    expect(stagedShare(after)).toBe(60);
  });
});

describe('runs', () => {
  test('the answer of an older run is dropped', () => {
    const state = { ...working(moments()['traffic']!), runs: { run: 5 } };
    const stale: WizardEvent = {
      type: 'answered',
      run: 4,
      do: 'run',
      answer: rolloutOpened({ share: 99 }),
    };
    expect(reduce(state, stale).state).toBe(state);
    const current: WizardEvent = { ...stale, run: 5 };
    expect(
      reduce(state, current).state.session?.opened?.snapshot.endpoint?.traffic['xgboost-model-2'],
    ).toBe(99);
  });

  test('progress of an older run is dropped', () => {
    const state = { ...working(moments()['traffic']!), runs: { run: 5 } };
    const event: WizardEvent = {
      type: 'progress',
      run: 4,
      do: 'run',
      progress: { kind: 'accepted' },
    };
    expect(reduce(state, event).state.task?.accepted).toBeUndefined();
    expect(reduce(state, { ...event, run: 5 }).state.task?.accepted).toBe(true);
  });

  test('while something runs, keys of the step are dropped', () => {
    const { state, asked } = press(
      working(moments()['traffic']!),
      'right',
      '5',
      'enter',
      'p',
      'u',
      'g',
    );
    expect(asked).toEqual([]);
    expect(stagedChange(state)).toBeUndefined();
    expect(state.overlays).toEqual([]);
  });

  test('an abort that was queued runs although the write before it failed', () => {
    const state = { ...working(moments()['traffic']!, { abortQueued: true }), runs: { run: 5 } };
    expect(reduce(state, failedRun()).issued.map(({ command }) => nameOf(command))).toEqual([
      'abort',
    ]);
  });

  test('a failure stays on the step that asked', () => {
    const state = { ...working(moments()['traffic, staged']!), runs: { run: 5 } };
    const after = reduce(state, failedRun()).state;
    expect(activeStep(after)).toBe('traffic');
    expect(after.screens.traffic?.failure?.usersNotice).toContain(
      'default and xgboost-model-2 still serve',
    );
  });

  test('three Enters at once act on one screen', () => {
    const { asked } = press(rollout(SANDBOX, { share: 10 }), 'enter', 'enter', 'enter');
    expect(asked).toEqual(['set-traffic']);
  });
});

describe('abort with the split at the start', () => {
  const start = { splitAtStart: { default: 100 } };
  const atStart = rollout(PROD, { share: 0, view: start });
  const withA = (state: State) =>
    activeBindings(state).find((binding) => binding.keys.includes('A'));

  test('ends the rollout, as the command does', () => {
    const asked = press(atStart, 'A');
    expect(asked.state.overlays).toMatchObject([{ kind: 'confirm', title: 'Abort the rollout' }]);
    expect(JSON.stringify(asked.state.overlays)).toContain(
      'Ends the rollout. Traffic does not change: default=100.',
    );
    const chosen = reduce(asked.state, { type: 'chosen', list: 'confirm', value: 'abort' });
    expect(chosen.issued.map(({ command }) => nameOf(command))).toEqual(['abort']);
    expect(chosen.state.task?.title).toBe('Ending the rollout');
  });

  test('queued behind a write, it runs although nothing is to be restored', () => {
    const state = { ...working(atStart, { abortQueued: true }), runs: { run: 5 } };
    expect(reduce(state, failedRun()).issued.map(({ command }) => nameOf(command))).toEqual([
      'abort',
    ]);
  });

  test('from another screen than traffic, it leads to the report', () => {
    const proving: State = { ...atStart, view: 'prove', runs: { perform: 5 } };
    const aborted = { at: '2026-03-01T11:59:00.000Z', restored: { default: 100 } };
    const opened = rolloutOpened({ share: 0, view: { ...start, aborted } });
    const answer = { id: 'abort' as const, shown: null, opened };
    const { state } = reduce(proving, { type: 'answered', run: 5, do: 'perform', answer });
    expect(activeStep(state)).toBe('report');
  });

  test('once aborted, the footer no longer offers it', () => {
    const aborted = { at: '2026-03-01T11:59:00.000Z', restored: { default: 100 } };
    expect(withA(atStart)).not.toHaveProperty('disabledBecause');
    const over = rollout(PROD, { share: 0, view: { ...start, aborted } });
    expect(withA(over)).toMatchObject({ helpOnly: true });
    expect(withA(over)?.disabledBecause).toContain('aborted');
  });
});

describe('undo', () => {
  const undoable = {
    share: 30,
    view: { undo: [{ default: 100 }, { default: 90, 'xgboost-model-2': 10 }] as Split[] },
  };

  test('goes to the last split with less on the new version', () => {
    const { state, issued } = reduce(rollout(PROD, undoable), key('u'));
    expect(issued[0]?.command).toMatchObject({ do: 'perform', move: { id: 'undo' } });
    expect(state.task?.title).toBe('Undo: back to default=90 xgboost-model-2=10');
  });

  test('passes over splits that would raise it', () => {
    const state = rollout(PROD, {
      share: 30,
      view: { undo: [{ default: 100 }, { default: 20, 'xgboost-model-2': 80 }] },
    });
    expect(reduce(state, key('u')).state.task?.title).toBe('Undo: back to default=100');
  });

  test('asks before it goes back to a blue that was made smaller', () => {
    const state = rollout(PROD, {
      ...undoable,
      blue: { instanceCount: 1 },
      view: { ...undoable.view, blueInstances: 3 },
    });
    const { state: after, issued } = reduce(state, key('u'));
    expect(issued).toEqual([]);
    expect(after.overlays.at(-1)).toMatchObject({
      kind: 'confirm',
      lines: [expect.stringContaining('1 of the 3')],
    });
  });

  test('says why there is nothing to undo', () => {
    const { state, asked } = press(rollout(PROD, { share: 10 }), 'u');
    expect(asked).toEqual([]);
    expect(state.notice?.text).toContain('Nothing to undo');
  });
});

describe('where one is', () => {
  test('steps of setting up are shown only where nothing was live', () => {
    expect(blueOnly(PROD).shown).toHaveLength(8);
    expect(moments()['blue']!.shown).toHaveLength(11);
  });

  test('Esc looks back step by step and changes nothing', () => {
    const before = moments()['traffic']!;
    const { state, asked } = press(before, 'esc');
    expect(activeStep(state)).toBe('prove');
    expect(asked).toEqual([]);
    expect(state.session?.opened).toBe(before.session?.opened);
  });

  test('only the sandbox of this machine that is not marked PROD lets Enter act', () => {
    expect(isGuarded(rollout(SANDBOX))).toBe(false);
    expect(isGuarded(rollout(PROD))).toBe(true);
    expect(isGuarded(rollout({ ...SANDBOX, prod: true }))).toBe(true);
    expect(isGuarded(emptyState())).toBe(true);
  });
});

test('once leaving, nothing more happens', () => {
  const state: State = { ...moments()['traffic, staged']!, leaving: { code: 0, summary: [] } };
  expect(reduce(state, key('enter'))).toEqual({ state, issued: [] });
  const told = reduce(state, { type: 'told', text: 'Not notified (unwatched): no.' });
  expect(told.state.leaving?.summary).toEqual(['Not notified (unwatched): no.']);
});

test('every binding says what it does, and one key means one thing on a screen', () => {
  for (const [name, state] of Object.entries(moments())) {
    const bindings = activeBindings(state);
    expect(
      bindings.filter((each) => each.label.trim() === '' || each.keys.length === 0),
      name,
    ).toEqual([]);
    const keys = bindings.flatMap((each) => each.keys);
    expect(
      keys.filter((each, at) => keys.indexOf(each) !== at),
      name,
    ).toEqual([]);
  }
});

test("a failed step keeps its form's answers", () => {
  const state = onScreen(moments()['green']!, 'green', {
    failure: { failure: failure(), usersNotice: '' },
  });
  const { state: after } = press(state, 'enter');
  expect(after.screens.green?.failure).toBeUndefined();
  expect(after.screens.green?.form).toEqual(moments()['green']!.screens.green?.form);
});

test('a queued abort comes before whatever the step wanted next', () => {
  const state = { ...working(moments()['traffic']!, { abortQueued: true }), runs: { run: 5 } };
  const event: WizardEvent = {
    type: 'answered',
    run: 5,
    do: 'run',
    answer: rolloutOpened({ share: 30 }),
  };
  const { state: after, issued } = reduce(state, event);
  expect(issued.map(({ command }) => nameOf(command))).toEqual(['abort']);
  expect(after.task?.title).toMatch(/^Restoring /);
});
