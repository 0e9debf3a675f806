/** What reads saved workspaces and journals, with all that checks them: loaded where there are any. */
import type { Profile } from '../../profiles/profile.js';
import { lastUsedFirst, readSettings } from '../../profiles/read-settings.js';
import { listJournals, type JournalList } from '../../rollout/journal/journal.js';

/** Last used first; `undefined` where the file is not as it should be, which `ProfileStore` repairs and tells. */
export function savedProfiles(path: string): Profile[] | undefined {
  const { profiles, problem } = readSettings(path);
  return problem === undefined ? lastUsedFirst(profiles) : undefined;
}

export const savedJournals = (folder: string): JournalList => listJournals(folder);
