/** The smallest terminal: nothing that a decision needs is cut. */
import { afterEach, expect, test } from 'vitest';
import { clear, draw } from '../support/wizard-screen.js';
import { LOOK, moments, onScreen, tested } from '../support/wizard-states.js';

afterEach(clear);

const SMALLEST = { columns: 60, rows: 18 };
const MOMENTS = moments();

const framed = async (state: (typeof MOMENTS)[string], size = SMALLEST) => {
  const drawn = await draw(state, { size });
  // Two rows of header and the line below; names in the header are whole further down.
  return drawn.lines().slice(3);
};
const toldIn = (lines: readonly string[]): string => lines.join(' ').replace(/\s+/g, ' ');

test.each(Object.entries(MOMENTS))(
  'nothing of %s ends in the middle of a line',
  async (_, state) => {
    expect((await framed(state)).filter((line) => line.includes('…'))).toEqual([]);
  },
);

test('a crashed green: what happened, why, and every choice', async () => {
  const told = toldIn(await framed(MOMENTS['green, crashed']!));
  expect(told).toContain('Users notice nothing: default still serves.');
  expect(told).toContain("No module named 'azureml.ai'");
  expect(told).toContain('Liveness probe failed.');
  expect(told).toContain('cannot be repaired: delete it and create it again.');
  for (const choice of ['❯ Keep it', 'Fix', 'Same again', 'Give up'])
    expect(told).toContain(choice);
});

test.each([SMALLEST, { columns: 80, rows: 24 }])(
  'a split that failed at $columns columns: what Azure said, what to do, and what Enter does',
  async (size) => {
    const lines = await framed(MOMENTS['traffic, failed']!, size);
    expect(toldIn(lines)).toContain('Liveness probe failed.');
    expect(toldIn(lines)).toContain('delete this deployment and make it again.');
    expect(lines.at(-1)).toContain('⏎ apply 70/30');
  },
);

test('a message of Azure that has no room ends in a sign that there is more', async () => {
  const [first] = Object.values(MOMENTS).filter(({ screens }) => screens.green?.failure);
  const { failure } = first!.screens.green!;
  const long = {
    ...failure!,
    failure: { ...failure!.failure, message: 'It crashed. '.repeat(90) },
  };
  const lines = await framed(onScreen(first!, 'green', { failure: long }));
  expect(lines.filter((line) => line.includes('It crashed'))).toHaveLength(2);
  expect(toldIn(lines)).toMatch(/It … It cannot be repaired/);
});

test('a gate that failed on live traffic is told before what is only known', async () => {
  const lines = await framed(MOMENTS['holding over traffic']!);
  expect(toldIn(lines)).toContain('Liveness probe failed. live users:');
  expect(toldIn(lines)).toContain('Press A to restore the split at the start.');
  expect(toldIn(lines)).not.toContain('Press → to raise green');
});

test('what Enter sends is one sentence that does not end in a lonely key', async () => {
  const told = toldIn(await framed(MOMENTS['traffic, staged']!));
  expect(told).toContain('Staged, not applied: ⏎ sends default=70 xgboost-model-2=30.');
});

test('the figures of a gate are whole beside its verdict', async () => {
  const verdict = {
    mode: 'enforce',
    verdict: 'pass',
    blue: 'number',
    green: 'number',
    difference: '+0.1 ms, up to 1.1',
    limit: '1.10x or 5 ms',
    why: '',
  } as const;
  const verdicts = [
    { ...verdict, gate: 'contract' as const },
    { ...verdict, gate: 'latency' as const, mode: 'warn' as const, verdict: 'fail' as const },
    { ...verdict, gate: 'accuracy' as const },
  ];
  const state = onScreen(MOMENTS['prove']!, 'prove', { tested: { ...tested(), verdicts } });
  const lines = await framed(state);
  expect(
    lines.filter((line) => /\+0\.1 ms, up to 1\.1 {2}(✔ pass|▲ warn)$/.test(line)),
  ).toHaveLength(3);
});

test('of many inputs their number is told, so that the figures of a model are in sight', async () => {
  const metadata = { holdout_accuracy: '0.8571', holdout_rows: '91' };
  const reviewed = MOMENTS['new model, reviewed']!;
  const liveLook = { ...LOOK, metadata: { ...metadata, holdout_accuracy: '0.8242' } };
  const look = { ...LOOK, metadata };
  const told = toldIn(await framed(onScreen(reviewed, 'new-model', { look, liveLook })));
  expect(told).toContain('takes 13 columns');
  expect(told).toContain('holdout_accuracy 0.8571 (blue: 0.8242)');
  expect(told).toContain('❯ Use it');
});
