/** The gates on made-up answers: what passes, fails and stays open, and what is done then. */
import { describe, expect, it } from 'vitest';
import { readAnswer as judgeAnswer } from '../../../src/rollout/evidence/replay.js';
import { decision } from '../../../src/rollout/evidence/gates/decision.js';
import { judgeProof } from '../../../src/rollout/evidence/judge-proof.js';
import { judge, openAfter } from '../../../src/rollout/evidence/gates/judge.js';
import { DEFAULT_GATES } from '../../../src/rollout/evidence/gates/settings.js';
import { isLook, watch } from '../../../src/rollout/evidence/gates/watch.js';
import { diffSignatures } from '../../../src/sampling/signature.js';
import { ok, failed, type Side, usual, evidence, gate, of } from './made-up-answers.js';

describe('the whole set', () => {
  it('is the drawn example: 200 clean rows want 68 more, 268 pass', () => {
    const early = judge(evidence(200));
    expect(gate(early, 'errors')).toMatchObject({
      verdict: 'inconclusive',
      blue: '0 / 200',
      green: '0 / 200',
      difference: '0.0 pp, up to 1.3',
      limit: '1 pp',
      needsMoreRows: 68,
      leastMoreRows: 68,
    });
    expect(decision(early)).toMatchObject({ do: 'send-more', rows: 68 });
    expect(decision(judge(evidence(268)))).toEqual({ do: 'promote' });
  });

  it('spends its error probability once: a gate that stayed open looks again with a fifth of it', () => {
    const once: Side = (row) => (row === 150 ? failed() : usual(row));
    const early = evidence(200, once);
    expect(openAfter(early, DEFAULT_GATES, judge(early))).toEqual({});
    const first = evidence(300, once);
    const verdicts = judge(first);
    expect(gate(verdicts, 'errors')).toMatchObject({ verdict: 'inconclusive' });
    const open = openAfter(first, DEFAULT_GATES, verdicts);
    expect(open).toEqual({ errors: 1 });
    const more = gate(verdicts, 'errors').needsMoreRows ?? 0;
    // 486 rows with one failure would have been enough at first.
    expect(gate(judge(evidence(500, once)), 'errors').verdict).toBe('pass');
    const again = { ...evidence(500, once), open };
    expect(gate(judge(again), 'errors').verdict).toBe('inconclusive');
    // Not even without a failure would they have been enough.
    expect(openAfter(again, DEFAULT_GATES, judge(again))).toEqual(open);
    const third = { ...evidence(600, once), open };
    expect(openAfter(third, DEFAULT_GATES, judge(third))).toEqual({ errors: 2 });
    expect(gate(judge({ ...evidence(300 + more, once), open }), 'errors').verdict).toBe('pass');
    const warned = { ...DEFAULT_GATES, errors: { ...DEFAULT_GATES.errors, mode: 'warn' as const } };
    expect(gate(judge(again, warned), 'errors').verdict).toBe('pass');
    expect(openAfter(first, warned, judge(first, warned))).toEqual({});
  });

  it('spends nothing at a look at so few values that no gate could pass', () => {
    // At both limits: a tenth slower and a tenth further off, by chance more or less.
    const chance = (row: number) => ((row * 37) % 11) - 5;
    const blue: Side = (row) => ok(1003.5 + row, 200);
    const green: Side = (row) => ok(1003.8 + row + chance(row) / 3, 220 + 6 * chance(row));
    const truth: Side = (row) => ok(1000.5 + row);
    const gates = {
      ...DEFAULT_GATES,
      latencyP95: { ...DEFAULT_GATES.latencyP95, mode: 'enforce' as const },
    };
    const spent = (n: number) => {
      const some = evidence(n, green, blue, truth);
      const judged = judge(some, gates);
      for (const name of ['latency', 'latencyP95', 'absoluteError'] as const) {
        expect([n, name, gate(judged, name).verdict]).toEqual([n, name, 'inconclusive']);
      }
      return openAfter(some, gates, judged);
    };
    // Of 24 rows the first five are the warm-up.
    expect(spent(15)).toEqual({});
    expect(spent(24)).toEqual({ absoluteError: 1 });
    expect(spent(25)).toEqual({ absoluteError: 1, latency: 1 });
  });

  it('proves nothing with five rows, and holds with none', () => {
    expect(decision(judge(evidence(5)))).toMatchObject({ do: 'send-more' });
    expect(judge(evidence(0))).toEqual([]);
    expect(decision([])).toEqual({ do: 'hold', because: [] });
  });

  it('makes no gate that is off, and lets a warning not decide', () => {
    const gates = {
      ...DEFAULT_GATES,
      errors: { ...DEFAULT_GATES.errors, mode: 'warn' as const },
      labels: { ...DEFAULT_GATES.labels, mode: 'off' as const },
    };
    const verdicts = judge(evidence(200), gates);
    expect(verdicts.map((each) => each.gate)).not.toContain('labels');
    expect(gate(verdicts, 'errors').verdict).toBe('inconclusive');
    expect(decision(verdicts)).toEqual({ do: 'promote' });
  });

  it('has every verdict explain itself in one sentence or more', () => {
    for (const verdict of judge(evidence(300, (row) => (row % 50 === 0 ? failed() : usual(row))))) {
      expect(verdict.why).toMatch(/^[A-Z].*\.$/);
    }
  });

  it('stops before it asks for more', () => {
    const verdicts = judge(evidence(30, (row) => (row <= 9 ? failed() : usual(row))));
    expect(decision(verdicts)).toMatchObject({ do: 'stop', because: [{ gate: 'errors' }] });
  });
});

describe('errors', () => {
  it('fails when the interval of the difference lies beyond the margin, passes inside it', () => {
    const late =
      (count: number): Side =>
      (row) =>
        row > 100 && row <= 100 + count ? failed() : usual(row);
    // 12 of 300 are 4 pp; the lower bound is above 1 pp.
    expect(of('errors', 300, late(12))).toMatchObject({ verdict: 'fail', limit: '1 pp' });
    expect(of('errors', 300, late(12)).difference).toMatch(/^\+4\.0 pp, from [12]\.\d$/);
    expect(of('errors', 300, late(4)).verdict).toBe('inconclusive');
    expect(of('errors', 300, usual, late(8)).verdict).toBe('pass');
    // A difference that is sure and within the margin is no harm.
    expect(of('errors', 8000, late(30)).verdict).toBe('pass');
    // Rows on which both fail are shared: no difference, and no wider interval.
    expect(of('errors', 300, late(90), late(90))).toMatchObject({
      verdict: 'pass',
      difference: '0.0 pp, up to 0.9',
    });
  });

  it('adjusts for the other enforced gates', () => {
    // Six against none: under .05 alone, not beside latency, capacity and the contract.
    const six = evidence(300, (row) => (row > 100 && row <= 106 ? failed() : usual(row)));
    const { latency, capacity } = DEFAULT_GATES;
    const alone = {
      ...DEFAULT_GATES,
      latency: { ...latency, mode: 'off' as const },
      capacity: { ...capacity, mode: 'off' as const },
    };
    expect(gate(judge(six), 'errors').verdict).toBe('inconclusive');
    expect(gate(judge(six, alone), 'errors').verdict).toBe('fail');
  });

  it('fails at once where green, or nobody, answers anything, whatever the reason', () => {
    for (const silent of [
      failed(),
      failed('request', 404),
      failed('network', 0),
      failed('busy', 429),
      failed('model', 200),
    ]) {
      const green = judge(evidence(5, () => silent));
      expect(gate(green, 'errors')).toMatchObject({ verdict: 'fail', difference: 'no answer' });
      expect(gate(green, 'errors').why).toMatch(/^Green answered none of 5 rows, blue answered 5/);
      expect(decision(green)).toMatchObject({ do: 'stop' });
      const nobody = judge(
        evidence(
          5,
          () => silent,
          () => silent,
        ),
      );
      expect(gate(nobody, 'errors').why).toMatch(/^Neither deployment answered any of 5 rows/);
      expect(decision(nobody)).toMatchObject({ do: 'stop' });
    }
    expect(of('errors', 2, () => failed()).verdict).toBe('inconclusive');
  });

  it('does not ask a blue that answers nothing for more and more rows', () => {
    const dumb = judge(evidence(5, usual, () => failed('network', 0)));
    expect(decision(dumb)).toMatchObject({ do: 'hold' });
  });

  it('leaves sign-in, network and 429 out, and says so when nothing is left', () => {
    const half: Side = (row) => (row % 2 === 0 ? failed('network', 0) : usual(row));
    expect(gate(judge(evidence(100, half, half)), 'errors').green).toBe('0 / 50');
    const none = judge(evidence(4, () => failed('sign-in', 401)));
    expect(gate(none, 'errors').verdict).toBe('error');
    expect(decision(none)).toMatchObject({ do: 'hold' });
  });

  it('holds where only the connections of green end, and says how many', () => {
    const some: Side = (row) => (row % 4 === 0 ? failed('network', 0) : usual(row));
    const all = judge(evidence(200, some));
    expect(gate(all, 'errors')).toMatchObject({
      verdict: 'error',
      why: expect.stringContaining('50 rows of 200 got no answer from green') as unknown,
    });
    expect(decision(all)).toMatchObject({ do: 'hold' });
    // Two of so many may be the network.
    const few: Side = (row) => (row === 4 || row === 90 ? failed('network', 0) : usual(row));
    expect(gate(judge(evidence(200, few)), 'errors').verdict).not.toBe('error');
    // One that is too busy is the gate of 429's.
    const busy: Side = (row) => (row % 4 === 0 ? failed('busy', 429) : usual(row));
    expect(gate(judge(evidence(200, busy)), 'errors').verdict).not.toBe('error');
  });
});

describe('contract', () => {
  const wrong: [string, Side, RegExp][] = [
    [
      'null',
      (row) => (row === 7 ? ok(null) : usual(row)),
      /^Row 7: green returns no value \(null or NaN\); blue returns one\.$/,
    ],
    ['another type', (row) => (row === 7 ? ok('1') : usual(row)), /Row 7: green returns a string/],
    ['a new class', (row) => (row === 7 ? ok(2) : usual(row)), /class 2/],
    ['a list', (row) => (row === 7 ? ok([0.1, 0.9]) : usual(row)), /list of 2/],
    ['no prediction', (row) => (row === 7 ? failed('model', 200) : usual(row)), /^Row 7: /],
  ];
  it.each(wrong)('fails on %s', (_, green, why) => {
    const verdict = of('contract', 20, green);
    expect(verdict.verdict).toBe('fail');
    expect(verdict.why).toMatch(why);
  });

  it.each<[string, unknown, RegExp]>([
    ['two answers to one row', [0, 1], /2 predictions came back/],
    [
      'lists in lists without end',
      '['.repeat(200_000) + ']'.repeat(200_000),
      /^Row 7: The answer can't be read: its lists and objects are nested more than 100 levels deep\.$/,
    ],
    ['no list', { error: 'x' }, /^Row 7: The answer is not a list of predictions/],
    ['a null inside a record', [{ a: 1, b: null }], /^Row 7: green returns no value/],
    [
      'another column',
      [{ a: 1, c: 2 }],
      /green returns a record of a and c, blue a record of a and b/,
    ],
  ])('fails on %s, as it comes from the wire', (_, body, why) => {
    const from = (each: unknown) => judgeAnswer({ status: 200, body: each, latencyMs: 40 });
    const record = { a: 1, b: 2 };
    const blue: Side = () => from([record]);
    const green: Side = (row) => from(row === 7 ? body : [record]);
    const verdict = of('contract', 20, green, blue);
    expect(verdict.verdict).toBe('fail');
    expect(verdict.why).toMatch(why);
  });

  it('knows a class from the file, and probabilities that no longer add up', () => {
    const third: Side = (row) => (row === 7 ? ok(2) : usual(row));
    expect(of('contract', 20, third, usual, third).verdict).toBe('pass');
    const sums: Side = () => ok([0.4, 0.6]);
    const raw: Side = () => ok([1.4, -0.2]);
    expect(of('contract', 20, raw, sums).why).toMatch(/add up to 1/);
  });

  it('is asked of the signatures before any row is sent', () => {
    const column = (name: string) => ({
      name,
      type: 'double' as const,
      typeText: 'double',
      required: true,
    });
    const old = { inputs: [column('age')], outputs: [] };
    const young = { inputs: [column('age'), column('chol\u001b[31m')], outputs: [] };
    const before = { ...evidence(0), signature: diffSignatures(old, young) };
    const [verdict] = judge(before);
    expect(verdict).toMatchObject({ gate: 'contract', verdict: 'fail' });
    expect(verdict?.why).toMatch(/chol/);
    expect(verdict?.why).not.toMatch(/\p{Cc}/u);
    const same = { ...evidence(0), signature: diffSignatures(old, old) };
    expect(judge(same)).toMatchObject([{ gate: 'contract', verdict: 'pass' }]);
  });
});

describe('looking after every row', () => {
  it('stops on errors, never on the same', () => {
    expect(watch(evidence(200))).toEqual([]);
    const failing: Side = (row) => (row % 4 === 0 ? failed() : usual(row));
    expect(watch(evidence(160, failing))).toMatchObject([{ gate: 'errors', verdict: 'fail' }]);
    // Blue's failures are set against green's.
    expect(watch(evidence(160, failing, (row) => failing(row + 2)))).toEqual([]);
    expect(watch(evidence(160, failing, failing))).toEqual([]);
    expect(watch(evidence(4, () => failed()))).toEqual([]);
    expect(watch(evidence(10, () => failed()))).toMatchObject([{ gate: 'errors' }]);
  });

  it('is seldom enough that all looks together cost no more than a few rows each', () => {
    const looks = Array.from({ length: 100_000 }, (_, row) => row + 1).filter(isLook);
    expect(looks.slice(0, 3)).toEqual([10, 20, 30]);
    expect(looks.filter((rows) => rows <= 2000)).toHaveLength(49 + 16);
    expect(looks.length).toBeLessThan(200);
  });

  it('is the verdict of the proof that it stopped', () => {
    const failing: Side = (row) => (row % 2 === 0 ? failed() : usual(row));
    const seen = evidence(40, failing);
    const stopped = watch(seen);
    expect(stopped).toHaveLength(1);
    const { verdicts, decision: then } = judgeProof(seen, DEFAULT_GATES, stopped);
    expect(gate(verdicts, 'errors')).toEqual(stopped[0]);
    expect(then).toMatchObject({ do: 'stop', because: [{ gate: 'errors' }] });
  });
});
