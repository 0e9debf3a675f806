/** What the plan wants before green has any traffic. */
import { describe, expect, test } from 'vitest';
import type { Judgement } from '../../../src/rollout/journal/entry.js';
import type { Verdict } from '../../../src/rollout/evidence/gates/verdict.js';
import type { ProofPlan } from '../../../src/rollout/plan/proof.js';
import { requiredFirst } from '../../../src/wizard/steps/more-traffic.js';
import type { Opened } from '../../../src/wizard/effects/world.js';
import { reduce } from '../../../src/wizard/reducer.js';
import type { State } from '../../../src/wizard/state.js';
import {
  done,
  entered,
  onScreen,
  PROD,
  proofPassed,
  rollout,
  rolloutOpened,
  sample,
  SANDBOX,
  withSession,
} from '../../support/wizard-states.js';
import { GREEN, press, type, names, moved, failing, judged } from './holds-support.js';

const SAMPLE = sample();

describe('what the plan wants before any traffic', () => {
  const mirror = { percent: 20, minutes: 10 };
  const at0 = (
    plan: Partial<ProofPlan>,
    judgements: (Judgement & { at: string; line: number })[] = [],
  ) => {
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
  ): Judgement & { at: string; line: number } => ({
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
    const made = { ...done(3, create), line: 2 };
    const later = { ...proofPassed(GREEN), line: 3 };
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

test('what the plan wants mirrored lies ready', () => {
  const mirror = { percent: 20, minutes: 10 };
  const plan: ProofPlan = { weights: [100], mirror };
  const opened = rolloutOpened({ view: { choice: { plan } } });
  const state = { ...entered(withSession(PROD, opened)), view: 'traffic' as const };
  expect(press(state, 'm').state.overlays.at(-1)).toMatchObject({ of: 'mirror', typed: '20' });
});
