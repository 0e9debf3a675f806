/** Tall terminals show what is folded away on the usual one, through the parts that show it there. */
import { afterEach, describe, expect, test } from 'vitest';
import type { GateName } from '../../src/rollout/evidence/gates/registry.js';
import type { State } from '../../src/wizard/state.js';
import { clear, draw, USUAL } from '../support/wizard-screen.js';
import {
  done,
  LOOK,
  moments,
  NOW,
  onScreen,
  PLAIN,
  PROD,
  proofPassed,
  rollout,
  sample,
  splitSeen,
  stepFailure,
  tested,
  working,
} from '../support/wizard-states.js';

afterEach(clear);

const TALL = { columns: 120, rows: 40 };
const TALLEST = { columns: 200, rows: 60 };
const MOMENTS = moments();

const frameOf = async (state: State, size = TALL): Promise<string> =>
  (await draw(state, { size })).frame();

const verdict = (gate: GateName) => ({
  gate,
  mode: gate === 'labels' ? ('warn' as const) : ('enforce' as const),
  verdict: 'pass' as const,
  blue: '8.0 ms',
  green: '8.7 ms',
  difference: '+0.1 ms, up to 1.1',
  limit: '1.10x or 5 ms',
  why: `Green is slower by at most 1.1 ms, says ${gate}.`,
});
const GATES = ['contract', 'errors', 'latency', 'capacity', 'labels', 'accuracy'] as const;
const verdicts = GATES.map(verdict);

const changes = Array.from({ length: 9 }, (_, at) => ({
  ...done(at + 1, {
    kind: 'setTraffic',
    endpoint: 'heart',
    from: {},
    to: { [PLAIN.blue]: 100 - at, [PLAIN.green]: at },
    why: 'advance',
  }),
  title: `set traffic to ${at}%`,
}));

/** Rows of thirteen columns, as they were sent. */
const sent = {
  ...sample(),
  columns: LOOK.inputs.map(({ name }) => name),
  rows: sample().rows.map((row) => ({ ...row, values: LOOK.inputs.map(() => 1) })),
};
const answered = {
  ...tested(),
  verdicts,
  decision: { do: 'promote' as const },
  rows: tested().rows.map((row) =>
    row.number % 100 === 0 ? { ...row, rightOne: 'green' as const } : row,
  ),
};

function watched(share = 10): State {
  const judgements = [
    { ...proofPassed(PLAIN.green), verdicts },
    { ...splitSeen(PLAIN.green, share), verdicts: [verdict('split')] },
  ];
  const side = { requests: 28, errors: 0, busy: 0, p95Ms: 90 };
  const minutes = [10, 11, 12].map((at) => ({
    at: `2026-03-01T11:${at}:00.000Z`,
    weight: share,
    blue: side,
    green: side,
  }));
  const state = rollout(PROD, { share, view: { judgements, changes } });
  const proved = onScreen(state, 'prove', { tested: answered, sample: sent });
  return onScreen(proved, 'traffic', { history: minutes });
}

describe('the traffic screen', () => {
  test('has the rows that differ, with the request where all of it fits', async () => {
    const request = 'age 1, sex 1, cp 1, trestbps 1, chol 1, fbs 1,';
    expect(await frameOf(watched(), USUAL)).not.toContain('differing');
    const tall = await frameOf(watched());
    expect(tall).toMatch(/differing rows +BLUE +GREEN +truth\s+row 100 +1 +not 1 +1 +green right/);
    expect(tall).not.toContain(request);
    expect(await frameOf(watched(), TALLEST)).toContain(`green right  ${request}`);
  });

  test('has the command of what is staged, whole or not at all', async () => {
    const staged = onScreen(watched(), 'traffic', { staged: 30 });
    const command = 'az ml online-endpoint update --name heart';
    expect(await frameOf(staged, USUAL)).not.toContain(command);
    expect(await frameOf(watched(), TALLEST)).not.toContain(command);
    const frame = await frameOf(staged, TALLEST);
    expect(frame).toContain(`not sent yet (e: Python and MLflow)\n ${command}`);
    expect(frame).toContain('--traffic "default=70 xgboost-model-2=30"');
    expect(frame).toContain('--workspace-name ws');
    expect(frame).toContain('differing rows  BLUE');
  });

  test('has the changes of earlier sessions before those of this one, each once', async () => {
    const last = `${changes.at(-1)!.title} · verified · 20 s · ${'a long note '.repeat(9)}`;
    const log = [{ at: Date.parse('2026-03-01T11:00:21.000Z'), text: last }];
    const lines = (await frameOf({ ...watched(), log }, TALLEST)).split('\n');
    const told = lines.flatMap((line) => /set traffic to \d%/.exec(line)?.[0] ?? []);
    expect(told).toEqual(changes.map(({ title }) => title));
    expect(lines.join(' ').match(/a long note/g)).toHaveLength(9);
    const later = { ...watched(), now: NOW + 3 * 24 * 3_600_000 };
    expect(await frameOf(later)).toMatch(/^ Mar 0?1 +set traffic to 8%/m);
  });

  test('gives evidence its rows before the log', async () => {
    const frame = await frameOf(watched(), USUAL);
    for (const gate of ['contract', 'errors', 'right answers', 'split served']) {
      expect(frame).toContain(`\n ${gate}`);
    }
  });
});

test('the prove screen has each sentence of a gate, and whether it stops a rollout', async () => {
  const state = onScreen(MOMENTS['prove']!, 'prove', { tested: answered, sample: sent });
  expect(await frameOf(state, USUAL)).not.toContain('says labels');
  const frame = await frameOf(state);
  expect(frame).toContain('labels differ (warn): Green is slower by at most 1.1 ms, says labels.');
  expect(frame).toContain('right answers (enforce): ');
  expect(frame).toContain('differing rows  BLUE');
  expect(frame).toContain('row 300         1     not 1  1      green right');
});

test('the first rows stand beside what was sent, where all of it fits', async () => {
  const rows = { ...sent, rows: sent.rows.slice(0, 5) };
  const state = onScreen(MOMENTS['test, answered']!, 'test', { sample: rows });
  expect(await frameOf(state)).not.toContain('request');
  expect(await frameOf(state, TALLEST)).toMatch(
    /answered by +request\n ✔ 1 +1 +1 +41 ms +default +age 1, sex 1, .*, thal 1\n/,
  );
});

test('the report screen has every file by its path, every change, and the evidence', async () => {
  const { files } = MOMENTS['report']!.screens.report!;
  const ended = { ...watched(100), view: 'report' as const };
  const frame = await frameOf(onScreen(ended, 'report', { files: files! }), TALLEST);
  for (const { path } of files!) expect(frame).toContain(path);
  for (const { title } of changes) expect(frame).toMatch(new RegExp(`✔ ${title} {2}20 s`));
  expect(frame).toMatch(/evidence +BLUE[^]*split served/);
});

test('the retire screen has what green rests on, and the minutes that were watched', async () => {
  const state = onScreen({ ...watched(100), view: 'retire' as const }, 'retire', {});
  const frame = await frameOf(state);
  expect(frame).toMatch(
    /evidence +BLUE[^]*split served[^]*weight +GREEN[^]*p95 +BLUE[^]*req.min +BLUE +███ 28/,
  );
  for (const { title } of changes) expect(frame).toContain(`${title} · verified`);
});

describe('a deployment that is to be created', () => {
  test('is shown as the file and command that create it', async () => {
    expect(await frameOf(MOMENTS['green']!, USUAL)).not.toContain('instance_count');
    const frame = await frameOf(MOMENTS['green']!);
    expect(frame).toContain('instance_count: 2');
    expect(frame).toContain('az ml online-deployment create --file green-deployment.yml');
  });

  test.each([
    ['it crashed', MOMENTS['green, crashed']!],
    ['it was refused', onScreen(MOMENTS['green']!, 'green', { failure: stepFailure() })],
    ['something else runs', working(MOMENTS['green']!)],
  ])('not while %s', async (_, state) => {
    expect(await frameOf(state)).not.toContain('az ml online-deployment create');
  });
});

test('a crash has what the log says before the line that names it', async () => {
  const logTail = Array.from({ length: 90 }, (_, at) => `line ${at + 1}`);
  logTail.push("ModuleNotFoundError: No module named 'azureml.ai'", 'Worker exits');
  const failure = { ...stepFailure(), logTail };
  const state = onScreen(MOMENTS['green, crashed']!, 'green', { failure });
  expect(await frameOf(state, USUAL)).not.toContain('line 90');
  const frame = await frameOf(state);
  expect(frame).toMatch(/line 89\s+line 90\s+ModuleNotFoundError.*\s+Worker exits/);
  expect(frame).toContain('Give up');
});

test("a model's figures stand below each other, beside those of blue's model", async () => {
  const metadata = { holdout_accuracy: '0.8571', rows: '91', one: '1', two: '2', three: '3' };
  const state = onScreen(MOMENTS['new model, reviewed']!, 'new-model', {
    look: { ...LOOK, metadata },
    liveLook: { ...LOOK, metadata: { ...metadata, holdout_accuracy: '0.8242' } },
  });
  const lines = (await frameOf(state)).split('\n');
  const at = (text: string): number | undefined =>
    lines.find((line) => line.includes(text))?.indexOf(text);
  expect(at('0.8571 (blue: 0.8242)')).toBe(at('onnx, python_function'));
  expect(lines.filter((line) => /^ (?:rows|one|two|three) +\d+$/.test(line))).toHaveLength(4);
});
