/** What answers mean, for every other form in which models answer, and who is right then. */
import { describe, expect, it } from 'vitest';
import { compare, testResult } from '../../../src/rollout/evidence/compare.js';
import { judgeProof } from '../../../src/rollout/evidence/judge-proof.js';
import { DEFAULT_GATES } from '../../../src/rollout/evidence/gates/settings.js';
import { type Meaning } from '../../../src/rollout/evidence/output/meaning.js';
import { withChanges } from '../../../src/rollout/plan/proof.js';
import type { GateChanges } from '../../../src/rollout/plan/proof.js';
import type { GateName } from '../../../src/rollout/evidence/gates/registry.js';
import { type Of, evidence, verdicts, classOf, softmax } from './output-support.js';

describe('records', () => {
  const truth = (row: number) => (classOf(row, 2) === 1 ? 'yes' : 'no');
  const record =
    (flipped: number, jitter = 0): Of =>
    (row) => {
      const is = row <= flipped ? 1 - classOf(row, 2) : classOf(row, 2);
      return { label: is === 1 ? 'yes' : 'no', score: 0.1 + 0.8 * is + jitter, id: `r${row}` };
    };

  it('are read by the member whose values are the file’s classes', () => {
    const given = evidence(300, [record(10), record(10, 0.004), truth]);
    expect(verdicts(given).accuracy).toMatchObject({ verdict: 'pass', blue: '290', green: '290' });
    expect(compare(given.rows, 'blue', 'green').differing).toEqual([]);
    expect(verdicts(given).scores).toMatchObject({ verdict: 'pass' });
    const worse = evidence(300, [record(10), record(100), truth]);
    expect(verdicts(worse).accuracy).toMatchObject({ verdict: 'fail', green: '200' });
  });

  it('ask for the member where several could be it, and say when a named one is not there', () => {
    const both: Of = (row) => ({ first: truth(row), second: truth(row + 1) });
    const asked = verdicts(evidence(300, [both, both, truth])).accuracy;
    expect(asked).toMatchObject({ verdict: 'error' });
    expect(asked?.why).toContain('evidence.label: first or second');
    const named = (label: string) =>
      verdicts(evidence(300, [both, both, truth], { label })).accuracy;
    expect(named('first')).toMatchObject({ verdict: 'pass', blue: '300' });
    expect(named('third')?.why).toMatch(/evidence\.label names third, which blue does not answer/);
  });

  it('of one column stand for it, with their name in the contract', () => {
    const column: Of = (row) => ({ prediction: classOf(row, 2) });
    const binary = (row: number) => String(classOf(row, 2));
    expect(verdicts(evidence(300, [column, column, binary])).accuracy).toMatchObject({
      verdict: 'pass',
      blue: '300',
    });
    const bare = verdicts(evidence(300, [column, (row) => classOf(row, 2), binary]));
    expect(bare.contract).toMatchObject({ verdict: 'fail' });
  });

  it('of one column of vectors stand for the vector', () => {
    const binary = (row: number) => String(row + 0.25);
    const pair: Of = (row) => ({ pair: [row * 1.5, row + 0.25] });
    const found = verdicts(evidence(300, [pair, pair, binary], { label: '1' }));
    expect(found.absoluteError).toMatchObject({ verdict: 'pass', blue: '0' });
    const named = verdicts(evidence(300, [pair, pair, binary], { label: 'pair' }));
    expect(named.accuracy?.why).toContain('evidence.label: 0');
  });

  it('take the label beside probabilities, or the probabilities alone', () => {
    const binary = (row: number) => String(classOf(row, 2));
    const beside: Of = (row) => ({ label: classOf(row, 2), probs: softmax(classOf(row, 2), 2) });
    const alone: Of = (row) => ({ probs: softmax(classOf(row, 2), 2) });
    for (const blue of [beside, alone]) {
      const found = verdicts(evidence(300, [blue, blue, binary]));
      expect(found.accuracy).toMatchObject({ verdict: 'pass', blue: '300' });
      expect(found.scores).toMatchObject({ verdict: 'pass' });
    }
  });
});

describe('text and lists', () => {
  const words = 'the quick brown fox jumps over a lazy dog and runs on'.split(' ');
  const text: Of = (row) => words.slice(row % 5, (row % 7) + 6).join(` ${row} `);

  it('of free form are no classes: unseen ones break nothing, and right answers are not counted', () => {
    const other: Of = (row) => `${String(text(row))}!`;
    const found = verdicts(evidence(300, [text, other, () => 'a reference']));
    expect(found.contract).toMatchObject({ verdict: 'pass' });
    expect(found.accuracy).toMatchObject({ verdict: 'error' });
    expect(found.accuracy?.why).toContain('evidence.output: labels');
    expect(found.labels).toMatchObject({ verdict: 'fail', green: '300' });
  });

  it('of varying length break nothing by their length, of one length they do', () => {
    const varying: Of = (row) => words.slice(0, 1 + (row % 4));
    const longer: Of = (row) => words.slice(0, 2 + (row % 6));
    expect(verdicts(evidence(300, [varying, longer])).contract).toMatchObject({ verdict: 'pass' });
    const three: Of = () => words.slice(0, 3);
    expect(verdicts(evidence(300, [three, longer])).contract).toMatchObject({ verdict: 'fail' });
  });

  it('in more than one form are unreadable, and say so', () => {
    const mixed: Of = (row) => (row % 2 ? 1 : 'one');
    const found = verdicts(evidence(300, [mixed, mixed, () => '1'])).accuracy;
    expect(found).toMatchObject({ verdict: 'error' });
    expect(found?.why).toMatch(/more than one form/);
  });

  it.each<[string, Of, Meaning]>([
    ['free text', text, { output: 'text' }],
    ['lists of varying length', (row) => words.slice(0, 1 + (row % 4)), {}],
    ['lists of words', (row) => words.slice(row % 4, (row % 4) + 3), {}],
    ['more than one form', (row) => (row % 2 ? 1 : 'one'), {}],
  ])('of %s get advice by which the same green is promoted', (_, answer, meaning) => {
    const given = evidence(300, [answer, answer, () => 'a reference'], meaning);
    const off = { mode: 'off' as const };
    const advice = /set the gate accuracy to warn, or both accuracy and absoluteError to off\.$/;
    const after = (changes: GateChanges) =>
      judgeProof(given, withChanges(DEFAULT_GATES, changes)).decision.do;
    expect(verdicts(given).accuracy?.why).toMatch(advice);
    expect(after({})).not.toBe('promote');
    const half = verdicts(given, { accuracy: off });
    expect(half.absoluteError).toMatchObject({ verdict: 'error', mode: 'enforce' });
    expect(half.absoluteError?.why).toMatch(advice);
    expect(after({ accuracy: { mode: 'warn' } })).toBe('promote');
    expect(after({ accuracy: off, absoluteError: off })).toBe('promote');
  });
});

describe('right answers', () => {
  it('are counted of the same rows on every page, also where one side failed some', () => {
    const label: Of = (row) => classOf(row, 2);
    const given = evidence(300, [label, label, (row) => String(label(row))]);
    const failed = { ok: false, problem: 'model' as const, status: 424, latencyMs: 40 };
    const rows = given.rows.map((each) =>
      each.row <= 40 ? { ...each, answers: { ...each.answers, green: failed } } : each,
    );
    const found = verdicts({ ...given, rows }).accuracy;
    expect(found).toMatchObject({ blue: '260', green: '260' });
    expect(found?.measured?.counts).toEqual({
      blue: { hits: 260, of: 260 },
      green: { hits: 260, of: 260 },
    });
    const { blue, green } = compare(rows, 'blue', 'green', given);
    expect([blue.right, green.right]).toEqual([260, 260]);
    const csv = { name: 'rows.csv', sha256: '', seed: 1 };
    expect(testResult('prove', csv, rows, ['blue', 'green'], given)).toMatchObject({
      right: { blue: 260, green: 260 },
    });
    // One deployment alone is compared with nothing.
    const alone = testResult('test', csv, rows, ['blue'], given);
    expect(alone.right).toEqual({ blue: 300 });
  });
});

describe('right answers', () => {
  it('are one number on every page', () => {
    const classes = ['1', '2', '3'];
    const blue: Of = (row) => softmax(row % 10 === 0 ? classOf(row + 1, 3) : classOf(row, 3), 3);
    const given = evidence(
      300,
      [blue, (row) => softmax(classOf(row, 3), 3), (row) => String(classOf(row, 3) + 1)],
      { classes },
    );
    const { accuracy, labels } = verdicts(given);
    const kept = testResult(
      'prove',
      { name: 'g.csv', sha256: 'f', seed: 1 },
      given.rows,
      ['blue', 'green'],
      given,
    );
    expect(kept.right).toEqual({ blue: 270, green: 300 });
    expect([accuracy?.blue, accuracy?.green]).toEqual(['270', '300']);
    expect(kept.differing).toHaveLength(Number(labels?.green));
    const { differing } = compare(given.rows, 'blue', 'green', given);
    expect(differing.every(({ rightOne }) => rightOne === 'green')).toBe(true);
    // Row 10 is of class 2, as green says.
    expect(differing[0]?.text).toEqual({ blue: '3 0.70', green: '2 0.70' });
    // Without an order there is no number, rather than a wrong one.
    const unknown = compare(given.rows, 'blue', 'green', { meaning: { target: 'grade' } });
    expect(unknown.blue.right).toBeUndefined();
    expect(unknown.differing[0]).not.toHaveProperty('rightOne');
  });
});

describe('a gate that is enforced', () => {
  const number: Of = (row) => row * 1.5;
  const label: Of = (row) => classOf(row, 2);
  it.each<[GateName, Of, string]>([
    ['labels', number, 'evidence.output: labels'],
    ['scores', label, 'evidence.output: scores'],
    ['numbers', (row) => `class ${classOf(row, 2)}`, 'evidence.output: numbers'],
  ])('%s is an error where it has nothing to judge', (gate, answer, names) => {
    const found = verdicts(evidence(300, [answer, answer]), { [gate]: { mode: 'enforce' } });
    expect(found[gate]).toMatchObject({ verdict: 'error', mode: 'enforce' });
    expect(found[gate]?.why).toContain(names);
    expect(verdicts(evidence(300, [answer, answer]))[gate]).toBeUndefined();
  });

  it('never disappears while a target is named', () => {
    const truth = (row: number) => String(row * 1.5);
    const numbers = evidence(300, [number, number, truth]);
    const off = { mode: 'off' as const };
    expect(verdicts(numbers, { absoluteError: off }).accuracy).toMatchObject({ verdict: 'error' });
    const labels = evidence(300, [label, label, (row) => String(label(row))]);
    expect(verdicts(labels, { accuracy: off }).absoluteError).toMatchObject({ verdict: 'error' });
    const [warn, enforce] = [{ mode: 'warn' as const }, { mode: 'enforce' as const }];
    const demanded = verdicts(numbers, { accuracy: enforce, absoluteError: warn });
    expect(demanded.absoluteError).toMatchObject({ mode: 'warn', verdict: 'pass' });
    expect(demanded.accuracy).toMatchObject({ mode: 'enforce', verdict: 'error' });
    expect(demanded.accuracy?.why).toContain('set it to enforce, or accuracy to warn');
    const other = verdicts(labels, { absoluteError: enforce, accuracy: warn }).absoluteError;
    expect(other).toMatchObject({ mode: 'enforce', verdict: 'error' });
    expect(other?.why).toContain('set it to enforce, or absoluteError to warn');
    // What is enforced by default alone is left to the gate that a plan lets warn.
    expect(verdicts(numbers, { absoluteError: warn }).accuracy).toBeUndefined();
    expect(verdicts(labels, { accuracy: warn }).absoluteError).toBeUndefined();
    expect(
      verdicts(numbers, { accuracy: enforce, absoluteError: enforce }).accuracy,
    ).toBeUndefined();
    const lost = evidence(40, [label, label, (row) => String(label(row))]);
    const failed = { ok: false, problem: 'model' as const, status: 424, latencyMs: 40 };
    const none = {
      ...lost,
      rows: lost.rows.map((row) => ({ ...row, answers: { ...row.answers, green: failed } })),
    };
    const others = { errors: off, contract: off, latency: off };
    expect(verdicts(none, others).accuracy).toMatchObject({ mode: 'enforce', verdict: 'error' });
    expect(judgeProof(none, withChanges(DEFAULT_GATES, others)).decision.do).toBe('hold');
    expect(verdicts(none, { ...others, accuracy: warn }).accuracy).toBeUndefined();
    const empty = verdicts(evidence(300, [label, label, () => undefined]));
    expect(empty.accuracy?.why).toMatch(/target column target/);
    // Each of those that can't judge has a sentence of its own.
    for (const cannot of [empty, verdicts(none, { errors: off, contract: off })]) {
      for (const each of ['accuracy', 'absoluteError'] as const) {
        expect(cannot[each]).toMatchObject({ verdict: 'error' });
        expect(cannot[each]?.why).toMatch(new RegExp(`^The gate ${each} has nothing to judge: `));
      }
    }
  });

  it('measures by wall clock where no answer says the model’s time, and says so', () => {
    const given = evidence(300, [label, label]);
    const changes = { latency: { measure: 'model' as const } };
    const found = verdicts(given, changes).latency;
    expect(found).toMatchObject({ verdict: 'pass', mode: 'enforce' });
    expect(found?.why).toMatch(/wall clock/);
    const timed = {
      ...given,
      rows: given.rows.map((row) => ({
        ...row,
        answers: {
          blue: { ...row.answers['blue']!, modelMs: 10 },
          green: { ...row.answers['green']!, modelMs: 30 },
        },
      })),
    };
    expect(verdicts(timed, changes).latency).toMatchObject({ verdict: 'fail' });
    expect(verdicts(timed, changes).latency?.why).not.toMatch(/wall clock/);
  });
});
