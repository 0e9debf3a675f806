import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { fileOf } from '../../../src/sampling/row-source.js';
import { mostRows, sampleRows } from '../../../src/sampling/sample.js';
import { growth, scratch } from './support.js';

const folder = scratch();
const heart = fileURLToPath(new URL('../../../samples/heart.csv', import.meta.url));
const lines = readFileSync(heart, 'utf8').trim().split('\n').slice(1);

const numbers = async (rows: number, seed: number, path = heart) =>
  (await sampleRows(path, { rows, seed })).rows.map((row) => row.rowNumber);

describe('sampleRows', () => {
  it('draws rows of the file, each once, under their own numbers', async () => {
    const sample = await sampleRows(heart, { rows: 20, seed: 4711 });
    expect(sample).toMatchObject({ seed: 4711, requested: 20, file: { rows: 303 } });
    expect(new Set(sample.rows.map((row) => row.rowNumber)).size).toBe(20);
    for (const row of sample.rows) {
      expect(row.cells.join(',')).toBe(lines[row.rowNumber - 1]);
    }
  });

  it('draws the same rows for the same seed, others for another', async () => {
    const first = await numbers(20, 4711);
    expect(await numbers(20, 4711)).toEqual(first);
    expect(await numbers(20, 4712)).not.toEqual(first);
  });

  // Journals name a seed; another draw for it in a later release would break "the same rows".
  it('keeps to the rows that this release draws', async () => {
    const path = folder.file('many.csv', `a\n${'1\n'.repeat(303)}`);
    expect(await numbers(5, 4711, path)).toEqual([181, 235, 267, 38, 221]);
  });

  it('begins a larger sample with the smaller one', async () => {
    const large = await numbers(268, 7);
    expect(large.slice(0, 200)).toEqual(await numbers(200, 7));
    expect(large.slice(0, 1)).toEqual(await numbers(1, 7));
  });

  it('gives the whole file, shuffled, when more is asked for', async () => {
    const all = await numbers(1000, 1);
    expect([...all].sort((a, b) => a - b)).toEqual(lines.map((_, index) => index + 1));
    expect(all).not.toEqual([...all].sort((a, b) => a - b));
  });

  it('draws every row equally often', async () => {
    const path = folder.file('ten.csv', `a\n${'1\n'.repeat(10)}`);
    const drawn = new Array<number>(10).fill(0);
    const draws = 2000;
    for (let seed = 0; seed < draws; seed++) {
      for (const rowNumber of await numbers(3, seed, path)) drawn[rowNumber - 1]!++;
    }
    // Chi-square over 10 cells; 0.1 % of fair samplers exceed 27.9. Seeds are fixed: never flaky.
    const expected = (draws * 3) / 10;
    const chi = drawn.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chi).toBeLessThan(27.9);
  });

  it.each([0, -1, 2.5, Number.NaN, mostRows + 1])('refuses %d rows', async (rows) => {
    await expect(sampleRows(heart, { rows, seed: 1 })).rejects.toThrow(/number of rows to sample/);
  });

  it.each([-1, 1.5, 2 ** 31, Number.NaN])('refuses the seed %d', async (seed) => {
    await expect(sampleRows(heart, { rows: 1, seed })).rejects.toThrow(/is not a seed/);
  });

  it('takes ten times as long for files of ten times the columns in another order', async () => {
    const columns = (n: number) => Array.from({ length: n }, (_, at) => `column ${at}`);
    const file = (name: string, names: string[]) =>
      fileOf(folder.file(name, `${names.join(',')}\n${names.join(',')}\n`));
    const draw = async (n: number) => {
      const one = await file('one.csv', columns(n));
      const other = await file('other.csv', columns(n).reverse());
      const files = { path: folder.path, name: 'folder', files: [one, other] };
      return sampleRows(files, { rows: 10, seed: 1 });
    };
    for (const { cells } of (await draw(20)).rows) expect(cells).toEqual(columns(20));
    expect(await growth(1_500, draw)).toBeLessThan(40);
  });

  // 1 GB is measured by test/bench/sampling.mjs; this one fails when a file is read whole.
  it('does not keep a large file in memory', async () => {
    const path = join(folder.path, 'large.csv');
    const file = openSync(path, 'w');
    const hash = createHash('sha256');
    const put = (text: string) => {
      hash.update(text);
      writeSync(file, text);
    };
    put('id,note,target\n');
    const block = `"a, ""b""\nc",${'x'.repeat(40)}\n`.repeat(2000);
    let rows = 0;
    for (let part = 0; part < 300; part++) {
      let text = '';
      for (const note of block.split(/(?<=x\n)/)) if (note) text += `${++rows},${note}`;
      put(text);
    }
    closeSync(file);

    const before = process.memoryUsage.rss();
    let peak = before;
    const sample = await sampleRows(path, {
      rows: 300,
      seed: 1,
      onProgress: () => (peak = Math.max(peak, process.memoryUsage.rss())),
    });
    expect(sample.file.bytes).toBeGreaterThan(30_000_000);
    expect(sample.file.rows).toBe(rows);
    expect(sample.file.sha256).toBe(hash.digest('hex'));
    expect(sample.rows.every((row) => row.cells[0] === String(row.rowNumber))).toBe(true);
    expect(peak - before).toBeLessThan(100 * 2 ** 20);
  });
});
