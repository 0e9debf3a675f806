/** Dates and times of a CSV to what a datetime column of MLflow takes. */
import type { CastResult } from './cast.js';

const time =
  String.raw`(?:(?:T|,?\s+)(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*([ap]m)?\s*` +
  String.raw`(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?)?$`;
const form = (date: string) => new RegExp(`^${date}${time}`, 'i');

/** Forms in which the order of year, month and day is certain, and where each is in them. */
const forms: { pattern: RegExp; year: number; month: number; day: number }[] = [
  // 2026-03-31, 2026/3/31, 2026.03.31
  { pattern: form(String.raw`(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})`), year: 1, month: 2, day: 3 },
  // 20260331
  { pattern: form(String.raw`(\d{4})(\d\d)(\d\d)`), year: 1, month: 2, day: 3 },
  // 31 March 2026, 31-Mar-2026
  {
    pattern: form(String.raw`(\d{1,2})[-\s]+([a-z]{3,9})\.?[-,\s]+(\d{4})`),
    year: 3,
    month: 2,
    day: 1,
  },
  // Mar 31, 2026
  { pattern: form(String.raw`([a-z]{3,9})\.?\s+(\d{1,2}),?\s+(\d{4})`), year: 3, month: 1, day: 2 },
];

const months =
  'january|february|march|april|may|june|july|august|september|october|november|december'.split(
    '|',
  );

/**
 * To ISO 8601 without a zone, in UTC where the cell has a zone: MLflow refuses datetimes with one.
 * A form that is 1 February to some and 2 January to others is refused, whatever its numbers.
 */
export function castDatetime(text: string): CastResult {
  for (const { pattern, ...at } of forms) {
    const parts = pattern.exec(text);
    if (!parts) continue;
    const [hour, minute = '00', second = '00', fraction, half, zone] = parts.slice(4);
    const date = [
      pad(parts[at.year], 4),
      pad(monthNumber(parts[at.month]), 2),
      pad(parts[at.day], 2),
    ];
    const clock = `${date.join('-')}T${pad(hourOf(hour, half), 2)}:${minute}:${second}`;
    return asUtc(clock, fraction, zone);
  }
  const why = /^\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}\b/.test(text)
    ? 'is a date with an ambiguous day and month. Write the year first, as in 2026-03-31'
    : 'is not a date or time, such as 2026-03-31 or 2026-03-31T09:30:00';
  return { ok: false, why };
}

function asUtc(clock: string, fraction: string | undefined, zone: string | undefined): CastResult {
  const at = new Date(`${clock}Z`);
  // Date rolls 31 February over into March; a valid time reads back as it was written.
  if (Number.isNaN(at.getTime()) || at.toISOString().slice(0, 19) !== clock) {
    return { ok: false, why: 'is not a date that exists' };
  }
  const year = at.getUTCFullYear();
  if (year < 1678 || year > 2261) {
    return { ok: false, why: 'is outside the years 1678 to 2261 that a datetime column holds' };
  }
  const utc = new Date(at.getTime() - offsetMinutes(zone) * 60_000).toISOString().slice(0, 19);
  return { ok: true, value: fraction ? `${utc}.${fraction}` : utc };
}

const pad = (text: string | number | undefined, length: number): string =>
  String(text ?? 0).padStart(length, '0');

/** From a number or an English name, whole or its first three letters; 0 for no month. */
function monthNumber(text = ''): number {
  if (/^\d/.test(text)) return Number(text);
  const name = text.toLowerCase();
  const found = months.findIndex((month) => month === name || month.slice(0, 3) === name);
  return name === 'sept' ? 9 : found + 1;
}

function hourOf(hour = '0', half: string | undefined): number {
  if (half === undefined) return Number(hour);
  // An hour that no half of a day has makes a time that does not exist.
  if (Number(hour) < 1 || Number(hour) > 12) return 99;
  return (Number(hour) % 12) + (half.toLowerCase() === 'pm' ? 12 : 0);
}

function offsetMinutes(zone: string | undefined): number {
  if (zone === undefined || /^[a-z]/i.test(zone)) return 0;
  const digits = zone.slice(1).replace(':', '');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return zone.startsWith('-') ? -minutes : minutes;
}
