/** Probes, the watch over live traffic, and changes of someone else. */
import { describe, expect, test } from 'vitest';
import type { Judgement } from '../../../src/rollout/journal/entry.js';
import type { Verdict } from '../../../src/rollout/evidence/gates/verdict.js';
import type { ProofPlan } from '../../../src/rollout/plan/proof.js';
import { reduce } from '../../../src/wizard/reducer.js';
import type { State } from '../../../src/wizard/state.js';
import { nameOf } from '../../support/wizard-world.js';
import { NOW, moments } from '../../support/wizard-states.js';
import type { Live } from '../../../src/rollout/moves/watch-live.js';
import { press, at10, failing, judged } from './holds-support.js';

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
    const failed: Judgement & { at: string; line: number } = {
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
