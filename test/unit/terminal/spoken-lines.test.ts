/** What a screen reader is told of frames: what is new, and where one is as the last of it. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { linesOf, spokenLines, SpokenOutput } from '../../../src/terminal/spoken-lines.js';

const FORM = ['A new endpoint', 'field 1 of 2, Name: a', '> field 2 of 2, Tags: empty, optional'];

describe('the lines of a frame', () => {
  it('are without colours, rules and empty rows, and columns are parts of a sentence', () => {
    const frame =
      ' \u001b[1maml-rollout\u001b[22m   2 of 11\n──────\n-----\n\n errors    0/300   pass\n';
    expect(linesOf(frame)).toEqual(['aml-rollout, 2 of 11', 'errors, 0/300, pass']);
  });

  it('are told where they are new, the place of the cursor last', () => {
    expect(spokenLines([], FORM)).toEqual(FORM);
    expect(spokenLines(FORM, FORM)).toEqual([]);
    const up = [FORM[0]!, '> field 1 of 2, Name: a, 3 to 32 letters', 'field 2 of 2, Tags: empty'];
    expect(spokenLines(FORM, up)).toEqual(['> field 1 of 2, Name: a, 3 to 32 letters']);
    const items = ['> 1 of 2: sandbox', '2 of 2: new connection'];
    const down = ['1 of 2: sandbox', '> 2 of 2: new connection', 'It needs a sign-in.'];
    expect(spokenLines(items, down)).toEqual(['It needs a sign-in.', '> 2 of 2: new connection']);
  });

  it('do not end in keys again where only the field is another', () => {
    const before = ['Rows', '> button: Send', 'Keys: Enter send'];
    expect(spokenLines(before, ['Rows', '> field 1 of 1: 5', 'Keys: Enter next'])).toEqual([
      '> field 1 of 1: 5',
    ]);
    expect(spokenLines(before, ['Sent', 'Keys: Enter next'])).toEqual(['Sent', 'Keys: Enter next']);
  });
});

describe('frames in quick succession', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('are told as one, and a word once it is typed', () => {
    const told: string[] = [];
    const output = new SpokenOutput((line) => told.push(line));
    output.write('> field 1 of 1, Name: a');
    output.write('> field 1 of 1, Name: ab');
    expect(told).toEqual([]);
    vi.advanceTimersByTime(200);
    expect(told).toEqual(['> field 1 of 1, Name: ab']);
    for (const name of ['abc', 'abcd', 'abcde']) {
      output.write(`> field 1 of 1, Name: ${name}`);
      vi.advanceTimersByTime(400);
    }
    expect(told).toHaveLength(1);
    vi.advanceTimersByTime(400);
    expect(told.slice(1)).toEqual(['> field 1 of 1, Name: abcde']);
    output.write('Left.');
    output.end();
    expect(told.at(-1)).toBe('Left.');
    vi.advanceTimersByTime(2_000);
    expect(told).toHaveLength(3);
  });
});
