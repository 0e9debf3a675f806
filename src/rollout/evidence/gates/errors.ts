/**
 * Does green fail on rows that blue answers? Pass: Newcombe's upper bound of the difference is
 * below the margin. Fail: exact McNemar, or too many green-only failures right at the start.
 */
import { z } from 'zod';
import { mcnemarOneSided, newcombe, normalQuantile } from '../statistics/proportions.js';
import { rowsForErrors } from '../statistics/sample-size.js';
import { firstPairs, isFailure, isNoEvidence, type Evidence } from './evidence.js';
import { bound, counted, needed, points, rowsOf } from './text.js';
import { rule, type Common, type Finding, type GateMode, type ReplayGate } from './gate.js';

interface Settings {
  mode: GateMode;
  /** Share of rows on which green may fail more often. */
  margin: number;
  /** That many failures of green alone in the first rows stop at once. */
  early: { failures: number; rows: number };
}

export function errorsFinding(
  evidence: Evidence,
  settings: Settings,
  { alpha }: Common,
): Finding | undefined {
  const { margin, early } = settings;
  const asked = firstPairs(evidence);
  if (asked.length === 0) return undefined;
  const limit = `${bound(margin).replace(/\.0$/, '')} pp`;
  const pairs = asked.filter(({ blue, green }) => !isNoEvidence(blue) && !isNoEvidence(green));
  const n = pairs.length;
  if (n === 0) {
    const why =
      'No row was answered by both: all ended at sign-in, the network or 429. Look at the first one.';
    return { live: '', fresh: '', difference: 'n/a', limit, outcome: 'error', why: () => why };
  }
  const blue = pairs.filter((pair) => isFailure(pair.blue)).length;
  const green = pairs.filter((pair) => isFailure(pair.green)).length;
  const greenOnly = pairs.filter((pair) => isFailure(pair.green) && !isFailure(pair.blue)).length;
  const blueOnly = blue - (green - greenOnly);
  const { upper } = newcombe(
    { hits: green, of: n },
    { hits: blue, of: n },
    normalQuantile(1 - alpha),
  );
  const sides = {
    live: counted(blue, n),
    fresh: counted(green, n),
    difference: `${points((green - blue) / n)}, up to ${bound(upper)}`,
    limit,
  };
  const first = asked.slice(0, early.rows);
  const atOnce = first.filter((pair) => isFailure(pair.green) && !isFailure(pair.blue)).length;
  if (atOnce >= early.failures) {
    const why = `NEW failed on ${atOnce} of the first ${first.length} rows where LIVE did not.`;
    return { ...sides, outcome: 'fail', p: 0, why: () => why };
  }
  const total = rowsForErrors(green, blue, margin, alpha);
  const more = total === undefined || total <= n ? undefined : total - n;
  return {
    ...sides,
    outcome: upper < margin ? 'pass' : 'by-p',
    p: mcnemarOneSided(greenOnly, blueOnly),
    needsMoreRows: more,
    why: (outcome) =>
      outcome === 'pass'
        ? `NEW fails at most ${bound(upper)} pp more often than LIVE.`
        : outcome === 'fail'
          ? `NEW alone failed on ${rowsOf(greenOnly)}, LIVE alone on ${blueOnly}.`
          : `NEW may still fail up to ${bound(upper)} pp more often, ${limit} is allowed.${needed(more)}`,
  };
}

export const errors: ReplayGate<'errors', Settings> = {
  id: 'errors',
  title: 'errors',
  defaults: { mode: 'enforce', margin: 0.01, early: { failures: 3, rows: 20 } },
  schema: {
    margin: rule.share,
    early: z
      .strictObject({ failures: rule.whole(1).unwrap(), rows: rule.whole(1).unwrap() })
      .optional(),
  },
  needs: 'rows',
  describe: 'Green fails on rows that blue answers, by more than the margin.',
  judge: errorsFinding,
};
