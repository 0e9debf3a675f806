/** JSON lines to rows: one object a line; its columns are those of the first lines. */
import { TOO_DEEP, TooDeep } from '../common/depth.js';
import { parseJson } from '../common/exact-numbers.js';
import { cellText } from './cell-text.js';
import type { RaggedRows, TableEvents } from './csv-table.js';
import { InputError } from './input-error.js';

const headLength = 64 * 1024;
const longestLine = 8 * 1024 * 1024;
const NEWLINE = 0x0a;

/** Whether a text's beginning is an object in its first line, and no request of a model. */
export function isJsonLines(head: string): boolean {
  const [line = ''] = head
    .replace(/^\uFEFF/, '')
    .trimStart()
    .split('\n', 1);
  if (!line.startsWith('{')) return false;
  const members = objectOf(line);
  if (members instanceof TooDeep) return true;
  if (!members) return false;
  const request = ['input_data', 'dataframe_split', 'dataframe_records', 'inputs', 'instances'];
  return !request.some((name) => name in members && typeof members[name] === 'object');
}

function objectOf(line: string): Record<string, unknown> | TooDeep | undefined {
  try {
    const value = parseJson(line);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch (error) {
    return error instanceof TooDeep ? error : undefined;
  }
}

export class JsonLinesTable {
  columns: string[] = [];
  rows = 0;
  /** A member that a line lacks is an empty cell, so that no row is ragged. */
  readonly ragged: RaggedRows = { count: 0, first: [] };
  private rest: Uint8Array[] = [];
  private restBytes = 0;
  private line = '';
  private ready = false;

  constructor(
    /** For sentences. */
    private readonly name: string,
    private readonly events: TableEvents,
  ) {}

  /** Takes the next piece of the text, in UTF-8; its bytes may be overwritten afterwards. */
  write(bytes: Uint8Array): void {
    this.rest.push(new Uint8Array(bytes));
    this.restBytes += bytes.length;
    if (!this.ready && this.restBytes < headLength) return;
    if (bytes.includes(NEWLINE)) this.takeLines(false);
    else if (this.restBytes > longestLine) {
      throw new InputError(
        `${this.name}: ${this.place()} is longer than 8 MB. Choose another file.`,
      );
    }
  }

  settle(): void {
    this.takeLines(false);
  }

  place(): string {
    return `row ${this.rows + 1}`;
  }

  finish(): void {
    this.takeLines(true);
    if (this.rows === 0) throw new InputError(`${this.name} has no rows. Choose another file.`);
  }

  private takeLines(last: boolean): void {
    const bytes = Buffer.concat(this.rest);
    const end = last ? bytes.length : bytes.lastIndexOf(NEWLINE) + 1;
    this.rest = [bytes.subarray(end)];
    this.restBytes = bytes.length - end;
    if (!this.ready) this.takeHeader(bytes.toString('utf8', 0, end));
    for (let start = 0; start < end;) {
      const found = bytes.indexOf(NEWLINE, start);
      const stop = found === -1 || found > end ? end : found;
      this.line = '';
      const text = () => (this.line ||= bytes.toString('utf8', start, stop).trim());
      // A row that is not drawn is not parsed: its first character tells a line that is no object.
      let first = start;
      while (first < stop && (bytes[first] as number) <= 0x20) first++;
      if (first < stop) {
        this.rows++;
        if (bytes[first] !== 0x7b) throw this.broken();
        this.events.onRow(this.rows, () => this.cellsOf(text()));
      }
      start = stop + 1;
    }
  }

  private takeHeader(text: string): void {
    const names = new Set<string>();
    const lines = text.slice(0, 4 * headLength).split('\n');
    for (const [row, line] of lines.filter((each) => each.trim() !== '').entries()) {
      const members = objectOf(line) ?? {};
      if (members instanceof TooDeep) throw this.tooDeep(row + 1);
      for (const name of Object.keys(members)) names.add(name);
    }
    this.columns = [...names];
    this.ready = true;
    this.events.onHeader?.(this.columns, ',');
  }

  private cellsOf(line: string): string[] {
    const members = objectOf(line);
    if (members instanceof TooDeep) throw this.tooDeep(this.rows);
    if (!members) throw this.broken();
    return this.columns.map((column) =>
      Object.hasOwn(members, column) ? cellText(members[column]) : '',
    );
  }

  private tooDeep(row: number): InputError {
    return new InputError(`${this.name}: row ${row}: ${TOO_DEEP}. Correct the file.`);
  }

  private broken(): InputError {
    return new InputError(
      `${this.name}: row ${this.rows} is not one JSON object on a line of its own. Correct the file.`,
    );
  }
}
