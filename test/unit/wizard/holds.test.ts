/** The plan as the reducer enforces it: holds, and what has to be over before the next weight. */
import { describe, expect, test } from 'vitest';
import type { Judgement } from '../../../src/rollout/journal/entry.js';
import type { Verdict } from '../../../src/rollout/evidence/gates/verdict.js';
import type { ProofPlan } from '../../../src/rollout/plan/proof.js';
import { holdLeft, holdText } from '../../../src/wizard/hold.js';
import { reduce } from '../../../src/wizard/reducer.js';
import type { State } from '../../../src/wizard/state.js';
import { stagedChange, stagedShare } from '../../../src/wizard/steps/staged-traffic.js';
import { deletionRefused } from '../../../src/wizard/steps/retire.js';
import {
  NOW,
  PROD,
  rollout,
  rolloutOpened,
  SANDBOX,
  withSession,
} from '../../support/wizard-states.js';
import { press, type, names, answer, moved, at10, failing, judged } from './holds-support.js';

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
  const more = (judgements: (Judgement & { at: string; line: number })[], plan = NO_HOLD) =>
    press(at10(plan, {}, { judgements, splitLine: 0 }), 'right', 'enter');

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
    ['seen before this split was set', [seen('pass', { line: 0 })]],
  ])('and %s wants a look or a reason', (_, judgements) => {
    const asking = more(judgements);
    expect(names(asking)).toEqual([]);
    expect(asking.state.overlays.at(-1)).toMatchObject({
      title: 'Split not verified yet',
      lines: [expect.stringContaining('Press Esc, then p.'), expect.anything()],
      then: { do: 'override', stage: 'split' },
    });
  });

  test('and not verified by the session that left here wants a look too', () => {
    const state = at10(NO_HOLD, {}, { judgements: [], splitLine: 0 });
    const opened = state.session!.opened!;
    const session = { ...opened.session, left: 10 };
    const again = { ...state, session: { ...state.session!, opened: { ...opened, session } } };
    const asking = press(again, 'right', 'enter');
    expect(names(asking)).toEqual([]);
    expect(asking.state.overlays.at(-1)).toMatchObject({ title: 'Split not verified yet' });
  });

  const onSandbox = (state: State): State => {
    const opened = { ...state.session!.opened!, session: { startedAt: 0, firstLine: 1 } };
    const { staged: _, ...traffic } = state.screens.traffic!;
    const session = { ...state.session!, profile: SANDBOX, opened };
    return { ...state, session, screens: { ...state.screens, traffic } };
  };

  test.each([SANDBOX, PROD])(
    'is what Enter verifies, where an earlier session did not',
    (profile) => {
      const left = onSandbox(at10(NO_HOLD, {}, { judgements: [], splitLine: 0 }));
      const state = { ...left, session: { ...left.session!, profile } };
      const settled = reduce(
        { ...state, runs: { settle: 5 } },
        { type: 'answered', run: 5, do: 'settle', answer: state.session.opened! },
      );
      expect(stagedChange(settled.state)).toBeUndefined();
      expect(names(press(settled.state, 'enter'))).toEqual(['verify-split']);
    },
  );

  test("and a write of an earlier session leaves the plan's next weight ready", () => {
    const state = onSandbox(at10(NO_HOLD, {}, { judgements: [seen('pass')], splitLine: 0 }));
    const settled = reduce(
      { ...state, runs: { settle: 5 } },
      { type: 'answered', run: 5, do: 'settle', answer: state.session!.opened! },
    );
    expect(stagedShare(settled.state)).toBe(30);
  });

  test('begins the hold of a watch that began before it was known', () => {
    const plan: ProofPlan = { weights: [10, 100], holds: { minutes: 5 } };
    const state = at10(plan, { watchedMs: 60_000 }, { judgements: [], splitLine: 0 });
    const probing = press({ ...state, runs: { ...state.runs, watch: 3 } }, 'p').state;
    const opened = state.session!.opened!;
    const journal = { ...opened.journal, judgements: [seen('pass')] };
    const { issued } = reduce(probing, {
      type: 'answered',
      run: probing.runs.perform!,
      do: 'perform',
      answer: {
        id: 'verify-split',
        shown: { served: {}, sent: 100, failed: 0, configured: {} },
        opened: { ...opened, journal },
      },
    });
    expect(issued.map(({ command }) => command)).toMatchObject([
      { do: 'watch', move: { id: 'hold', weight: 10, hold: { minutes: 5 } } },
    ]);
  });

  test.each([
    ['sends no probes', { probes: { count: 0 } }],
    ['only warns', { gates: { split: { mode: 'warn' as const } } }],
  ])('is believed where the plan %s', (_, plan) => {
    expect(names(more([], { ...NO_HOLD, ...plan }))).toEqual(['set-traffic']);
  });
});

describe('a check that fails at 100%', () => {
  const at100 = (override?: string): State => {
    const last: Judgement & { at: string; line: number } = {
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
