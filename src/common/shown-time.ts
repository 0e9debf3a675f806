/** A time to the second, as a person reads it. @param iso what a service or a journal wrote */
export function shownTime(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime())
    ? 'an unknown time'
    : `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
