import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError, listed, pathProblem, printable } from '../../../src/sampling/input-error.js';
import { saveSample, scoringBody } from '../../../src/sampling/payload.js';
import {
  isRight,
  parsePredictions,
  shownPrediction,
  single,
} from '../../../src/sampling/predictions.js';
import { growth, scratch } from './support.js';

const folder = scratch();
const body = scoringBody({ columns: ['a', 'b'], form: 'columns' }, [
  { rowNumber: 7, values: [1, 'x'] },
  { rowNumber: 3, values: [2.5, null] },
]);

describe('scoringBody', () => {
  it('is the split form, with an index of its own', () => {
    expect(JSON.stringify(body)).toBe(
      '{"input_data":{"columns":["a","b"],"index":[0,1],"data":[[1,"x"],[2.5,null]]}}',
    );
  });
});

describe('saveSample', () => {
  it('writes readable JSON over an older file, and leaves nothing else behind', async () => {
    mkdirSync(join(folder.path, 'out'));
    folder.file('out/sample.json', 'old');
    const path = join(folder.path, 'out', 'sample.json');
    expect(await saveSample(path, body)).toBe(path);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(body);
    expect(readdirSync(join(folder.path, 'out'))).toEqual(['sample.json']);
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('writes whole numbers to the last digit', async () => {
    const path = folder.file('long.json', '');
    await saveSample(
      path,
      scoringBody({ columns: ['id'], form: 'columns' }, [
        { rowNumber: 1, values: [9007199254740993n] },
      ]),
    );
    expect(readFileSync(path, 'utf8')).toMatch(/^ +9007199254740993$/m);
  });

  it('refuses a place that can’t be written, and keeps what is there', async () => {
    const nowhere = saveSample(join(folder.path, 'none', 'sample.json'), body);
    await expect(nowhere).rejects.toThrow(/its folder does not exist/);
    await expect(nowhere).rejects.toBeInstanceOf(InputError);
    mkdirSync(join(folder.path, 'taken'));
    folder.file('taken/inside', '');
    await expect(saveSample(join(folder.path, 'taken'), body)).rejects.toThrow(/is a folder/);
    expect(readdirSync(folder.path).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

describe('parsePredictions', () => {
  it.each<[unknown, unknown[]]>([
    [
      [0, 1],
      [0, 1],
    ],
    [{ predictions: ['a', 'b'] }, ['a', 'b']],
    ['[0, 1]', [0, 1]],
    [
      [[0], [1]],
      [[0], [1]],
    ],
    [
      [{ label: 0 }, { label: 1 }],
      [{ label: 0 }, { label: 1 }],
    ],
    // Several outputs of an ONNX model.
    [
      {
        predictions: {
          label: ['a', 'b'],
          scores: [
            [0.9, 0.1],
            [0.2, 0.8],
          ],
        },
      },
      [
        { label: 'a', scores: [0.9, 0.1] },
        { label: 'b', scores: [0.2, 0.8] },
      ],
    ],
    [{ probs: [[0.9, 0.1]] }, [{ probs: [0.9, 0.1] }]],
    // As Python writes what is no number.
    ['{"predictions": [NaN, "NaN", "a \\" NaN", -Infinity]}', [null, 'NaN', 'a " NaN', -Infinity]],
    [
      [
        [0.2, 0.8],
        [0.6, 0.4],
      ],
      [
        [0.2, 0.8],
        [0.6, 0.4],
      ],
    ],
    [[], []],
  ])('reads %j', (answer, values) => {
    expect(parsePredictions(answer)).toEqual({ ok: true, values });
  });

  it.each([
    '['.repeat(200_000) + ']'.repeat(200_000),
    `{"predictions": ${'[{"a": '.repeat(60)}NaN${'}]'.repeat(60)}}`,
    `[1, "\\"${'['.repeat(101)}", ${'['.repeat(100)}${']'.repeat(100)}]`,
  ])('that is nested too deep is answered with a sentence: %#', (answer) => {
    expect(parsePredictions(answer)).toEqual({
      ok: false,
      problem:
        "The answer can't be read: its lists and objects are nested more than 100 levels deep.",
    });
  });

  it('takes brackets in text for text', () => {
    const text = `\\"${'['.repeat(200)}\\\\`;
    const nested = `${'['.repeat(99)}"${text}"${']'.repeat(99)}`;
    expect(parsePredictions(`[${nested}]`)).toEqual({ ok: true, values: [JSON.parse(nested)] });
  });

  it('of ten times the quotes in text that is never closed takes ten times as long', async () => {
    const work = (quotes: number) => {
      expect(parsePredictions(`[NaN, "${'\\"'.repeat(quotes)}`).ok).toBe(false);
    };
    expect(await growth(10_000, work)).toBeLessThan(40);
  });

  it('reads JSON in text to the last digit of its whole numbers', () => {
    expect(parsePredictions('[9007199254740993, 2]')).toEqual({
      ok: true,
      values: [9007199254740993n, 2],
    });
    expect(parsePredictions('{"predictions": [NaN, 9007199254740993]}')).toEqual({
      ok: true,
      values: [null, 9007199254740993n],
    });
    expect(parsePredictions(9007199254740993n)).toMatchObject({
      problem: expect.stringContaining('9007199254740993') as string,
    });
  });

  it.each([null, undefined, 3, 'Internal error', {}, { predictions: 3 }, { error: 'x' }])(
    'says what %j is instead',
    (answer) => {
      expect(parsePredictions(answer)).toEqual({
        ok: false,
        problem: expect.stringMatching(/^The answer is not a list of predictions but /) as string,
        summary: 'The answer is not a list of predictions.',
      });
    },
  );

  it('takes a list or a record of one value for that value', () => {
    expect([[0], { label: 1 }, [{ label: 2 }], [3, 4]].map(single)).toEqual([0, 1, 2, [3, 4]]);
  });

  it('reads the vector of one row that was laid out as rows', () => {
    const frame = { predictions: [{ probs: 0.1 }, { probs: 0.2 }, { probs: 0.7 }] };
    expect(parsePredictions(frame, 1)).toEqual({ ok: true, values: [{ probs: [0.1, 0.2, 0.7] }] });
    expect(parsePredictions(frame, 3)).toMatchObject({ ok: true });
    expect(parsePredictions(frame, 2)).toMatchObject({ ok: false });
    expect(parsePredictions({ predictions: [{ a: 1 }, { b: 1 }] }, 1).ok).toBe(false);
    expect(parsePredictions({ predictions: { a: [1, 2], b: [1] } }, 2).ok).toBe(false);
  });

  it('counts', () => {
    expect(parsePredictions([1, 2], 2).ok).toBe(true);
    expect(parsePredictions([1, 2], 3)).toEqual({
      ok: false,
      problem: '3 rows were sent and 2 predictions came back.',
    });
    expect(parsePredictions([1, 2], 1)).toMatchObject({
      problem: '1 row was sent and 2 predictions came back.',
    });
  });
});

describe('isRight', () => {
  it.each<[unknown, string, boolean]>([
    [1, '1', true],
    [1, '1.0', true],
    [1, ' 1 ', true],
    [1, 'true', true],
    [0, '', false],
    [0, '1', false],
    [true, 'True', true],
    [true, '1', true],
    [false, '0', true],
    [false, '', false],
    [true, 'False', false],
    ['yes', 'yes', true],
    ['1', '1.0', true],
    ['yes', 'no', false],
    ['', '0', false],
    [9007199254740993n, '9007199254740993', true],
    [9007199254740993n, '9007199254740993.0', true],
    [9007199254740992n, '9007199254740993', false],
    [9007199254740992, '9007199254740993', false],
    ['9007199254740992', '9007199254740993', false],
    ['9007199254740993.0', '9007199254740993', true],
    [null, '', false],
    [[1], '1', false],
  ])('%s for %j: %s', (prediction, truth, right) => {
    expect(isRight(prediction, truth)).toBe(right);
  });
});

describe('text for the screen', () => {
  it('holds nothing that moves a cursor, hides text or breaks the line', () => {
    const hostile = 'a\x1b[31mb\x07\r\n\u009b2J\u202ec\u2028d\u0000';
    expect(printable(hostile)).toBe('a [31mb 2J c d ');
    expect(shownPrediction(hostile)).toBe('a [31mb 2J c d ');
    expect(shownPrediction({ a: '\x1b' })).toBe('{"a":"\\u001b"}');
    expect(shownPrediction([9007199254740993n])).toBe('[9007199254740993]');
    expect(printable('x'.repeat(100), 10)).toBe('xxxxxxxxx…');
  });

  it.each([
    ['EACCES', /can't be read by this user/],
    ['EISDIR', /is a folder/],
    ['EIO', /can't be read \(EIO\)/],
  ])('says what %s means, without the path moving the cursor', (code, sentence) => {
    const { message } = pathProblem('a\x1b[2Jb', { code });
    expect(message).toMatch(sentence);
    expect(message).toContain('a [2Jb');
  });

  it('names the working folder for a relative path only', () => {
    const told = (path: string) => pathProblem(path, { code: 'ENOENT' }).message;
    expect(told('none.csv')).toContain(`it is read from ${process.cwd()}.`);
    expect(told('/none.csv')).toBe('There is no /none.csv. Check the path.');
  });

  it('lists names', () => {
    expect([listed([]), listed(['a']), listed(['a', 'b']), listed(['a', 'b', 'c'], 2)]).toEqual([
      '',
      'a',
      'a and b',
      'a, b and 1 more',
    ]);
  });
});
