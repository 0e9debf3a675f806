/** ISO 8601 durations as the service writes them: `PT5S`, `PT0.5S`, `PT1M30S`. */
export function durationMs(text: string): number | undefined {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(text);
  if (match === null || text === 'P' || text.endsWith('T')) return undefined;
  const [, days, hours, minutes, seconds] = match;
  const part = (value: string | undefined) => Number(value ?? 0);
  return (
    ((part(days) * 24 + part(hours)) * 60 + part(minutes)) * 60_000 +
    Math.round(part(seconds) * 1_000)
  );
}
