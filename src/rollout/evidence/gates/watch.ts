/**
 * The gate that may be looked at after every row: green fails at least as much more as the limit
 * allows, whoever looks how often. Latency is not watched: at 0% traffic a slow green harms nobody,
 * and a few rows in a row are one moment of the machine, not many.
 */
import { beyond, meanAbove } from '../statistics/sequential.js';
import { errorsFinding } from './errors.js';
import { verdictOf } from './judge.js';
import {
  blueSilence,
  firstPairs,
  isFailure,
  isNoEvidence,
  silence,
  type Evidence,
} from './evidence.js';
import { commonOf, DEFAULT_GATES, type Gates } from './settings.js';
import { measuredRates } from './measured.js';
import { grouped, rowsOf } from '../../../common/counts.js';
import { counted, points, pp } from './text.js';
import type { Verdict } from './verdict.js';

/** The watch is beside the verdict at the end, and spends this part of its error probability. */
const PART = 0.2;

/** Every look reads all rows so far: at every tenth, from 500 on at every hundredth, from 5,000 on at every thousandth. */
export const isLook = (rows: number): boolean =>
  rows % 10 ** Math.max(1, Math.floor(Math.log10(rows / 5))) === 0;

/** Only what ends the round is returned; it stands whatever comes after it. */
export function watch(evidence: Evidence, gates: Gates = DEFAULT_GATES): Verdict[] {
  const { mode, margin } = gates.errors;
  if (mode === 'off') return [];
  const asked = firstPairs(evidence);
  if ((silence(asked) ?? blueSilence(asked)) !== undefined) {
    const found = errorsFinding(evidence, gates.errors, commonOf(gates));
    if (!found) return [];
    return [verdictOf('errors', mode, found, found.p, gates.alpha)];
  }
  const more: number[] = [];
  let [blue, green] = [0, 0];
  for (const pair of asked) {
    if (isNoEvidence(pair.blue) || isNoEvidence(pair.green)) continue;
    const [b, g] = [Number(isFailure(pair.blue)), Number(isFailure(pair.green))];
    blue += b;
    green += g;
    more.push(g - b);
  }
  if (!beyond(meanAbove(more, margin), PART * gates.alpha)) return [];
  const n = more.length;
  return [
    {
      gate: 'errors',
      mode,
      verdict: 'fail',
      blue: counted(blue, n),
      green: counted(green, n),
      difference: points((green - blue) / n),
      limit: pp(margin),
      measured: measuredRates(
        { blue: { hits: blue, of: n }, green: { hits: green, of: n } },
        { difference: (green - blue) / n, limit: margin },
      ),
      why: `Green failed on ${grouped(green)} of the first ${rowsOf(n)}, blue on ${grouped(blue)}: clearly more than ${pp(margin)} above blue, so no more rows are sent.`,
    },
  ];
}
