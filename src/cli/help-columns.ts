const WIDEST = 80;

/** Columns that help is laid out for. In the usual case the build has done it: see `main.ts`. */
export const helpColumns = (): number => Math.min(process.stdout.columns || WIDEST, WIDEST);

/** Whether the help that the build laid out, on no terminal, is the one that fits. */
export const fitsBuiltHelp = (): boolean => helpColumns() === WIDEST;
