/** Gates on made-up answers: what passes, fails and stays open, and what is done then. */
import { describe, expect, it } from 'vitest';
import {
  readAnswer as judgeAnswer,
  type RowAnswer,
  type RowAnswers,
} from '../../../src/rollout/evidence/replay.js';
import { decision } from '../../../src/rollout/evidence/gates/decision.js';
import type { Evidence } from '../../../src/rollout/evidence/gates/evidence.js';
import { judgeProof } from '../../../src/rollout/evidence/judge-proof.js';
import { judgeProbeErrors } from '../../../src/rollout/evidence/judge-split.js';
import { judge, openAfter } from '../../../src/rollout/evidence/gates/judge.js';
import { DEFAULT_GATES } from '../../../src/rollout/evidence/gates/settings.js';
import { needed } from '../../../src/rollout/evidence/gates/text.js';
import type { Verdict } from '../../../src/rollout/evidence/gates/verdict.js';
import { isLook, watch } from '../../../src/rollout/evidence/gates/watch.js';
import { diffSignatures } from '../../../src/sampling/signature.js';
import type { GateName } from '../../../src/rollout/evidence/gates/registry.js';

const ok = (prediction: unknown, latencyMs = 40): RowAnswer => ({
  ok: true,
  prediction,
  status: 200,
  latencyMs,
});
const failed = (problem: RowAnswer['problem'] = 'model', status = 424): RowAnswer => ({
  ok: false,
  ...(problem && { problem }),
  status,
  latencyMs: 40,
  message: `The answer has status ${status}.`,
});

type Side = (row: number) => RowAnswer;
/** Rows spread like real ones, and never the same twice. */
const usual: Side = (row) => ok(row % 2, 30 + ((row * 37) % 41));

function evidence(n: number, green: Side = usual, blue: Side = usual, truth?: Side): Evidence {
  const rows: RowAnswers[] = Array.from({ length: n }, (_, index) => ({
    row: index + 1,
    ...(truth && { truth: String(truth(index + 1).prediction) }),
    answers: { blue: blue(index + 1), green: green(index + 1) },
  }));
  return { rows, blue: 'blue', green: 'green' };
}

const gate = (verdicts: readonly Verdict[], name: GateName): Verdict => {
  const found = verdicts.find((each) => each.gate === name);
  if (!found) throw new Error(`no verdict for ${name}`);
  return found;
};
const of = (name: GateName, ...parts: Parameters<typeof evidence>): Verdict =>
  gate(judge(evidence(...parts)), name);

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

describe('latency', () => {
  const slower =
    (ratio: number, added = 0): Side =>
    (row) => {
      const answer = usual(row);
      return { ...answer, latencyMs: answer.latencyMs * ratio + added + ((row * 13) % 7) / 10 };
    };

  it('passes the same and fails a quarter more', () => {
    expect(of('latency', 100).verdict).toBe('pass');
    const worse = of('latency', 100, slower(1.25));
    expect(worse).toMatchObject({ verdict: 'fail', limit: '1.10x or 5 ms' });
    expect(worse.difference).toMatch(/^1\.2\dx, up to 1\.2\dx$/);
  });

  it('fails only above both limits', () => {
    const fast: Side = (row) => ok(1, 2 + ((row * 37) % 41) / 40);
    const twice: Side = (row) => ok(1, 2 * (2 + ((row * 37) % 41) / 40));
    expect(of('latency', 100, twice, fast).verdict).toBe('pass');
    // What is shown is the bound that is within its limit.
    expect(of('latency', 100, twice, fast).difference).toMatch(/^\+2\.\d ms, up to [23]\.\d$/);
    // Slightly less than nothing is 0.0 ms, not -0.0 ms.
    const mixed: Side = (row) => ok(1, row % 2 ? 2 : 20);
    const even: Side = (row) => ok(1, row % 2 ? 4 : 18.3);
    expect(of('latency', 100, even, mixed).difference).toMatch(/^0\.0 ms, up to /);
    const slow: Side = (row) => ok(1, 400 + ((row * 37) % 41));
    const little: Side = (row) => ok(1, 400 + ((row * 37) % 41) + 20);
    expect(of('latency', 100, little, slow).verdict).toBe('pass');
  });

  it('says nothing at the limit but how many rows would tell', () => {
    const edge: Side = (row) => {
      const answer = usual(row);
      return { ...answer, latencyMs: answer.latencyMs * (row % 2 ? 1.0 : 1.22) };
    };
    const open = of('latency', 60, edge);
    expect(open.verdict).toBe('inconclusive');
    expect(of('latency', 12)).toMatchObject({ verdict: 'inconclusive' });
  });

  it('leaves the warm-up out and counts repeated rows', () => {
    const cold: Side = (row) => (row <= 5 ? ok(1, 9000) : usual(row));
    expect(of('latency', 100, cold).verdict).toBe('pass');
    const twenty = evidence(15);
    expect(gate(judge(twenty), 'latency').verdict).toBe('inconclusive');
    const repeated = { ...twenty, rows: [...twenty.rows, ...twenty.rows, ...twenty.rows] };
    const verdicts = judge(repeated);
    expect(gate(verdicts, 'latency').verdict).toBe('pass');
    expect(gate(verdicts, 'errors').green).toBe('0 / 15');
  });

  it('recognises a cold start of up to thirty calls, and says so', () => {
    const cold =
      (calls: number): Side =>
      (row) => {
        const answer = usual(row);
        const slow = row <= calls ? 1 + (3 * (calls + 1 - row)) / calls : 1;
        return { ...answer, latencyMs: answer.latencyMs * slow };
      };
    const found = of('latency', 100, cold(24));
    expect(found.verdict).toBe('pass');
    expect(found.why).toMatch(/The first 2\d calls of green were a cold start and do not count\.$/);
    expect(of('latency', 100).why).not.toContain('cold start');
    expect(of('latency', 100, usual, cold(24)).why).toContain('of blue were a cold start');
    // Slow for longer is slow.
    expect(of('latency', 100, cold(80)).verdict).not.toBe('pass');
  });

  it('shows p95 for information until there are enough rows', () => {
    expect(of('latencyP95', 100)).toMatchObject({ limit: 'info', mode: 'warn' });
    expect(of('latencyP95', 250)).toMatchObject({ limit: '1.50x', verdict: 'pass' });
    expect(of('latencyP95', 250, slower(2)).verdict).toBe('fail');
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

describe('answers', () => {
  const flip =
    (count: number): Side =>
    (row) => {
      const answer = usual(row);
      return row <= count ? { ...answer, prediction: 1 - Number(answer.prediction) } : answer;
    };

  it('warns of flipped labels by default', () => {
    expect(of('labels', 200, flip(4))).toMatchObject({
      mode: 'warn',
      verdict: 'pass',
      green: '4',
      difference: '2%, up to 4.5',
      limit: '5%',
    });
    expect(of('labels', 100, flip(2))).toMatchObject({
      verdict: 'inconclusive',
      needsMoreRows: 24,
    });
    expect(of('labels', 100, flip(30)).verdict).toBe('fail');
  });

  it('does not pass when the bound is just above the limit', () => {
    expect(of('labels', 200, flip(5))).toMatchObject({
      verdict: 'inconclusive',
      difference: '2.5%, up to 5.2',
    });
  });

  it('tells a shift from churn', () => {
    const up: Side = (row) => ok(row % 2 === 0 && row <= 40 ? 1 : row % 2);
    expect(of('labels', 100, up).why).toMatch(
      /Green returns 1 more often: 20 rows, the reverse on 0/,
    );
    expect(of('labels', 100, flip(20)).why).not.toMatch(/more often/);
  });

  it('judges the excess over the noise of a model that disagrees with itself', () => {
    const noisy = { ...evidence(300, flip(30)), noise: { pairs: 300, differing: 30 } };
    expect(gate(judge(noisy), 'labels').verdict).toBe('pass');
    expect(gate(judge(evidence(300, flip(30))), 'labels').verdict).toBe('fail');
  });

  it('stops a model that is less often right, and lets a better one differ', () => {
    expect(of('accuracy', 300, usual, usual, usual).verdict).toBe('pass');
    expect(of('accuracy', 300, flip(40), usual, usual)).toMatchObject({
      mode: 'enforce',
      verdict: 'fail',
      blue: '300',
      green: '260',
    });
    expect(of('accuracy', 300, usual, flip(40), usual).verdict).toBe('pass');
    const any = { ...DEFAULT_GATES, accuracy: { mode: 'enforce' as const, margin: 1 } };
    for (const lost of [0, 150, 300]) {
      const judged = judge(evidence(300, flip(lost), usual, usual), any);
      expect(gate(judged, 'accuracy')).toMatchObject({
        verdict: 'pass',
        why: `Only blue was right on ${lost} rows, only green on 0; any loss is within the limit.`,
      });
    }
    const open = of('accuracy', 60, flip(2), usual, usual);
    expect(open.verdict).toBe('inconclusive');
    // Of the rows, their labels: how many this disagreement takes.
    expect(open.why).toMatch(/At 3\.3% differing answers it takes \d+ labelled rows to prove a/);
  });

  it('says when the target is written in another way', () => {
    const words: Side = (row) => ok(row % 2 ? 'ill' : 'well');
    expect(of('accuracy', 50, usual, usual, words).verdict).toBe('error');
  });

  it('compares scores by their mean change, and their classes', () => {
    const score =
      (by: number): Side =>
      (row) => {
        const p = 0.2 + ((row * 7) % 10) / 20 + by * (0.5 + (row % 3) / 2);
        return ok([1 - p, p]);
      };
    expect(of('scores', 100, score(0.01), score(0)).verdict).toBe('pass');
    expect(of('scores', 100, score(0.2), score(0)).verdict).toBe('fail');
    expect(Number(of('labels', 100, score(0.2), score(0)).green)).toBeGreaterThan(10);
  });

  it('compares numbers by tolerance and lean, and no labels', () => {
    const price =
      (factor: number): Side =>
      (row) =>
        ok((100.5 + ((row * 37) % 97)) * factor);
    const verdicts = judge(evidence(100, price(1.05), price(1)));
    expect(gate(verdicts, 'numbers')).toMatchObject({ verdict: 'fail', green: '100' });
    expect(gate(verdicts, 'numbers').why).toMatch(/leans up/);
    expect(verdicts.map((each) => each.gate)).not.toContain('labels');
    expect(of('numbers', 100, price(1.001), price(1)).verdict).toBe('pass');
  });

  it('takes an infinite number for equal to itself, and for out of tolerance to all else', () => {
    const infinite =
      (value: number): Side =>
      (row) =>
        ok(row % 10 === 0 ? value : 100.5 + row);
    const green = (one: number, other: number) =>
      of('numbers', 100, infinite(one), infinite(other)).green;
    expect(green(Infinity, Infinity)).toBe('0');
    expect(green(Infinity, -Infinity)).toBe('10');
    expect(green(Infinity, 100.5)).toBe('10');
    expect(green(100.5, Infinity)).toBe('10');
  });
});

describe('numbers where the file tells the truth', () => {
  const truth = (row: number) => 200 + ((row * 37) % 97);
  /** Spread like a model's errors, and no row twice. */
  const error = (row: number) => (((row * 53) % 41) - 20) / 2 + ((row * 7) % 11) / 100;
  const side =
    (of: (row: number) => number): Side =>
    (row) =>
      ok(truth(row) + of(row));
  const known = side(() => 0);
  const missing = (green: (row: number) => number, n = 300, blue = error) =>
    gate(judge(evidence(n, side(green), side(blue), known)), 'absoluteError');

  it('pass when green misses it no more, and stop when it misses it by a fifth more', () => {
    expect(missing((row) => error(row) + 0.01)).toMatchObject({
      mode: 'enforce',
      verdict: 'pass',
      limit: '10%',
    });
    expect(missing((row) => 1.2 * error(row))).toMatchObject({ verdict: 'fail' });
    expect(missing((row) => 0.5 * error(row)).verdict).toBe('pass');
    expect(missing((row) => 1.2 * error(row)).why).toMatch(
      /^On 300 rows green misses the truth by 6\.\d+ on average, blue by 5\.\d+: clearly more than 10% more\.$/,
    );
  });

  it('stop a model that is far off on few rows and right on most', () => {
    expect(missing((row) => error(row) + (row % 10 === 0 ? 60 : 0)).verdict).toBe('fail');
  });

  it('stop a worse green whatever a wrong target makes of blue’s error, and name the row', () => {
    const wrongAt =
      (wrong: number, isWrong: (row: number) => boolean) => (factor: number, n: number) => {
        const told: Side = (row) => (isWrong(row) ? ok(wrong) : known(row));
        const green = side((row) => factor * error(row) + 0.01);
        return gate(judge(evidence(n, green, side(error), told)), 'absoluteError');
      };
    const typo = wrongAt(1e9, (row) => row === 17);
    expect(typo(80, 300)).toMatchObject({ verdict: 'fail' });
    expect(typo(80, 300).why).toMatch(
      /^Row 17 carries more than half of blue's error, .* blue misses it by 1000000000: is its target right\? On the other 299 rows green/,
    );
    expect(typo(80, 20).verdict).not.toBe('pass');
    expect(typo(1, 300)).toMatchObject({ verdict: 'pass' });
    expect(typo(1, 300).why).toMatch(/ without it too; blue misses it .* On 300 rows green/);
    for (const every of [20, 5]) {
      const mark = wrongAt(-999, (row) => row % every === 0);
      expect(mark(2, 300)).toMatchObject({ verdict: 'fail' });
      expect(mark(2, 300).why).toMatch(/^\d+ rows carry more than half of blue's error, .* row \d+ most, which blue misses by 12\d0: is its target right\? On the other \d+ rows green/); // prettier-ignore
      expect(mark(1.2, 300).verdict).not.toBe('pass');
      expect(mark(1, 300)).toMatchObject({ verdict: 'pass' });
    }
    expect(missing(error).why).toMatch(/^On 300 rows/);
  });

  it('pass a better green that is not exact where most targets are 0 and blue answers 0', () => {
    const isSale = (row: number) => row % 8 === 0;
    const told: Side = (row) => ok(isSale(row) ? 100 + row : 0);
    const answers =
      (factor: number, beside: number): Side =>
      (row) =>
        ok(isSale(row) ? 100 + row + factor * error(row) : beside);
    const found = (factor: number, beside: number, targets = told) =>
      gate(judge(evidence(600, answers(factor, beside), answers(1, 0), targets)), 'absoluteError')
        .verdict;
    expect(found(0.6, 0.001)).toBe('pass');
    expect(found(2, 0.001)).toBe('fail');
    expect(found(0.6, 1)).toBe('fail');
    const typo: Side = (row) => (row === 17 ? ok(1e9) : told(row));
    expect(found(2, 0.001, typo)).not.toBe('pass');
    const mark: Side = (row) => (row % 10 === 1 ? ok(-999) : told(row));
    expect(found(2, 0.001, mark)).not.toBe('pass');
    expect(found(1, 20, mark)).toBe('fail');
  });

  it('pass a better or equal green where most targets are 0 and blue is nearly exact there', () => {
    const isSale = (row: number) => row % 8 === 0;
    const told: Side = (row) => ok(isSale(row) ? 100 + row : 0);
    const answers =
      (factor: number, beside: number): Side =>
      (row) =>
        ok(isSale(row) ? 100 + row + factor * error(row) : beside * (1 + ((row * 7) % 11) / 10));
    const found = (factor: number, beside: number, targets = told, blueBeside = 0.02) =>
      gate(
        judge(evidence(600, answers(factor, beside), answers(1, blueBeside), targets)),
        'absoluteError',
      ).verdict;
    for (const beside of [0.02, 0.03, 0.05]) expect([beside, found(0.6, beside)]).toEqual([beside, 'pass']); // prettier-ignore
    expect(found(1, 0.03)).toBe('pass');
    expect(found(1, 1)).toBe('fail');
    expect(found(2, 0.02)).toBe('fail');
    const typo: Side = (row) => (row === 17 ? ok(1e9) : told(row));
    expect(found(1, 0.03, typo)).toBe('pass');
    expect(found(2, 0.02, typo)).toBe('fail');
    const mark: Side = (row) => (row % 10 === 1 ? ok(-999) : told(row));
    expect(found(1, 0.03, mark)).toBe('pass');
    expect(found(2, 0.02, mark)).toBe('fail');
    expect(found(1, 1, mark)).toBe('fail');
  });

  it('stop a green that is off where blue is exact, also beside marks for a missing value', () => {
    const exact = side(() => 0.5);
    const told: Side = (row) => (row % 10 === 1 ? ok(-999) : exact(row));
    const found = evidence(300, side(error), exact, told);
    expect(gate(judge(found), 'absoluteError').verdict).toBe('fail');
  });

  it('stop a worse green whatever one answer of blue alone makes of its error', () => {
    const blueOff = (factor: number, rows: number[]) => {
      const blue = (row: number) => (rows.includes(row) ? 1e9 : error(row));
      return missing((row) => factor * error(row) + 0.01, 300, blue);
    };
    expect(blueOff(3, [17])).toMatchObject({ verdict: 'fail' });
    expect(blueOff(3, [17]).why).toMatch(
      /^Blue alone is far off on 1 row, .* on row 17 most, by 1000000000\. On 300 rows green .* by 5\.\d+: clearly/,
    );
    expect(blueOff(3, [17, 60, 200])).toMatchObject({ verdict: 'fail' });
    expect(blueOff(1.2, [17]).verdict).not.toBe('pass');
    expect(blueOff(1, [17])).toMatchObject({ verdict: 'pass' });
    // Of green alone it is harm, which no row that is set aside hides.
    expect(missing((row) => (row % 30 === 17 ? 1e6 : error(row))).verdict).not.toBe('pass');
  });

  it('are inconclusive for too few rows, and say how many more', () => {
    expect(missing(error, 12)).toMatchObject({ verdict: 'inconclusive', needsMoreRows: 8 });
    const wide = missing((row) => error(row) * (row % 2 ? 1.6 : 0.45), 40);
    expect(wide.verdict).toBe('inconclusive');
    expect(wide.needsMoreRows).toBeGreaterThan(0);
    expect(wide.why).toContain(`${wide.needsMoreRows} more rows should settle it.`);
  });

  it('separate the thousands of that number', () => {
    expect(needed(2552)).toBe(' 2,552 more rows should settle it.');
    expect(needed(1)).toBe(' 1 more row should settle it.');
  });

  it('take another machine’s last digits for no error', () => {
    const exact = evidence(
      40,
      (row) => ok((truth(row) + 0.5) * (1 + 1e-15)),
      (row) => ok(truth(row) + 0.5),
      (row) => ok(truth(row) + 0.5),
    );
    expect(gate(judge(exact), 'absoluteError')).toMatchObject({ verdict: 'pass', blue: '0' });
    expect(
      missing(
        (row) => (row % 2 ? 1.5 : 0.5),
        40,
        () => 0.1,
      ).verdict,
    ).toBe('fail');
  });

  it('say when the target is no number, and are not asked without one, or of classes', () => {
    const words = evidence(40, side(error), side(error), (row) => ok(row % 2 ? 'high' : 'low'));
    expect(gate(judge(words), 'absoluteError')).toMatchObject({ verdict: 'error' });
    expect(gate(judge(words), 'absoluteError').why).toMatch(/40 rows no target is a number/);
    const gates = (...parts: Parameters<typeof evidence>) =>
      judge(evidence(...parts)).map((each) => each.gate);
    expect(gates(40, side(error), side(error))).not.toContain('absoluteError');
    expect(gates(40, usual, usual, usual)).not.toContain('absoluteError');
  });

  it('say how many targets are no number, and are an error where most are none', () => {
    const worded = (isWord: (row: number) => boolean) => {
      const told: Side = (row) => (isWord(row) ? ok('n/a') : known(row));
      return gate(judge(evidence(300, side(error), side(error), told)), 'absoluteError');
    };
    expect(worded((row) => row % 10 !== 0)).toMatchObject({
      verdict: 'error',
      why: '270 of 300 rows have no number in the target (row 1: n/a). Is another column the target?',
    });
    const few = worded((row) => row % 10 === 0);
    expect(few.verdict).toBe('pass');
    expect(few.why).toMatch(
      /^30 of 300 rows have no number in the target \(row 10: n\/a\) and are left out\. On 270 rows green/,
    );
    expect(worded((row) => row === 4).why).toMatch(
      /^1 of 300 rows has no number .* and is left out/,
    );
  });

  it('are an error where the answer is infinite, unless the truth is or blue’s alone', () => {
    const infinite = (row: number) => (row === 7 ? Infinity : error(row));
    expect(missing(infinite, 300, infinite)).toMatchObject({
      verdict: 'error',
      why: 'Row 7: both return an infinite number, which has no distance to the truth. Leave the row out, or fix the models.',
    });
    expect(missing(infinite)).toMatchObject({
      verdict: 'error',
      why: 'Row 7: green returns an infinite number and blue does not.',
    });
    expect(missing(error, 300, infinite).why).toMatch(/^On 299 rows/);
    const bothAndTruth = evidence(300, side(infinite), side(infinite), side(infinite));
    expect(gate(judge(bothAndTruth), 'absoluteError')).toMatchObject({ verdict: 'pass' });
    expect(
      gate(judge(evidence(300, side(infinite), side(error), known)), 'contract'),
    ).toMatchObject({
      verdict: 'fail',
      why: 'Row 7: green returns an infinite number; blue never does.',
    });
  });

  it('have a tolerance of the plan’s', () => {
    const gates = { ...DEFAULT_GATES, absoluteError: { mode: 'warn' as const, relative: 0.5 } };
    const worse = evidence(
      300,
      side((row) => 1.2 * error(row)),
      side(error),
      known,
    );
    expect(gate(judge(worse, gates), 'absoluteError')).toMatchObject({
      mode: 'warn',
      verdict: 'pass',
      limit: '50%',
    });
  });
});

describe('capacity', () => {
  const busy =
    (count: number): Side =>
    (row) =>
      row <= count ? failed('busy', 429) : usual(row);
  it('passes none, asks for more after one, fails on many', () => {
    expect(of('capacity', 30)).toMatchObject({ verdict: 'pass', green: '0' });
    expect(of('capacity', 300, busy(1))).toMatchObject({ verdict: 'inconclusive' });
    expect(of('capacity', 300, busy(15)).verdict).toBe('fail');
  });
});

describe('split', () => {
  const probes = (served: Record<string, number>, sent?: number, failedProbes = 0) =>
    judge({
      ...evidence(0),
      split: {
        configured: { blue: 90, green: 10 },
        served,
        sent: sent ?? Object.values(served).reduce((sum, count) => sum + count, 0),
        failed: failedProbes,
      },
    });

  it('matches, is unknown below 100 probes, and is caught at 50/50', () => {
    expect(probes({ blue: 372, green: 40 })).toMatchObject([{ gate: 'split', verdict: 'pass' }]);
    const few = probes({ blue: 45, green: 5 });
    expect(few).toMatchObject([{ verdict: 'inconclusive' }]);
    expect(few[0]?.needsMoreRows).toBeGreaterThanOrEqual(50);
    expect(decision(few)).toMatchObject({ do: 'probe-more', probes: few[0]?.needsMoreRows });
    expect(probes({ blue: 25, green: 35 })).toMatchObject([{ verdict: 'fail' }]);
    expect(probes({ blue: 400 })).toMatchObject([{ verdict: 'fail' }]);
  });

  it('says what it rules out, and goes on where that is not enough', () => {
    const [fits] = probes({ blue: 90, green: 10 });
    expect(fits).toMatchObject({ verdict: 'pass' });
    expect(fits?.why).toMatch(
      /rules out less than \d(\.\d)?% and more than (19|20)(\.\d)?% for green/,
    );
    // 16 of 100 may be 10% and may be 20%.
    const [open] = probes({ blue: 84, green: 16 });
    expect(open).toMatchObject({ verdict: 'inconclusive' });
    expect(open?.needsMoreRows).toBeGreaterThan(20);
    expect(probes({ blue: 160, green: 50 })).toMatchObject([{ verdict: 'fail' }]);
    expect(probes({ blue: 100 })[0]?.verdict).not.toBe('pass');
  });

  it('does not fail a share that is within the tolerance, however many probes', () => {
    expect(probes({ blue: 17_700, green: 2_300 })).toMatchObject([{ verdict: 'pass' }]);
  });

  it('fails on a single answer from a deployment at 0%', () => {
    expect(probes({ blue: 90, green: 9, 'old-one': 1 })).toMatchObject([{ verdict: 'fail' }]);
    const alone = (served: Record<string, number>) =>
      judge({
        ...evidence(0),
        split: { configured: { blue: 100, green: 0 }, served, sent: 100, failed: 0 },
      })[0]?.verdict;
    expect(alone({ blue: 100 })).toBe('pass');
    expect(alone({ blue: 99, green: 1 })).toBe('fail');
  });

  it('says when the answers name nobody, or none came', () => {
    expect(probes({}, 100)[0]?.why).toMatch(/Azure Monitor/);
    expect(probes({}, 9, 9)).toMatchObject([{ verdict: 'error' }]);
    // Users get no answers either.
    expect(probes({}, 10, 10)).toMatchObject([{ verdict: 'fail' }]);
    expect(probes({ blue: 9, green: 1 }, 10, 10)).toMatchObject([{ verdict: 'fail' }]);
  });
});

describe('probes that fail', () => {
  const seen = (
    errors: Record<string, number>,
    served = { blue: 50, green: 50 },
    configured = { blue: 50, green: 50 },
  ) =>
    judgeProbeErrors(
      { configured, served, sent: 100, failed: 0, errors },
      { blue: 'blue', green: 'green' },
    );

  it('tell of a green that fails, also where it serves alone', () => {
    expect(seen({})).toBeUndefined();
    expect(seen({ green: 12 })).toMatchObject({ gate: 'liveErrors', verdict: 'fail' });
    expect(seen({ green: 12 })?.why).toMatch(
      /^Probes fail at least \d+\.\d pp more often on green: 12 of 50, blue 0 of 50/,
    );
    expect(seen({ blue: 12, green: 12 })).toMatchObject({ verdict: 'inconclusive', mode: 'warn' });
    expect(seen({ green: 1 })).toMatchObject({ verdict: 'inconclusive', mode: 'warn' });
    // However many of blue's did not fail.
    for (const blue of [9, 97, 100_000]) {
      expect(seen({ green: 1 }, { blue, green: 1 })?.verdict).toBe('inconclusive');
      expect(seen({ green: 1 }, { blue, green: 2 })?.verdict).toBe('inconclusive');
    }
    expect(seen({ green: 3 }, { blue: 97, green: 3 })?.verdict).toBe('fail');
    const alone = { blue: 0, green: 100 };
    expect(seen({ green: 100 }, alone, alone)).toMatchObject({ verdict: 'fail' });
  });

  it('say nothing of green before blue was met, where it serves', () => {
    expect(seen({ green: 2 }, { blue: 0, green: 2 })).toBeUndefined();
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
