/** A window on many lines, moved by its own keys; of a log it begins at the end. */
import { Box, useInput } from 'ink';
import { useState } from 'react';
import { keyPress } from '../../src/wizard/keys.js';
import { useWizard } from './context.js';
import { As, clean, Line } from './line.js';

interface ScrolledProps {
  lines: readonly string[];
  /** Rows that it may fill. */
  rows: number;
  fromEnd?: boolean;
}

/** Where the window begins after a key; `undefined`: it is not for us. */
function scrolledTo(from: number, name: string, page: number, most: number): number | undefined {
  const to: Record<string, number> = {
    up: from - 1,
    k: from - 1,
    down: from + 1,
    j: from + 1,
    pageup: from - page,
    pagedown: from + page,
    ' ': from + page,
    home: 0,
    end: most,
  };
  const wanted = to[name];
  return wanted === undefined ? undefined : Math.max(0, Math.min(most, wanted));
}

export function Scrolled({ lines, rows, fromEnd = false }: ScrolledProps) {
  const { state } = useWizard();
  // A row is kept for the line that says where one is.
  const room = lines.length <= rows ? rows : Math.max(1, rows - 1);
  const most = Math.max(0, lines.length - room);
  const [wanted, setFrom] = useState<number | undefined>(undefined);
  const from = Math.min(most, wanted ?? (fromEnd ? most : 0));
  useInput(
    (input, key) => {
      const to = scrolledTo(from, keyPress(input, key).name, room, most);
      if (to !== undefined) setFrom(to);
    },
    { isActive: state.overlays.length > 0 },
  );
  return (
    <Box flexDirection="column">
      {lines.slice(from, from + room).map((line, index) => (
        <Line key={from + index}>{` ${clean(line)}`}</Line>
      ))}
      {most > 0 ? (
        <Line>
          <As is="muted">{` lines ${from + 1} to ${Math.min(lines.length, from + room)} of ${lines.length}`}</As>
        </Line>
      ) : null}
    </Box>
  );
}
