/** What instances cost in a month, beside the hour. */
import { formatDollars } from '../../src/rollout/cost.js';

/** As Azure's price calculator counts a month. */
const HOURS_A_MONTH = 730;

/** `undefined`: the price is not known. */
export const perMonth = (perHour: number | undefined): string | undefined =>
  perHour === undefined
    ? undefined
    : `${formatDollars(perHour)} per hour, ${formatDollars(perHour * HOURS_A_MONTH)} per month (Azure list price)`;
