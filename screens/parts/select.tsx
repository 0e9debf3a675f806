/**
 * A list to choose from, scrolled to the cursor.
 *
 *     ❯ keep     default keeps its instances
 *       delete   its name has to be typed
 */
import { Text, useStdin } from 'ink';
import SelectInput from 'ink-select-input';
import { useGlyphs } from '../../src/terminal/glyphs.js';
import { KeyStdin } from '../../src/terminal/key-stdin.js';
import { theme, type Meaning } from '../../src/terminal/theme.js';
import { useWizard } from './context.js';
import { cut } from './columns.js';
import { clean } from './line.js';

export interface Item {
  value: string;
  label: string;
  is?: Meaning;
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

function Indicator({ isSelected = false }: { isSelected?: boolean }) {
  const { pointer } = useGlyphs();
  return isSelected ? <Text {...theme.focus}>{` ${pointer} `}</Text> : <Text>{'   '}</Text>;
}

function Row(item: { isSelected?: boolean; label: string; is?: Meaning }) {
  const style = item.isSelected ? theme.focus : item.is ? theme[item.is] : {};
  return (
    <Text {...style} wrap="truncate-end">
      {item.label}
    </Text>
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
  const shown = items.map((item) => ({
    key: item.value,
    value: item.value,
    label: cut(clean(item.label), width - 4),
    ...(item.is && { is: item.is }),
  }));
  return (
    <SelectInput
      // A list with other items starts with its cursor where the screen says.
      key={items.map((item) => item.value).join('\n')}
      items={shown}
      initialIndex={Math.max(0, at)}
      isFocused={focused && !state.task && items.length > 0}
      {...(rows !== undefined && items.length > rows && { limit: Math.max(1, rows) })}
      indicatorComponent={Indicator}
      itemComponent={Row}
      onSelect={(item) => {
        if (choseByEnter(stdin)) dispatch({ type: 'chosen', list, value: item.value });
      }}
      onHighlight={(item) => dispatch({ type: 'highlighted', list, value: item.value })}
    />
  );
}
