/** Every screen in each of its states: it fits, says what it must, and nothing outside can bend it. */
import stringWidth from 'string-width';
import { afterEach, describe, expect, test } from 'vitest';
import { activeBindings } from '../../src/wizard/reducer.js';
import type { State } from '../../src/wizard/state.js';
import { clear, draw, LARGE, USUAL, widest } from '../support/wizard-screen.js';
import {
  moments,
  PLAIN,
  PROD,
  proofPassed,
  rollout,
  splitSeen,
  type Words,
} from '../support/wizard-states.js';

afterEach(clear);

const WIDE: Words = {
  blue: '既定のデプロイメント既定のデプロイメント',
  green: '🚀新しい版🚀新しい版🚀新しい版🚀',
  model: '心臓分類器',
  message: '容器が落ちました。'.repeat(20),
  cell: '陽性🫀',
};

const HOSTILE: Words = {
  blue: 'default\u001B[2J\u001B[31m',
  green: 'green\u202Eneerg\u200B\u0007',
  model: 'model\nLIVE 100%',
  message: 'first line\n\u001B]0;title\u0007second\r\n\u001B[1A\u001B[2Kthird\u009B31m\u2028fourth',
  cell: '1\n2\t\u001B[8m',
};

const KINDS = { plain: moments(PLAIN), wide: moments(WIDE), hostile: moments(HOSTILE) };
const PLAINS = Object.entries(KINDS.plain);
const sizes = { '80x24': USUAL, '200x60': LARGE, 'the smallest, 60x18': { columns: 60, rows: 18 } };

const CONTROL = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u200B-\u200F\u2028-\u202E\u2066-\u2069]/;

interface Picture {
  lines: string[];
  errors: unknown[];
}

const pictures = new Map<State, Map<string, Picture>>();

/** A state as it is drawn; the tests ask different things of one picture. */
async function pictureOf(state: State, { columns, rows } = USUAL): Promise<Picture> {
  const ofState = pictures.get(state) ?? new Map<string, Picture>();
  pictures.set(state, ofState);
  const size = `${columns}x${rows}`;
  const known = ofState.get(size);
  if (known) return known;
  const { lines, errors } = await draw(state, { size: { columns, rows } });
  const picture = { lines: lines(), errors };
  ofState.set(size, picture);
  return picture;
}

for (const [size, { columns, rows }] of Object.entries(sizes)) {
  describe(`at ${size}`, () => {
    for (const [kind, states] of Object.entries(KINDS)) {
      test.each(Object.entries(states))(`${kind} text: %s fits`, async (_, state) => {
        const { errors, lines } = await pictureOf(state, { columns, rows });
        expect(errors).toEqual([]);
        expect(lines).toHaveLength(rows - 1);
        expect(widest(lines)).toBeLessThanOrEqual(columns - 1);
        expect(lines.join('\n')).not.toMatch(CONTROL);
        // Something is drawn between header and footer.
        expect(lines.slice(3, -2).join('').trim()).not.toBe('');
      });
    }
  });
}

const MIDDLE = { '100x30': { columns: 100, rows: 30 }, '120x40': { columns: 120, rows: 40 } };

for (const [name, size] of Object.entries({ '80x24': USUAL, ...MIDDLE, '200x60': LARGE })) {
  test.each(PLAINS)(`at ${name} nothing of %s is cut`, async (_, state) => {
    const { errors, lines } = await pictureOf(state, size);
    expect(errors).toEqual([]);
    expect(lines).toHaveLength(size.rows - 1);
    expect(widest(lines)).toBeLessThanOrEqual(size.columns - 1);
    expect(lines.filter((line) => line.includes('…'))).toEqual([]);
  });
}

describe('at 80x24, of plain text', () => {
  test.each(PLAINS)(
    'the footer of %s says what Enter does, and leads to help or out',
    async (_, state) => {
      const footer = (await pictureOf(state)).lines.at(-1) ?? '';
      const enter = activeBindings(state).find(
        (each) => each.keys.includes('enter') && !each.helpOnly,
      );
      if (enter && enter.keys[0] === 'enter') expect(footer).toContain(`⏎ ${enter.label}`);
      expect(footer).toMatch(/ \?|Esc /);
      expect(stringWidth(footer)).toBeLessThanOrEqual(79);
    },
  );
});

describe('always on screen once connected', () => {
  const connected = Object.entries(KINDS).flatMap(([kind, states]) =>
    Object.entries(states)
      .filter(([, state]) => state.session)
      .map(([name, state]) => [`${name}, ${kind}`, state] as const),
  );

  test.each(connected)('%s', async (_, state) => {
    const [top = '', live = ''] = (await pictureOf(state)).lines;
    const { profile, opened } = state.session!;
    expect(top).toContain(profile.name);
    if (profile.prod) expect(top).toContain('PROD');
    if (opened) expect(top).toContain(`▸ ${opened.endpoint}`);
    expect(top).toMatch(/ \d+ of \d+ \S/);
    expect(top).toMatch(/\d\d:\d\d\s*$/);
    expect(live).toMatch(/^ BLUE .*GREEN .*staged: (nothing|\d+ \/ \d+)\s*$/);
    const { blue, green } = opened?.roles ?? {};
    const traffic = opened?.snapshot.endpoint?.traffic ?? {};
    const [ofBlue, ofGreen] = [traffic[blue ?? ''] ?? 0, traffic[green ?? ''] ?? 0];
    if (blue) expect(live).toMatch(new RegExp(`BLUE .*( ${ofBlue}%| deleted) .*GREEN`));
    if (green) expect(live).toMatch(new RegExp(`GREEN .*( ${ofGreen}%|FAILED)`));
  });
});

describe('in ASCII', () => {
  test.each(PLAINS)('%s has no other signs', async (_, state) => {
    const drawn = await draw(state, { ascii: true });
    expect(drawn.lines().length).toBe(USUAL.rows - 1);
    expect(widest(drawn.lines())).toBeLessThanOrEqual(79);
    // Words may be of any language; the signs that the screens draw may not.

    expect(drawn.frame()).toMatch(/^[\u0000-\u007F]*$/);
  });
});

test('a window that is too small says so, and nothing unseen is sent', async () => {
  const size = { columns: 50, rows: 15 };
  const drawn = await draw(moments()['traffic, staged']!, { size });
  expect(drawn.frame()).toContain('please enlarge it');
  const before = drawn.store.getState();
  await drawn.press('?', 'f', '\r');
  expect(drawn.store.getState()).toEqual(before);
  await drawn.press('\x03');
  expect(drawn.store.getState().overlays.at(-1)?.kind).toBe('stop');
});

test('a staged split is shown beside the live one, in figures and not by colour alone', async () => {
  const state = moments()['traffic, staged']!;
  const frame = (await draw(state)).frame();
  expect(frame).toContain('90% → 70%');
  expect(frame).toContain('10% → 30%');
  expect(frame).toContain('◆ 30 staged');
  expect(frame).toContain('staged: 70 / 30');
});

test('the keys of the traffic screen are all in reach at 80 columns', async () => {
  const footer = (await draw(moments()['traffic, staged']!)).lines().at(-1) ?? '';
  for (const key of [
    '←→ ±1',
    '⏎ apply 70/30',
    'p probe',
    'd rows',
    'g plan',
    'u undo',
    'A abort',
    '?',
  ]) {
    expect(footer).toContain(key);
  }
});

test.each([79, 120, 140, 200])('the names of the bars are whole at %i columns', async (columns) => {
  const drawn = await draw(moments()['traffic, staged']!, { size: { columns, rows: 40 } });
  const bars = drawn.lines().filter((line) => /^ (BLUE |GREEN) .*█/.test(line));
  expect(bars).toHaveLength(2);
  expect(bars[1]).toContain('GREEN xgboost-model-2 ');
});

test('a crashed deployment: who notices, what the log and Azure say, and what one may do', async () => {
  const frame = (await draw(moments()['green, crashed']!)).frame();
  expect(frame).toContain('FAILED');
  expect(frame).toContain('Users notice nothing');
  expect(frame).toContain('✖ container start');
  expect(frame).toContain(`No module named 'azureml.ai'`);
  expect(frame).toContain('Liveness probe');
  expect(frame).toContain('89c9d96af6461f4345bcb7080fb8f66f');
  for (const choice of ['Keep it', 'Fix', 'Same again', 'Give up']) expect(frame).toContain(choice);
});

test('after a restart the traffic screen shows what the journal knows of the split served', async () => {
  const verdicts = [
    {
      gate: 'split' as const,
      mode: 'enforce' as const,
      verdict: 'pass' as const,
      blue: '91%',
      green: '9%',
      difference: 'of 100 probes',
      limit: '10%',
      why: '',
    },
  ];
  const shown = async (judged: object[]) => {
    const judgements = [proofPassed(PLAIN.green), ...judged] as never;
    const { lines } = await draw(rollout(PROD, { share: 10, view: { judgements } }));
    return lines().join('\n');
  };
  expect(await shown([])).toMatch(/split served: p sends/);
  const reopened = await shown([{ ...splitSeen(PLAIN.green, 10), verdicts }]);
  expect(reopened).toMatch(/split served +91% +9% +of 100 probes +10% +✔ pass/);
  expect(reopened).not.toMatch(/p sends/);
  expect(await shown([{ ...splitSeen(PLAIN.green, 30), verdicts }])).toMatch(/p sends/);
});
