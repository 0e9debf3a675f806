import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DEFAULT_PLAN, nextWeight, parsePlan, planText } from '../../../src/wizard/plan.js';

test('shares are read, and the last one is always everything', () => {
  expect(parsePlan('10 30 100')).toEqual({ weights: [10, 30, 100], onFail: 'hold' });
  expect(parsePlan(' 5,25 , 50 rollback')).toEqual({
    weights: [5, 25, 50, 100],
    onFail: 'rollback',
  });
  expect(parsePlan(planText([10, 100], 'rollback'))).toEqual({
    weights: [10, 100],
    onFail: 'rollback',
  });
});

test.each([
  ['', 'Type the shares'],
  ['0 50', '0 is not a whole number'],
  ['10 101', '101 is not a whole number'],
  ['10.5', '10.5 is not a whole number'],
  ['10 x', 'Type whole numbers'],
  ['50 30', '30 comes after 50'],
  ['30 30', '30 comes after 30'],
])('%j is refused with the reason', (text, reason) => {
  expect(parsePlan(text)).toContain(reason);
});

test('whatever it accepts grows strictly and ends at 100', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -5, max: 110 }), { maxLength: 6 }), (weights) => {
      const plan = parsePlan(weights.join(' '));
      if (typeof plan === 'string') return;
      expect(plan.weights.at(-1)).toBe(100);
      plan.weights.forEach((weight, at) =>
        expect(weight).toBeGreaterThan(plan.weights[at - 1] ?? 0),
      );
    }),
  );
});

test('the next share is the first above the live one', () => {
  expect(nextWeight(DEFAULT_PLAN, 0)).toBe(10);
  expect(nextWeight(DEFAULT_PLAN, 10)).toBe(30);
  expect(nextWeight(DEFAULT_PLAN, 42)).toBe(50);
  expect(nextWeight(DEFAULT_PLAN, 100)).toBeUndefined();
});
