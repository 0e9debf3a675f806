/** Azure tells names and ids apart regardless of their case. */
export const sameName = (a: string | undefined, b: string | undefined): boolean =>
  a?.toLowerCase() === b?.toLowerCase();
