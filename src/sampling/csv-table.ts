/** Bytes in pieces to header and rows; papaparse cuts the cells of the rows that are wanted. */
import Papa from 'papaparse';
import { columnNames } from './column-names.js';
import { readDialect, type Delimiter } from './csv-dialect.js';
import { InputError, listed } from './input-error.js';
import { RecordScanner } from './record-scanner.js';

export interface RaggedRows {
  count: number;
  first: { rowNumber: number; fields: number }[];
}

export interface TableEvents {
  onHeader?(columns: string[], delimiter: Delimiter): void;
  /** @param cells reads the row's cells; to be called before this returns, or not at all */
  onRow(rowNumber: number, cells: () => string[]): void;
}

// Enough to tell the delimiter by; the header is read no earlier.
const headLength = 64 * 1024;
// A quote that is never closed would make the rest of the file one field.
const longestRecord = 8 * 1024 * 1024;
/** More than any model takes; each is shown, matched and kept. */
const mostColumns = 100_000;
const raggedShown = 20;

const QUOTE = 0x22;

export class CsvTable {
  columns: string[] = [];
  delimiter: Delimiter = ',';
  rows = 0;
  readonly ragged: RaggedRows = { count: 0, first: [] };
  private head: Uint8Array = new Uint8Array(0);
  private scanner: RecordScanner | undefined;
  private parser: Papa.Parser | undefined;
  private newline = '\n';
  private headerRead = false;
  // The record under the scanner; its text is made only where it is asked for.
  private bytes: Uint8Array = new Uint8Array(0);
  private from = 0;
  private to = 0;

  constructor(
    /** For sentences. */
    private readonly name: string,
    private readonly events: TableEvents,
  ) {}

  /** Takes the next piece of the text, in UTF-8; its bytes may be overwritten afterwards. */
  write(bytes: Uint8Array): void {
    if (this.scanner) return this.scanner.write(bytes);
    this.head = Buffer.concat([this.head, bytes]);
    if (this.head.length >= headLength) this.begin();
  }

  /** Reads the complete lines held back so far, although the file is not at its end. */
  settle(): void {
    if (!this.scanner && this.head.length > 0) this.begin();
  }

  /** Where reading has arrived, in words: the row after the last one taken. */
  place(): string {
    return this.headerRead ? `row ${this.rows + 1}` : 'the header';
  }

  /** To be called once after the last `write`; refuses a file without usable rows. */
  finish(): void {
    this.settle();
    this.scanner?.finish();
    if (!this.headerRead) {
      throw new InputError(`${this.name} is empty. A CSV needs a header line and rows.`);
    }
    if (this.rows === 0) {
      throw new InputError(
        `${this.name} has a header but no rows. Add rows, or choose another CSV.`,
      );
    }
    if (this.ragged.count === this.rows) {
      const fields = this.ragged.first[0]?.fields ?? 0;
      throw new InputError(
        `${this.name}: no row fits the header. The header has ${this.columns.length} columns, ` +
          `row 1 has ${fields} fields. Check the delimiter and the header line.`,
      );
    }
  }

  private begin(): void {
    const text = Buffer.from(this.head.subarray(0, headLength)).toString('utf8');
    const { delimiter, newline, skip } = readDialect(text, this.name);
    this.delimiter = delimiter;
    this.newline = newline;
    this.parser = new Papa.Parser({ delimiter, newline });
    this.scanner = new RecordScanner(delimiter, newline, longestRecord, {
      record: (bytes, start, end, fields) => this.take(bytes, start, end, fields),
      malformed: () => {
        throw new InputError(
          `${this.name}: in ${this.place()} a quoted field continues after its closing quote. ` +
            `Double the quotes inside a field ("") or remove them.`,
        );
      },
      endless: (quoted) => {
        throw quoted ? this.unclosed() : this.tooLong();
      },
    });
    const { head } = this;
    this.head = new Uint8Array(0);
    this.scanner.write(head.subarray(Buffer.byteLength(text.slice(0, skip))));
  }

  private take(bytes: Uint8Array, start: number, end: number, fields: number): void {
    if (fields === 1 && isBlank(bytes, start, end)) return;
    if (this.headerRead) {
      this.rows++;
      if (fields !== this.columns.length) {
        this.ragged.count++;
        if (this.ragged.first.length >= raggedShown) return;
        this.ragged.first.push({ rowNumber: this.rows, fields });
        return;
      }
    }
    this.bytes = bytes;
    this.from = start;
    this.to = end;
    if (this.headerRead) this.events.onRow(this.rows, this.cells);
    else this.takeHeader(this.cells());
  }

  private readonly cells = (): string[] => {
    const { bytes, from, to } = this;
    const record = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from);
    const text = record.toString('utf8') + this.newline;
    // With a line end, and only whole lines: else papaparse would add an empty one.
    const parsed = this.parser?.parse(text, 0, true) as { data: string[][] } | undefined;
    return parsed?.data[0] ?? [];
  };

  private takeHeader(cells: string[]): void {
    if (cells.length > mostColumns) {
      throw new InputError(
        `${this.name} has ${cells.length} columns; at most ${mostColumns} are read. ` +
          `Check the delimiter, or leave out the columns that the model does not take.`,
      );
    }
    const twice = repeatedNumbers(cells);
    if (twice.length > 0) {
      throw new InputError(
        `${this.name} has the ${twice.length === 1 ? 'column' : 'columns'} ${listed(twice)} more ` +
          `than once, so its first line seems to be a row, not a header. Add a header line.`,
      );
    }
    const columns = columnNames(cells);
    if (columns.some((column) => column.includes('\0'))) {
      throw new InputError(`${this.name} is not text: its header holds a zero byte. Choose a CSV.`);
    }
    this.columns = columns;
    this.headerRead = true;
    this.events.onHeader?.(this.columns, this.delimiter);
  }

  private unclosed(): InputError {
    return new InputError(
      `${this.name}: ${this.place()} opens a quote (") that is not closed. ` +
        `Close it, or double the quotes inside the field ("").`,
    );
  }

  private tooLong(): InputError {
    return new InputError(
      `${this.name}: ${this.place()} is longer than 8 MB. This is not a CSV; choose another file.`,
    );
  }
}

/** An empty line, and one of an empty quoted field alone. */
function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  if (start === end) return true;
  if (bytes[start] !== QUOTE || bytes[start + 1] !== QUOTE) return false;
  for (let at = start + 2; at < end; at++) if ((bytes[at] as number) > 0x20) return false;
  return true;
}

/** Numbers listed twice: data where names should be. */
function repeatedNumbers(cells: readonly string[]): string[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const cell of cells) {
    if (seen.has(cell) && cell.trim() !== '' && Number.isFinite(Number(cell))) twice.add(cell);
    seen.add(cell);
  }
  return [...twice];
}
