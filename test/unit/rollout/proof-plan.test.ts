/** What a plan file asks to be proved. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readPlanFile } from '../../../src/interop/plan-file.js';
import { FileProblem } from '../../../src/interop/yaml-file.js';
import { DEFAULT_GATES } from '../../../src/rollout/evidence/gates/settings.js';
import {
  DEFAULT_HOLD,
  probingOf,
  proofAt,
  reactionsOf,
  withChanges,
} from '../../../src/rollout/plan/proof.js';

const read = (extra: string) =>
  readPlanFile(
    `version: 1
endpoint: {name: heart}
green: {name: x-8, model: {name: m, version: 8}}
${extra}`,
    'p.yml',
  );

function problem(extra: string): string {
  try {
    read(extra);
  } catch (error) {
    if (error instanceof FileProblem) return error.message;
    throw error;
  }
  return 'no problem';
}

describe('the proof in a plan', () => {
  it('is the defaults where the plan says nothing', () => {
    const plan = read('');
    expect(proofAt(plan, 10)).toEqual({ gates: DEFAULT_GATES, hold: DEFAULT_HOLD });
    expect(probingOf(plan)).toEqual({ count: 100, budget: 2000 });
    expect(reactionsOf(plan)).toEqual({ onFail: 'rollback', onUnwatched: 'hold' });
  });

  it('takes rows at once, a load check and a mirror, each within its bounds', () => {
    const plan = read(`evidence: {csv: a.csv, inFlight: 4, loadCheck: {seconds: 10, rate: 600}}
mirror: {percent: 20, minutes: 0.5}`);
    expect(plan.evidence).toMatchObject({ inFlight: 4, loadCheck: { seconds: 10, rate: 600 } });
    expect(plan.mirror).toEqual({ percent: 20, minutes: 0.5 });
    expect(problem('mirror: {percent: 60, minutes: 1}')).toContain('1 to 50');
    expect(problem('mirror: {percent: 10}')).toContain('mirror.minutes');
    expect(problem('evidence: {csv: a.csv, loadCheck: {seconds: 900}}')).toContain('1 to 300');
    expect(problem('evidence: {csv: a.csv, inFlight: 0}')).toContain('evidence.inFlight');
  });

  it('says which numbers it takes', () => {
    expect(problem('evidence: {csv: a.csv, rows: 0}')).toContain('a whole number from 1 to 10000');
    expect(problem('evidence: {csv: a.csv, rows: 20000}')).toContain('from 1 to 10000');
    expect(problem('evidence: {csv: a.csv, seed: -1}')).toContain('from 0 to 2147483647');
    expect(problem('steps: [{at: 101}]')).toContain('a percentage from 0 to 100');
    expect(problem('evidence: 3')).toMatch(/^p\.yml, line 4, column 11: evidence: write /);
  });

  it('refuses a budget of probes that can verify no step', () => {
    const few = 'weights: [1, 100]\nprobes: {count: 5, budget: 10}';
    expect(problem(few)).toBe(
      "p.yml, line 5, column 28: probes.budget: a budget of 10 can't verify the split at 1%, which needs at least 100 probes: raise probes.budget, lower gates.split.probes, or set gates.split to warn or off.",
    );
    for (const fits of [
      'gates: {split: {probes: 10}}',
      'gates: {split: {mode: warn}}',
      'gates: {split: off}',
    ]) {
      expect(problem(`${few}\n${fits}`), fits).toBe('no problem');
    }
    expect(problem('probes: {count: 5, budget: 100}')).toBe('no problem');
    expect(problem('probes: {count: 0, budget: 0}')).toBe('no problem');
    // Of a step only, and beyond the default budget.
    const step = 'steps: [{at: 50, gates: {split: {probes: 150}}}]';
    expect(problem(`probes: {budget: 100}\n${step}`)).toContain('at 50%, which needs at least 150');
    expect(problem('gates: {split: {probes: 3000}}')).toContain('a budget of 2,000');
  });

  it('waits for nothing at 0%', () => {
    expect(proofAt(read('holds: {minutes: 30, requests: 100}'), 0).hold.minutes).toBe(0);
    const asked = read('steps: [{at: 0, holds: {approval: true}}]');
    expect(proofAt(asked, 0).hold).toEqual({ minutes: 0, requests: 0, approval: true });
  });

  it('takes modes in short, shares in percent, and exceptions for a step', () => {
    const plan = read(`gates:
  labels: enforce
  errors: {margin: 2 %}
  latency: {ratio: 1.2}
steps:
  - at: 50
    holds: {approval: true}
    gates: {latency: off, errors: {mode: warn}}`);
    const { gates, hold } = proofAt(plan, 10);
    expect(gates.labels).toEqual({ mode: 'enforce', limit: 0.05 });
    expect(gates.errors).toEqual({ ...DEFAULT_GATES.errors, margin: 0.02 });
    expect(gates.latency).toEqual({ ...DEFAULT_GATES.latency, ratio: 1.2 });
    expect(hold.approval).toBe(false);
    const half = proofAt(plan, 50);
    expect(half.gates.latency).toMatchObject({ mode: 'off', ratio: 1.2 });
    expect(half.gates.errors).toMatchObject({ mode: 'warn', margin: 0.02 });
    expect(half.hold).toEqual({ ...DEFAULT_HOLD, approval: true });
  });

  it('is in the sample, which changes no default but the wait', () => {
    const text = readFileSync(new URL('../../../samples/rollout.yml', import.meta.url), 'utf8');
    const plan = readPlanFile(text, 'rollout.yml');
    const said = ['labels', 'accuracy'];
    expect(proofAt(plan, 10).gates).toEqual({ ...DEFAULT_GATES, said });
    expect(proofAt(plan, 10).hold.minutes).toBe(0);
  });

  it('leaves the defaults as they are', () => {
    const before = structuredClone(DEFAULT_GATES);
    withChanges(DEFAULT_GATES, { errors: { margin: 0.5 }, alpha: 0.1 });
    expect(DEFAULT_GATES).toEqual(before);
  });

  it.each([
    [
      'gates: {labels: sometimes}',
      'line 4, column 17: gates.labels.mode: use enforce, warn or off',
    ],
    ['gates: {labels: {limit: 5}}', 'line 4, column 25: gates.labels.limit: use a percentage'],
    ['gates: {labels: {limits: 5%}}', 'line 4, column 18: unknown key limits in gates.labels'],
    ['gates: {speed: off}', 'line 4, column 9: unknown key speed in gates.'],
    ['gates: {acuracy: off}', 'unknown key acuracy in gates. Did you mean accuracy?'],
    ['gates: {latency: {ratio: 0.9}}', 'use a factor from 1'],
    ['holds: {minutes: -1}', 'line 4, column 18: holds.minutes: use a number from 0'],
    ['holds: {approval: later}', 'use true or false'],
    ['probes: {count: 1.5}', 'use a whole number'],
    ['onFail: cry', 'line 4, column 9: onFail: use hold or rollback'],
    ['steps: [{at: 10}, {at: 20}]', 'line 4, column 24: steps.1.at: 20 is not a step of this plan'],
    ['steps: [{at: 10}, {at: 10}]', '10 is listed twice'],
  ])('says where %j is wrong', (extra, sentence) => {
    expect(problem(extra)).toContain(sentence);
  });
});
