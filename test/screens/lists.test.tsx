/** Lists, texts and long pages: the same keys everywhere, and the cursor always in sight. */
import { afterEach, describe, expect, test } from 'vitest';
import { push } from '../../src/wizard/update.js';
import { clear, draw, KEY } from '../support/wizard-screen.js';
import { emptyState, moments, onScreen, PROD, START } from '../support/wizard-states.js';

afterEach(clear);

const MORE = { pageUp: '\u001B[5~', pageDown: '\u001B[6~', home: '\u001B[H', end: '\u001B[F' };

const many = onScreen(emptyState(), 'workspace', {
  mode: 'list',
  filtering: false,
  info: {
    ...START,
    profiles: Array.from({ length: 40 }, (_, at) => ({
      ...PROD,
      id: `p${at}`,
      name: `ws-${String(at).padStart(2, '0')}`,
    })),
  },
});

const under = (frame: string): string => /❯ (\S+)/.exec(frame)?.[1] ?? '';

describe('a list that does not fit', () => {
  test('uses every row, keeps the title of its section, and says where one is', async () => {
    const drawn = await draw(many);
    const shown = drawn.lines().slice(3, -2);
    expect(shown.filter((line) => line.trim() === '').length).toBeLessThanOrEqual(2);
    expect(drawn.frame()).toContain('ROLLOUTS UNDER WAY');
    await drawn.press(...Array<string>(25).fill(KEY.down));
    expect(under(drawn.frame())).toBe('ws-24');
    expect(drawn.frame()).toContain('WORKSPACES');
    expect(drawn.frame()).toContain('26 of 42');
  });

  test('pages, goes to both ends, and wraps with the first title in sight', async () => {
    const drawn = await draw(many);
    await drawn.press(MORE.end);
    expect(under(drawn.frame())).toBe('new');
    await drawn.press(MORE.home);
    expect(under(drawn.frame())).toBe('heart-prod');
    await drawn.press(MORE.pageDown);
    const page = under(drawn.frame());
    expect(page).toMatch(/^ws-1\d$/);
    await drawn.press(MORE.pageUp, KEY.up);
    expect(under(drawn.frame())).toBe('new');
    await drawn.press(KEY.down);
    expect(drawn.frame()).toContain('ROLLOUTS UNDER WAY');
    expect(under(drawn.frame())).toBe('heart-prod');
  });

  test('chooses by Enter alone, what is under the cursor', async () => {
    const drawn = await draw(many);
    await drawn.press(MORE.pageDown, '3');
    const name = under(drawn.frame());
    expect(drawn.issued.filter(({ command }) => command.do === 'connect')).toEqual([]);
    await drawn.press(KEY.enter);
    const asked = drawn.issued.map(({ command }) => command);
    expect(asked).toContainEqual(
      expect.objectContaining({
        do: 'connect',
        profile: expect.objectContaining({ name }) as unknown,
      }),
    );
  });
});

describe('text in an overlay', () => {
  const reason = push(moments()['traffic']!, {
    kind: 'reason',
    title: 'Override',
    lines: [],
    typed: 'fine by us',
    then: { do: 'override', stage: 'prove' },
  });

  test('is edited where the cursor is, which is always drawn', async () => {
    const drawn = await draw(reason);
    await drawn.press('\u0001', 'x', KEY.right, '\u0017', '\u0005', '!');
    expect(drawn.store.getState().overlays.at(-1)).toMatchObject({ typed: 'ine by us!' });
    await drawn.press('\u0015', ...'long '.repeat(30), MORE.home, 'S');
    expect(drawn.frame()).toMatch(/Reason: Slong long/);
    await drawn.press(MORE.end);
    expect(drawn.frame()).toMatch(/long _ *$/m);
  });

  test('says at the field why Enter does nothing, until it is changed', async () => {
    const drawn = await draw(reason);
    await drawn.press('\u0015', KEY.enter);
    expect(drawn.frame()).toContain('✖ Enter a reason first.');
    await drawn.press('s');
    expect(drawn.frame()).not.toContain('Enter a reason first.');
  });

  test.each(['150', '12.5', '1e1', '-5'])('a weight of %s is refused there', async (typed) => {
    const drawn = await draw(moments()['traffic']!);
    await drawn.press('t', ...typed, KEY.enter);
    expect(drawn.frame()).toContain(
      `✖ Invalid percentage "${typed}". Enter a whole number from 0 to 100.`,
    );
  });
});

test('code is copied whole, and where it went is said', async () => {
  const drawn = await draw(moments()['code over traffic']!, { size: { columns: 60, rows: 24 } });
  expect(drawn.lines().slice(3).join()).not.toContain('…');
  await drawn.press('Y');
  expect(drawn.issued.at(-1)?.command).toMatchObject({
    do: 'copy',
    what: 'code',
    text: expect.stringContaining('az ml online-endpoint update --name heart') as unknown,
  });
  await drawn.answer('copy', { said: 'Code: copied to the clipboard of the terminal.' });
  expect(drawn.frame()).toContain('Code: copied to the clipboard of the terminal.');
});

test('help scrolls where it does not fit, and its last line can be reached', async () => {
  const drawn = await draw(moments()['traffic']!, { size: { columns: 60, rows: 18 } });
  await drawn.press('?');
  expect(drawn.frame()).toMatch(/lines 1 to \d+ of \d+/);
  expect(drawn.frame()).not.toContain('never change anything');
  await drawn.press(MORE.end);
  expect(drawn.frame()).toContain('never change anything');
  // One step back is one step: nothing was scrolled past the end.
  await drawn.press(KEY.down, KEY.down, KEY.up);
  expect(drawn.frame()).not.toContain('never change anything');
  await drawn.press(MORE.home);
  expect(drawn.frame()).toMatch(/lines 1 to/);
});

test.each([80, 200])('an endpoint says whose rollout it carries at %i columns', async (columns) => {
  const listed = moments()['endpoints']!;
  const [endpoint] = listed.session!.endpoints;
  const tags = { 'amlr-rollout': 'r1', 'amlr-owner': 'ada@example.com' };
  const endpoints = [
    { ...endpoint!, tags },
    { ...endpoint!, name: 'fraud-detector-prod', traffic: { default: 100 } },
  ];
  const state = { ...listed, session: { ...listed.session!, endpoints } };
  const frame = (await draw(state, { size: { columns, rows: 24 } })).frame();
  expect(frame).toMatch(/❯ heart {16}Succeeded {2}default=90 other=10 {2}rollout of ada$/m);
  expect(frame).toMatch(/fraud-detector-prod {2}Succeeded {2}default=100$/m);
});

test('a model version has its day, also where it is the one of blue', async () => {
  const listed = moments()['new model']!;
  const models = listed.screens['new-model']!.models!.map((each) => ({
    ...each,
    versions: each.versions.map((version) => ({ ...version, createdAt: '2026-02-27T10:00:00Z' })),
  }));
  const frame = (await draw(onScreen(listed, 'new-model', { models }))).frame();
  expect(frame).toMatch(/heart-classifier 2 {2}mlflow_model {2}2026-02-27$/m);
  expect(frame).toMatch(/heart-classifier 1 {2}mlflow_model {2}2026-02-27 {2}blue$/m);
});
