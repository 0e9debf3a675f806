/**
 * A list to choose from, scrolled to the cursor. The title of a section stays above its items.
 *
 *     ❯ keep     default keeps its instances
 *       delete   its name has to be typed
 */
import { Box, Text, useInput } from 'ink';
import SelectInput from 'ink-select-input';
import { useState } from 'react';
import stringWidth from 'string-width';
import { useGlyphs, useSpoken } from '../../src/terminal/glyphs.js';
import { theme, type Tone } from '../../src/terminal/theme.js';
import { keyPress } from '../../src/wizard/keys.js';
import { useWizard } from './context.js';
import { cut } from './columns.js';
import { As, clean, Line } from './line.js';

export interface Item {
  value: string;
  label: string;
  is?: Tone;
  /** Shown above the item, as the title of a section that begins with it. */
  heading?: string;
  /** A blank row parts this section from the one before. */
  gap?: boolean;
}

interface SelectProps {
  /** Which list this is, for the reducer. */
  list: string;
  items: readonly Item[];
  /** The item under the cursor at first. */
  initial?: string | undefined;
  /** Rows it may fill; more items scroll. */
  rows?: number;
  focused?: boolean;
}

/** A row as drawn: of an item, or above one. */
type Row = { at: number } | { title: string } | { gap: true };

const rowsOf = (items: readonly Item[]): Row[] =>
  items.flatMap(({ heading, gap }, at): Row[] => [
    ...(heading !== undefined && gap ? [{ gap } as const] : []),
    ...(heading === undefined ? [] : [{ title: heading }]),
    { at },
  ]);

/** Rows that the whole list takes. */
export const listRows = (items: readonly Item[]): number => rowsOf(items).length;

/** The rows that fit around the cursor's, below the title of the section that the first is in. */
function visible(rows: readonly Row[], cursor: number, room: number): readonly Row[] {
  if (rows.length <= room) return rows;
  const at = rows.findIndex((row) => 'at' in row && row.at === cursor);
  const from = Math.max(0, Math.min(at - Math.floor(room / 2), rows.length - room));
  // The first item brings the title above it along.
  const first = at < room ? 0 : from;
  const shown = rows.slice(first, first + room);
  const title = rows.slice(0, first + 1).findLast((row) => 'title' in row);
  return title && !shown.includes(title) ? [title, ...shown.slice(1)] : shown;
}

/** The visible rows by the item that draws them: its own, and titles above it or below the last one. */
function rowsByItem(rows: readonly Row[]): Map<number, Row[]> {
  const byItem = new Map<number, Row[]>();
  let above: Row[] = [];
  let last: Row[] | undefined;
  for (const row of rows) {
    above.push(row);
    if (!('at' in row)) continue;
    last = above;
    byItem.set(row.at, last);
    above = [];
  }
  last?.push(...above);
  return byItem;
}

/** Where a key jumps to; the arrows are `SelectInput`'s own. */
function jumpTo(at: number, name: string, page: number, count: number): number | undefined {
  switch (name) {
    case 'pageup':
      return Math.max(0, at - page);
    case 'pagedown':
      return Math.min(count - 1, at + page);
    case 'home':
      return 0;
    case 'end':
      return count - 1;
    default:
      return undefined;
  }
}

/** The pointer is a part of the row, so that it is beside the item and not beside its title. */
const Nothing = (): null => null;

interface DrawnItem {
  label: string;
  is?: Tone;
  /** Empty where the item is scrolled out of sight. */
  rows?: readonly Row[];
  isSelected?: boolean;
}

function ItemRows({ label, is, rows = [], isSelected }: DrawnItem) {
  const { pointer } = useGlyphs();
  const style = isSelected ? theme.focus : is ? theme[is] : {};
  return rows.length === 0 ? null : (
    <Box flexDirection="column">
      {rows.map((row, index) =>
        'at' in row ? (
          <Text key={index} {...style} wrap="truncate-end">
            {` ${isSelected ? pointer : ' '.repeat(stringWidth(pointer))} ${label}`}
          </Text>
        ) : (
          <Text key={index} {...theme.heading} wrap="truncate-end">
            {'title' in row ? row.title : ' '}
          </Text>
        ),
      )}
    </Box>
  );
}

/** Other items are another list, whose cursor starts where the screen says. */
export function Select(props: SelectProps) {
  return <Choices key={props.items.map((item) => item.value).join('\n')} {...props} />;
}

function Choices({ list, items, initial, rows, focused = true }: SelectProps) {
  const { dispatch, state, width, height } = useWizard();
  const spoken = useSpoken();
  const initially = items.findIndex((item) => item.value === initial);
  const [cursor, setCursor] = useState(Math.max(0, initially));
  const [jumps, setJumps] = useState(0);
  const all = rowsOf(items);
  const most = Math.max(2, rows ?? height);
  const scrolls = all.length > most;
  const room = scrolls ? most - 1 : most;
  // Only what lies on top may be chosen while something runs, such as an abort that is to queue.
  const isActive = focused && (!state.task || state.overlays.length > 0) && items.length > 0;
  const highlight = (value: string): void => {
    setCursor(items.findIndex((item) => item.value === value));
    dispatch({ type: 'highlighted', list, value });
  };
  useInput(
    (input, key) => {
      const { name } = keyPress(input, key);
      const chosen = items[cursor];
      // Not by `onSelect`, for which a digit is a choice too.
      if (name === 'enter' && chosen) dispatch({ type: 'chosen', list, value: chosen.value });
      const to = jumpTo(cursor, name, Math.max(1, room - 1), items.length);
      const under = to === undefined ? undefined : items[to];
      if (!under || to === cursor) return;
      setJumps(jumps + 1);
      highlight(under.value);
    },
    { isActive },
  );
  const drawn = rowsByItem(visible(all, cursor, room));
  return (
    <Box flexDirection="column">
      <SelectInput
        // It takes a cursor from outside only when it is new.
        key={jumps}
        items={items.map(({ value, label, is }, at) => ({
          key: value,
          value,
          label: spoken
            ? `${at + 1} of ${items.length}: ${clean(label)}`
            : cut(clean(label), width - 4),
          ...(is && { is }),
          rows: drawn.get(at) ?? [],
        }))}
        initialIndex={cursor}
        isFocused={isActive}
        indicatorComponent={Nothing}
        itemComponent={ItemRows}
        onHighlight={({ value }) => highlight(value)}
      />
      {scrolls && !spoken ? (
        <Line>
          <As is="muted">{`   ${cursor + 1} of ${items.length}`}</As>
        </Line>
      ) : null}
    </Box>
  );
}
