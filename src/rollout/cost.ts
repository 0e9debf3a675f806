/** What deployments cost, by Azure's list prices. */
import { sameName } from '../common/same-name.js';

/** US dollars an hour by instance type. */
export type HourlyPrices = Readonly<Record<string, number>>;

export interface Instances {
  instanceType: string;
  instanceCount: number;
}

export function priceOf(instanceType: string, prices: HourlyPrices): number | undefined {
  return Object.entries(prices).find(([name]) => sameName(name, instanceType))?.[1];
}

/** Of all together; `undefined` where one of them has no known price. */
export function costPerHour(
  deployments: readonly Instances[],
  prices: HourlyPrices,
): number | undefined {
  const costs = deployments.map(({ instanceType, instanceCount }) => {
    const price = priceOf(instanceType, prices);
    return price === undefined ? undefined : price * instanceCount;
  });
  const known = costs.filter((cost) => cost !== undefined);
  if (known.length === 0 || known.length < costs.length) return undefined;
  return known.reduce((sum, cost) => sum + cost, 0);
}

/** `$0.59`; a price below ten cents with one digit more. */
export const formatDollars = (amount: number): string => `$${amount.toFixed(amount < 0.1 ? 3 : 2)}`;
