/** The plan as the reducer enforces it: holds, limits of checks in the way, probes, going back. */
import { describe, expect, test } from 'vitest';
import type { Judgement } from '../../../src/rollout/journal/entry.js';
import type { Verdict } from '../../../src/rollout/evidence/gates/verdict.js';
import type { ProofPlan } from '../../../src/rollout/plan/proof.js';
import { requiredFirst } from '../../../src/wizard/steps/more-traffic.js';
import type { Command } from '../../../src/wizard/effects/index.js';
import type { Opened } from '../../../src/wizard/effects/world.js';
import type { WizardEvent } from '../../../src/wizard/events.js';
import { holdLeft, holdText } from '../../../src/wizard/hold.js';
import { planOf, type PlanFile } from '../../../src/wizard/plan.js';
import { reduce } from '../../../src/wizard/reducer.js';
import type { State } from '../../../src/wizard/state.js';
import { deletionRefused } from '../../../src/wizard/steps/retire.js';
import { answered, nameOf } from '../../support/wizard-world.js';
import {
  done,
  entered,
  NOW,
  onScreen,
  PROD,
  moments,
  proofPassed,
  rollout,
  rolloutOpened,
  sample,
  SANDBOX,
  withSession,
} from '../../support/wizard-states.js';
import type { Live } from '../../../src/rollout/moves/watch-live.js';

const SAMPLE = sample();
const GREEN = 'xgboost-model-2';
const key = (name: string): WizardEvent => ({
  type: 'key',
  key: { name, ...(name.length === 1 && { text: name }) },
});

interface Walked {
  state: State;
  asked: Command[];
}

function press(state: State, ...names: string[]): Walked {
  const asked: Command[] = [];
  let now = state;
  for (const name of names) {
    const { state: after, issued } = reduce(now, key(name));
    now = after;
    asked.push(...issued.map(({ command }) => command));
  }
  return { state: now, asked };
}

const type = (state: State, text: string): Walked => press(state, ...text);
const names = ({ asked }: Walked): string[] => asked.map(nameOf);

/** Answers the command as the world would. */
function answer({ state, asked }: Walked): Walked {
  const command = asked.at(-1)!;
  const event = answered(state.runs[command.do]!, command, state);
  const { state: after, issued } = reduce(state, event);
  return { state: after, asked: issued.map((each) => each.command) };
}

const moved = done(7, {
  kind: 'setTraffic',
  endpoint: 'heart',
  from: { default: 100 },
  to: { default: 90, [GREEN]: 10 },
  why: 'advance',
});

/** Green at 10% under a plan, with what was watched so far. */
function at10(plan: ProofPlan | undefined, live: Partial<Live> = {}, view = {}): State {
  const state = rollout(PROD, {
    share: 10,
    view: {
      choice: {
        newModel: { name: 'heart-classifier', version: '2' },
        csv: { path: '/samples/heart.csv', rows: 300, seed: 4711 },
        ...(plan && { plan }),
      },
      changes: [moved],
      ...view,
    },
  });
  const seen = { weight: 10, watchedMs: 0, lookedUntil: NOW, judgedUntil: NOW, requests: 0 };
  return onScreen(state, 'traffic', { live: { ...seen, openGaps: 0, verdicts: [], ...live } });
}

const failing: Verdict = {
  gate: 'labels',
  mode: 'enforce',
  verdict: 'fail',
  blue: '',
  green: '30',
  difference: '10%',
  limit: '5%',
  why: '30 of 300 labels differ.',
};
const judged = (verdict: Verdict): Judgement & { at: string } => ({
  at: '2026-03-01T11:30:00.000Z',
  stage: 'prove',
  deployment: GREEN,
  weight: 0,
  verdicts: [verdict],
  decision: 'stop',
});

describe('a hold', () => {
  const plan: ProofPlan = { weights: [10, 30, 100], holds: { minutes: 5, requests: 50 } };

  test('is said with what is left of it', () => {
    const left = holdLeft(at10(plan, { watchedMs: 130_000, requests: 12 }))!;
    expect(left).toMatchObject({ weight: 10, leftMs: 170_000, change: 7 });
    expect(holdText(left)).toBe('3 min more, 12 of 50 requests');
    expect(holdLeft(at10(plan, { watchedMs: 300_000, requests: 50 }))).toBeUndefined();
  });

  test('is not over while minutes that nobody watched are not judged', () => {
    const waiting = at10(plan, { watchedMs: 300_000, requests: 50, openGaps: 1 });
    expect(holdText(holdLeft(waiting)!)).toBe('unwatched minutes to check');
  });

  test('lets no more through before it is over, but less at any time', () => {
    const state = at10(plan, { watchedMs: 130_000 });
    const more = press(state, 'right', 'enter');
    expect(names(more)).toEqual([]);
    expect(more.state.overlays.at(-1)).toMatchObject({
      kind: 'reason',
      title: 'Hold at 10% is not over',
    });
    expect(names(press(more.state, 'enter'))).toEqual([]);
    expect(names(press(state, 'left', 'enter'))).toEqual(['set-traffic']);
    expect(
      names(press(at10(plan, { watchedMs: 300_000, requests: 50 }), 'right', 'enter')),
    ).toEqual(['set-traffic']);
  });

  test('is passed by with a reason, which is kept for this split alone', () => {
    const asking = press(at10(plan, { watchedMs: 130_000 }), 'right', 'enter');
    const given = press(type(asking.state, 'drill').state, 'enter');
    expect(given.asked).toEqual([
      { do: 'endHold', change: 7, weight: 10, why: 'early', reason: 'drill', verdicts: [] },
    ]);
    const sent = answer(given);
    expect(names(sent)).toEqual(['set-traffic']);
    const later = { ...moved, id: 9 };
    const holdEnded = { change: 7, weight: 10, why: 'early', reason: 'drill' } as const;
    const again = at10(undefined, {}, { changes: [moved, later], choice: { plan, holdEnded } });
    expect(holdLeft(again)).toBeDefined();
  });

  test('with approval wants an explicit yes, with holding under the cursor', () => {
    const wants = at10({ weights: [10, 100], holds: { minutes: 0, approval: true } });
    const asked = press(wants, 'right', 'enter');
    expect(names(asked)).toEqual([]);
    const top = asked.state.overlays.at(-1);
    expect(top).toMatchObject({ kind: 'confirm', title: 'Approval required at 10%' });
    expect(top?.kind === 'confirm' && top.choices[0]?.value).toBe('no');
    const no = reduce(asked.state, { type: 'chosen', list: 'confirm', value: 'no' });
    expect(no.issued).toEqual([]);
    const yes = reduce(asked.state, { type: 'chosen', list: 'confirm', value: 'yes' });
    expect(yes.issued.map(({ command }) => command)).toMatchObject([
      { do: 'endHold', why: 'approved', weight: 10 },
    ]);
    const sent = answer({ state: yes.state, asked: yes.issued.map(({ command }) => command) });
    expect(names(sent)).toEqual(['set-traffic']);
  });

  test('of approval is not jumped over by f: its weight comes first', () => {
    const steps = [{ at: 50, holds: { minutes: 0, requests: 0, approval: true } }];
    const state = at10({ weights: [10, 50, 100], holds: { minutes: 0 }, steps });
    const jumped = press(state, 'f', 'enter');
    expect(names(jumped)).toEqual([]);
    expect(jumped.state.notice?.text).toContain('The plan requires approval at 50%.');
    expect(names(press(state, '5', 'enter'))).toEqual(['set-traffic']);
  });

  test('is five minutes on Azure and none on the sandbox, where nothing is said', () => {
    expect(holdLeft(at10(undefined))?.leftMs).toBe(300_000);
    expect(holdLeft(rollout(SANDBOX, { share: 10 }))).toBeUndefined();
  });

  test('has its own watch: gates, reactions and probes of the plan', () => {
    const own: ProofPlan = {
      ...plan,
      steps: [{ at: 10, gates: { liveErrors: { margin: 0.05 } }, holds: { minutes: 9 } }],
      probes: { count: 100, budget: 250 },
      onFail: 'rollback',
      onUnwatched: 'rollback',
    };
    const opened = rolloutOpened({
      share: 10,
      view: { choice: { plan: own }, changes: [moved], probesSent: 40 },
    });
    const { issued } = reduce(withSession(PROD, opened), { type: 'tick', now: NOW });
    expect(issued.map(({ command }) => command)).toMatchObject([
      {
        do: 'watch',
        move: { id: 'hold', weight: 10, hold: { minutes: 9, requests: 50 } },
        plan: own,
      },
    ]);
  });
});

describe('the last minutes of a hold', () => {
  const plan: ProofPlan = { weights: [10, 30, 100], holds: { minutes: 5 } };

  test('are judged before it is over', () => {
    const watched = { watchedMs: 300_000, lookedUntil: NOW };
    const waiting = at10(plan, { ...watched, judgedUntil: NOW - 120_000 });
    expect(holdText(holdLeft(waiting)!)).toBe('its last minutes to check');
    expect(names(press(waiting, 'right', 'enter'))).toEqual([]);
    const over = at10(plan, { ...watched, judgedUntil: NOW });
    expect(holdLeft(over)).toBeUndefined();
    expect(names(press(over, 'right', 'enter'))).toEqual(['set-traffic']);
  });
});

describe('what the plan wants before any traffic', () => {
  const mirror = { percent: 20, minutes: 10 };
  const at0 = (plan: Partial<ProofPlan>, judgements: (Judgement & { at: string })[] = []) => {
    const whole: ProofPlan = { weights: [10, 100], holds: { minutes: 0 }, ...plan };
    const view = {
      choice: { newModel: { name: 'heart-classifier', version: '2' }, plan: whole },
      judgements: [
        { ...judged(failing), verdicts: [], decision: 'promote' as const },
        ...judgements,
      ],
    };
    return { ...rollout(PROD, { view }), view: 'traffic' as const };
  };
  const seen = (
    stage: Judgement['stage'],
    decision: Judgement['decision'] = 'promote',
  ): Judgement & { at: string } => ({
    ...judged({ ...failing, gate: 'liveErrors', why: 'Copies fail.' }),
    stage,
    decision,
    at: '2026-03-01T11:40:00.000Z',
  });

  test('comes before Enter, which wants a reason instead', () => {
    for (const [plan, stage] of [
      [{ mirror }, 'mirror'],
      [{ evidence: { loadCheck: {} } }, 'load'],
    ] as const) {
      const asking = press(at0(plan), 'right', 'enter');
      expect(names(asking)).toEqual([]);
      expect(asking.state.overlays.at(-1)).toMatchObject({
        title: 'The plan requires more evidence first',
        then: { do: 'override', stage },
      });
      const given = press(type(asking.state, 'drill').state, 'enter');
      expect(given.asked).toMatchObject([{ do: 'override', stage, reason: 'drill' }]);
      expect(names(press(at0(plan, [seen(stage)]), 'right', 'enter'))).toEqual(['set-traffic']);
    }
  });

  test('is said with its key, the load check before the mirror', () => {
    const both = { mirror, evidence: { loadCheck: {} } };
    expect(requiredFirst(at0(both))).toMatchObject({ what: 'a load check', key: 'l' });
    expect(requiredFirst(at0(both, [seen('load')]))).toEqual({
      what: 'mirror 20% for 10 min',
      key: 'm',
    });
    expect(requiredFirst(at0(both, [seen('load'), seen('mirror', 'stop')]))).toBeUndefined();
  });

  test('that failed stands in the way', () => {
    const asking = press(at0({ mirror }, [seen('mirror', 'stop')]), 'right', 'enter');
    expect(asking.state.overlays.at(-1)).toMatchObject({
      title: 'Override a failed gate',
      lines: ['Copies fail.', expect.anything()],
    });
  });

  test('was seen of this green, not of one of the same name before it', () => {
    const state = at0({ mirror }, [seen('mirror')]);
    const { opened } = state.session!;
    const create = { kind: 'createDeployment', role: 'green', deployment: GREEN } as never;
    const made = { ...done(3, create), begunAt: '2026-03-01T11:50:00.000Z' };
    const later = { ...proofPassed(GREEN), at: '2026-03-01T11:55:00.000Z' };
    const judgements = [...opened!.journal.judgements, later];
    const journal = { ...opened!.journal, changes: [made], judgements };
    const again = { ...state, session: { ...state.session!, opened: { ...opened!, journal } } };
    expect(requiredFirst(again)?.key).toBe('m');
  });

  test('the rate and seconds of the plan are those of the load', () => {
    const { asked } = press(at0({ evidence: { loadCheck: { rate: 300, seconds: 60 } } }), 'l');
    expect(asked).toMatchObject([
      { do: 'planLoad', weight: 10, plan: { evidence: { loadCheck: { rate: 300, seconds: 60 } } } },
    ]);
  });

  test('a mirror is watched as soon as it is set, and turned off when it is judged', () => {
    const typed = press(at0({ mirror }), 'm', 'enter');
    expect(typed.asked).toMatchObject([
      { do: 'perform', move: { id: 'set-mirror', green: GREEN, percent: 20 } },
    ]);
    const opened = typed.state.session!.opened!;
    const on: Opened = {
      ...opened,
      snapshot: {
        ...opened.snapshot,
        endpoint: { ...opened.snapshot.endpoint!, mirrorTraffic: { [GREEN]: 20 } },
      },
      journal: {
        ...opened.journal,
        changes: [
          done(1, {
            kind: 'setMirror',
            endpoint: opened.endpoint,
            from: {},
            to: { [GREEN]: 20 },
          }),
        ],
      },
    };
    const set = reduce(typed.state, {
      type: 'answered',
      run: typed.state.runs.perform!,
      do: 'perform',
      answer: { id: 'set-mirror', shown: null, opened: on },
    });
    expect(set.issued.map(({ command }) => command)).toMatchObject([
      { do: 'perform', move: { id: 'watch-mirror', green: GREEN, minutes: 10 } },
    ]);
    const judgements = [...on.journal.judgements, seen('mirror', 'stop')];
    const over = reduce(set.state, {
      type: 'answered',
      run: set.state.runs.perform!,
      do: 'perform',
      answer: {
        id: 'watch-mirror',
        shown: {
          asks: 'rollback',
          verdicts: seen('mirror').verdicts,
          why: 'Copies fail.',
          requests: 40,
        },
        opened: { ...on, journal: { ...on.journal, judgements } },
      },
    });
    expect(over.state.notice).toMatchObject({ level: 'error', text: 'Copies fail.' });
  });
});

describe('who is served', () => {
  const NO_HOLD: ProofPlan = { weights: [10, 30, 100], holds: { minutes: 0 } };
  const seen = (verdict: Verdict['verdict'], changes = {}) => ({
    ...judged({ ...failing, gate: 'split', verdict, why: 'Too few probes.' }),
    at: new Date(NOW).toISOString(),
    stage: 'split' as const,
    weight: 10,
    decision: verdict === 'pass' ? ('promote' as const) : ('probe-more' as const),
    ...changes,
  });
  const more = (judgements: (Judgement & { at: string })[], plan = NO_HOLD) =>
    press(at10(plan, {}, { judgements }), 'right', 'enter');

  test('and not told by the probes that were left lets no more through without a reason', () => {
    expect(more([seen('inconclusive')]).state.overlays.at(-1)).toMatchObject({
      kind: 'reason',
      lines: ['Too few probes.', expect.anything()],
      then: { do: 'override', stage: 'split' },
    });
    expect(names(more([seen('pass')]))).toEqual(['set-traffic']);
    expect(names(more([seen('inconclusive', { override: 'known' })]))).toEqual(['set-traffic']);
  });

  test.each([
    ['never looked at', []],
    ['seen at another split', [seen('pass', { weight: 30 })]],
    ['seen before this split was set', [seen('pass', { at: '2026-03-01T10:00:00.000Z' })]],
  ])('and %s wants a look or a reason', (_, judgements) => {
    const asking = more(judgements);
    expect(names(asking)).toEqual([]);
    expect(asking.state.overlays.at(-1)).toMatchObject({
      title: 'Split not verified yet',
      lines: [expect.stringContaining('Press Esc, then p.'), expect.anything()],
      then: { do: 'override', stage: 'split' },
    });
  });

  test.each([
    ['sends no probes', { probes: { count: 0 } }],
    ['only warns', { gates: { split: { mode: 'warn' as const } } }],
  ])('is believed where the plan %s', (_, plan) => {
    expect(names(more([], { ...NO_HOLD, ...plan }))).toEqual(['set-traffic']);
  });
});

test('an undo back to 0% is not followed by a staged step forward', () => {
  const { change } = moved;
  const undone = done(8, { ...change, why: 'undo' } as typeof change, { default: 100 });
  const opened = rolloutOpened({ view: { changes: [moved, undone] } });
  const before = { ...rollout(SANDBOX, { share: 10 }), runs: { perform: 5 } };
  const answer = { id: 'undo' as const, shown: null, opened };
  const { state } = reduce(before, { type: 'answered', run: 5, do: 'perform', answer });
  expect(state.screens.traffic?.staged).toBeUndefined();
  const forward = rolloutOpened({ view: { changes: [moved] } });
  const moved10 = { id: 'set-traffic' as const, shown: null, opened: forward };
  const after = reduce(before, { type: 'answered', run: 5, do: 'perform', answer: moved10 });
  expect(after.state.screens.traffic?.staged).toBe(10);
});

describe('a check that fails at 100%', () => {
  const at100 = (override?: string): State => {
    const last: Judgement & { at: string } = {
      ...judged({ ...failing, gate: 'liveErrors', why: 'Probes fail on green.' }),
      stage: 'split',
      weight: 100,
      ...(override !== undefined && { override }),
    };
    const choice = { plan: { weights: [100], onFail: 'hold' as const } };
    const view = { judgements: [last], choice };
    return { ...rollout(SANDBOX, { share: 100, view }), view: 'traffic' };
  };

  test('is not gone past to retiring blue without a reason', () => {
    const asking = press(at100(), 'enter');
    expect(asking.state.view).toBe('traffic');
    expect(asking.state.overlays.at(-1)).toMatchObject({
      kind: 'reason',
      lines: ['Probes fail on green.', expect.anything()],
      then: { do: 'override', stage: 'split' },
    });
    expect(press(at100('known'), 'enter').state.overlays).toEqual([]);
    expect(press(at100('known'), 'enter').state.view).toBeUndefined();
  });

  test('keeps blue from being deleted', () => {
    expect(deletionRefused(at100())).toContain('Probes fail on green. default is the way back');
    expect(deletionRefused(at100('known'))).toBeUndefined();
  });
});

describe('the editor', () => {
  /** Opens the editor and types over one row. */
  function edit(state: State, row: string, text: string): State {
    let now = press(state, 'g').state;
    const rowUnder = (): string => {
      const top = now.overlays.at(-1);
      return top?.kind === 'plan' ? (top.form.fields[top.form.focus]?.id ?? '') : '';
    };
    for (let moves = 0; rowUnder() !== row; moves += 1) {
      if (moves > 60) throw new Error(`There is no row ${row}.`);
      now = press(now, 'down').state;
    }
    return type(press(now, 'ctrl+u').state, text).state;
  }

  test('keeps what was typed, and Esc leaves the plan as it was', () => {
    const state = at10(undefined);
    const typed = edit(state, 'holds', '9 min');
    expect(press(typed, 'esc').state.overlays).toEqual([]);
    expect(names(press(typed, 'esc'))).toEqual([]);
    const used = press(typed, 'enter');
    expect(used.asked).toMatchObject([{ do: 'usePlan', plan: { holds: { minutes: 9 } } }]);
    const after = answer(used);
    expect(planOf(after.state).holds?.minutes).toBe(9);
    expect(holdLeft(after.state)?.leftMs).toBe(540_000);
  });

  test('starts the watch anew under the new plan, and what was watched counts', () => {
    const live = { watchedMs: 60_000, lookedUntil: NOW - 1_000 };
    const state = { ...at10(undefined, live), runs: { watch: 3 } };
    const after = answer(press(edit(state, 'gate:liveErrors', 'warn margin 1%'), 'enter'));
    expect(after.asked).toMatchObject([
      { do: 'watch', plan: { gates: { liveErrors: { mode: 'warn' } } } },
    ]);
    const [watch] = after.asked;
    const since = Date.parse(moved.ended!.at);
    expect(watch?.do === 'watch' && watch.lostMs).toBe(NOW - 1_000 - since - 60_000);
  });

  test('turns modes with the arrows', () => {
    let state = press(at10(undefined), 'g').state;
    const top = () => {
      const overlay = state.overlays.at(-1);
      if (overlay?.kind !== 'plan') throw new Error('The editor is closed.');
      return overlay.form.fields[overlay.form.focus]!;
    };
    while (top().id !== 'gate:errors') state = press(state, 'down').state;
    expect(top().value).toMatch(/^enforce margin 1%/);
    state = press(state, 'right').state;
    expect(top().value).toMatch(/^warn margin 1%/);
    state = press(state, 'left', 'left').state;
    expect(top().value).toMatch(/^off margin 1%/);
  });

  test('keeps the exceptions of a step that is typed over', () => {
    const plan: ProofPlan = {
      weights: [10, 50, 100],
      steps: [{ at: 50, holds: { minutes: 30, approval: true } }],
    };
    const again = edit(at10(plan), 'weights', '10 50 100');
    expect(press(again, 'enter').asked).toMatchObject([
      { plan: { steps: [{ at: 50, holds: { minutes: 30, requests: 0, approval: true } }] } },
    ]);
    const gone = press(edit(at10(plan), 'weights', '10 60 100'), 'enter').asked[0];
    expect(gone?.do === 'usePlan' && gone.plan.steps).toBeUndefined();
  });

  test.each([
    ['its time', 'holds', 'none', '4 min more'],
    ['its yes', 'at:10', '9 min', 'then approval'],
  ])('wants a reason where it cuts a hold short by %s', (_, row, text, left) => {
    const plan: ProofPlan = { weights: [10, 100], holds: { minutes: 5, approval: true } };
    const asking = press(edit(at10(plan, { watchedMs: 60_000 }), row, text), 'enter');
    expect(names(asking)).toEqual([]);
    expect(asking.state.overlays.at(-1)).toMatchObject({
      title: 'The plan ends a hold early',
      lines: [expect.stringContaining(left), expect.anything()],
    });
    const given = press(type(asking.state, 'night').state, 'enter');
    expect(given.asked).toMatchObject([{ do: 'usePlan', gates: [], hold: 10, reason: 'night' }]);
    // One that is over can't be cut, and one that grows is not.
    const over = at10({ ...plan, holds: { minutes: 5 } }, { watchedMs: 300_000 });
    expect(names(press(edit(over, 'holds', 'none'), 'enter'))).toEqual(['usePlan']);
    const longer = edit(at10(plan), 'holds', '9 min, approval');
    expect(names(press(longer, 'enter'))).toEqual(['usePlan']);
  });

  test('says what is wrong beside the row, and stays open', () => {
    const { state, asked } = press(edit(at10(undefined), 'rows', '0'), 'enter');
    expect(asked).toEqual([]);
    const top = state.overlays.at(-1);
    const row = top?.kind === 'plan' ? top.form.fields.find(({ id }) => id === 'rows') : undefined;
    expect(row?.error).toMatch(/\.$/);
  });

  test.each([
    ['off', 'gate:labels', 'off'],
    ['only warning', 'gate:labels', 'warn limit 5%'],
    ['with another limit', 'gate:labels', 'enforce limit 50%'],
  ])('wants a reason for a check in the way %s', (_, row, text) => {
    const plan: ProofPlan = { weights: [10, 100], gates: { labels: { mode: 'enforce' } } };
    const asking = press(
      edit(at10(plan, {}, { judgements: [judged(failing)] }), row, text),
      'enter',
    );
    expect(names(asking)).toEqual([]);
    expect(asking.state.overlays.at(-1)).toMatchObject({
      kind: 'reason',
      title: 'The plan changes a gate that did not pass',
      lines: expect.arrayContaining(['30 of 300 labels differ.']),
    });
    const given = press(type(asking.state, 'expected').state, 'enter');
    expect(given.asked).toMatchObject([
      { do: 'usePlan', gates: ['labels'], stages: ['prove'], reason: 'expected' },
    ]);
  });

  test('wants none for a check that passed, and overrides nothing where another one fails', () => {
    const plan: ProofPlan = { weights: [10, 100], gates: { labels: { mode: 'enforce' } } };
    const passed = at10(plan, {}, { judgements: [judged(failing)] });
    expect(names(press(edit(passed, 'gate:accuracy', 'off'), 'enter'))).toEqual(['usePlan']);
    const second: Verdict = { ...failing, gate: 'errors', why: 'Errors.' };
    const two = { ...judged(failing), verdicts: [failing, second] };
    const asking = press(
      edit(at10(plan, {}, { judgements: [two] }), 'gate:labels', 'off'),
      'enter',
    );
    expect(press(type(asking.state, 'why not').state, 'enter').asked).toMatchObject([
      { do: 'usePlan', gates: ['labels'], stages: [] },
    ]);
  });

  test('reads a file into its rows, and says beside its name what is wrong with it', () => {
    const asked = press(edit(at10(undefined), 'load', 'rollout.yml'), 'enter');
    expect(asked.asked).toEqual([{ do: 'readPlan', path: 'rollout.yml' }]);
    const read = answer(asked);
    const top = read.state.overlays.at(-1);
    expect(top?.kind === 'plan' && top.form.fields[0]?.value).toBe('25 100');
    expect(press(read.state, 'enter').asked).toMatchObject([
      { do: 'usePlan', plan: { weights: [25, 100] }, file: { name: 'rollout.yml' } },
    ]);
    const failed = reduce(asked.state, {
      type: 'failed',
      run: asked.state.runs.readPlan!,
      do: 'readPlan',
      failed: {
        failure: {
          kind: 'invalid',
          what: 'read rollout.yml',
          message: 'rollout.yml, line 3, column 5: unknown key wights.',
          advice: '',
          retrySafe: false,
        },
      },
    }).state.overlays.at(-1);
    const row =
      failed?.kind === 'plan' ? failed.form.fields.find(({ id }) => id === 'load') : undefined;
    expect(row?.error).toContain('line 3, column 5');
  });
});

test('what the plan wants mirrored lies ready', () => {
  const mirror = { percent: 20, minutes: 10 };
  const plan: ProofPlan = { weights: [100], mirror };
  const opened = rolloutOpened({ view: { choice: { plan } } });
  const state = { ...entered(withSession(PROD, opened)), view: 'traffic' as const };
  expect(press(state, 'm').state.overlays.at(-1)).toMatchObject({ of: 'mirror', typed: '20' });
});

describe('the file of the command line', () => {
  const file: PlanFile = {
    plan: { weights: [20, 100], holds: { minutes: 0 } },
    file: { name: 'rollout.yml', sha256: 'f00d' },
  };
  const withFile = (planFile: PlanFile, view = {}): State => {
    const state = withSession(
      PROD,
      rolloutOpened({ share: 10, view: { changes: [moved], ...view } }),
    );
    return { ...state, defaults: { ...state.defaults, planFile } };
  };

  test('is used and kept, once for each rollout', () => {
    const { state, issued } = reduce(withFile(file), { type: 'tick', now: NOW });
    expect(planOf(state).weights).toEqual([20, 100]);
    expect(issued.map(({ command }) => command)).toMatchObject([
      { do: 'usePlan', plan: file.plan, file: file.file },
      { do: 'watch' },
    ]);
    const kept = { plan: { weights: [50, 100] }, planFile: file.file };
    const again = reduce(withFile(file, { choice: kept }), { type: 'tick', now: NOW });
    expect(planOf(again.state).weights).toEqual([50, 100]);
    expect(again.issued.map(({ command }) => nameOf(command))).toEqual(['watch']);
  });

  test('is not used on an endpoint that it does not name', () => {
    expect(planOf(withFile({ ...file, endpoint: 'other' })).weights).toEqual([10, 30, 50, 80, 100]);
    expect(planOf(withFile({ ...file, endpoint: 'heart' })).weights).toEqual([20, 100]);
    const { state } = reduce(withFile({ ...file, endpoint: 'other' }), { type: 'tick', now: NOW });
    expect(state.notice?.text).toContain('rollout.yml is for other');
  });

  test('is no way past a check that did not pass', () => {
    const loose = {
      ...file,
      plan: { ...file.plan, gates: { accuracy: { mode: 'off' as const } } },
    };
    const failed = { ...failing, gate: 'accuracy' as const };
    const state = withFile(loose, { judgements: [judged(failed)] });
    expect(planOf(state).weights).toEqual([10, 30, 50, 80, 100]);
    const { state: after, issued } = reduce(state, { type: 'tick', now: NOW });
    expect(issued.map(({ command }) => nameOf(command))).toEqual(['watch']);
    expect(after.overlays.at(-1)).toMatchObject({ kind: 'reason' });
  });
});

describe('probes', () => {
  const plan: ProofPlan = {
    weights: [10, 100],
    holds: { minutes: 0 },
    probes: { count: 60, budget: 100 },
  };

  test('are sent as the plan says, up to its budget', () => {
    expect(press(at10(plan), 'p').asked).toMatchObject([
      { do: 'perform', move: { id: 'verify-split', weight: 10 }, plan },
    ]);
  });

  test('that are used up are said to be, with a larger budget to choose', () => {
    const { state, asked } = press(at10(plan, {}, { probesSent: 100 }), 'p');
    expect(asked).toEqual([]);
    expect(state.overlays.at(-1)).toMatchObject({ title: 'Probe budget used up' });
    const { issued } = reduce(state, { type: 'chosen', list: 'confirm', value: 'raise' });
    expect(issued.map(({ command }) => command)).toMatchObject([
      { do: 'usePlan', plan: { probes: { count: 60, budget: 220 } } },
    ]);
  });

  test('are not sent where the plan turns the check off', () => {
    const off = at10({ ...plan, gates: { split: { mode: 'off' } } });
    const { state, asked } = press(off, 'p');
    expect(asked).toEqual([]);
    expect(state.notice?.text).toContain('does not verify the split');
  });
});

describe('what the watch tells', () => {
  const telling = (state: State, live: Partial<Live>) =>
    reduce(
      { ...state, runs: { ...state.runs, watch: 3 } },
      {
        type: 'progress',
        run: 3,
        do: 'watch',
        progress: { kind: 'live', live: { ...state.screens.traffic!.live!, ...live } },
      },
    );
  const started = { ...at10(undefined), runs: {} };
  const start = { splitAtStart: { default: 100 } };
  const FAILS = 'Green fails.';

  /** The watch ends because live users are worse off, and that is in the journal. */
  const harmed = (state: State) => {
    const opened = state.session!.opened!;
    const failed: Judgement & { at: string } = {
      ...judged({ ...failing, gate: 'liveErrors', why: FAILS }),
      at: new Date(NOW).toISOString(),
      stage: 'watch',
      weight: 10,
      why: FAILS,
    };
    const judgements = [...opened.journal.judgements, failed];
    return reduce(
      { ...state, runs: { ...state.runs, watch: 3 } },
      {
        type: 'answered',
        run: 3,
        do: 'watch',
        answer: {
          watched: { asks: 'rollback', verdicts: failed.verdicts, why: FAILS, requests: 40 },
          opened: { ...opened, journal: { ...opened.journal, judgements } },
        },
      },
    );
  };

  test('goes back by itself where the plan says so, and says why', () => {
    const { state: after, issued } = harmed(at10(undefined, {}, start));
    expect(issued.map(({ command }) => command)).toMatchObject([
      { do: 'perform', move: { id: 'abort', because: [FAILS] } },
    ]);
    expect(after.notice?.text).toBe(`${FAILS} Rolling back, as the plan requires.`);
  });

  test('does not wait for rows or probes that are under way, but for a write', () => {
    const state = at10(undefined, {}, start);
    const probing = press(state, 'p').state;
    expect(harmed(probing).issued.map(({ command }) => nameOf(command))).toEqual(['abort']);
    const writing = press(state, 'left', 'enter').state;
    const queued = harmed(writing);
    expect(queued.issued).toEqual([]);
    expect(queued.state.task?.abortQueued).toBe(true);
  });

  test('a split that is not the configured one is answered as the plan says', () => {
    const why = 'Half of it goes to green.';
    const failed: Verdict = { ...failing, gate: 'split', why };
    const probing = (onFail: 'hold' | 'rollback') => {
      const plan: ProofPlan = { weights: [10, 100], holds: { minutes: 0 }, onFail };
      const { state } = press(at10(plan, {}, start), 'p');
      const opened = state.session!.opened!;
      const judgement = {
        ...judged(failed),
        at: new Date(NOW).toISOString(),
        stage: 'split' as const,
        weight: 10,
      };
      const judgements = [...opened.journal.judgements, judgement];
      return reduce(state, {
        type: 'answered',
        run: state.runs.perform!,
        do: 'perform',
        answer: {
          id: 'verify-split',
          shown: { served: {}, sent: 100, failed: 0, configured: {}, verdict: failed },
          opened: { ...opened, journal: { ...opened.journal, judgements } },
        },
      });
    };
    const back = probing('rollback');
    expect(back.issued.map(({ command }) => nameOf(command))).toEqual(['abort']);
    expect(back.state.notice?.text).toContain(`${why} Rolling back`);
    const held = probing('hold');
    expect(held.issued).toEqual([]);
    expect(held.state.notice?.text).toContain('Press A to restore the split at the start.');
  });

  test('only says so where the plan says hold', () => {
    const { state, issued } = telling(started, { asks: 'hold', why: FAILS });
    expect(issued).toEqual([]);
    expect(state.notice?.text).toBe(`${FAILS} Press A to restore the split at the start.`);
  });

  test('tells once that the hold is over', () => {
    const { state } = telling(started, { watchedMs: 300_000 });
    expect(state.notice?.text).toBe('The hold at 10% is over.');
  });
});

describe('someone else changed the endpoint', () => {
  const sentence = 'Someone else set the traffic to default=100.';
  const drifted = (state: State): State => {
    const opened = { ...state.session!.opened!, drift: { what: 'traffic' as const, sentence } };
    return reduce(
      { ...state, runs: { ...state.runs, observe: 5 } },
      { type: 'answered', run: 5, do: 'observe', answer: opened },
    ).state;
  };
  const view = { splitAtStart: { default: 100 } };

  test('freezes the screen until a person decides', () => {
    const state = drifted(at10(undefined, {}, view));
    expect(state.overlays.at(-1)).toMatchObject({
      kind: 'drift',
      sentence,
      choices: [{ value: 'leave' }, { value: 'adopt' }, { value: 'restore' }],
    });
    expect(press(state, 'right', 'f', 'u', 'p', 'esc').asked).toEqual([]);
    expect(press(state, 'esc').state.overlays).toHaveLength(1);
  });

  test.each([
    ['adopt', ['adopt']],
    ['restore', ['abort']],
    ['leave', []],
  ])('%s', (value, asked) => {
    const state = drifted(at10(undefined, {}, view));
    const { state: after, issued } = reduce(state, { type: 'chosen', list: 'drift', value });
    expect(issued.map(({ command }) => nameOf(command))).toEqual(asked);
    expect(after.leaving !== undefined).toBe(value === 'leave');
  });
});

test('adopting a split drops what was seen of the one before', () => {
  const probed = { ...moments()['traffic, probed']!, runs: { adopt: 5 } };
  expect(probed.screens.traffic?.probe).toBeDefined();
  const answer = probed.session!.opened!;
  const { state } = reduce(probed, { type: 'answered', run: 5, do: 'adopt', answer });
  expect(state.screens.traffic?.probe).toBeUndefined();
});

describe('rows of an exhausted file', () => {
  const inconclusive = (
    gate: Verdict['gate'],
    more?: NonNullable<NonNullable<State['screens']['prove']>['tested']>['more'],
  ): State => {
    const state = entered({ ...rollout(SANDBOX, { share: 0, proved: false }), view: 'prove' });
    const verdict: Verdict = { ...failing, gate, verdict: 'inconclusive', needsMoreRows: 20 };
    return onScreen(state, 'prove', {
      sample: { ...SAMPLE, rows: SAMPLE.rows.slice(0, 60), totalRows: 60 },
      tested: {
        rows: [],
        result: {
          purpose: 'prove',
          csv: { name: 'heart.csv', sha256: 'f00d', seed: 1, rows: 60, rowNumbers: [] },
          deployments: [],
          answered: 120,
          failed: 0,
          medianLatencyMs: {},
        },
        verdicts: [verdict],
        decision: { do: 'send-more', rows: 20, because: [verdict] },
        more,
      },
    });
  };

  test('are sent again where the round asks for that', () => {
    const more = { count: 50, again: true };
    expect(press(inconclusive('latency', more), 'enter').asked).toMatchObject([
      { do: 'perform', move: { id: 'prove', more } },
    ]);
  });

  test('are not, where they would only count the same answers twice', () => {
    const { state, asked } = press(inconclusive('errors'), 'enter');
    expect(asked).toEqual([]);
    expect(state.notice?.text).toContain('Green stays at 0%');
  });
});
