/**
 * Does green fail on more rows than blue? By Tango's interval of the difference on the same rows: a
 * row on which both fail is no difference. A green that answers no row at all fails at once, whatever
 * the reason; a blue that does so leaves nothing to compare with.
 */
import * as z from 'zod';
import {
  blueSilence,
  firstPairs,
  isFailure,
  isNoEvidence,
  silence,
  type Evidence,
  type Pair,
} from './evidence.js';
import type { RowAnswer } from '../replay.js';
import {
  errorFinding,
  rule,
  type Levels,
  type GateFinding,
  type GateMode,
  type ReplayGate,
} from './gate.js';
import { measuredRates } from './measured.js';
import { harmReach } from './reach.js';
import { harmOn } from './share.js';
import { grouped, rowsOf } from '../../../common/counts.js';
import { bound, counted, needed, points, pp } from './text.js';

interface ErrorsSettings {
  mode: GateMode;
  /** Share of rows on which green may fail more often. */
  margin: number;
  /** Of earlier plan files; a sequential test has taken its place. */
  early?: undefined;
}

export function errorsFinding(
  evidence: Evidence,
  { margin }: Pick<ErrorsSettings, 'margin'>,
  levels: Levels,
): GateFinding | undefined {
  const asked = firstPairs(evidence);
  if (asked.length === 0) return undefined;
  const limit = pp(margin);
  const silent = silence(asked);
  if (silent !== undefined) {
    const side = (of: 'blue' | 'green') => ({
      hits: asked.filter((pair) => !pair[of].ok).length,
      of: asked.length,
    });
    const [blue, green] = [side('blue'), side('green')];
    return {
      blue: counted(blue.hits, blue.of),
      green: counted(green.hits, green.of),
      difference: 'no answer',
      limit,
      measured: measuredRates(
        { blue, green },
        { difference: (green.hits - blue.hits) / asked.length, limit: margin },
      ),
      outcome: 'fail',
      p: 0,
      why: () => silent,
    };
  }
  const nothingToCompare = blueSilence(asked);
  if (nothingToCompare !== undefined) return errorFinding(nothingToCompare, { limit });
  const lost = lostRows(asked, margin, levels);
  if (lost !== undefined) return errorFinding(lost, { limit });
  const pairs = asked.filter(({ blue, green }) => !isNoEvidence(blue) && !isNoEvidence(green));
  const n = pairs.length;
  if (n === 0) {
    const why =
      'Both deployments answered no row: all ended at sign-in, the network or 429. Look at the first error.';
    return errorFinding(why, { limit });
  }
  const blue = pairs.filter((pair) => isFailure(pair.blue)).length;
  const green = pairs.filter((pair) => isFailure(pair.green)).length;
  const greenOnly = pairs.filter((pair) => isFailure(pair.green) && !isFailure(pair.blue)).length;
  const blueOnly = blue - (green - greenOnly);
  const harm = { worse: greenOnly, better: blueOnly, of: n };
  const { lower, upper, ...decided } = harmOn(harm, margin, levels);
  return {
    blue: counted(blue, n),
    green: counted(green, n),
    difference: `${points((green - blue) / n)}, ${
      lower > margin ? `from ${bound(lower)}` : `up to ${bound(upper)}`
    }`,
    limit,
    measured: measuredRates(
      { blue: { hits: blue, of: n }, green: { hits: green, of: n } },
      { difference: (green - blue) / n, low: lower, high: upper, limit: margin },
    ),
    ...decided,
    why: (outcome) =>
      outcome === 'pass'
        ? `Green fails at most ${bound(upper)} pp more often than blue.`
        : outcome === 'fail'
          ? `Green fails at least ${bound(lower)} pp more often than blue: green alone failed on ${rowsOf(greenOnly)}, blue alone on ${grouped(blueOnly)}.`
          : `Green may still fail up to ${bound(upper)} pp more often than blue; the limit is ${limit}.${needed(decided.needsMoreRows, margin)}`,
  };
}

/**
 * Why the rows that were answered say nothing: green's connections end far more often than blue's, which
 * may be a container that breaks off. One too busy (429) is the gate `capacity`'s.
 */
function lostRows(asked: readonly Pair[], margin: number, levels: Levels): string | undefined {
  const isLost = (answer: RowAnswer): boolean => isNoEvidence(answer) && answer.problem !== 'busy';
  const worse = asked.filter(({ blue, green }) => isLost(green) && !isLost(blue)).length;
  const better = asked.filter(({ blue, green }) => isLost(blue) && !isLost(green)).length;
  const { lower } = harmOn({ worse, better, of: asked.length }, margin, levels);
  if (lower <= margin) return undefined;
  return `${rowsOf(worse)} of ${grouped(asked.length)} got no answer from green although blue answered, ${grouped(better)} the other way round: its connections end, which points to its container, not its model. Read its log.`;
}

export const errors: ReplayGate<'errors', ErrorsSettings> = {
  id: 'errors',
  title: 'errors',
  defaults: { mode: 'enforce', margin: 0.01 },
  schema: {
    margin: rule.share,
    early: z
      .unknown()
      .transform(() => undefined)
      .optional(),
  },
  needs: 'rows',
  describe: 'Green fails on more rows than blue, by more than the margin.',
  judge: errorsFinding,
  reach: harmReach('errors'),
};
