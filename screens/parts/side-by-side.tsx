/** Two columns, each of which draws as if the terminal were that wide: only where neither is cut. */
import { Box } from 'ink';
import type { ReactNode } from 'react';
import { useWizard, WizardContext } from './context.js';

/** Columns between the two. */
export const BETWEEN = 2;

interface Columns {
  left: { width: number; shows: ReactNode };
  right: { width: number; shows: ReactNode };
}

export function SideBySide({ left, right }: Columns) {
  const view = useWizard();
  return (
    <Box>
      <WizardContext.Provider value={{ ...view, width: left.width }}>
        <Box flexDirection="column" width={left.width} marginRight={BETWEEN}>
          {left.shows}
        </Box>
      </WizardContext.Provider>
      <WizardContext.Provider value={{ ...view, width: right.width }}>
        <Box flexDirection="column" width={right.width}>
          {right.shows}
        </Box>
      </WizardContext.Provider>
    </Box>
  );
}
