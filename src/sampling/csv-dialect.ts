/** How a CSV is written, told by its first lines; and what people take for a CSV that is none. */
import Papa from 'papaparse';
import { InputError, printable } from './input-error.js';

export type Delimiter = ',' | ';' | '\t' | '|';

interface CsvDialect {
  delimiter: Delimiter;
  /** `\n` also ends lines by `\r\n`: what is left at a line's end is taken off. */
  newline: '\n' | '\r';
  /** Characters before the header: Excel's line `sep=;`, and lines without anything. */
  skip: number;
}

const delimiters: readonly Delimiter[] = [',', ';', '\t', '|'];
const understood = 'Comma, semicolon, tab and | are read';

/**
 * @param head the text's beginning, some lines of it or all
 * @throws InputError for JSON, and for columns that something else separates
 */
export function readDialect(head: string, name: string): CsvDialect {
  refuseJson(head, name);
  const newline = head.includes('\n') || !head.includes('\r') ? '\n' : '\r';
  const excel = /^\s*sep=([^\r\n])\s*?[\r\n]+/i.exec(head);
  if (excel) {
    const delimiter = delimiters.find((each) => each === excel[1]);
    if (delimiter !== undefined) return { delimiter, newline, skip: excel[0].length };
    throw new InputError(
      `${name} says sep=${printable(excel[1] ?? '')} in its first line. ${understood}: save it with one of them.`,
    );
  }
  const delimiter = detectDelimiter(head, newline);
  if (delimiter === undefined) refuseBlanks(head, name);
  return { delimiter: delimiter ?? ',', newline, skip: 0 };
}

/** The one that cuts the first lines most evenly; `undefined` when none does. */
function detectDelimiter(head: string, newline: '\n' | '\r'): Delimiter | undefined {
  const guess = Papa.parse(head, {
    delimitersToGuess: [...delimiters],
    newline,
    preview: 2,
    skipEmptyLines: 'greedy',
  }).meta.delimiter;
  const [header = ''] = head.trimStart().split(/[\r\n]/, 1);
  return delimiters.find((delimiter) => delimiter === guess && header.includes(delimiter));
}

// Enough lines that a column of sentences is not taken for several columns of words.
const fewestLines = 3;
const mostLines = 20;

/** A table that is lined up by blanks would be read as one column, and refused for a wrong reason. */
function refuseBlanks(head: string, name: string): void {
  const lines = head.slice(0, 16_384).split(/\r*[\r\n]/);
  const whole = lines.slice(0, -1).filter((line) => line.trim() !== '');
  const [header = '', ...rows] = whole.slice(0, mostLines);
  if (rows.length + 1 < fewestLines || header.includes('"')) return;
  const words = (line: string): number => line.trim().split(/\s+/).length;
  const columns = words(rows[0] ?? '');
  // R writes no name over the column of row names.
  if (words(header) < 2 || ![columns, columns - 1].includes(words(header))) return;
  if (!rows.every((row) => words(row) === columns)) return;
  throw new InputError(
    `${name}: its ${columns} columns seem to be separated by blanks. ${understood}: save it with one of them.`,
  );
}

/** A request kept beside a model is often taken for its data. */
function refuseJson(head: string, name: string): void {
  const text = head.trimStart();
  if (!/^(?:\{\s*["}]|\[\s*[\]{["\d-])/.test(text)) return;
  const isRequest = /^\{\s*"(?:input_data|dataframe_split|dataframe_records|inputs|instances)"/;
  const what = isRequest.test(text) ? 'a request in JSON' : 'JSON';
  throw new InputError(
    `${name} is ${what}, and rows need a CSV: a header line, then a line for each row. ` +
      `Name the data that the model is tested with.`,
  );
}
