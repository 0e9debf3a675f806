/**
 * Rows out of a data collector's events: JSON lines, one CloudEvent a request, whose `data` is the list of
 * its rows (Microsoft Learn, "Collect production data from models deployed for real-time inferencing").
 */
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { TooDeep } from '../common/depth.js';
import { parseJson, stringifyJson } from '../common/exact-numbers.js';
import type { StoredFile } from '../common/stored-file.js';

interface CollectedRows {
  /** One JSON object a line. */
  pieces: AsyncIterable<Buffer>;
  /** Requests of the time whose rows could not be read: too large, and kept elsewhere, or no table. */
  unread(): number;
  rows(): number;
}

type Members = Record<string, unknown>;

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function collectedRows(
  files: readonly StoredFile[],
  { from, to }: { from: Date; to: Date },
  signal?: AbortSignal,
): CollectedRows {
  let [unread, rows] = [0, 0];
  async function* pieces(): AsyncGenerator<Buffer> {
    for (const file of files) {
      const input = Readable.from(file.open(signal));
      for await (const line of createInterface({ input, crlfDelay: Infinity })) {
        const event = eventOf(line);
        if (event instanceof TooDeep) {
          unread += 1;
          continue;
        }
        const time = Date.parse(String(event?.['time'] ?? ''));
        if (!event || Number.isNaN(time)) {
          // The last line of a file that is being written.
          continue;
        }
        if (time < from.getTime() || time >= to.getTime()) continue;
        const { data } = event;
        if (!Array.isArray(data) || !data.every(isObject) || data.length === 0) {
          unread += 1;
          continue;
        }
        rows += data.length;
        yield Buffer.from(data.map((row) => `${stringifyJson(row)}\n`).join(''));
      }
    }
  }
  return { pieces: pieces(), unread: () => unread, rows: () => rows };
}

function eventOf(line: string): Members | TooDeep | undefined {
  try {
    const event = parseJson(line);
    return isObject(event) ? event : undefined;
  } catch (error) {
    return error instanceof TooDeep ? error : undefined;
  }
}
