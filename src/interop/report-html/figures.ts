/** What the charts show, read from the report: numbers only, without looks. */
import { gateTitle } from '../../rollout/evidence/gates/settings.js';
import type { Measured } from '../../rollout/evidence/gates/measured.js';
import type { ReplayFigures } from '../../rollout/evidence/replay-figures.js';
import { STAGES } from '../../rollout/report-words.js';
import type { Report } from '../../rollout/report.js';

/** The last weight is a line too. */
const AFTER_MS = 1_000;

interface WeightPoint {
  at: Date;
  deployment: string;
  /** Percent of live traffic. */
  weight: number;
}

/** Each deployment's weight, before and after each change of the split, to what happened last. */
export function weightPoints({ changes, judgements, openedAt }: Report): WeightPoint[] {
  const seen = changes.flatMap(({ at, change, ok, seconds = 0 }) => {
    if (change.kind !== 'setTraffic' || ok !== true) return [];
    const begun = Date.parse(at);
    // What was live before it, which someone else may have set.
    return [
      { at: begun, split: change.from },
      { at: begun + seconds * 1000, split: change.to },
    ];
  });
  const [first, last] = [seen[0], seen.at(-1)];
  if (!first || !last) return [];
  const known = (time = ''): number => Date.parse(time) || first.at;
  const times = [...judgements, ...changes].map(({ at }) => at);
  const all = [
    { at: Math.min(first.at, known(openedAt)), split: first.split },
    ...seen,
    { at: Math.max(last.at, ...times.map(known)) + AFTER_MS, split: last.split },
  ];
  const names = [...new Set(all.flatMap(({ split }) => Object.keys(split)))];
  return all.flatMap(({ at, split }) =>
    names.map((deployment) => ({ at: new Date(at), deployment, weight: split[deployment] ?? 0 })),
  );
}

export interface Proof extends ReplayFigures {
  blue: string;
  green: string;
}

/** Of the last proof whose figures the journal has. */
export function proofOf({ tests }: Report): Proof | undefined {
  const last = tests.findLast(({ result }) => result.purpose === 'prove')?.result;
  const [blue, green] = last?.deployments ?? [];
  return last?.figures && blue !== undefined && green !== undefined
    ? { ...last.figures, blue, green }
    : undefined;
}

export interface MeasuredAt {
  /** When and what: `10%: live errors`. */
  label: string;
  at: string;
  weight: number;
  measured: Measured;
}

const ERROR_GATES: readonly string[] = ['errors', 'capacity', 'liveErrors', 'liveCapacity'];

/** Rates of errors and of "too busy", as the gates counted them. */
export const errorRates = (report: Report): MeasuredAt[] =>
  measuredBy(report, (gate) => ERROR_GATES.includes(gate));

/** Green's rate as served. */
export const splitsSeen = (report: Report): MeasuredAt[] =>
  measuredBy(report, (gate) => gate === 'split');

/** The last judgement of each stage and weight; earlier ones had fewer rows. */
function measuredBy({ judgements }: Report, is: (gate: string) => boolean): MeasuredAt[] {
  const found = judgements.flatMap(({ stage, weight, at, verdicts }) =>
    verdicts.flatMap(({ gate, measured }) =>
      measured && is(gate)
        ? [{ label: `${STAGES[stage]} at ${weight}%: ${gateTitle(gate)}`, at, weight, measured }]
        : [],
    ),
  );
  return [...new Map(found.map((each) => [each.label, each])).values()];
}
