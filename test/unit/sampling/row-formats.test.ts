/** Rows from gzip, JSON lines and Parquet: the files of `files/` are pandas' (pyarrow), 500 rows in groups of 200. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { cellText } from '../../../src/sampling/cell-text.js';
import { collectedRows } from '../../../src/sampling/collected-rows.js';
import { readTable, readHeader } from '../../../src/sampling/table-reader.js';
import { planMapping } from '../../../src/sampling/mapping.js';
import { prepareRows } from '../../../src/sampling/prepare.js';
import { sampleRows } from '../../../src/sampling/sample.js';
import { scratch } from './support.js';

const folder = scratch();
const heart = readFileSync(fileURLToPath(new URL('../../../samples/heart.csv', import.meta.url)));
const parquet = (codec: string) =>
  fileURLToPath(new URL(`files/rows-${codec}.parquet`, import.meta.url));

describe('whole numbers that a double does not hold', () => {
  const wanted = ['9007199254740993', '-9223372036854775808'];

  it.each([
    ['ids.csv', `id,y\n${wanted.join(',1\n')},1\n`],
    ['ids.jsonl', wanted.map((id) => `{"id": ${id}, "y": 1}\n`).join('')],
  ])('keep their digits from %s to the request', async (name, text) => {
    const sample = await sampleRows(folder.file(name, text), { rows: 2, seed: 1 });
    const mapping = planMapping(undefined, sample, { target: 'y' });
    const { rows, failures } = prepareRows(sample, mapping);
    expect(failures).toEqual([]);
    expect(rows.map(({ values: [value] }) => String(value)).sort()).toEqual([...wanted].sort());
    expect(typeof rows[0]!.values[0]).toBe('bigint');
  });

  it('keep them out of a data collector’s events, and in nested values', async () => {
    const event = `{"time": "2026-01-01T00:00:00Z", "data": [{"id": 9007199254740993, "more": [9007199254740993]}]}\n`;
    const file = { open: () => [Buffer.from(event)] } as never;
    const from = new Date('2025-01-01');
    const { pieces } = collectedRows([file], { from, to: new Date('2027-01-01') });
    const lines = [];
    for await (const piece of pieces) lines.push(String(piece));
    expect(lines.join('')).toBe('{"id":9007199254740993,"more":[9007199254740993]}\n');
    expect(cellText([9007199254740993n, 2])).toBe('[9007199254740993,2]');
  });

  it('that are nested too deep are counted as unread, and no text', async () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    const event = `{"time": "2026-01-01T00:00:00Z", "data": [{"a": ${deep}}]}\n`;
    const file = { open: () => [Buffer.from(event)] } as never;
    const times = { from: new Date('2025-01-01'), to: new Date('2027-01-01') };
    const collected = collectedRows([file], times);
    for await (const piece of collected.pieces) expect(piece).toBeUndefined();
    expect([collected.unread(), collected.rows()]).toEqual([1, 0]);
    expect(() => cellText(JSON.parse(deep))).toThrow('nested more than 100 levels deep');
  });
});

describe('gzip', () => {
  it('gives the rows of the CSV inside for the same seed, and the hash of the file itself', async () => {
    const packed = gzipSync(heart);
    const path = folder.file('heart.csv.gz', packed);
    const plain = await sampleRows(folder.file('heart.csv', heart), { rows: 20, seed: 4711 });
    const sample = await sampleRows(path, { rows: 20, seed: 4711 });
    expect(sample.rows).toEqual(plain.rows);
    expect(sample.file).toMatchObject({
      rows: 303,
      format: 'csv',
      bytes: packed.length,
      sha256: createHash('sha256').update(packed).digest('hex'),
    });
    expect((await readHeader(path)).columns).toEqual(plain.file.columns);
  });

  it('is unpacked piece by piece, however large', async () => {
    const line = `${'x'.repeat(98)},1\n`;
    const packed = gzipSync(
      Buffer.concat([Buffer.from('a,b\n'), Buffer.from(line.repeat(700_000))]),
    );
    const path = folder.file('large.csv.gz', packed);
    const before = process.memoryUsage.rss();
    let peak = before;
    const sample = await sampleRows(path, {
      rows: 5,
      seed: 1,
      onProgress: () => (peak = Math.max(peak, process.memoryUsage.rss())),
    });
    expect(sample.file.rows).toBe(700_000);
    expect(peak - before).toBeLessThan(60 * 2 ** 20);
  });

  it('that is damaged or cut is refused', async () => {
    const packed = gzipSync(heart);
    for (const bytes of [
      packed.subarray(0, 2_000),
      Buffer.concat([packed.subarray(0, 40), brotliCompressSync(heart)]),
    ]) {
      const path = folder.file('cut.csv.gz', bytes);
      await expect(sampleRows(path, { rows: 1, seed: 1 })).rejects.toThrow(
        'cut.csv.gz is damaged: its gzip does not unpack. Copy it again.',
      );
    }
  });
});

describe('JSON lines', () => {
  const lines = Array.from({ length: 303 }, (_, at) =>
    JSON.stringify({
      age: at,
      sex: at % 2 ? 'NA' : null,
      ...(at % 3 === 0 && { paid: true }),
      target: 1,
    }),
  );
  const path = () => folder.file('rows.jsonl', `${lines.join('\n')}\n`);

  it('are rows: the same numbers for a seed as of a CSV with as many', async () => {
    const sample = await sampleRows(path(), { rows: 5, seed: 4711 });
    expect(sample.rows.map((row) => row.rowNumber)).toEqual([181, 235, 267, 38, 221]);
    expect(sample.file).toMatchObject({ format: 'json-lines', rows: 303 });
    expect(sample.file.columns).toEqual(['age', 'sex', 'paid', 'target']);
    expect(sample.rows[0]?.cells).toEqual(['180', '', 'true', '1']);
    expect((await readHeader(path())).columns).toEqual(['age', 'sex', 'paid', 'target']);
  });

  it('keep text such as NA as text, for a missing value is null there', async () => {
    const sample = await sampleRows(path(), { rows: 303, seed: 1 });
    const prepared = prepareRows(sample, planMapping(undefined, sample));
    const sexes = new Set(prepared.rows.map(({ values }) => values[1]));
    expect(sexes).toEqual(new Set(['NA', null]));
    expect(prepared.notes).toEqual([]);
  });

  it('are read in gzip too, and wherever pieces end', async () => {
    const many = Array.from({ length: 40_000 }, (_, at) => `{"a": ${at}, "b": "é€😀"}`).join(
      '\r\n',
    );
    const packed = folder.file('rows.jsonl.gz', gzipSync(many));
    const seen: string[] = [];
    const summary = await readTable(packed, { onRow: (_, cells) => seen.push(cells().join('|')) });
    expect(summary.rows).toBe(40_000);
    expect(seen.every((cells, at) => cells === `${at}|é€😀`)).toBe(true);
  });

  it.each([
    ['{"a": 1}\n[2]\n', 'bad.jsonl: row 2 is not one JSON object on a line of its own.'],
    ['{"a": 1}\n{"a": 2\n', 'bad.jsonl: row 2 is not one JSON object on a line of its own.'],
    ['{"input_data": {"columns": []}}\n', 'is a request in JSON, and rows need a CSV'],
  ])('%j is refused', async (text, sentence) => {
    const file = folder.file('bad.jsonl', text);
    await expect(sampleRows(file, { rows: 5, seed: 1 })).rejects.toThrow(sentence);
  });

  it.each([1, 10_000])('whose row %i is nested too deep are refused', async (row) => {
    const deep = `{"a": ${'['.repeat(100_000)}${']'.repeat(100_000)}}\n`;
    const plain = `{"a": "${'x'.repeat(60)}"}\n`;
    const file = folder.file('deep.jsonl', `${plain.repeat(row - 1)}${deep}`);
    await expect(sampleRows(file, { rows: 10_000, seed: 1 })).rejects.toThrow(
      `deep.jsonl: row ${row}: lists and objects are nested more than 100 levels deep. Correct the file.`,
    );
  });
});

describe('Parquet', () => {
  it('with a schema that is nested too deep is refused', async () => {
    const levels = 30_000;
    // Thrift's compact protocol: version 1, groups named "a" with one child each, a leaf; no rows.
    const size = [
      0x80 | ((levels + 1) & 0x7f),
      0x80 | (((levels + 1) >> 7) & 0x7f),
      (levels + 1) >> 14,
    ];
    const group = [0x48, 1, 0x61, 0x15, 2, 0];
    const elements = Array.from({ length: levels }, () => group).flat();
    const start = [0x15, 2, 0x19, 0xfc, ...size];
    const footer = Buffer.from([
      ...start,
      ...elements,
      0x15,
      2,
      0x38,
      1,
      0x61,
      0,
      0x16,
      0,
      0x19,
      0x0c,
      0,
    ]);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(footer.length);
    const bytes = Buffer.concat([Buffer.from('PAR1'), footer, length, Buffer.from('PAR1')]);
    const file = folder.file('deep.parquet', bytes);
    await expect(sampleRows(file, { rows: 5, seed: 1 })).rejects.toThrow(
      "deep.parquet can't be read as Parquet (lists and objects are nested more than 100 levels deep).",
    );
  });

  it.each(['snappy', 'gzip'])(
    'in %s gives its rows by seed, over all row groups',
    async (codec) => {
      const path = parquet(codec);
      const sample = await sampleRows(path, { rows: 60, seed: 4711 });
      expect(sample.file).toMatchObject({
        format: 'parquet',
        rows: 500,
        columns: ['id', 'age', 'chol', 'thal', 'smoker', 'seen', 'target'],
        sha256: createHash('sha256').update(readFileSync(path)).digest('hex'),
      });
      expect((await readHeader(path)).columns).toEqual(sample.file.columns);
      expect(new Set(sample.rows.map((row) => Math.floor((row.rowNumber - 1) / 200))).size).toBe(3);
      for (const { rowNumber, cells } of sample.rows) {
        const at = rowNumber - 1;
        expect(cells).toEqual([
          String(rowNumber),
          String(20 + (at % 60)),
          at % 50 === 0 ? '' : String(100 + at / 4),
          ['normal', 'fixed', '', 'NA'][at % 4],
          String(at % 3 === 0),
          new Date(Date.UTC(2024, 0, 31 + at, 10)).toISOString(),
          String(at % 2),
        ]);
      }
      const csv = folder.file('as-many.csv', `a\n${'1\n'.repeat(500)}`);
      const numbers = (await sampleRows(csv, { rows: 60, seed: 4711 })).rows.map(
        (row) => row.rowNumber,
      );
      expect(sample.rows.map((row) => row.rowNumber)).toEqual(numbers);
    },
  );

  it('of a compression that is not read is refused in a sentence', async () => {
    await expect(sampleRows(parquet('zstd'), { rows: 1, seed: 1 })).rejects.toThrow(
      /^rows-zstd\.parquet can't be read as Parquet \(.*ZSTD.*\)\. Write it again with compression/,
    );
  });

  it('that is damaged is refused in a sentence', async () => {
    const bytes = readFileSync(parquet('snappy'));
    for (const [name, damaged] of [
      ['cut', bytes.subarray(0, 3_000)],
      ['short', bytes.subarray(0, 4)],
      [
        'garbled',
        Buffer.concat([bytes.subarray(0, -200), Buffer.alloc(192, 0xff), bytes.subarray(-8)]),
      ],
    ] as const) {
      const path = folder.file(`${name}.parquet`, damaged);
      await expect(sampleRows(path, { rows: 1, seed: 1 })).rejects.toThrow(
        new RegExp(`^${name}\\.parquet can't be read as Parquet`),
      );
    }
  });
});
