/**
 * Where the file tells the truth: does green lose right answers? Pass: Tango's lower bound of the
 * change is above minus the margin. Fail: exact McNemar on rows that only one of the two got right.
 */
import { isRight } from '../../../sampling/predictions.js';
import { mcnemarOneSided, normalQuantile, tango } from '../statistics/proportions.js';
import { rowsForAccuracy } from '../statistics/sample-size.js';
import { answeredPairs, type Evidence } from './evidence.js';
import { labelOf, outputKind } from './output-kind.js';
import { bound, needed, points, rowsOf } from './text.js';
import { rule, type Common, type Finding, type GateMode, type ReplayGate } from './gate.js';

/** So many rows without one right answer: the target is written in another way. */
const SUSPICIOUS = 10;

interface Settings {
  mode: GateMode;
  /** Share of right answers that may be lost, where the file has the truth. */
  margin: number;
}

export function accuracyFinding(
  evidence: Evidence,
  settings: Settings,
  { alpha, output }: Common,
): Finding | undefined {
  const answered = answeredPairs(evidence);
  const kind = outputKind(
    answered.map(({ blue }) => blue.prediction),
    output,
  );
  if (kind === 'numbers' || kind === 'other') return undefined;
  const judged = answered.flatMap(({ truth, blue, green }) =>
    truth === undefined || truth.trim() === ''
      ? []
      : [
          {
            blue: isRight(labelOf(blue.prediction, kind), truth),
            green: isRight(labelOf(green.prediction, kind), truth),
          },
        ],
  );
  const n = judged.length;
  if (n === 0) return undefined;
  const { margin } = settings;
  const blue = judged.filter((each) => each.blue).length;
  const green = judged.filter((each) => each.green).length;
  const lost = judged.filter((each) => each.blue && !each.green).length;
  const won = judged.filter((each) => each.green && !each.blue).length;
  const { lower } = tango(lost, won, n, normalQuantile(1 - alpha));
  const sides = {
    live: String(blue),
    fresh: String(green),
    difference: `${points((green - blue) / n)}, from ${bound(lower)}`,
    limit: points(-margin),
  };
  if (blue + green === 0 && n >= SUSPICIOUS) {
    const why = `Of ${n} rows not one answer equals the target: is the target written in another way?`;
    return { ...sides, outcome: 'error', why: () => why };
  }
  const total = rowsForAccuracy(lost, won, margin, alpha);
  const more = total === undefined || total <= n ? undefined : total - n;
  return {
    ...sides,
    outcome: lower > -margin ? 'pass' : 'by-p',
    p: mcnemarOneSided(lost, won),
    needsMoreRows: more,
    why: (outcome) =>
      `Only LIVE was right on ${rowsOf(lost)}, only NEW on ${won}` +
      (outcome === 'pass'
        ? `; NEW loses less than ${bound(margin)} pp.`
        : outcome === 'fail'
          ? ': NEW is worse.'
          : `; a loss of ${bound(-lower)} pp can't be ruled out.${needed(more)}`),
  };
}

export const accuracy: ReplayGate<'accuracy', Settings> = {
  id: 'accuracy',
  title: 'right answers',
  defaults: { mode: 'enforce', margin: 0.02 },
  schema: { margin: rule.share },
  needs: 'target',
  describe: 'Green gives fewer right answers than blue, by more than the margin.',
  judge: accuracyFinding,
};
