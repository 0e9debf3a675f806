import { useStdout } from 'ink';
import { createContext, useContext, useEffect, useState } from 'react';

export interface TerminalSize {
  columns: number;
  rows: number;
}

/** Below this the screens only ask for a larger window. */
export const SMALLEST: TerminalSize = { columns: 60, rows: 18 };

const USUAL: TerminalSize = { columns: 80, rows: 24 };

/** Fixes the size in tests and pictures. */
export const TerminalSizeContext = createContext<TerminalSize | undefined>(undefined);

/** The terminal's size now; 80x24 where the output has none. Draws again on resize. */
export function useTerminalSize(): TerminalSize {
  const fixed = useContext(TerminalSizeContext);
  const { stdout } = useStdout();
  const [size, setSize] = useState(() => sizeOf(stdout));
  useEffect(() => {
    const update = (): void => {
      const now = sizeOf(stdout);
      setSize((was) => (was.columns === now.columns && was.rows === now.rows ? was : now));
    };
    update();
    stdout.on('resize', update);
    return () => {
      stdout.off('resize', update);
    };
  }, [stdout]);
  return fixed ?? size;
}

function sizeOf(stdout: Partial<TerminalSize>): TerminalSize {
  // A pseudo-terminal that was never given a size says 0.
  return { columns: stdout.columns || USUAL.columns, rows: stdout.rows || USUAL.rows };
}
