/** ISO 8601 durations as Azure ML writes them: `PT5S`, `PT0.5S`, `PT1M30S`. */

const PATTERN = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** As the official client and the service write it: 500 s are `PT8M20S`. */
export function toIso(milliseconds: number): string {
  const whole = Math.round(milliseconds);
  const parts: [number, string][] = [
    [Math.floor(whole / 3_600_000), 'H'],
    [Math.floor((whole % 3_600_000) / 60_000), 'M'],
    [(whole % 60_000) / 1000, 'S'],
  ];
  const said = parts.filter(([amount]) => amount !== 0).map(([amount, unit]) => amount + unit);
  return `PT${said.join('') || '0S'}`;
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
