/** Draws rows from a file of any size, the same ones every time for the same file and seed. */
import { createHash } from 'node:crypto';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import { readTable, type ReadProgress, type TableSummary } from './table-reader.js';
import { InputError, listed, printable } from './input-error.js';
import { openParquet, type ParquetRows } from './parquet-rows.js';
import type { StoredFile } from '../common/stored-file.js';
import { countedPieces, fileOf, isParquet, type RowSource } from './row-source.js';

interface SampledRow {
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

/** A row that is drawn: its cells, or where they are read from once all are drawn. */
interface Drawn extends Omit<SampledRow, 'cells'> {
  cells?: string[];
  parquet?: { rows: ParquetRows; row: number };
}

/**
 * Every row gets a random key from the seed; the rows with the lowest keys are the sample. Holds at
 * most twice the sample in memory, whatever the size of the files. Rows of several files count on.
 * @throws InputError as `readTable`, and for a number of rows or a seed that can't be used.
 */
export async function sampleRows(
  from: string | RowSource,
  options: SampleOptions,
): Promise<RowSample> {
  const { rows: requested, seed } = options;
  if (!Number.isInteger(requested) || requested < 1 || requested > mostRows) {
    throw new InputError(
      `${requested} is not a number of rows to sample. Use a whole number from 1 to ${mostRows}.`,
    );
  }
  if (!Number.isInteger(seed) || seed < 0 || seed > highestSeed) {
    throw new InputError(`${seed} is not a seed. Use a whole number from 0 to ${highestSeed}.`);
  }
  const random = generator(seed);
  const lowest = new LowestKeys<Drawn>(requested);
  const draw = (row: () => Drawn): void => {
    const key = uniformFloat64(random);
    if (lowest.wants(key)) lowest.add(key, row());
  };
  const files = typeof from === 'string' ? [await fileOf(from)] : from.files;
  const read: TableSummary[] = [];
  for (const file of files) read.push(await drawFrom(file, read, draw, options));
  const [first] = read;
  const { path, name } =
    typeof from === 'string' ? { path: from, name: first?.name ?? from } : from;
  if (!first) throw new InputError(`${printable(name, 200)} holds no file with rows.`);
  const file = read.length === 1 ? first : together(first, read);
  const drawn = lowest.inOrder();
  return {
    file: { ...file, path, name },
    seed,
    requested,
    rows: await withCells(drawn, options.signal),
  };
}

/** @param before what the files before this one are: rows count on from theirs */
async function drawFrom(
  file: StoredFile,
  before: readonly TableSummary[],
  draw: (row: () => Drawn) => void,
  { onProgress, signal }: SampleOptions,
): Promise<TableSummary> {
  const offset = before.reduce((sum, { rows }) => sum + rows, 0);
  if (await isParquet(file)) {
    const parquet = await openedParquet(file, { onProgress, signal });
    const order = orderOf(parquet.summary, before[0]);
    const rows = order ? { ...parquet, read: reordered(parquet, order) } : parquet;
    for (let row = 1; row <= parquet.rows; row++) {
      draw(() => ({ rowNumber: offset + row, parquet: { rows, row } }));
    }
    return parquet.summary;
  }
  let order: number[] | undefined;
  return readTable(file, {
    onHeader: (columns) => (order = orderOf({ name: file.name, columns }, before[0])),
    onRow: (row, cells) =>
      draw(() => ({ rowNumber: offset + row, cells: inOrderOf(cells(), order) })),
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
  });
}

type Named = Pick<TableSummary, 'name' | 'columns'>;

/** Where each of the first file's columns stands; `undefined`: in the same place. */
function orderOf({ name, columns }: Named, first: Named | undefined): number[] | undefined {
  if (!first || columns.join('\0') === first.columns.join('\0')) return undefined;
  const places = new Map(columns.map((column, at) => [column, at] as const).reverse());
  const known = new Set(first.columns);
  const order = first.columns.flatMap((column) => places.get(column) ?? []);
  const missing = first.columns.filter((column) => !places.has(column));
  const added = columns.filter((column) => !known.has(column));
  if (missing.length === 0 && added.length === 0) return order;
  const differences = [
    ...(missing.length > 0 ? [`${listed(missing)} is missing`] : []),
    ...(added.length > 0 ? [`${listed(added)} is new`] : []),
  ];
  throw new InputError(
    `${printable(name)} does not have the columns of ${printable(first.name)}: ${differences.join(', ')}. Name one of the files, or a folder of alike ones.`,
  );
}

const inOrderOf = (cells: string[], order: number[] | undefined): string[] =>
  order ? order.map((at) => cells[at] ?? '') : cells;

const reordered =
  (parquet: ParquetRows, order: number[]): ParquetRows['read'] =>
  async (rowNumbers, signal) =>
    (await parquet.read(rowNumbers, signal)).map((cells) => inOrderOf(cells, order));

/** Several files as one table; its hash is what `sha256sum FILES | sha256sum` says. */
function together(first: TableSummary, all: readonly TableSummary[]): TableSummary {
  const sum = (of: (file: TableSummary) => number): number =>
    all.reduce((total, file) => total + of(file), 0);
  const hashes = all.map(({ sha256, name }) => `${sha256}  ${name}\n`).join('');
  return {
    ...first,
    rows: sum(({ rows }) => rows),
    bytes: sum(({ bytes }) => bytes),
    sha256: createHash('sha256').update(hashes).digest('hex'),
    ragged: { count: sum(({ ragged }) => ragged.count), first: first.ragged.first },
  };
}

/** Row groups are read once, for all rows that are drawn from a file. */
async function withCells(drawn: Drawn[], signal: AbortSignal | undefined): Promise<SampledRow[]> {
  const wanted = new Map<ParquetRows, Drawn[]>();
  for (const each of drawn) {
    const { parquet } = each;
    if (!parquet) continue;
    const some = wanted.get(parquet.rows) ?? [];
    some.push(each);
    wanted.set(parquet.rows, some);
  }
  for (const [parquet, some] of wanted) {
    const cells = await parquet.read(
      some.map((each) => each.parquet?.row ?? 0),
      signal,
    );
    some.forEach((each, at) => (each.cells = cells[at] ?? []));
  }
  return drawn.map(({ rowNumber, cells = [] }) => ({ rowNumber, cells }));
}

/** The whole file is read once for its hash, which says in the journal what rows were sent. */
async function openedParquet(
  file: StoredFile,
  { onProgress, signal }: Pick<SampleOptions, 'onProgress' | 'signal'>,
): Promise<ParquetRows & { summary: TableSummary }> {
  const { path, name, bytes } = file;
  const counted = countedPieces(file, signal);
  for await (const _ of counted.pieces) {
    onProgress?.({ readBytes: counted.readBytes(), totalBytes: bytes, rows: 0 });
    signal?.throwIfAborted();
  }
  const parquet = await openParquet(file);
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
    sha256: counted.sha256(),
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
