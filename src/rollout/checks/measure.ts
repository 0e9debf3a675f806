/** Reads a check, and says what its measurements so far amount to. */
import { VariableMissing, withoutValues } from '../named-program.js';
import { hasFailure } from '../errors.js';
import type { Verdict } from '../evidence/gates/verdict.js';
import { Unreadable, type CheckAround } from './check.js';
import { MEAN_SAMPLE, meanOfCheck } from './mean.js';
import { kindOfCheck, limitsOf, meets, type Baseline, type PlannedCheck } from './planned.js';

export type Measurement =
  | {
      outcome: 'pass' | 'fail' | 'inconclusive';
      /** What the limits are of: the number, or how it compares with the baseline. */
      value: number;
      compared?: { own: number; base: number };
    }
  | { outcome: 'error'; why: string };

const LONGEST_MESSAGE = 220;

/** Rejects only where the signal ended it. */
export async function measure(check: PlannedCheck, around: CheckAround): Promise<Measurement> {
  const { baseline } = check;
  try {
    const own = read(check, around);
    if (!baseline) return { outcome: outcomeOf(check, await own), value: await own };
    const earlier = baseline.of === 'blue' ? around : before(around);
    const deployment = baseline.of === 'blue' ? around.names.blue : around.names.deployment;
    const base = read(check, { ...earlier, names: { ...earlier.names, deployment } });
    // Both are asked at once, and neither is left alone where the other fails.
    await Promise.allSettled([own, base]);
    const compared = { own: await own, base: await named(base, baseline.of) };
    const value = compare(compared, baseline);
    return { outcome: outcomeOf(check, value), value, compared };
  } catch (error) {
    around.signal.throwIfAborted();
    return { outcome: 'error', why: withoutValues(reasonOf(error), check, around.variables) };
  }
}

/** Each kind is handed its own settings, which the compiler can't follow through the list. */
async function read(check: PlannedCheck, around: CheckAround): Promise<number> {
  const kind = kindOfCheck(check);
  return kind!.read(check[kind!.id] as never, around);
}

function outcomeOf(check: PlannedCheck, value: number): 'pass' | 'fail' | 'inconclusive' {
  const { pass, fail } = limitsOf(check);
  if (fail !== undefined && meets(value, fail)) return 'fail';
  if (pass === undefined || meets(value, pass)) return 'pass';
  return fail === undefined ? 'fail' : 'inconclusive';
}

const HOUR_MS = 60 * 60_000;

function before(around: CheckAround): CheckAround {
  const at = around.at - HOUR_MS;
  const names = { ...around.names, time: new Date(at).toISOString() };
  return { ...around, at, agoMs: HOUR_MS, names };
}

/** What can't be read is the baseline's. */
async function named(base: Promise<number>, of: Baseline['of']): Promise<number> {
  try {
    return await base;
  } catch (error) {
    const whose = of === 'blue' ? 'Of blue' : 'Of the hour before';
    throw new Unreadable(`${whose}: ${reasonOf(error)}`);
  }
}

function compare({ own, base }: { own: number; base: number }, baseline: Baseline): number {
  if (baseline.compare !== 'ratio') return own - base;
  if (base !== 0) return own / base;
  const whose = baseline.of === 'blue' ? "Blue's number" : 'The number of the hour before';
  throw new Unreadable(`${whose} is 0, so there is no ratio: compare the difference.`);
}

/** Azure's own words, with what to do. A fault of this program is thrown. */
function reasonOf(error: unknown): string {
  if (error instanceof Unreadable || error instanceof VariableMissing) return error.message;
  if (!hasFailure(error)) throw error;
  const { message, advice } = error.failure;
  // Ids of resources make some messages so long that nothing would be left of the advice.
  const said = message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…` : message;
  return `${/[.!?…]$/.test(said) ? said : `${said}.`} ${advice}`;
}

const shown = (value: number): string => String(Number(value.toPrecision(6)));

/** Measurements that a verdict takes. */
export const sampleOf = ({ judge, minimumSample }: PlannedCheck): number =>
  minimumSample ?? (judge === 'mean' ? MEAN_SAMPLE : 1);

/** @param alpha of the bounds of a mean */
export function checkVerdict(
  check: PlannedCheck,
  all: readonly Measurement[],
  alpha?: number,
): Verdict {
  const { name, judge, mode = 'enforce', failureLimit = 0 } = check;
  const minimumSample = sampleOf(check);
  const { pass, fail } = limitsOf(check);
  const limit = [
    ...(pass === undefined ? [] : [`pass ${pass}`]),
    ...(fail === undefined ? [] : [`fail ${fail}`]),
  ].join(', ');
  const last = all.at(-1);
  const values = all.flatMap((each) => ('value' in each ? [each.value] : []));
  const failed = all.filter(({ outcome }) => outcome === 'fail');
  const of = `${values.length} measurement${values.length === 1 ? '' : 's'}`;
  const newest = all.findLast((each) => 'value' in each);
  const value = newest === undefined ? '' : shown(newest.value);
  const { own, base } = newest?.compared ?? {};
  const whose = check.baseline?.of === 'blue' ? 'of blue' : 'an hour before';
  const by = check.baseline?.compare === 'ratio' ? 'ratio' : 'difference';
  const now =
    own === undefined || base === undefined
      ? value
      : `${shown(own)} against ${shown(base)} ${whose}, a ${by} of ${value}`;
  const say = (verdict: Verdict['verdict'], why: string): Verdict => ({
    gate: `check:${name}`,
    mode: mode === 'off' ? 'warn' : mode,
    verdict,
    blue: base === undefined || check.baseline?.of !== 'blue' ? '' : shown(base),
    green: own === undefined ? value : shown(own),
    difference: own === undefined ? '' : by === 'ratio' ? `${value}x` : value,
    limit,
    why,
  });
  if (judge !== 'mean' && failed.length > failureLimit) {
    const at = failed.flatMap((each) => ('value' in each ? [shown(each.value)] : []));
    return say(
      'fail',
      `Check ${name} failed in ${failed.length} of ${of}: ${at.slice(-3).join(', ')}${own === undefined ? '' : `; now ${now}`} (${limit}).`,
    );
  }
  if (last?.outcome === 'error') return say('error', `Check ${name} can't be read: ${last.why}`);
  if (values.length < minimumSample) {
    return say('inconclusive', `Check ${name} has ${of} of ${minimumSample}.`);
  }
  if (judge === 'mean') {
    const found = meanOfCheck(check, values, alpha);
    if (!found) {
      const sentence = `Check ${name} has a ratio that is not above 0, so there is no mean ratio: compare the difference.`;
      return say('error', sentence);
    }
    const { outcome, mean, lower, upper } = found;
    const range = `${shown(lower)} to ${shown(upper)}`;
    const what = check.baseline ? `mean ${by}` : 'mean';
    const whom = check.baseline ? ` to that ${whose}` : '';
    return {
      ...say(
        outcome,
        `Check ${name}: the ${what}${whom} is ${shown(mean)}, confidently from ${range}, over ${of} (${limit}).`,
      ),
      difference: `mean ${shown(mean)}, ${range}`,
    };
  }
  if (last?.outcome === 'inconclusive') {
    return say(
      'inconclusive',
      `Check ${name} is ${now}, which neither passes nor fails (${limit}).`,
    );
  }
  return say('pass', `Check ${name} is ${now} (${limit}).`);
}
