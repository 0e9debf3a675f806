export interface TerminalSize {
  columns: number;
  rows: number;
}

/** Below this the screens only ask for a larger window. */
export const SMALLEST: TerminalSize = { columns: 60, rows: 18 };

export const isTooSmall = ({ columns, rows }: TerminalSize): boolean =>
  columns < SMALLEST.columns || rows < SMALLEST.rows;

const USUAL: TerminalSize = { columns: 80, rows: 24 };

/** 80x24 where the output has no size; a pseudo-terminal that was never given one says 0. */
export const sizeOf = (stdout: Partial<TerminalSize>): TerminalSize => ({
  columns: stdout.columns || USUAL.columns,
  rows: stdout.rows || USUAL.rows,
});
