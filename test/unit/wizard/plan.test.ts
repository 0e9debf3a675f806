import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_GATES, GATE_TITLES } from '../../../src/rollout/evidence/gates/settings.js';
import { proofAt, type ProofPlan } from '../../../src/rollout/plan/proof.js';
import { fieldValue, setField, type Form } from '../../../src/wizard/form.js';
import { nextWeight } from '../../../src/rollout/moves/set-traffic.js';
import { defaultPlan } from '../../../src/wizard/plan.js';
import { followSteps, planForm } from '../../../src/wizard/plan-form.js';
import { readPlanForm } from '../../../src/wizard/read-plan-form.js';
import { holdWords, readHold, readStep } from '../../../src/wizard/plan-text.js';

const NAMES = Object.keys(GATE_TITLES) as (keyof typeof GATE_TITLES)[];
const AZURE = defaultPlan(false);

/** The form of a plan with some of its rows typed over. */
const typed = (rows: Record<string, string>, plan: ProofPlan = AZURE): Form =>
  followSteps(
    Object.entries(rows).reduce((form, [id, value]) => {
      const there = form.fields.some((field) => field.id === id) ? form : followSteps(form);
      return setField(there, id, { value });
    }, planForm(plan)),
  );

const read = (rows: Record<string, string>, plan: ProofPlan = AZURE): ProofPlan => {
  const result = readPlanForm(typed(rows, plan), plan);
  if ('form' in result) throw new Error(JSON.stringify(result.form.fields.filter((f) => f.error)));
  return result.plan;
};

const errors = (rows: Record<string, string>, plan: ProofPlan = AZURE): Record<string, string> => {
  const result = readPlanForm(typed(rows, plan), plan);
  if ('plan' in result) return {};
  return Object.fromEntries(
    result.form.fields.flatMap(({ id, error }) => (error === undefined ? [] : [[id, error]])),
  );
};

describe('the plan as a form', () => {
  test('says the same when nothing is changed, whatever the plan', () => {
    const plan: ProofPlan = {
      weights: [5, 50, 100],
      holds: { minutes: 2, requests: 50, approval: true },
      evidence: { csv: '/heart.csv', rows: 200, seed: 7 },
      gates: {
        alpha: 0.01,
        errors: { margin: 0.02 },
        labels: { mode: 'off' },
        // As by default, but said.
        accuracy: { mode: 'enforce' },
      },
      probes: { count: 50, budget: 300 },
      steps: [
        { at: 0, gates: { accuracy: { mode: 'warn' } } },
        { at: 50, holds: { minutes: 30 }, gates: { liveLatency: { ratio: 2 } } },
      ],
      mirror: { percent: 20, minutes: 10 },
      onFail: 'rollback',
      onUnwatched: 'hold',
    };
    const again = read({}, plan);
    for (const share of [0, 5, 50, 100]) {
      expect(proofAt(again, share)).toEqual(proofAt(plan, share));
    }
    expect(again).toMatchObject({
      weights: plan.weights,
      evidence: plan.evidence,
      probes: plan.probes,
      mirror: plan.mirror,
      onFail: 'rollback',
    });
    // Only what differs from the defaults is kept, and a mode that the plan says.
    const kept = ['accuracy', 'alpha', 'errors', 'labels'];
    expect(Object.keys(again.gates ?? {}).toSorted()).toEqual(kept);
    expect(again.gates?.accuracy).toEqual({ mode: 'enforce' });
  });

  describe('with checks of its own', () => {
    const orders = { name: 'orders', command: { argv: ['a'] }, pass: '>= 12', fail: '< 10' };
    const smoke = { name: 'Smoke test', command: { argv: ['b'], value: 'exitCode' as const } };
    const plan: ProofPlan = { ...AZURE, checks: [orders, smoke] };

    test('lists them with their limits, and keeps what is not changed', () => {
      const { fields } = planForm(plan);
      const rows = fields.filter(({ id }) => id.startsWith('check:'));
      expect(rows.map(({ label, value }) => [label, value])).toEqual([
        ['orders', 'enforce pass >= 12, fail < 10'],
        ['Smoke test', 'enforce'],
      ]);
      expect(read({}, plan).checks).toEqual([orders, smoke]);
    });

    test('takes another mode, and other limits', () => {
      const rows = { 'check:orders': 'warn pass >= 15', 'check:Smoke test': 'off' };
      expect(read(rows, plan).checks).toEqual([
        { name: 'orders', command: { argv: ['a'] }, mode: 'warn', pass: '>= 15' },
        { ...smoke, mode: 'off' },
      ]);
    });

    test.each([
      ['maybe pass > 1', /^Write enforce, warn or off/],
      ['enforce > 1', /^Write pass or fail before "> 1"/],
      ['enforce pass many', /^Pass: use a condition/],
      ['enforce', /^Give pass or fail/],
    ])('says what is wrong with "%s"', (typedLine, sentence) => {
      const found = errors({ 'check:orders': typedLine }, plan);
      expect(found).toEqual({ 'check:orders': expect.stringMatching(sentence) as unknown });
    });
  });

  test('of the default keeps the settings of every gate', () => {
    expect(proofAt(read({}), 10).gates).toEqual(DEFAULT_GATES);
    expect(proofAt(read({}), 10).hold.minutes).toBe(5);
    expect(proofAt(read({}, defaultPlan(true)), 10).hold.minutes).toBe(0);
  });

  test('shares are read, and the last one is always everything', () => {
    expect(read({ weights: '10 30' }).weights).toEqual([10, 30, 100]);
    expect(read({ weights: ' 5,25 , 50 100' }).weights).toEqual([5, 25, 50, 100]);
  });

  test('modes and limits are read in the words of a plan file', () => {
    const plan = read({
      'gate:labels': 'enforce limit 2.5%',
      'gate:latency': 'warn ratio 1.2, addedMs 10',
      'gate:errors': 'off',
    });
    const { gates } = proofAt(plan, 10);
    expect(gates.labels).toEqual({ mode: 'enforce', limit: 0.025 });
    expect(gates.latency).toMatchObject({ mode: 'warn', ratio: 1.2, addedMs: 10 });
    expect(gates.errors).toEqual({ ...DEFAULT_GATES.errors, mode: 'off' });
  });

  test('exceptions hold at their step only', () => {
    const plan = read({ 'at:30': '10 min, approval; labels off; errors warn margin 2%' });
    expect(proofAt(plan, 30).hold).toEqual({ minutes: 10, requests: 0, approval: true });
    expect(proofAt(plan, 30).gates.labels.mode).toBe('off');
    expect(proofAt(plan, 30).gates.errors).toMatchObject({ mode: 'warn', margin: 0.02 });
    expect(proofAt(plan, 10)).toEqual(proofAt(read({}), 10));
  });

  test('their rows follow the steps as they are typed', () => {
    const form = typed({ 'at:30': 'approval', weights: '20 30 100' });
    expect(form.fields.map(({ id }) => id).filter((id) => id.startsWith('at:'))).toEqual([
      'at:0',
      'at:20',
      'at:30',
      'at:100',
    ]);
    expect(fieldValue(form, 'at:30')).toBe('approval');
  });

  test('each bad value gets a sentence in its own row, and the first has the cursor', () => {
    const rows = {
      weights: '50 30',
      holds: '5',
      'at:0': 'labels enforce limt 5%',
      rows: '0',
      budget: '',
      'gate:labels': 'maybe limit 5%',
      'gate:errors': 'enforce margin 5',
      'gate:capacity': 'enforce limit',
    };
    const found = errors(rows);
    expect(Object.keys(found).toSorted()).toEqual(Object.keys(rows).toSorted());
    expect(found).toMatchObject({
      weights: expect.stringContaining('30 follows 50'),
      holds: 'Add the unit of 5: min or requests.',
      'at:0': 'Labels: unknown key limt.',
      'gate:errors': 'Margin: use a percentage, for example 5% or 0.05.',
      'gate:capacity': expect.stringContaining('limit'),
    });
    const result = readPlanForm(typed(rows), AZURE);
    expect('form' in result && result.form.fields[result.form.focus]?.id).toBe('weights');
  });

  test.each([
    ['', 'Enter the traffic weights'],
    ['0 50', '0 is not a whole number'],
    ['10 101', '101 is not a whole number'],
    ['10.5', '10.5 is not a whole number'],
    ['10 x', 'Type whole numbers'],
    ['30 30', '30 follows 30'],
  ])('steps %j are refused with the reason', (weights, reason) => {
    expect(errors({ weights })['weights']).toContain(reason);
  });

  test('whatever steps it accepts grow strictly and end at 100', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5, max: 110 }), { maxLength: 6 }), (weights) => {
        const result = readPlanForm(typed({ weights: weights.join(' ') }), AZURE);
        if ('form' in result) return;
        expect(result.plan.weights.at(-1)).toBe(100);
        result.plan.weights.forEach((weight, at) =>
          expect(weight).toBeGreaterThan(result.plan.weights[at - 1] ?? 0),
        );
      }),
    );
  });
});

describe('a hold in words', () => {
  test.each([
    ['5 min, 50 requests, approval', { minutes: 5, requests: 50, approval: true }],
    ['0.5min', { minutes: 0.5, requests: 0, approval: false }],
    ['20 requests', { minutes: 0, requests: 20, approval: false }],
    ['none', { minutes: 0, requests: 0, approval: false }],
  ])('%s', (text, hold) => {
    expect(readHold(text)).toEqual(hold);
    expect(readHold(holdWords(hold))).toEqual(hold);
  });

  test.each(['5', '5 hours', 'min', 'soon'])('%s is refused with a sentence', (text) => {
    expect(readHold(text)).toMatch(/^(Add the unit of|Enter the number of|Write) .*\.$/);
  });

  test('an empty exception is none', () => {
    expect(readStep(10, '  ', NAMES)).toBeUndefined();
  });
});

test('the next share is the first above the live one', () => {
  expect(nextWeight(AZURE, 0)).toBe(10);
  expect(nextWeight(AZURE, 10)).toBe(30);
  expect(nextWeight(AZURE, 42)).toBe(50);
  expect(nextWeight(AZURE, 100)).toBeUndefined();
});
