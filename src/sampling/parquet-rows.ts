/** Rows of a Parquet file by their numbers; only the row groups that hold them are read. */
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { DEEPEST, TooDeep } from '../common/depth.js';
import { cellText } from './cell-text.js';
import { InputError, printable } from './input-error.js';
import type { StoredFile } from '../common/stored-file.js';

export interface ParquetRows {
  columns: string[];
  rows: number;
  /** Cells of the rows, in the order of the numbers; rows count from 1. */
  read(rowNumbers: readonly number[], signal?: AbortSignal): Promise<string[][]>;
}

// A row group is unpacked in memory, column by column.
const largestGroup = 512 * 1024 * 1024;
const compressors = {
  GZIP: (bytes: Uint8Array) => gunzipSync(bytes),
  BROTLI: (bytes: Uint8Array) => brotliDecompressSync(bytes),
};

/** @throws InputError for a file that can't be read, with the reason. */
export async function openParquet(from: StoredFile): Promise<ParquetRows> {
  // Most people never name one.
  const { parquetMetadataAsync, parquetReadObjects, parquetSchema } = await import('hyparquet');
  const name = printable(from.name);
  const { bytes } = from;
  let unreached: Error | undefined;
  const file = {
    byteLength: bytes,
    slice: (start: number, end = bytes) =>
      from.slice(start, end).catch((error: Error) => {
        unreached = error;
        throw error;
      }),
  };
  const refused = (error: unknown): Error =>
    error instanceof InputError
      ? error
      : (unreached ??
        new InputError(
          `${name} can't be read as Parquet (${printable((error as Error).message, 120)}). ` +
            `Write it again with compression "snappy" or "gzip", or as CSV.`,
        ));
  try {
    const metadata = await parquetMetadataAsync(file);
    checkSchema(metadata.schema);
    const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
    const groups = groupsOf(metadata.row_groups.map(({ num_rows }) => Number(num_rows)));
    const rows = groups.at(-1)?.end ?? 0;
    if (rows === 0) throw new InputError(`${name} has no rows. Choose another file.`);
    const large = metadata.row_groups.find(({ total_byte_size }) => total_byte_size > largestGroup);
    if (large) {
      throw new InputError(
        `${name} has a row group of more than 512 MB. Write it again with smaller ones (pandas: row_group_size=100000).`,
      );
    }
    return {
      columns,
      rows,
      async read(rowNumbers, signal) {
        const found = new Map<number, string[]>();
        for (const { start, end } of groups) {
          signal?.throwIfAborted();
          const wanted = rowNumbers.filter((row) => row > start && row <= end);
          if (wanted.length === 0) continue;
          const rowStart = Math.min(...wanted) - 1;
          const options = { file, metadata, compressors, rowStart, rowEnd: Math.max(...wanted) };
          const read = await parquetReadObjects(options).catch((error: unknown) => {
            throw refused(error);
          });
          for (const row of wanted) {
            const record = read[row - 1 - rowStart] ?? {};
            found.set(
              row,
              columns.map((column) =>
                textIn(record[column], `${name}: row ${row}, ${printable(column)}`),
              ),
            );
          }
        }
        return rowNumbers.map((row) => found.get(row) ?? []);
      },
    };
  } catch (error) {
    throw refused(error);
  }
}

function textIn(cell: unknown, where: string): string {
  try {
    return cellText(cell);
  } catch (error) {
    if (!(error instanceof TooDeep)) throw error;
    throw new InputError(`${where}: ${error.message}. Write the file again without such cells.`);
  }
}

/** Its elements are a tree, each before its children; what reads it takes a call for each level. */
function checkSchema(elements: readonly { num_children?: number | undefined }[]): void {
  const left: number[] = [];
  for (const { num_children: children = 0 } of elements) {
    while (left.at(-1) === 0) left.pop();
    if (left.length > 0) left.push((left.pop() ?? 0) - 1);
    if (children > 0) left.push(children);
    if (left.length > DEEPEST) throw new TooDeep();
  }
}

function groupsOf(counts: readonly number[]): { start: number; end: number }[] {
  let end = 0;
  return counts.map((count) => {
    const start = end;
    end += count;
    return { start, end };
  });
}
