/** Times as people read them. */

/** `04:12`, or `1:04:12` from an hour on. */
export function clock(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** `9 m 12 s`, `41 s`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} m ${whole % 60} s`;
}

/** `9 min`, `41 s`. */
export const roughly = (seconds: number): string =>
  seconds < 60 ? duration(seconds) : `${Math.floor(seconds / 60)} min`;

/** `55 min ago`, `3 days ago`; `iso` is in the past. */
export function ago(iso: string, now: number): string {
  const minutes = Math.max(0, Math.round((now - Date.parse(iso)) / 60_000));
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.round(minutes / 60);
  if (hours < 24) return `${hours} h ago`;
  const days = Math.round(hours / 24);
  if (days < 14) return days === 1 ? 'yesterday' : `${days} days ago`;
  if (days < 60) return `${Math.round(days / 7)} weeks ago`;
  return days < 700 ? `${Math.round(days / 30)} months ago` : `${Math.round(days / 365)} years ago`;
}

/** `12:04:31` in this machine's zone. */
export const timeOfDay = (at: number): string => new Date(at).toTimeString().slice(0, 8);

/** `12:04:31`, or `Feb 28` of another day. */
export function timeOrDay(at: number, now: number): string {
  const day = (time: number): string => new Date(time).toDateString().slice(4);
  return day(at) === day(now) ? timeOfDay(at) : day(at).slice(0, 6);
}
