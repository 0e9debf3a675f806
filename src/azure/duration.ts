/** ISO 8601 durations as Azure ML writes them: `PT5S`, `PT0.5S`, `PT1M30S`. */

const PATTERN = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

export function toIso(milliseconds: number): string {
  return `PT${milliseconds / 1000}S`;
}

/** Milliseconds; 0 for what is absent or not understood. */
export function fromIso(text: unknown): number {
  const match = typeof text === 'string' ? PATTERN.exec(text) : null;
  if (!match) return 0;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return Math.round(
    ((((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1000,
  );
}
