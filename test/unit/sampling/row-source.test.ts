/** Rows of several files, wherever they lie. */
import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { StoredFile } from '../../../src/common/stored-file.js';
import { sampleRows } from '../../../src/sampling/sample.js';

const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');

/** A file that is in no folder of this machine. */
function elsewhere(name: string, content: string | Buffer): StoredFile {
  const bytes = Buffer.from(content);
  return {
    name,
    path: `azureml:x/${name}`,
    bytes: bytes.length,
    async *open() {
      for (let at = 0; at < bytes.length; at += 7) {
        yield await Promise.resolve(bytes.subarray(at, at + 7));
      }
    },
    slice: (start, end) => Promise.resolve(new Uint8Array(bytes.subarray(start, end)).buffer),
  };
}

const source = (...files: StoredFile[]) => ({ path: 'azureml:x:1', name: 'azureml:x:1', files });

describe('rows of files elsewhere', () => {
  const heart = fileURLToPath(new URL('../../../samples/heart.csv', import.meta.url));

  test('one file gives the rows and the hash that it gives on this machine', async () => {
    const wanted = { rows: 20, seed: 4711 };
    const here = await sampleRows(heart, wanted);
    const there = await sampleRows(source(elsewhere('heart.csv', readFileSync(heart))), wanted);
    expect(there.rows).toEqual(here.rows);
    expect(there.file.sha256).toBe(here.file.sha256);
    expect(there.file.name).toBe('azureml:x:1');
  });

  test('rows of several files count on, whatever the order of their columns', async () => {
    const one = 'a,b\n1,2\n3,4\n';
    const two = 'b,a\n6,5\n';
    const { file, rows } = await sampleRows(
      source(elsewhere('1.csv', one), elsewhere('2.csv', two)),
      { rows: 10, seed: 1 },
    );
    const inOrder = rows.toSorted((a, b) => a.rowNumber - b.rowNumber);
    expect(inOrder).toEqual([
      { rowNumber: 1, cells: ['1', '2'] },
      { rowNumber: 2, cells: ['3', '4'] },
      { rowNumber: 3, cells: ['5', '6'] },
    ]);
    expect(file).toMatchObject({ columns: ['a', 'b'], rows: 3, bytes: one.length + two.length });
    // As `sha256sum 1.csv 2.csv | sha256sum` says it.
    expect(file.sha256).toBe(sha256(`${sha256(one)}  1.csv\n${sha256(two)}  2.csv\n`));
  });

  test('Parquet files of a folder are read by their row groups', async () => {
    const parquet = readFileSync(new URL('./files/rows-snappy.parquet', import.meta.url));
    const once = await sampleRows(source(elsewhere('1.parquet', parquet)), { rows: 5, seed: 3 });
    const twice = await sampleRows(
      source(elsewhere('1.parquet', parquet), elsewhere('2.parquet', parquet)),
      { rows: 2 * once.file.rows, seed: 3 },
    );
    expect(twice.file.rows).toBe(2 * once.file.rows);
    const second = twice.rows.find(
      ({ rowNumber }) => rowNumber === once.file.rows + (once.rows[0]?.rowNumber ?? 0),
    );
    expect(second?.cells).toEqual(once.rows[0]?.cells);
  });

  test('a file with other columns is refused by its name', async () => {
    const files = [elsewhere('1.csv', 'a,b\n1,2\n'), elsewhere('2.csv', 'a,c\n1,2\n')];
    await expect(sampleRows(source(...files), { rows: 1, seed: 1 })).rejects.toThrow(
      '2.csv does not have the columns of 1.csv: b is missing, c is new.',
    );
  });

  test('a place without a file of rows says so', async () => {
    await expect(sampleRows(source(), { rows: 1, seed: 1 })).rejects.toThrow(
      'azureml:x:1 holds no file with rows.',
    );
  });
});
