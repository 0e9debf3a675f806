/** What a deployment says of its failure repeats cells and variables: verdicts are kept and sent, and hold none of it. */
import { describe, expect, it } from 'vitest';
import type { Scored } from '../../../src/azure/types.js';
import type { Evidence } from '../../../src/rollout/evidence/gates/evidence.js';
import { judge } from '../../../src/rollout/evidence/gates/judge.js';
import { judgeSplit, withProbes } from '../../../src/rollout/evidence/judge-split.js';
import { probe } from '../../../src/rollout/evidence/probe.js';
import { readAnswer } from '../../../src/rollout/evidence/replay.js';

const CELL = 'Zq7kCELL';
const BODY = { input_data: { columns: ['name', 'log'], data: [[CELL, 'KeyError: x']] } };
const SAID = `ValueError: could not convert string to float: ${CELL} John Smith, env hunter2plain`;
const failing = (reason?: string): Scored => ({
  ...{ status: 424, modelStatus: 400, latencyMs: 9, deployment: 'green' },
  ...(reason !== undefined && { reason }),
});
const WORDS = /Zq7k|John|hunter2plain|convert/;

describe('an answer that failed', () => {
  it.each([
    [SAID, 'The model answered 400 (424): ValueError.'],
    [`${CELL} is no number`, 'The model answered 400 (424).'],
    ['mlflow.exceptions.MlflowException: x', 'The model answered 400 (424): MlflowException.'],
    ['the row says KeyError: x', 'The model answered 400 (424).'],
  ])('that says %s is kept without it', (reason, summary) => {
    expect(readAnswer(failing(reason), BODY)).toMatchObject({
      message: `The model answered 400 (424): ${reason}`,
      summary,
    });
  });

  it('that says nothing, or is no prediction, has no words to keep', () => {
    expect(readAnswer(failing(), BODY).summary).toBe('The answer has status 424.');
    const garbled = readAnswer({ status: 200, body: { said: CELL }, latencyMs: 9 }, BODY);
    expect(garbled.message).toContain(CELL);
    expect(garbled.summary).toBe('The answer is not a list of predictions.');
  });
});

describe('verdicts', () => {
  const evidence = (green: Scored, blue: Scored): Evidence => ({
    ...{ blue: 'blue', green: 'green' },
    rows: Array.from({ length: 20 }, (_, index) => ({
      row: index + 1,
      answers: { blue: readAnswer(blue, BODY), green: readAnswer(green, BODY) },
    })),
  });
  const good: Scored = { status: 200, body: [1], latencyMs: 9 };

  it.each([
    ['a green that fails', failing(SAID), good, 'The last answer: The model answered 400 (424)'],
    ['a blue that fails', good, failing(SAID), 'The last answer: The model answered 400 (424)'],
    ['a green that answers something else', { ...good, body: SAID }, good, 'Row 1: The answer is'],
  ])('of %s', (_, green, blue, words) => {
    const kept = JSON.stringify(judge(evidence(green, blue)));
    expect(kept).toContain(words);
    expect(kept).not.toMatch(WORDS);
  });

  it.each([
    ['another column as the target', ['a', 'b'], undefined, 'not a value of the target:'],
    ['classes that leave some out', [[0.2, 0.8]], ['a', 'b'], 'leaves out a value, which'],
  ])('of %s', (_, answers, classes, words) => {
    const rows = Array.from({ length: 20 }, (__, index) => {
      const body = [answers[index % answers.length]];
      const answer = readAnswer({ status: 200, body, latencyMs: 9 }, BODY);
      return {
        row: index + 1,
        truth: `${CELL} ${index}`,
        answers: { blue: answer, green: answer },
      };
    });
    const meaning = { target: 'name', ...(classes && { classes }) };
    const kept = JSON.stringify(judge({ rows, blue: 'blue', green: 'green', meaning }));
    expect(kept).toContain(words);
    expect(kept).not.toMatch(WORDS);
  });

  it('of probes that fail', async () => {
    const workspace = { score: () => Promise.resolve(failing(SAID)) };
    const endpoint = {} as Parameters<typeof probe>[0]['endpoint'];
    const probes = await probe({ workspace, endpoint, bodies: [BODY], count: 20, runId: 'r' });
    expect(probes.said).toContain(CELL);
    const seen = withProbes({ configured: { green: 100 }, served: {}, sent: 0, failed: 0 }, probes);
    const kept = JSON.stringify([seen, judgeSplit(seen, { blue: 'blue', green: 'green' })]);
    expect(kept).toContain('The last answer: The model answered 400 (424): ValueError.');
    expect(kept).not.toMatch(WORDS);
  });
});
