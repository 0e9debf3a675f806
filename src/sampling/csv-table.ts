/** Text in pieces to header and rows; papaparse does the quoting, this keeps what is left over. */
import Papa from 'papaparse';
import { columnNames } from './column-names.js';
import { readDialect, type Delimiter } from './csv-dialect.js';
import { InputError, listed } from './input-error.js';

export interface RaggedRows {
  count: number;
  first: { rowNumber: number; fields: number }[];
}

export interface TableEvents {
  onHeader?(columns: string[], delimiter: Delimiter): void;
  onRow(cells: string[], rowNumber: number): void;
}

interface Parsed {
  data: string[][];
  errors: { code: string; row: number }[];
  meta: { cursor: number };
}

// Enough lines to tell the delimiter by; the header is read no earlier.
const headLength = 64 * 1024;
// A quote that is never closed would make the rest of the file one field.
const longestRecord = 8 * 1024 * 1024;
const raggedShown = 20;

export class CsvTable {
  columns: string[] = [];
  delimiter: Delimiter = ',';
  rows = 0;
  readonly ragged: RaggedRows = { count: 0, first: [] };
  private rest = '';
  private parser: Papa.Parser | undefined;
  private headerRead = false;

  constructor(
    /** For sentences. */
    private readonly name: string,
    private readonly events: TableEvents,
  ) {}

  /** Takes the next piece of the file's text; `last` ends it. */
  write(text: string, last: boolean): void {
    this.rest += text;
    if (!this.parser && !last && this.rest.length < headLength) return;
    this.parse(last);
  }

  /** Reads the complete lines held back so far, although the file is not at its end. */
  settle(): void {
    this.parse(false);
  }

  private parse(last: boolean): void {
    if (last && this.rest.endsWith('\r')) this.rest = this.rest.slice(0, -1);
    this.parser ??= this.makeParser(this.rest);
    const parsed = this.parser.parse(this.rest, 0, !last) as Parsed;
    // What papaparse says of the row that is still incomplete is not known to be true.
    const broken = parsed.errors.find((error) => error.row < parsed.data.length);
    this.rest = this.rest.slice(parsed.meta.cursor);
    if (this.rest.length > longestRecord) {
      this.take(parsed.data, parsed.data.length);
      if (this.rest.includes('"')) throw this.unclosed();
      throw new InputError(
        `${this.name}: ${this.place()} is longer than 8 MB. This is no CSV; choose another file.`,
      );
    }
    this.take(parsed.data, broken ? broken.row : parsed.data.length);
    if (broken?.code === 'MissingQuotes') throw this.unclosed();
    if (broken) {
      throw new InputError(
        `${this.name}: in ${this.place()} a quoted field goes on after its closing quote. ` +
          `Double the quotes inside a field ("") or take them out.`,
      );
    }
  }

  /** Where reading has arrived, in words: the row after the last one taken. */
  place(): string {
    return this.headerRead ? `row ${this.rows + 1}` : 'the header';
  }

  /** To be called once after the last `write`; refuses a file without usable rows. */
  finish(): void {
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

  private makeParser(head: string): Papa.Parser {
    const { delimiter, newline, skip } = readDialect(head, this.name);
    this.delimiter = delimiter;
    this.rest = head.slice(skip);
    return new Papa.Parser({ delimiter, newline });
  }

  private take(rows: readonly string[][], upTo: number): void {
    for (let index = 0; index < upTo; index++) {
      const cells = rows[index] as string[];
      const end = cells.length - 1;
      const lastCell = cells[end] as string;
      // `\n` ends lines by `\r\n` too, and by `\r\r\n`, which a second conversion of line ends leaves.
      if (lastCell.endsWith('\r')) cells[end] = lastCell.replace(/\r+$/, '');
      if (cells.length === 1 && cells[0] === '') continue;
      if (!this.headerRead) {
        this.takeHeader(cells);
        continue;
      }
      this.rows++;
      if (cells.length === this.columns.length) {
        this.events.onRow(cells, this.rows);
        continue;
      }
      this.ragged.count++;
      if (this.ragged.first.length < raggedShown) {
        this.ragged.first.push({ rowNumber: this.rows, fields: cells.length });
      }
    }
  }

  private takeHeader(cells: string[]): void {
    const twice = repeatedNumbers(cells);
    if (twice.length > 0) {
      throw new InputError(
        `${this.name} has the ${twice.length === 1 ? 'column' : 'columns'} ${listed(twice)} more ` +
          `than once, so its first line seems to be a row and no header. Add a header line.`,
      );
    }
    const columns = columnNames(cells);
    if (columns.some((column) => column.includes('\0'))) {
      throw new InputError(`${this.name} is no text: its header holds a zero byte. Choose a CSV.`);
    }
    this.columns = columns.map(detached);
    this.headerRead = true;
    this.events.onHeader?.(this.columns, this.delimiter);
  }

  private unclosed(): InputError {
    return new InputError(
      `${this.name}: ${this.place()} opens a quote (") that is not closed. ` +
        `Close it, or double the quotes inside the field ("").`,
    );
  }
}

/** Numbers that stand twice: data where names should be. */
function repeatedNumbers(cells: readonly string[]): string[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const cell of cells) {
    if (seen.has(cell) && cell.trim() !== '' && Number.isFinite(Number(cell))) twice.add(cell);
    seen.add(cell);
  }
  return [...twice];
}

/** A copy with memory of its own: a piece of a string keeps the whole string alive otherwise. */
export function detached(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
