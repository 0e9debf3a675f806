import { useStdout } from 'ink';
import { createContext, useContext, useEffect, useState } from 'react';
import { sizeOf, type TerminalSize } from './size.js';

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
