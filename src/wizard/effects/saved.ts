/** What reads saved workspaces and journals, with all that checks them: loaded where there are any. */
export { lastUsedFirst, readSettings } from '../../profiles/read-settings.js';
export { listJournals } from '../../rollout/journal/journal.js';
