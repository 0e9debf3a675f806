/** Would callers of blue understand green? Asked before any statistics. */
import { listed, printable } from '../../../sampling/input-error.js';
import { answeredPairs, firstPairs, type Evidence, type Pair } from './evidence.js';
import { isNumberList, labelName, outputKind, sumsToOne } from './output-kind.js';
import type { Common, Finding, GateMode, ReplayGate } from './gate.js';
import { rowsOf } from './text.js';

const isMissing = (value: unknown): boolean =>
  value === null || value === undefined || Number.isNaN(value) || value === 'NaN';

/** What a prediction looks like to a program that reads it. */
export function shapeOf(value: unknown): string {
  if (isMissing(value)) return 'null';
  if (Array.isArray(value)) return `list of ${value.length}`;
  if (typeof value === 'object' && value !== null) {
    return `record of ${listed(Object.keys(value).sort(), 20)}`;
  }
  return typeof value;
}

/** A null inside a list or a record is as bad as one alone. */
const holdsMissing = (value: unknown): boolean =>
  typeof value === 'object' && value !== null
    ? Object.values(value).some(holdsMissing)
    : isMissing(value);

/** The first breach, as a sentence. */
function breach(pairs: readonly Pair[], output: Common['output']): string | undefined {
  const blues = pairs.map(({ blue }) => blue.prediction);
  const kind = outputKind(blues, output);
  // What blue itself answers somewhere, or the file knows as true, is no news to callers.
  const shapes = new Set(blues.map(shapeOf));
  const classes = new Set([
    ...blues.map(labelName),
    ...pairs.flatMap(({ truth }) => (truth === undefined ? [] : [truth.trim()])),
  ]);
  const blueSums = blues.every((each) => !isNumberList(each) || sumsToOne(each));
  for (const { row, blue, green } of pairs) {
    const answer = green.prediction;
    if (holdsMissing(answer) && !holdsMissing(blue.prediction)) {
      return `Row ${row}: NEW answers null where LIVE has a value.`;
    }
    const shape = shapeOf(answer);
    if (!shapes.has(shape)) {
      return `Row ${row}: NEW answers a ${shape}, LIVE a ${shapeOf(blue.prediction)}.`;
    }
    if (kind === 'labels' && !classes.has(labelName(answer))) {
      const name = printable(labelName(answer), 30);
      return `Row ${row}: NEW answers the class ${name}, which LIVE never does.`;
    }
    if (kind === 'scores' && blueSums && isNumberList(answer) && !sumsToOne(answer)) {
      return `Row ${row}: the scores of NEW do not add up to 1, those of LIVE do.`;
    }
  }
  return undefined;
}

interface Settings {
  mode: GateMode;
}

export function contractFinding(
  evidence: Evidence,
  _settings: Settings,
  { output }: Common,
): Finding | undefined {
  const { signature } = evidence;
  const asked = firstPairs(evidence);
  if (asked.length === 0 && !signature) return undefined;
  const pairs = answeredPairs(evidence);
  const sides = {
    live: shapeOf(pairs[0]?.blue.prediction),
    fresh: shapeOf(pairs[0]?.green.prediction),
    limit: 'same',
  };
  if (pairs.length === 0) Object.assign(sides, { live: '', fresh: '' });
  const failed = (difference: string, sentence: string): Finding => ({
    ...sides,
    difference,
    outcome: 'fail',
    why: () => sentence,
  });
  if (signature?.breaks) {
    const broken = [...signature.inputs, ...signature.outputs].filter((each) => each.breaks);
    const names = listed(broken.map(({ change, name }) => `${name} (${change})`));
    return failed('signature', `Callers of LIVE would break on the signature of NEW: ${names}.`);
  }
  // Answered with success, but what came is no prediction, or not one a row.
  const garbled = asked.filter(
    ({ blue, green }) => blue.ok && !green.ok && green.status >= 200 && green.status < 300,
  );
  const first = garbled[0];
  if (first) {
    const what = first.green.message ?? 'The answer is no prediction.';
    return failed('no prediction', `Row ${first.row}: ${what}`);
  }
  const broken = breach(pairs, output);
  if (broken !== undefined) return failed('differs', broken);
  if (asked.length > 0 && pairs.length === 0) {
    return {
      ...sides,
      difference: 'n/a',
      outcome: 'inconclusive',
      needsMoreRows: 1,
      why: () => 'No row was answered by both, so nothing is known of what NEW answers.',
    };
  }
  const inputs = signature && !signature.unknown ? 'signature and ' : '';
  return {
    ...sides,
    difference: 'same',
    outcome: 'pass',
    why: () =>
      pairs.length === 0
        ? 'The signature of NEW takes what LIVE takes.'
        : `The ${inputs}answers to ${rowsOf(pairs.length)} have the same form.`,
  };
}

export const contract: ReplayGate<'contract', Settings> = {
  id: 'contract',
  title: 'contract',
  defaults: { mode: 'enforce' },
  schema: {},
  needs: 'signature',
  describe: 'Callers of blue would not understand what green takes or answers.',
  judge: contractFinding,
};
