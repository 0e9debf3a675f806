import { createHash } from 'node:crypto';
import { chmodSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import { readTable, readHeader } from '../../../src/sampling/table-reader.js';
import { InputError } from '../../../src/sampling/input-error.js';
import { leftOutNote } from '../../../src/sampling/left-out.js';
import { scratch } from './support.js';

const folder = scratch();
const heart = fileURLToPath(new URL('../../../samples/heart.csv', import.meta.url));

async function read(content: string | Uint8Array, name = 'table.csv') {
  const rows: { rowNumber: number; cells: string[] }[] = [];
  const summary = await readTable(folder.file(name, content), {
    onRow: (rowNumber, cells) => rows.push({ rowNumber, cells: cells() }),
  });
  return { summary, rows, cells: rows.map((row) => row.cells) };
}

async function refusal(content: string | Uint8Array): Promise<string> {
  const error: unknown = await read(content).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InputError);
  return (error as InputError).message;
}

describe('readTable', () => {
  it('reads the sample data: names, rows, bytes and hash of the file', async () => {
    const numbers: number[] = [];
    const summary = await readTable(heart, { onRow: (rowNumber) => numbers.push(rowNumber) });
    const bytes = readFileSync(heart);
    expect(summary).toMatchObject({
      name: 'heart.csv',
      delimiter: ',',
      encoding: 'utf-8',
      rows: 303,
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      ragged: { count: 0, first: [] },
    });
    expect(summary.columns).toHaveLength(14);
    expect(numbers).toEqual(Array.from({ length: 303 }, (_, index) => index + 1));
  });

  it.each([
    [',', 'a,b\n1,2\n3,4\n'],
    [';', 'a;b\n1;2\n3;4\n'],
    ['\t', 'a\tb\n1\t2\n3\t4\n'],
    [',', 'a,b\r\n1,2\r\n3,4\r\n'],
    [',', 'a,b\r1,2\r3,4\r'],
    [',', 'a,b\n1,2\r\n3,4'],
    [',', '"a","b"\r\n"1","2"\r\n"3","4"\r'],
    [',', '\n\na,b\n\n1,2\n\n\n3,4\n\n'],
  ])('tells %j from line ends of every kind: %j', async (delimiter, text) => {
    const { summary, cells } = await read(text);
    expect(summary.delimiter).toBe(delimiter);
    expect(summary.columns).toEqual(['a', 'b']);
    expect(cells).toEqual([
      ['1', '2'],
      ['3', '4'],
    ]);
  });

  it('takes the semicolon where numbers have decimal commas', async () => {
    const { summary, cells } = await read('age;chol\n1,5;2,5\n2,5;3,5\n');
    expect(summary.delimiter).toBe(';');
    expect(cells[0]).toEqual(['1,5', '2,5']);
  });

  it('takes off a byte order mark', async () => {
    expect((await read('\uFEFFage,sex\n1,0\n')).summary.columns).toEqual(['age', 'sex']);
  });

  it('reads UTF-16 with a byte order mark, as Excel saves "Unicode text"', async () => {
    const little = Buffer.from('\uFEFFname\tä\nünal\t1\n', 'utf16le');
    const big = Buffer.from(little).swap16();
    for (const [bytes, encoding] of [
      [little, 'utf-16le'],
      [big, 'utf-16be'],
    ] as const) {
      const { summary, cells } = await read(bytes);
      expect(summary.encoding).toBe(encoding);
      expect(summary.columns).toEqual(['name', 'ä']);
      expect(cells).toEqual([['ünal', '1']]);
    }
  });

  it('reads quoted fields with delimiters, quotes and line breaks', async () => {
    const { rows } = await read('a,b\n"x, ""y""\nz",1\nw,2\n');
    expect(rows).toEqual([
      { rowNumber: 1, cells: ['x, "y"\nz', '1'] },
      { rowNumber: 2, cells: ['w', '2'] },
    ]);
  });

  it('reads every table back as it was written, wherever the pieces of 256 KB end', async () => {
    const cell = fc.oneof(
      fc.string({ maxLength: 6 }),
      fc.constantFrom('"', '""', 'a,b', 'x\ny', 'ä€😀', ' ', '"a"\n', ';'),
    );
    const rows = fc.array(fc.tuple(fc.nat(), cell, cell), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(rows, fc.nat(80), async (few, shift) => {
        // \r alone or at a cell's end is a line end to some writers: not part of this property.
        const clean = few.map((row) => row.map((one) => String(one).replaceAll('\r', '')));
        const filler = ['0', 'ü"\n,€'.repeat(300), 'x'.repeat(shift)];
        const table = Array.from({ length: 160 }, () => [filler, ...clean]).flat();
        const text = Papa.unparse([['n', 'p', 'q'], ...table], { newline: '\n' });
        expect((await read(text)).cells).toEqual(table);
      }),
      { numRuns: 12 },
    );
  });

  it('does not take a quote for broken because its line end is in the next piece', async () => {
    const first = 'a,b\r\n1,"';
    const long = 'x'.repeat(256 * 1024 - first.length - 2);
    const { cells } = await read(`${first}${long}"\r\n2,"y"\r\n`);
    expect(cells).toEqual([
      ['1', long],
      ['2', 'y'],
    ]);
  });

  it('leaves ragged rows out, and says which', async () => {
    const { summary, rows } = await read('a,b\n1,2\n3\n4,5,6\n7,8\n');
    expect(rows.map((row) => row.rowNumber)).toEqual([1, 4]);
    expect(summary.rows).toBe(4);
    expect(summary.ragged).toEqual({
      count: 2,
      first: [
        { rowNumber: 2, fields: 1 },
        { rowNumber: 3, fields: 3 },
      ],
    });
    expect(leftOutNote(summary)).toMatch(
      /^2 rows of \S+ are left out, with more or fewer fields than the header has \(2\): row 2 has 1\.$/,
    );
    expect(leftOutNote((await read('a,b\n1,2\n')).summary)).toBeUndefined();
  });

  // pandas 3.1: pd.read_csv(...).columns
  it.each([
    [',a', ['Unnamed: 0', 'a']],
    [',Unnamed: 0,a,y', ['Unnamed: 0.1', 'Unnamed: 0', 'a', 'y']],
    ['a,a,a', ['a', 'a.1', 'a.2']],
    ['a,a,a.1', ['a', 'a.2', 'a.1']],
    ['a.1,a,a', ['a.1', 'a', 'a.2']],
    ['a,a.1,a,a.1', ['a', 'a.1', 'a.2', 'a.1.1']],
    ['Unnamed: 1,,', ['Unnamed: 1', 'Unnamed: 1.1', 'Unnamed: 2']],
    [' ,a,b', [' ', 'a', 'b']],
    ['"",a,', ['Unnamed: 0', 'a', 'Unnamed: 2']],
    ['0,1,y', ['0', '1', 'y']],
  ])('names the columns of %j as pandas does', async (header, columns) => {
    const { summary } = await read(`${header}\n${columns.map(() => '7').join(',')}\n`);
    expect(summary.columns).toEqual(columns);
  });

  it('reads | between columns, the line sep=; of Excel, and line ends that were converted twice', async () => {
    for (const text of [
      'a|b\n1|2\n',
      'sep=;\r\na;b\r\n1;2\r\n',
      'a,b\r\r\n1,2\r\r\n',
      '"a","b"\r\r\n"1","2"',
    ]) {
      const { summary, cells } = await read(text);
      expect(summary.columns).toEqual(['a', 'b']);
      expect(cells).toEqual([['1', '2']]);
    }
  });

  it.each([
    [
      'a request',
      '{"input_data": {"columns": ["a"], "index": [0], "data": [[1]]}}',
      /is a request in JSON, and rows need a CSV/,
    ],
    ['a request in lines', '{\n  "input_data": {\n    "columns": ["a"]', /is a request in JSON/],
    ['other JSON', '[\n  {"a": 1, "b": 2}\n]\n', /is JSON, and rows need a CSV/],
    ['rows as JSON', '[[1, 2], [3, 4]]', /is JSON/],
    [
      'columns apart by blanks',
      'mpg cyl disp\n21 6 160\n22.8  4 108\n',
      /3 columns seem to be separated by blanks/,
    ],
    [
      'a table of R',
      'mpg cyl\nMazda 21 6\nDatsun 22 4\n',
      /3 columns seem to be separated by blanks/,
    ],
    [
      'a separator that is not read',
      'sep=~\na~b\n1~2\n',
      /says sep=~ in its first line.*Comma, semicolon, tab and \| are read/,
    ],
  ])('says what %s is', async (_, content, sentence) => {
    expect(await refusal(content)).toMatch(sentence);
  });

  it.each([
    'review\nso good\nso bad indeed\n',
    'a b\n',
    'name\nAda Lovelace\nKurt Goedel\n',
    '{,b\n1,2\n',
  ])('takes %j for a table', async (text) => {
    await readHeader(folder.file('plain.csv', text));
  });

  it.each<[string, string | Uint8Array, RegExp]>([
    ['an empty file', '', /is empty/],
    ['blank lines only', '\n\r\n\n', /is empty/],
    ['a header only', 'a,b\n', /no rows/],
    ['a row in place of the header', '63,1,63\n1,2,3\n', /column 63 more than once.*not a header/],
    ['an open quote', 'a,b\n1,2\n"3,4\n5,6\n', /row 2 opens a quote/],
    ['text after a closing quote', 'a,b\n1,2\n"3"x,4\n', /in row 2 a quoted field continues/],
    ['rows that never fit', 'a,b\n1,2,3\n4,5,6\n', /no row fits.*2 columns.*3 fields/],
    ['Latin-1', Buffer.from('a,b\n1,2\n3,é\n', 'latin1'), /not UTF-8 text: byte 11, in row 2,/],
    ['Latin-1 in the header', Buffer.from('é,b\n1,2\n', 'latin1'), /byte 1, in the header/],
    ['a character cut at the end', Buffer.from('a,b\n1,€').subarray(0, 8), /not UTF-8.*row 1/],
    ['a workbook', Buffer.from('PK\x03\x04rest'), /Excel workbook/],
    ['zero bytes', 'a\0,b\n1,2\n', /not text/],
  ])('refuses %s in a sentence', async (_, content, sentence) => {
    const message = await refusal(content);
    expect(message).toMatch(sentence);
    expect(message).toMatch(/^table\.csv\b.*\.\)?$/);
  });

  it('finds the row of a bad byte behind the first pieces of the file', async () => {
    const good = '€uro,2\n'.repeat(70_000);
    const bytes = Buffer.concat([Buffer.from(`a,b\n${good}3,`), Buffer.from([0xe9, 0x0a])]);
    expect(await refusal(bytes)).toContain(`byte ${bytes.length - 1}, in row 70001`);
  });

  it('gives up on a quote that swallows the file, without reading it all', async () => {
    const path = folder.file('open.csv', `a,b\n1,2\n"${'x,y\n'.repeat(5_000_000)}`);
    let seen = 0;
    const reading = readTable(path, {
      onRow: () => undefined,
      onProgress: ({ readBytes }) => (seen = readBytes),
    });
    await expect(reading).rejects.toThrow(/row 2 opens a quote/);
    expect(seen).toBeLessThan(12_000_000);
  });

  it('of a large file lets everything else have its turn between the pieces', async () => {
    const path = folder.file('large.csv', `a,b\n${`"${'""'.repeat(500)}",2\n`.repeat(8_000)}`);
    let turns = 0;
    let reading = true;
    const turn = (): void => {
      turns += 1;
      if (reading) setImmediate(turn);
    };
    setImmediate(turn);
    const { bytes } = await readTable(path, { onRow: () => undefined });
    reading = false;
    expect(bytes).toBeGreaterThan(8_000_000);
    // A drawing thread that waits for all of it has one or two.
    expect(turns).toBeGreaterThan(bytes / 2 ** 20);
  });

  it('cleans what it repeats of the file', async () => {
    const message = await refusal('sep=\x1b\na,b\n1,2\n');
    expect(message).toContain('says sep= ');
    expect(message).not.toContain('\x1b');
  });

  it.each([
    ['nothing', 'none.csv', /There is no .*none\.csv/],
    ['a folder', '.', /is a folder/],
    ['a path through a file', 'table.csv/x.csv', /There is no/],
  ])('refuses a path of %s', async (_, name, sentence) => {
    folder.file('table.csv', 'a\n1\n');
    const reading = readTable(`${folder.path}/${name}`, { onRow: () => undefined });
    await expect(reading).rejects.toThrow(sentence);
    await expect(reading).rejects.toBeInstanceOf(InputError);
  });

  // Root may read everything.
  it.skipIf(process.getuid?.() === 0 || process.platform === 'win32')(
    'refuses a file that may not be read',
    async () => {
      const path = folder.file('secret.csv', 'a\n1\n');
      chmodSync(path, 0o000);
      await expect(readTable(path, { onRow: () => undefined })).rejects.toThrow(/can't be read/);
    },
  );

  it('tells how far it is, and stops with the reason it is given', async () => {
    const path = folder.file('long.csv', `a,b\n${'1,2\n'.repeat(300_000)}`);
    const seen: { readBytes: number; totalBytes: number; rows: number }[] = [];
    await readTable(path, { onRow: () => undefined, onProgress: (now) => seen.push(now) });
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.at(-1)).toMatchObject({ readBytes: 1_200_004, totalBytes: 1_200_004 });
    expect(seen.map((now) => now.rows)).toEqual(seen.map((now) => now.rows).sort((a, b) => a - b));

    const stop = new AbortController();
    const reason = new Error('enough');
    let rows = 0;
    const reading = readTable(path, {
      onRow: () => rows++,
      onProgress: () => stop.abort(reason),
      signal: stop.signal,
    });
    await expect(reading).rejects.toBe(reason);
    expect(rows).toBeGreaterThan(0);
    expect(rows).toBeLessThan(300_000);
  });
});

describe('readHeader', () => {
  it('gives columns and delimiter', async () => {
    const path = folder.file('head.csv', `age;sex\n${'1;2\n'.repeat(300_000)}`);
    expect(await readHeader(path)).toEqual({ columns: ['age', 'sex'], delimiter: ';' });
  });

  it('refuses what has none', async () => {
    await expect(readHeader(folder.file('no.csv', ''))).rejects.toThrow(/is empty/);
    await expect(readHeader(folder.file('dup.csv', '1,1\n'))).rejects.toThrow(/more than once/);
  });
});
