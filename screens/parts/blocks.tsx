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
/** Rows that a list that does not fit leaves for what is known of the item under the cursor. */
const DETAILS = 12;
const ROOM_FOR_DETAILS = 34;
/** Before each line, and after it. */
const AROUND = 2;

/** A name, and beside it a value of one line or several. */
export const namedLines = (name: string, lines: readonly string[], column: number): string[] =>
  lines.map((line, at) => `${cell(at === 0 ? name : '', column)}${' '.repeat(GAP)}${line}`);

/** Without a value it is not known, and not shown. */
export type Fact = readonly [name: string, value: string | undefined];

/** Names with their values; a long value goes on below itself. */
export function factBlock(head: string, facts: readonly Fact[], width: number): Block {
  const known = facts.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
  const [column = 0] = widths(known.map(({ name }) => [name]));
  const room = width - column - GAP - AROUND;
  const lines = known.flatMap(({ name, value }) =>
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

/** A table of many short rows, folded into so many columns side by side that it fits into `most` rows. */
export function foldedTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
  most: number,
): Block[] {
  const times = most < 3 ? Infinity : Math.max(1, Math.ceil(rows.length / (most - 2)));
  if (times * head.length * (GAP + 1) > width) return [];
  const length = Math.ceil(rows.length / times);
  const none = head.map(() => '');
  const across = (of: (column: number) => readonly string[]): string[] =>
    Array.from({ length: times }, (_, column) => {
      const [first = '', ...others] = of(column);
      return [column === 0 ? first : `${' '.repeat(GAP)}${first}`, ...others];
    }).flat();
  const lines = Array.from({ length }, (_, at) =>
    across((column) => rows[column * length + at] ?? none),
  );
  const heads = across(() => head);
  return tableBlock(heads, lines, width);
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

/** Rows for a list of `all` on a screen with `free`: all of it, or what tall terminals leave of it. */
export const listRoom = (all: number, free: number, height: number): number =>
  Math.max(3, free - (all > free && height >= ROOM_FOR_DETAILS ? DETAILS : 0));

interface BlocksProps {
  blocks: readonly Block[];
  /** Rows that they may fill. */
  rows: number;
}

const textOf = ({ blocks, rows }: BlocksProps): string =>
  fittingBlocks(blocks, rows)
    .flatMap(({ head, lines }) => [head, ...lines])
    .join('\n');

/** The same blocks are not drawn anew on each key and each second. */
export const Blocks = memo(
  function Blocks({ blocks, rows }: BlocksProps) {
    return fittingBlocks(blocks, rows).map(({ head, lines }) => [
      <Line key={`above ${head}`} />,
      <Line key={head}>
        <As is="heading">{` ${head}`}</As>
      </Line>,
      ...lines.map((line, at) => <Line key={`${at} ${head}`}>{` ${line}`}</Line>),
    ]);
  },
  (was, now) => (was.blocks === now.blocks && was.rows === now.rows) || textOf(was) === textOf(now),
);
