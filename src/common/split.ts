/** Arithmetic of traffic splits: whole percents by deployment name, 0 or 100 in sum. */

/** Percent of requests by deployment name. */
export type Split = Record<string, number>;

export const shareOf = (split: Split, deployment: string): number => split[deployment] ?? 0;

export const totalOf = (split: Split): number =>
  Object.values(split).reduce((sum, share) => sum + share, 0);

/** Names with a share above zero, largest share first, then by name. */
export function liveNames(split: Split): string[] {
  return Object.keys(split)
    .filter((name) => shareOf(split, name) > 0)
    .sort((a, b) => shareOf(split, b) - shareOf(split, a) || (a < b ? -1 : 1));
}

/** Without zero shares, which mean the same to Azure as an absent name; as `az` sends it. */
export function withoutZeros(split: Split): Split {
  return Object.fromEntries(Object.entries(split).filter(([, share]) => share !== 0));
}

/** An absent name and a share of zero are the same; names are compared as Azure does, without case. */
export function sameSplit(a: Split, b: Split): boolean {
  const [one, two] = [lowerCase(a), lowerCase(b)];
  return [...Object.keys(one), ...Object.keys(two)].every(
    (name) => shareOf(one, name) === shareOf(two, name),
  );
}

const lowerCase = (split: Split): Split =>
  Object.fromEntries(Object.entries(split).map(([name, share]) => [name.toLowerCase(), share]));

/** What Azure would refuse about a split: shares are whole percents, and their sum is 0 or 100. */
export function splitProblem(split: Split): string | undefined {
  for (const [name, share] of Object.entries(split)) {
    if (!Number.isInteger(share) || share < 0 || share > 100) {
      return `The traffic weight of ${name} is ${share}: use a whole number from 0 to 100.`;
    }
  }
  const total = totalOf(split);
  return total === 0 || total === 100
    ? undefined
    : `The traffic weights ${formatSplit(split)} add up to ${total}: they must add up to 100, or all be 0.`;
}

/** The most that green can have: what blue and green have together; the others are frozen. */
export const movable = (split: Split, blue: string, green: string): number =>
  shareOf(split, blue) + shareOf(split, green);

/**
 * The split in which green has `greenShare` percent of all requests and blue the rest of what the
 * two have together. Every other deployment keeps its share. Clamped to what can be moved.
 */
export function shift(split: Split, blue: string, green: string, greenShare: number): Split {
  const both = movable(split, blue, green);
  const share = Math.min(both, Math.max(0, Math.round(greenShare)));
  return { ...split, [blue]: both - share, [green]: share };
}

/** `default=90 xgboost-model-8=10`; `no traffic` when all shares are zero. */
export function formatSplit(split: Split): string {
  const names = liveNames(split);
  return names.length === 0
    ? 'no traffic'
    : names.map((name) => `${name}=${shareOf(split, name)}`).join(' ');
}

/** Reads what `formatSplit` wrote; `undefined` when it is something else. */
export function parseSplit(text: string): Split | undefined {
  const trimmed = text.trim();
  if (trimmed === 'no traffic') return {};
  if (trimmed === '') return undefined;
  const split: Split = {};
  for (const pair of trimmed.split(/[\s,]+/)) {
    const match = /^([a-zA-Z][-a-zA-Z0-9]*)=(\d{1,3})$/.exec(pair);
    if (!match?.[1]) return undefined;
    split[match[1]] = Number(match[2]);
  }
  return splitProblem(split) === undefined ? split : undefined;
}
