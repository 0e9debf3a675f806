/** Reads a table of any size once, front to back, in bounded memory: a CSV or JSON lines, also in gzip. */
import type { Delimiter } from './csv-dialect.js';
import { CsvTable, type RaggedRows, type TableEvents } from './csv-table.js';
import { unpacked } from './gzip.js';
import { InputError, printable } from './input-error.js';
import { isJsonLines, JsonLinesTable } from './json-lines.js';
import { openParquet } from './parquet-rows.js';
import type { StoredFile } from '../common/stored-file.js';
import { countedPieces, fileOf, isParquet } from './row-source.js';
import { encodingOf, StreamDecoder, type TextEncoding } from './text-decoder.js';

export interface ReadProgress {
  readBytes: number;
  totalBytes: number;
  /** Data rows seen so far. */
  rows: number;
}

/** What the rows are kept as; `gzip` around text is unpacked on the way. */
type RowFormat = 'csv' | 'json-lines' | 'parquet';

export interface TableSummary {
  path: string;
  /** The file's name without its folders. */
  name: string;
  columns: string[];
  format: RowFormat;
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

interface TableReadOptions extends TableEvents {
  /** Called after each piece of the file. */
  onProgress?(progress: ReadProgress): void;
  /** Aborting rejects with the signal's reason. */
  signal?: AbortSignal;
}

// Of JSON lines; a longer one is taken for something else, and refused.
const longestFirstLine = 64 * 1024;

/**
 * Calls `onRow` for every data row that fits the header (rows count from 1 after the header) and
 * resolves with what the whole file is. Comma, semicolon, tab and `|` are told apart by the first
 * lines; UTF-8, and UTF-16 with a byte order mark, are read; so are JSON lines, and either in gzip.
 * @throws InputError with a sentence when the file is missing, is no text, has no header, has a
 * quote that does not close, no data row, or no row that fits the header.
 */
export async function readTable(
  from: string | StoredFile,
  options: TableReadOptions,
): Promise<TableSummary> {
  const { signal, onProgress } = options;
  signal?.throwIfAborted();
  const file = await fileOf(from);
  const { path, name, bytes: totalBytes } = file;
  const counted = countedPieces(file, signal);
  let table: CsvTable | JsonLinesTable = new CsvTable(printable(name), options);
  let decoder: StreamDecoder | undefined;
  for await (const piece of unpacked(counted.pieces, printable(name))) {
    if (!decoder) {
      refuseBinary(piece, printable(name));
      decoder = new StreamDecoder(encodingOf(piece));
      if (isJsonLines(piece.toString('utf8', 0, longestFirstLine))) {
        table = new JsonLinesTable(printable(name), options);
      }
    }
    feed(table, decoder, piece, printable(name));
    onProgress?.({ readBytes: counted.readBytes(), totalBytes, rows: table.rows });
    signal?.throwIfAborted();
  }
  decoder ??= new StreamDecoder('utf-8');
  feed(table, decoder, undefined, printable(name));
  table.finish();
  return {
    path,
    name,
    columns: table.columns,
    format: table instanceof CsvTable ? 'csv' : 'json-lines',
    delimiter: table instanceof CsvTable ? table.delimiter : ',',
    encoding: decoder.encoding,
    rows: table.rows,
    bytes: counted.readBytes(),
    sha256: counted.sha256(),
    ragged: table.ragged,
  };
}

/** The header alone, e.g. to offer its columns; reads no more of the file than that takes. */
export async function readHeader(
  path: string,
): Promise<{ columns: string[]; delimiter: Delimiter }> {
  const file = await fileOf(path);
  if (await isParquet(file)) return { columns: (await openParquet(file)).columns, delimiter: ',' };
  const enough = new AbortController();
  let header: { columns: string[]; delimiter: Delimiter } | undefined;
  const read = readTable(file, {
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
  table: CsvTable | JsonLinesTable,
  decoder: StreamDecoder,
  bytes: Uint8Array | undefined,
  name: string,
): void {
  const { good, badByteAt } = decoder.write(bytes ?? new Uint8Array(0), bytes === undefined);
  if (badByteAt === undefined) {
    table.write(good);
    return;
  }
  // The last line is cut by the bad byte: only the lines before it count.
  table.write(good.subarray(0, good.lastIndexOf(0x0a) + 1));
  table.settle();
  throw new InputError(
    `${name} is not ${decoder.encoding.toUpperCase()} text: byte ${badByteAt + 1}, in ` +
      `${table.place()}, is not valid. Save it as UTF-8 (Excel: "CSV UTF-8"; ` +
      `or: iconv -f latin1 -t utf-8).`,
  );
}

const signatures: [readonly number[], string][] = [
  [[0x50, 0x4b, 0x03, 0x04], 'an Excel workbook or a zip archive. Save the sheet as CSV UTF-8'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'an old Excel workbook. Save the sheet as CSV UTF-8'],
];

/** Refuses files that people often have in place of a CSV, by their first bytes. */
function refuseBinary(head: Uint8Array, name: string): void {
  for (const [bytes, what] of signatures) {
    if (bytes.every((byte, index) => head[index] === byte)) {
      throw new InputError(`${name} is ${what}.`);
    }
  }
}
