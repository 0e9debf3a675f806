/**
 * A list to choose from, scrolled to the cursor.
 *
 *     ❯ keep     default keeps its instances
 *       delete   its name has to be typed
 */
import { Box, Text, useStdin } from 'ink';
import SelectInput from 'ink-select-input';
import stringWidth from 'string-width';
import { useGlyphs } from '../../src/terminal/glyphs.js';
import { KeyStdin } from '../../src/terminal/key-stdin.js';
import { theme, type Tone } from '../../src/terminal/theme.js';
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

/** The pointer is a part of the row, so that it stands beside the item and not beside its heading. */
const Nothing = (): null => null;

function Row(item: {
  isSelected?: boolean;
  label: string;
  is?: Tone;
  heading?: string;
  gap?: boolean;
}) {
  const { pointer } = useGlyphs();
  const style = item.isSelected ? theme.focus : item.is ? theme[item.is] : {};
  return (
    <Box flexDirection="column">
      {item.heading === undefined ? null : (
        <Box marginTop={item.gap ? 1 : 0}>
          <Text {...theme.heading} wrap="truncate-end">
            {item.heading}
          </Text>
        </Box>
      )}
      <Text {...style} wrap="truncate-end">
        {` ${item.isSelected ? pointer : ' '.repeat(stringWidth(pointer))} ${item.label}`}
      </Text>
    </Box>
  );
}

/** ink-select-input takes a digit for a choice; here only Enter chooses. */
function choseByEnter(stdin: unknown): boolean {
  if (!(stdin instanceof KeyStdin)) return true;
  return stdin.lastKey?.text === '\r' || stdin.lastKey?.text === '\n';
}

export function Select({ list, items, initial, rows, focused = true }: SelectProps) {
  const { dispatch, state, width } = useWizard();
  const { stdin } = useStdin();
  const at = items.findIndex((item) => item.value === initial);
  const scrolls = rows !== undefined && items.length > rows;
  const shown = items.map((item) => ({
    key: item.value,
    value: item.value,
    label: cut(clean(item.label), width - 4),
    ...(item.is && { is: item.is }),
    ...(item.heading !== undefined && { heading: item.heading }),
    ...(item.gap && { gap: true }),
  }));
  const choices = (
    <SelectInput
      // A list with other items starts with its cursor where the screen says.
      key={items.map((item) => item.value).join('\n')}
      items={shown}
      initialIndex={Math.max(0, at)}
      // Only what lies on top may be chosen while something runs, such as an abort that is to queue.
      isFocused={focused && (!state.task || state.overlays.length > 0) && items.length > 0}
      {...(scrolls && { limit: Math.max(1, rows - 1) })}
      indicatorComponent={Nothing}
      itemComponent={Row}
      onSelect={(item) => {
        if (choseByEnter(stdin)) dispatch({ type: 'chosen', list, value: item.value });
      }}
      onHighlight={(item) => dispatch({ type: 'highlighted', list, value: item.value })}
    />
  );
  if (!scrolls) return choices;
  return (
    <Box flexDirection="column">
      {choices}
      <Line>
        <As is="muted">{`   ${items.length} in all: ↑↓ shows the others`}</As>
      </Line>
    </Box>
  );
}
