import { describe, expect, it } from 'vitest';
import type { Scored, ScoreOptions } from '../../../src/azure/types.js';
import { compare, median, testResult } from '../../../src/rollout/evidence/compare.js';
import { samePrediction } from '../../../src/rollout/evidence/output/same.js';
import { readAnswer, replay, type RowAnswers } from '../../../src/rollout/evidence/replay.js';
import { coresNeeded, coresTogether, quotaFor } from '../../../src/rollout/quota.js';
import { endpoint } from './fixtures.js';

const answered = (value: unknown, latencyMs = 10): Scored => ({
  status: 200,
  body: [value],
  latencyMs,
});

describe('judging an answer', () => {
  it.each([
    [200, [1], undefined],
    [200, { predictions: [1] }, undefined],
    [200, { error: 'x' }, 'model'],
    [200, [1, 2], 'model'],
    [408, '', 'model'],
    [424, 'boom', 'model'],
    [500, '', 'model'],
    [429, '', 'busy'],
    [401, '', 'sign-in'],
    [400, '', 'request'],
    [404, '', 'request'],
  ])('%i with %j is %s', (status, body, problem) => {
    expect(readAnswer({ status, body, latencyMs: 1 }).problem).toBe(problem);
  });
});

describe('a replay', () => {
  const rows = Array.from({ length: 40 }, (_, index) => ({ number: index + 1, body: index }));
  const serve = (reply: (body: number, options: ScoreOptions, call: number) => Scored) => {
    const calls: { body: number; deployment: string | undefined; id: string | undefined }[] = [];
    let inFlight = 0;
    return {
      calls,
      workspace: {
        score: async (_: unknown, body: unknown, options: ScoreOptions = {}) => {
          inFlight += 1;
          expect(inFlight).toBe(1);
          calls.push({
            body: body as number,
            deployment: options.deployment,
            id: options.clientRequestId,
          });
          const scored = reply(body as number, options, calls.length);
          await Promise.resolve();
          inFlight -= 1;
          return scored;
        },
      },
    };
  };
  const base = { endpoint: endpoint({}), deployments: ['blue', 'green'], seed: 7, runId: 'r1' };

  it('asks both about every row, one at a time, in an order drawn by the seed', async () => {
    const { calls, workspace } = serve(() => answered(0));
    const done = await replay({ ...base, workspace, rows });
    expect(done.rows).toHaveLength(40);
    expect(calls).toHaveLength(80);
    const firsts = calls.filter((_, index) => index % 2 === 0).map((call) => call.deployment);
    expect(new Set(firsts)).toEqual(new Set(['blue', 'green']));
    const again = serve(() => answered(0));
    await replay({ ...base, workspace: again.workspace, rows });
    expect(again.calls).toEqual(calls);
    expect(calls[0]?.id).toBe('amlr-r1-1');
  });

  it('has as many rows under way as asked for, in the same order and paired', async () => {
    const { workspace, calls } = serve(() => answered(0));
    await replay({ ...base, workspace, rows });
    const open = { now: 0, most: 0 };
    const wide: typeof calls = [];
    const done = await replay({
      ...base,
      rows,
      inFlight: 4,
      workspace: {
        score: async (_, body, { deployment, clientRequestId: id } = {}) => {
          wide.push({ body: body as number, deployment, id });
          open.now += 1;
          open.most = Math.max(open.most, open.now);
          // The later rows are answered first.
          for (let turn = 0; turn < 40 - (body as number); turn += 1) await Promise.resolve();
          open.now -= 1;
          return answered(0);
        },
      },
    });
    expect(open.most).toBe(4);
    expect(done.rows.map(({ row }) => row)).toEqual(rows.map(({ number }) => number));
    const orderOf = (some: typeof calls, body: number) =>
      some.filter((call) => call.body === body).map(({ deployment }) => deployment);
    for (const { body } of rows) expect(orderOf(wide, body)).toEqual(orderOf(calls, body));
  });

  it('sends no row more once the deployment that serves users is busy, however many are under way', async () => {
    let calls = 0;
    const done = await replay({
      ...base,
      rows,
      inFlight: 4,
      spare: 'blue',
      workspace: {
        score: async (_, body, { deployment } = {}) => {
          calls += 1;
          await Promise.resolve();
          return deployment === 'blue' && body === 5 ? { status: 429, latencyMs: 1 } : answered(0);
        },
      },
    });
    expect(done.stopped).toBe('busy');
    expect(calls).toBeLessThanOrEqual(2 * 9);
    const whole = done.rows.filter(({ answers }) => Object.keys(answers).length === 2);
    expect(whole).toEqual(done.rows);
  });

  it('stops at the first 429 of the deployment that serves users, and keeps what was done', async () => {
    const { workspace } = serve((body, { deployment }) =>
      deployment === 'blue' && body === 5 ? { status: 429, latencyMs: 1 } : answered(0),
    );
    const done = await replay({ ...base, workspace, rows, spare: 'blue' });
    expect(done.stopped).toBe('busy');
    expect(done.rows.length).toBeGreaterThanOrEqual(5);
    expect(done.rows.length).toBeLessThanOrEqual(6);
    const green = serve((body, { deployment }) =>
      deployment === 'green' && body === 5 ? { status: 429, latencyMs: 1 } : answered(0),
    );
    const whole = await replay({ ...base, workspace: green.workspace, rows, spare: 'blue' });
    expect(whole.stopped).toBeUndefined();
    expect(compare(whole.rows, 'blue', 'green').green.busy).toBe(1);
  });

  it('keeps what was done when it is aborted, and stops at a refused sign-in', async () => {
    const stop = new AbortController();
    const { workspace } = serve((_, __, call) => {
      if (call === 21) stop.abort();
      return answered(0);
    });
    const done = await replay({ ...base, workspace, rows, signal: stop.signal });
    expect(done).toMatchObject({ stopped: 'aborted' });
    expect(done.rows).toHaveLength(10);
    const out = serve(() => ({ status: 401, latencyMs: 1 }));
    expect(await replay({ ...base, workspace: out.workspace, rows })).toMatchObject({
      stopped: 'sign-in',
      rows: [],
    });
    expect(out.calls).toHaveLength(1);
  });
});

describe('comparing', () => {
  const row = (number: number, blue: Scored, green: Scored, truth?: string): RowAnswers => ({
    row: number,
    ...(truth !== undefined && { truth }),
    answers: { blue: readAnswer(blue), green: readAnswer(green) },
  });

  it('counts agreement among rows both answered, and who was right', () => {
    const rows = [
      row(1, answered(0), answered(0), '0'),
      row(2, answered(0), answered(1), '1'),
      row(3, answered(1), answered(0), '1'),
      row(4, answered(1), { status: 424, latencyMs: 5 }, '1'),
    ];
    const found = compare(rows, 'blue', 'green');
    expect(found).toMatchObject({ pairs: 3, agreed: 1 });
    expect(found.differing).toEqual([
      { row: 2, blue: 0, green: 1, text: { blue: '0', green: '1' }, truth: '1', rightOne: 'green' },
      { row: 3, blue: 1, green: 0, text: { blue: '1', green: '0' }, truth: '1', rightOne: 'blue' },
    ]);
    // Of the three rows that both answered.
    expect(found.blue).toMatchObject({ sent: 4, ok: 4, right: 2 });
    expect(found.green).toMatchObject({ sent: 4, ok: 3, modelErrors: 1, right: 2 });
    const kept = testResult('prove', { name: 'h.csv', sha256: 'f', seed: 7 }, rows, [
      'blue',
      'green',
    ]);
    expect(kept).toMatchObject({
      answered: 7,
      failed: 1,
      agreed: 1,
      differing: [2, 3],
      right: { blue: 2, green: 2 },
      csv: { rows: 4, rowNumbers: [1, 2, 3, 4] },
    });
  });

  it('leaves the warm-up out of the latency', () => {
    const rows = Array.from({ length: 30 }, (_, index) =>
      row(index, answered(0, 10), answered(0, index < 5 ? 1000 : 12)),
    );
    const found = compare(rows, 'blue', 'green');
    expect(found.latencyRatio).toBeCloseTo(1.2);
    expect(found.green.medianLatencyMs).toBe(12);
  });

  it('takes floats as the same that differ only by rounding', () => {
    expect(samePrediction(0.1 + 0.2, 0.3)).toBe(true);
    expect(samePrediction(0.3, 0.3001)).toBe(false);
    expect(samePrediction([1, { a: 2 }], [1, { a: 2 }])).toBe(true);
    expect(samePrediction([1, { a: 2 }], [1, { b: 2 }])).toBe(false);
    expect(samePrediction('1', 1)).toBe(false);
    expect(samePrediction(NaN, NaN)).toBe(true);
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(median([])).toBeUndefined();
  });
});

describe('quota', () => {
  const size = { name: 'Standard_F4s_v2', family: 'standardFSv2Family', vCpus: 4, memoryGb: 8 };

  it('counts a fifth more, rounded up, except where Azure reserves nothing', () => {
    expect(coresNeeded(size, 1)).toBe(8);
    expect(coresNeeded(size, 5)).toBe(24);
    expect(coresNeeded(size, 10)).toBe(48);
    expect(coresNeeded({ ...size, name: 'Standard_NC24ads_A100_v4', vCpus: 24 }, 1)).toBe(24);
    expect(
      coresTogether([
        { size, instances: 1 },
        { size, instances: 1 },
      ]),
    ).toEqual({
      standardFSv2Family: 16,
    });
  });

  it('says what is missing', () => {
    const usages = [{ family: 'StandardFSv2Family', used: 0, limit: 6 }];
    expect(quotaFor(size, 1, usages)).toMatchObject({ needed: 8, free: 6, enough: false });
    expect(quotaFor(size, 1, [])).toBeUndefined();
  });
});
