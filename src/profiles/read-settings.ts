/** What the settings file says; writing it takes what only `settings-file.ts` loads. */
import { readTextSync } from '../common/read-text.js';
import { withoutUndefined } from '../common/without-undefined.js';
import { preferencesSchema, profileSchema, type Preferences, type Profile } from './profile.js';

/** Grows when a file of this program can no longer be read by an older one. */
export const SETTINGS_VERSION = 1;

export interface Settings {
  profiles: Profile[];
  preferences: Preferences;
}

export interface Reading extends Settings {
  /** Why not all of the file could be used. */
  problem?: 'not JSON' | 'entries' | 'newer' | 'unreadable';
  dropped: number;
}

/** Last used first; those never used by their creation. */
export const lastUsedFirst = (profiles: readonly Profile[]): Profile[] =>
  profiles.toSorted((a, b) => lastSeen(b).localeCompare(lastSeen(a)));

const lastSeen = (profile: Profile): string => profile.lastUsedAt ?? profile.createdAt;

export function readSettings(path: string): Reading {
  const nothing = { profiles: [], preferences: {}, dropped: 0 };
  let text: string;
  try {
    text = readTextSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR'
      ? nothing
      : { ...nothing, problem: 'unreadable' };
  }
  let data: unknown;
  try {
    data = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return { ...nothing, problem: 'not JSON' };
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    return { ...nothing, problem: 'not JSON' };
  }
  return salvage(data as Record<string, unknown>);
}

/** Everything of a file that is as it should be; a file without a version is from before the first. */
function salvage(data: Record<string, unknown>): Reading {
  const listed = Array.isArray(data['profiles']) ? (data['profiles'] as unknown[]) : [];
  const profiles: Profile[] = [];
  for (const one of listed) {
    const parsed = profileSchema.safeParse(one);
    if (!parsed.success) continue;
    const { connection, ...rest } = parsed.data;
    profiles.push({ ...withoutUndefined(rest), connection: withoutUndefined(connection) });
  }
  const preferences = preferencesSchema.safeParse(data['preferences'] ?? {});
  const dropped =
    listed.length -
    profiles.length +
    (preferences.success ? 0 : 1) +
    (data['profiles'] !== undefined && !Array.isArray(data['profiles']) ? 1 : 0);
  const reading: Reading = {
    profiles,
    preferences: preferences.success ? withoutUndefined(preferences.data) : {},
    dropped,
  };
  const version = data['schemaVersion'];
  if (typeof version === 'number' && version > SETTINGS_VERSION) reading.problem = 'newer';
  else if (dropped > 0) reading.problem = 'entries';
  return reading;
}
