import fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import { CsvTable } from '../../../src/sampling/csv-table.js';
import { InputError } from '../../../src/sampling/input-error.js';
import { RecordScanner } from '../../../src/sampling/record-scanner.js';
import { growth } from './support.js';

interface Read {
  rows: string[][];
  refused?: 'open' | 'trailing';
}

/** What this program makes of a text, given in pieces. */
function read(pieces: readonly Uint8Array[]): Read {
  const rows: string[][] = [];
  const table = new CsvTable('t.csv', {
    onRow: (_, cells) => rows.push(cells()),
  });
  try {
    for (const piece of pieces) table.write(Buffer.from(piece));
    table.finish();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    if (/continues after/.test(error.message)) return { rows, refused: 'trailing' };
    if (/not closed/.test(error.message)) return { rows, refused: 'open' };
  }
  return { rows };
}

/** The same by papaparse, which is given all of it. */
function byPapaparse(text: string, columns: number): Read {
  const { data, errors } = Papa.parse<string[]>(text, { delimiter: ',', newline: '\n' });
  const broken = errors.find(({ code }) => code === 'InvalidQuotes' || code === 'MissingQuotes');
  const rows = data
    .slice(1, broken?.row ?? data.length)
    .filter((cells) => cells.length === columns && !(cells.length === 1 && cells[0] === ''));
  if (!broken) return { rows };
  return { rows, refused: broken.code === 'MissingQuotes' ? 'open' : 'trailing' };
}

const text = fc
  .array(fc.constantFrom('"', '""', ',', '\n', ' ', 'a', 'é', '"a"', '",', '"\n'), {
    maxLength: 40,
  })
  .map((parts) => `a,b\n${parts.join('')}\n`);

describe('RecordScanner', () => {
  it('reads as papaparse does, and refuses the same row', () => {
    fc.assert(
      fc.property(text, (one) => {
        expect(read([Buffer.from(one)])).toEqual(byPapaparse(one, 2));
      }),
      { numRuns: 3_000 },
    );
  });

  it('reads the same wherever the pieces end', () => {
    const records = (pieces: readonly Uint8Array[]) => {
      const seen: [string, number][] = [];
      const scanner = new RecordScanner(',', '\n', 1_000, {
        record: (bytes, start, end, fields) =>
          seen.push([Buffer.from(bytes.subarray(start, end)).toString(), fields]),
        malformed: () => {
          throw new InputError('malformed');
        },
        endless: () => {
          throw new InputError('endless');
        },
      });
      try {
        // A piece's bytes may be overwritten once it was taken.
        for (const piece of pieces) {
          const lent = Buffer.from(piece);
          scanner.write(lent);
          lent.fill(0x22);
        }
        scanner.finish();
      } catch (error) {
        return [...seen, (error as Error).message];
      }
      return seen;
    };
    fc.assert(
      fc.property(text, fc.array(fc.nat(60), { maxLength: 6 }), (one, cuts) => {
        const bytes = Buffer.from(one.replaceAll('\n', '\r\n'));
        const ends = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const pieces = ends.slice(1).map((end, at) => bytes.subarray(ends[at], end));
        expect(records(pieces)).toEqual(records([bytes]));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['quotes', 100_000, (n: number) => `a,b\n1,"${'""'.repeat(n)}"\n`],
    ['quoted fields', 3_000, (n: number) => `a,b\n${'"",""\n'.repeat(n)}`],
    ['quotes in plain fields', 3_000, (n: number) => `a,b\n${'x""",y"\n'.repeat(n)}`],
    ['one long line', 500_000, (n: number) => `a,b\n1,${'x'.repeat(n)}\n`],
    ['columns', 5_000, (n: number) => `${'c,'.repeat(n)}d\n${'1,'.repeat(n)}2\n`],
  ])('of ten times as many %s takes about ten times as long', async (_, few, make) => {
    const texts = new Map([few, 10 * few].map((n) => [n, Buffer.from(make(n))]));
    const ratio = await growth(few, (n) => {
      const bytes = texts.get(n) ?? Buffer.alloc(0);
      const pieces = Array.from({ length: Math.ceil(bytes.length / 65_536) }, (_, at) =>
        bytes.subarray(at * 65_536, (at + 1) * 65_536),
      );
      expect(read(pieces).rows.length).toBeGreaterThan(0);
    });
    // Quadratic work would be a hundred times as much.
    expect(ratio).toBeLessThan(50);
  });

  it('refuses more columns than any model takes', () => {
    expect(() => {
      const table = new CsvTable('t.csv', { onRow: () => undefined });
      table.write(Buffer.from(`${'c,'.repeat(100_000)}d\n1\n`));
      table.finish();
    }).toThrow('t.csv has 100001 columns; at most 100000 are read.');
  });
});
