/**
 * What tall terminals show below the rest: blocks of lines below a head, each whole or not at all.
 *
 *      gates           in the plan            rows needed
 *      errors          enforce margin 1%      299
 */
import { memo } from 'react';
import { cell, GAP, tableRow, widths, wrapped } from './columns.js';
import { As, clean, Line } from './line.js';

export interface Block {
  head: string;
  lines: readonly string[];
}

/** Below this height the rows are those of the screen itself. */
export const TALL_ENOUGH = 24;
/** Before each line, and after it. */
const AROUND = 2;

/** A name, and beside it a value of one line or several. */
export const namedLines = (name: string, lines: readonly string[], column: number): string[] =>
  lines.map((line, at) => `${cell(at === 0 ? name : '', column)}${' '.repeat(GAP)}${line}`);

/** Names with their values; a long value goes on below itself. */
export function factBlock(
  head: string,
  facts: readonly (readonly [name: string, value: string])[],
  width: number,
): Block {
  const [column = 0] = widths(facts.map(([name]) => [name]));
  const room = width - column - GAP - AROUND;
  const lines = facts.flatMap(([name, value]) =>
    namedLines(name, wrapped(clean(value), room), column),
  );
  return { head, lines };
}

/** With as many columns as fit whole, but no fewer than `least`; nothing where those do not fit. */
export function tableBlock(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
  least = head.length,
): Block[] {
  if (rows.length === 0) return [];
  for (let columns = head.length; columns >= least; columns -= 1) {
    const cells = [head, ...rows].map((row) => row.slice(0, columns));
    const size = widths(cells, Infinity);
    if (size.reduce((sum, each) => sum + each + GAP, AROUND - GAP) > width) continue;
    const [first = '', ...lines] = cells.map((row) => tableRow(row, size).trimEnd());
    return [{ head: first, lines }];
  }
  return [];
}

/** With the blank row above it, and its head. */
const rowsOfBlock = ({ lines }: Block): number => 2 + lines.length;

/** Those that fit into so many rows, the earlier ones first. */
export function fittingBlocks(blocks: readonly Block[], rows: number): Block[] {
  let left = rows;
  return blocks.filter((block) => {
    const fits = rowsOfBlock(block) <= left;
    if (fits) left -= rowsOfBlock(block);
    return fits;
  });
}

/** Rows that `Blocks` takes of so many. */
export const blockRows = (blocks: readonly Block[], rows: number): number =>
  fittingBlocks(blocks, rows).reduce((sum, block) => sum + rowsOfBlock(block), 0);

interface BlocksProps {
  blocks: readonly Block[];
  /** Rows that they may fill. */
  rows: number;
}

/** The same blocks are not drawn anew on each key. */
export const Blocks = memo(function Blocks({ blocks, rows }: BlocksProps) {
  return fittingBlocks(blocks, rows).map(({ head, lines }) => [
    <Line key={`above ${head}`} />,
    <Line key={head}>
      <As is="heading">{` ${head}`}</As>
    </Line>,
    ...lines.map((line, at) => <Line key={`${at} ${head}`}>{` ${line}`}</Line>),
  ]);
});
