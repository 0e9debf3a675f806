/** Lines of journals that earlier versions wrote, under the names of today. */
import type { Verdict } from '../evidence/gates/verdict.js';
import type { JournalEntry } from './entry.js';

/** Verdicts called blue's side `live` and green's `fresh`. */
interface EarlierVerdict extends Omit<Verdict, 'blue' | 'green'> {
  live: string;
  fresh: string;
}

function verdictWithPresentNames(verdict: Verdict | EarlierVerdict): Verdict {
  if (!('live' in verdict)) return verdict;
  const { live, fresh, ...same } = verdict;
  return { ...same, blue: live, green: fresh };
}

export const withPresentNames = (entry: JournalEntry): JournalEntry =>
  entry.event === 'judged'
    ? { ...entry, verdicts: entry.verdicts.map(verdictWithPresentNames) }
    : entry;
