/** The numbers behind the text of a result, for programs. */
import type { Share } from '../statistics/proportions.js';

/**
 * `pp`: rates are percent, their differences percentage points. `ms`: milliseconds. `ratio`: green
 * by blue, whose own values are milliseconds. `value`: the unit of the answers themselves.
 */
type Unit = 'pp' | 'ms' | 'ratio' | 'value';

export interface Measured {
  /** Of all members but `counts`; only with `ratio` are `blue` and `green` milliseconds. */
  unit: Unit;
  blue?: number;
  green?: number;
  /** What is compared with the limit: green less or by blue, or green alone where only it counts. */
  difference?: number;
  /** One-sided bounds of the difference; absent where nothing bounds it. */
  low?: number;
  high?: number;
  limit: number;
  /** What the rates count: hits, out of rows, requests or probes. */
  counts?: { blue?: Share; green?: Share };
}

type Numbers = Omit<Measured, 'unit' | 'counts'>;

/** Digits beyond these are those of the arithmetic; JSON has neither NaN nor infinity. */
const DECIMALS = 6;

/** Numbers that are not finite are left out. */
export function measured(unit: Unit, { limit, ...numbers }: Numbers): Measured {
  const finite = Object.entries(numbers)
    .filter(([, value]) => Number.isFinite(value))
    .map(([name, value]) => [name, rounded(value)] as const);
  return { unit, ...Object.fromEntries(finite), limit: rounded(limit) };
}

const rounded = (value: number): number => Number(value.toFixed(DECIMALS)) + 0;

/** Of rates: `difference`, its bounds and the limit are shares, from 0 to 1. */
export function measuredRates(
  sides: { blue?: Share; green?: Share },
  { difference, low, high, limit }: Pick<Numbers, 'difference' | 'low' | 'high' | 'limit'>,
): Measured {
  const inPercent = (share: number | undefined): number => (share ?? Number.NaN) * 100;
  const rate = (of: Share | undefined): number => inPercent(of && of.hits / of.of);
  const numbers = measured('pp', {
    blue: rate(sides.blue),
    green: rate(sides.green),
    difference: inPercent(difference),
    low: inPercent(low),
    high: inPercent(high),
    limit: inPercent(limit),
  });
  return { ...numbers, counts: sides };
}
