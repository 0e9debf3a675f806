/** Lines of journals that earlier versions wrote, under the names of today. */

type Line = Record<string, unknown>;

const isRecord = (value: unknown): value is Line =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const renamed = (value: unknown, names: Readonly<Record<string, string>>): unknown =>
  isRecord(value)
    ? Object.fromEntries(Object.entries(value).map(([name, each]) => [names[name] ?? name, each]))
    : value;

const WEIGHT = { share: 'weight' };
const SIDES = { live: 'blue', fresh: 'green' };

/** @param line as it was parsed: nothing of it is checked yet */
export function withPresentNames(line: unknown): unknown {
  if (!isRecord(line)) return line;
  const { event, verdicts, choice } = line;
  if (event === 'choice' && isRecord(choice) && 'holdEnded' in choice) {
    return { ...line, choice: { ...choice, holdEnded: renamed(choice.holdEnded, WEIGHT) } };
  }
  if (event === 'judged' && Array.isArray(verdicts)) {
    const present = verdicts.map((verdict) => renamed(verdict, SIDES));
    return renamed({ ...line, verdicts: present }, WEIGHT);
  }
  return event === 'watched' || event === 'probed' ? renamed(line, WEIGHT) : line;
}
