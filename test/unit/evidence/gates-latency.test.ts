/** What green's latency has to be beside blue's. */
import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/rollout/evidence/gates/judge.js';
import { ok, failed, type Side, usual, evidence, gate, of } from './made-up-answers.js';

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
