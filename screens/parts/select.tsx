/**
 * A list to choose from, scrolled to the cursor. The title of a section stays above its items.
 *
 *     ❯ keep     default keeps its instances
 *       delete   its name has to be typed
 */
import { Box, Text, useInput } from 'ink';
import { useState } from 'react';
import stringWidth from 'string-width';
import { useGlyphs } from '../../src/terminal/glyphs.js';
import { theme, type Tone } from '../../src/terminal/theme.js';
import { keyPress } from '../../src/wizard/keys.js';
import { useWizard } from './context.js';
import { cut } from './columns.js';
import { As, clean, Line } from './line.js';

export interface Item {
  value: string;
  label: string;
  is?: Tone;
  /** Stands above the item, as the title of a section that begins with it. */
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

/** The place that a key moves the cursor to; both ends meet. */
export function moved(at: number, name: string, page: number, count: number): number | undefined {
  switch (name) {
    case 'up':
    case 'k':
      return (at - 1 + count) % count;
    case 'down':
    case 'j':
      return (at + 1) % count;
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

/** Other items are another list, whose cursor starts where the screen says. */
export function Select(props: SelectProps) {
  return <Choices key={props.items.map((item) => item.value).join('\n')} {...props} />;
}

function Choices({ list, items, initial, rows, focused = true }: SelectProps) {
  const { dispatch, state, width, height } = useWizard();
  const { pointer } = useGlyphs();
  const [cursor, setCursor] = useState(() =>
    Math.max(
      0,
      items.findIndex((item) => item.value === initial),
    ),
  );
  const all = rowsOf(items);
  const most = Math.max(2, rows ?? height);
  const scrolls = all.length > most;
  const room = scrolls ? most - 1 : most;
  useInput(
    (input, key) => {
      const { name } = keyPress(input, key);
      const chosen = items[cursor];
      if (name === 'enter' && chosen) {
        dispatch({ type: 'chosen', list, value: chosen.value });
        return;
      }
      const to = moved(cursor, name, Math.max(1, room - 1), items.length);
      const under = to === undefined ? undefined : items[to];
      if (to === undefined || !under || to === cursor) return;
      setCursor(to);
      dispatch({ type: 'highlighted', list, value: under.value });
    },
    // Only what lies on top may be chosen while something runs, such as an abort that is to queue.
    { isActive: focused && (!state.task || state.overlays.length > 0) && items.length > 0 },
  );
  const blank = ' '.repeat(stringWidth(pointer));
  return (
    <Box flexDirection="column">
      {visible(all, cursor, room).map((row, index) => {
        if ('gap' in row) return <Text key={index}> </Text>;
        if ('title' in row)
          return (
            <Text key={index} {...theme.heading} wrap="truncate-end">
              {row.title}
            </Text>
          );
        const item = items[row.at];
        const here = row.at === cursor;
        const style = here ? theme.focus : item?.is ? theme[item.is] : {};
        return (
          <Text key={index} {...style} wrap="truncate-end">
            {` ${here ? pointer : blank} ${cut(clean(item?.label ?? ''), width - 4)}`}
          </Text>
        );
      })}
      {scrolls ? (
        <Line>
          <As is="muted">{`   ${cursor + 1} of ${items.length}`}</As>
        </Line>
      ) : null}
    </Box>
  );
}
