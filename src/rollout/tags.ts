/**
 * What a rollout writes into the endpoint's tags, so that a second operator, or the same one on
 * another laptop, sees it. Tags are a notice, not a lock.
 */
import { sanitizeLine } from '../common/sanitize.js';
import { type Split, formatSplit, liveNames, parseSplit, shareOf } from '../common/split.js';
import type { Roles } from './journal/entry.js';
import { isFileNamePart } from './names.js';

export interface RolloutTags {
  /** Absent once the rollout is closed. */
  rolloutId?: string;
  owner?: string;
  roles: Roles;
  /** The split live when the rollout began: what an abort restores. */
  start?: Split;
  /** What a rollback of a closed rollout restores. */
  previous?: Split;
  /** Instances blue had when the rollout began. */
  blueInstances?: number;
}

/** Azure Resource Manager, "Use tags to organize your Azure resources": limits of a tag. */
const LONGEST_VALUE = 256;
const LONGEST_NAME = 512;
const MOST_TAGS = 50;
/** Twenty deployments with names of 32 characters take three tags of 256. */
const PARTS = 4;
/** Azure ML quotas: 1 to 50 instances a deployment. */
const INSTANCES = /^(?:[1-9]|[1-4]\d|50)$/;

export function tagsProblem(tags: Record<string, string | null>): string | undefined {
  const kept = Object.entries(tags).filter(([, value]) => value !== null);
  if (kept.length > MOST_TAGS) return `Azure allows ${MOST_TAGS} tags, not ${kept.length}.`;
  for (const [name, value] of kept) {
    if (name === '' || name.length > LONGEST_NAME || /[<>%&\\?/]/.test(name)) {
      return `Invalid tag name ${JSON.stringify(name)}. Use 1 to ${LONGEST_NAME} characters, without < > % & \\ ? /.`;
    }
    if (value !== null && value.length > LONGEST_VALUE) {
      return `The tag ${name} has ${value.length} characters: use at most ${LONGEST_VALUE}.`;
    }
  }
  return undefined;
}

const partName = (name: string, part: number): string =>
  part === 0 ? name : `${name}-${part + 1}`;

function encodeSplit(name: string, split: Split | undefined): Record<string, string | null> {
  const values: string[] = [];
  if (split) {
    const pairs = liveNames(split).map((each) => `${each}=${shareOf(split, each)}`);
    for (const pair of pairs.length > 0 ? pairs : [formatSplit({})]) {
      const last = values.at(-1);
      if (last === undefined || last.length + 1 + pair.length > LONGEST_VALUE) values.push(pair);
      else values[values.length - 1] = `${last} ${pair}`;
    }
  }
  return Object.fromEntries(
    Array.from({ length: PARTS }, (_, part) => [partName(name, part), values[part] ?? null]),
  );
}

function decodeSplit(name: string, tags: Record<string, string>): Split | undefined {
  const values = Array.from({ length: PARTS }, (_, part) => tags[partName(name, part)] ?? '');
  return parseSplit(values.join(' '));
}

/** The tag that says whose an endpoint is. */
export const ROLLOUT_TAG = 'amlr-rollout';

/** All tags of a rollout; `null` removes what an earlier rollout left. */
export function encodeTags(tags: RolloutTags): Record<string, string | null> {
  return {
    [ROLLOUT_TAG]: tags.rolloutId ?? null,
    'amlr-owner': tags.owner?.slice(0, LONGEST_VALUE) ?? null,
    'amlr-blue': tags.roles.blue ?? null,
    'amlr-green': tags.roles.green ?? null,
    'amlr-blue-instances': tags.blueInstances?.toString() ?? null,
    ...encodeSplit('amlr-start', tags.start),
    ...encodeSplit('amlr-previous', tags.previous),
  };
}

/**
 * The tags that differ from those on the endpoint: `null` only for a tag that is there. Short
 * enough to be read in a preview, and the same change whether or not tags were there before.
 */
export function tagChanges(
  wanted: Record<string, string | null>,
  there: Record<string, string>,
): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(wanted).filter(([name, value]) => (there[name] ?? null) !== value),
  );
}

/** Whatever is not what this program would write is left out: anyone can write tags. */
export function decodeTags(tags: Record<string, string>): RolloutTags {
  const start = decodeSplit('amlr-start', tags);
  const previous = decodeSplit('amlr-previous', tags);
  const instances = tags['amlr-blue-instances'] ?? '';
  const pick = (name: string) => sanitizeLine(tags[name] ?? '') || undefined;
  const named = (name: string) => {
    const given = pick(name);
    return given !== undefined && isFileNamePart(given) ? given : undefined;
  };
  const rolloutId = named(ROLLOUT_TAG);
  const owner = pick('amlr-owner');
  const blue = named('amlr-blue');
  const green = named('amlr-green');
  return {
    ...(rolloutId && { rolloutId }),
    ...(owner && { owner }),
    roles: { ...(blue && { blue }), ...(green && { green }) },
    ...(start && { start }),
    ...(previous && { previous }),
    ...(INSTANCES.test(instances) && { blueInstances: Number(instances) }),
  };
}
