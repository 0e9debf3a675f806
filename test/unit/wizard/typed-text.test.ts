import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  editText,
  typedNumber,
  typedPairs,
  type TypedText,
} from '../../../src/wizard/typed-text.js';

const NAMED = /^(left|right|home|end|backspace|delete|ctrl\+[aekuw])$/;

function typed(value: string, cursor: number, ...keys: string[]): TypedText {
  return keys.reduce<TypedText>(
    (now, name) => editText(now, NAMED.test(name) ? { name } : { name, text: name }) ?? now,
    { value, cursor },
  );
}

describe('a line of text', () => {
  test.each<[string[], string, number]>([
    [['left', 'left', 'x'], 'one txwo', 6],
    [['home', 'x'], 'xone two', 1],
    [['ctrl+a', 'right', 'x'], 'oxne two', 2],
    [['ctrl+a', 'end', 'x'], 'one twox', 8],
    [['home', 'ctrl+e', 'backspace'], 'one tw', 6],
    [['home', 'delete'], 'ne two', 0],
    [['ctrl+w'], 'one ', 4],
    [['ctrl+w', 'ctrl+w'], '', 0],
    [['left', 'ctrl+w'], 'one o', 4],
    [['left', 'ctrl+u'], 'o', 0],
    [['home', 'right', 'ctrl+k'], 'o', 1],
    [['home', 'backspace', 'left'], 'one two', 0],
    [['delete', 'right'], 'one two', 7],
  ])('after %j', (keys, value, cursor) => {
    expect(typed('one two', 7, ...keys)).toEqual({ value, cursor });
  });

  test('an emoji is one character to its keys', () => {
    expect(typed('a👩‍🔬', 7, 'left')).toMatchObject({ cursor: 1 });
    expect(typed('a👩‍🔬', 6, 'backspace')).toEqual({ value: 'a', cursor: 1 });
    expect(typed('👩‍🔬b', 0, 'delete')).toEqual({ value: 'b', cursor: 0 });
  });

  test('leaves other keys alone', () => {
    expect(editText({ value: 'a', cursor: 1 }, { name: 'enter' })).toBeUndefined();
    expect(editText({ value: 'a', cursor: 1 }, { name: 'up' })).toBeUndefined();
  });

  test('never has its cursor outside the text', () => {
    const keys = fc.constantFrom('left', 'right', 'home', 'end', 'backspace', 'ctrl+w', 'é', '👍');
    fc.assert(
      fc.property(fc.string(), fc.nat(20), fc.array(keys), (value, cursor, pressed) => {
        const now = typed(value, cursor, ...pressed, 'x', 'backspace');
        expect(now.cursor).toBeGreaterThanOrEqual(0);
        expect(now.cursor).toBeLessThanOrEqual(now.value.length);
      }),
    );
  });
});

test.each(['', '-5', '1e1', '0x10', '12.5', '١', '1 2'])('%j is no whole number', (text) => {
  expect(typedNumber(text)).toBeNaN();
});

test('spaces around a whole number do not matter', () => {
  expect(typedNumber(' 35 ')).toBe(35);
});

describe('typed pairs', () => {
  test('are all read, or what is none is told', () => {
    expect(typedPairs(' age=alter  sex=a=b ', 'model=csv')).toEqual({ age: 'alter', sex: 'a=b' });
    expect(typedPairs('age=alter years', 'model=csv')).toBe('"years" is not model=csv.');
    expect(typedPairs('age = alter', 'model=csv')).toBe('"age" is not model=csv.');
    expect(typedPairs('', 'model=csv')).toEqual({});
  });
});
