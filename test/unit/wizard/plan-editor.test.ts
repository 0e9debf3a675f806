/** The plan of the wizard: its editor, and the file of the command line. */
import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../../src/rollout/evidence/gates/verdict.js';
import type { ProofPlan } from '../../../src/rollout/plan/proof.js';
import { holdLeft } from '../../../src/wizard/hold.js';
import { planOf, type PlanFile } from '../../../src/wizard/plan.js';
import { reduce } from '../../../src/wizard/reducer.js';
import type { State } from '../../../src/wizard/state.js';
import { nameOf } from '../../support/wizard-world.js';
import { NOW, PROD, rolloutOpened, withSession } from '../../support/wizard-states.js';
import { press, type, names, answer, moved, at10, failing, judged } from './holds-support.js';

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
