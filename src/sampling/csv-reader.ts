/** Reads a CSV of any size once, front to back, in bounded memory. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Delimiter } from './csv-dialect.js';
import { CsvTable, type RaggedRows, type TableEvents } from './csv-table.js';
import { InputError, pathProblem, printable } from './input-error.js';
import { encodingOf, refuseBinary, StreamDecoder, type TextEncoding } from './text-decoder.js';

export interface CsvProgress {
  readBytes: number;
  totalBytes: number;
  /** Data rows seen so far. */
  rows: number;
}

export interface CsvSummary {
  path: string;
  /** The file's name without its folders. */
  name: string;
  columns: string[];
  delimiter: Delimiter;
  encoding: TextEncoding;
  /** Data rows: without the header and without blank lines; ragged ones included. */
  rows: number;
  bytes: number;
  /** Of the file's bytes, hex. */
  sha256: string;
  /** Rows with more or fewer fields than the header; they are not given to `onRow`. */
  ragged: RaggedRows;
}

export interface CsvReadOptions extends TableEvents {
  /** Called after each piece of 256 KB. */
  onProgress?(progress: CsvProgress): void;
  /** Aborting rejects with the signal's reason. */
  signal?: AbortSignal;
}

const pieceBytes = 256 * 1024;

/**
 * Calls `onRow` for every data row that fits the header (rows count from 1 after the header) and
 * resolves with what the whole file is. Comma, semicolon, tab and `|` are told apart by the first
 * lines; UTF-8, and UTF-16 with a byte order mark, are read.
 * @throws InputError with a sentence when the file is missing, is no text, has no header, has a
 * quote that does not close, no data row, or no row that fits the header.
 */
export async function readCsv(path: string, options: CsvReadOptions): Promise<CsvSummary> {
  const { signal, onProgress } = options;
  signal?.throwIfAborted();
  const totalBytes = await sizeOf(path);
  const name = basename(path);
  const table = new CsvTable(printable(name), options);
  const hash = createHash('sha256');
  let decoder: StreamDecoder | undefined;
  let readBytes = 0;

  try {
    for await (const piece of createReadStream(path, { highWaterMark: pieceBytes })) {
      signal?.throwIfAborted();
      const bytes = piece as Buffer;
      if (readBytes === 0) refuseBinary(bytes, printable(name));
      hash.update(bytes);
      readBytes += bytes.length;
      decoder ??= new StreamDecoder(encodingOf(bytes));
      feed(table, decoder, bytes, printable(name));
      onProgress?.({ readBytes, totalBytes, rows: table.rows });
    }
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw pathProblem(path, error);
    throw error;
  }
  decoder ??= new StreamDecoder('utf-8');
  feed(table, decoder, undefined, printable(name));
  table.finish();
  return {
    path,
    name,
    columns: table.columns,
    delimiter: table.delimiter,
    encoding: decoder.encoding,
    rows: table.rows,
    bytes: readBytes,
    sha256: hash.digest('hex'),
    ragged: table.ragged,
  };
}

/** The header alone, e.g. to offer its columns; reads no more of the file than that takes. */
export async function readCsvHeader(
  path: string,
): Promise<{ columns: string[]; delimiter: Delimiter }> {
  const enough = new AbortController();
  let header: { columns: string[]; delimiter: Delimiter } | undefined;
  const read = readCsv(path, {
    onHeader: (columns, delimiter) => {
      header = { columns, delimiter };
      enough.abort();
    },
    onRow: () => undefined,
    signal: enough.signal,
  });
  await read.catch((error: unknown) => {
    if (!header) throw error;
  });
  if (!header) throw new InputError(`${printable(path, 200)} has no header line.`);
  return header;
}

/** `undefined` ends the file. Text before a bad byte is still read, to know the bad byte's row. */
function feed(
  table: CsvTable,
  decoder: StreamDecoder,
  bytes: Uint8Array | undefined,
  name: string,
): void {
  const last = bytes === undefined;
  const { text, badByteAt } = decoder.write(bytes ?? new Uint8Array(0), last);
  if (badByteAt === undefined) {
    table.write(text, last);
    return;
  }
  // The last line is cut by the bad byte: only the lines before it count.
  table.write(text.slice(0, text.lastIndexOf('\n') + 1), false);
  table.settle();
  throw new InputError(
    `${name} is not ${decoder.encoding.toUpperCase()} text: byte ${badByteAt + 1}, in ` +
      `${table.place()}, is not valid. Save it as UTF-8 (Excel: "CSV UTF-8"; ` +
      `or: iconv -f latin1 -t utf-8).`,
  );
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch((error: unknown) => {
    throw pathProblem(path, error);
  });
  if (found.isDirectory()) throw pathProblem(path, { code: 'EISDIR' });
  if (!found.isFile()) throw new InputError(`${printable(path, 200)} is not a regular file.`);
  return found.size;
}
