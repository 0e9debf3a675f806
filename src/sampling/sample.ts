/** Draws rows from a file of any size, the same ones every time for the same file and seed. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import { readTable, type ReadProgress, type TableSummary } from './table-reader.js';
import { filePieces } from './file-pieces.js';
import { InputError, printable } from './input-error.js';
import { openParquet, type ParquetRows } from './parquet-rows.js';

export interface SampledRow {
  /** Counts the file's data rows from 1. */
  rowNumber: number;
  cells: string[];
}

export interface RowSample {
  file: TableSummary;
  seed: number;
  /** How many rows were asked for; `rows` holds fewer when the file has fewer. */
  requested: number;
  /**
   * In the order drawn. A larger sample of the same file and seed begins with these same rows, so
   * a test can go on where it stopped.
   */
  rows: SampledRow[];
}

export interface SampleOptions {
  rows: number;
  /** Whole number from 0 to 2 147 483 647. */
  seed: number;
  onProgress?(progress: ReadProgress): void;
  signal?: AbortSignal;
}

export const mostRows = 10_000;
const highestSeed = 2 ** 31 - 1;

/**
 * Every row gets a random key from the seed; the rows with the lowest keys are the sample. Holds at
 * most twice the sample in memory, whatever the file's size.
 * @throws InputError as `readTable`, and for a number of rows or a seed that can't be used.
 */
export async function sampleRows(path: string, options: SampleOptions): Promise<RowSample> {
  const { rows: requested, seed, onProgress, signal } = options;
  if (!Number.isInteger(requested) || requested < 1 || requested > mostRows) {
    throw new InputError(
      `${requested} is not a number of rows to draw. Use a whole number from 1 to ${mostRows}.`,
    );
  }
  if (!Number.isInteger(seed) || seed < 0 || seed > highestSeed) {
    throw new InputError(`${seed} is no seed. Use a whole number from 0 to ${highestSeed}.`);
  }
  const random = generator(seed);
  const parquet = await openedParquet(path, options);
  if (parquet) {
    const lowest = new LowestKeys<number>(requested);
    for (let rowNumber = 1; rowNumber <= parquet.rows; rowNumber++) {
      const key = uniformFloat64(random);
      if (lowest.wants(key)) lowest.add(key, rowNumber);
    }
    const numbers = lowest.inOrder();
    const cells = await parquet.read(numbers, signal);
    const rows = numbers.map((rowNumber, at) => ({ rowNumber, cells: cells[at] ?? [] }));
    return { file: parquet.summary, seed, requested, rows };
  }
  const lowest = new LowestKeys<SampledRow>(requested);
  const file = await readTable(path, {
    onRow: (rowNumber, cells) => {
      const key = uniformFloat64(random);
      if (lowest.wants(key)) lowest.add(key, { rowNumber, cells: cells() });
    },
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
  });
  return { file, seed, requested, rows: lowest.inOrder() };
}

/** The whole file is read once for its hash, which says in the journal what rows were sent. */
async function openedParquet(
  path: string,
  { onProgress, signal }: SampleOptions,
): Promise<(ParquetRows & { summary: TableSummary }) | undefined> {
  const file = await filePieces(path, signal);
  let isParquet: boolean | undefined;
  for await (const piece of file.pieces) {
    isParquet ??= piece.subarray(0, 4).toString('latin1') === 'PAR1';
    if (!isParquet) return undefined;
    onProgress?.({ readBytes: file.readBytes(), totalBytes: file.totalBytes, rows: 0 });
  }
  if (!isParquet) return undefined;
  const name = basename(path);
  const bytes = file.readBytes();
  const parquet = await openParquet(path, bytes, printable(name));
  const { columns, rows } = parquet;
  const summary: TableSummary = {
    path,
    name,
    columns,
    format: 'parquet',
    delimiter: ',',
    encoding: 'utf-8',
    rows,
    bytes,
    sha256: file.sha256(),
    ragged: { count: 0, first: [] },
  };
  return { ...parquet, summary };
}

/** Seeds that are neighbours begin alike in this generator, so its state is a hash of the seed. */
function generator(seed: number) {
  const hash = createHash('sha256').update(`rows by seed ${seed}`).digest();
  return xoroshiro128plusFromState([0, 4, 8, 12].map((at) => hash.readInt32LE(at)));
}

/** Keeps the `size` entries with the lowest keys; of equal keys, the ones added first. */
class LowestKeys<T> {
  private entries: { key: number; value: T }[] = [];
  private limit = Number.POSITIVE_INFINITY;

  constructor(private readonly size: number) {}

  wants(key: number): boolean {
    return key < this.limit;
  }

  add(key: number, value: T): void {
    this.entries.push({ key, value });
    if (this.entries.length >= 2 * this.size + 64) this.cut();
  }

  inOrder(): T[] {
    this.cut();
    return this.entries.map((entry) => entry.value);
  }

  private cut(): void {
    // Array.sort is stable, so equal keys stay in the order they were added.
    this.entries.sort((a, b) => a.key - b.key);
    this.entries.length = Math.min(this.entries.length, this.size);
    if (this.entries.length === this.size) {
      this.limit = this.entries[this.size - 1]?.key ?? this.limit;
    }
  }
}
