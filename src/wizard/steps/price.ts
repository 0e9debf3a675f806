/** List prices of instance types: asked for beside a form, and never waited for. */
import type { VmSize } from '../../azure/types.js';
import {
  costPerHour,
  formatDollars,
  priceOf,
  type HourlyPrices,
  type Instances,
} from '../../rollout/cost.js';
import type { Field } from '../form.js';
import type { State } from '../state.js';

export const withPrices = (state: State, prices: HourlyPrices): State =>
  state.session
    ? { ...state, session: { ...state.session, prices: { ...state.session.prices, ...prices } } }
    : state;

/** The field as a list, once it is known what there is. */
export function sizeField(
  field: Field,
  sizes: readonly VmSize[] = [],
  prices: HourlyPrices = {},
): Field {
  if (!sizes.some(({ name }) => name === field.value)) return field;
  const options = sizes.map(({ name, vCpus, memoryGb }) => {
    const price = priceOf(name, prices);
    const costs = price === undefined ? '' : `, ${formatDollars(price)} per hour`;
    return { value: name, label: `${name}  ${vCpus} cores, ${memoryGb} GB${costs}` };
  });
  return { ...field, kind: 'choice', options };
}

/** What these instances cost, and together with those they run beside; `undefined`: not known. */
export function priceSentence(
  state: State,
  own: Instances,
  beside?: { name: string; instances: Instances },
): string | undefined {
  const prices = state.session?.prices ?? {};
  const cost = costPerHour([own], prices);
  if (cost === undefined || !(own.instanceCount > 0)) return undefined;
  const both = beside && costPerHour([own, beside.instances], prices);
  const together = both === undefined ? '' : `, ${formatDollars(both)} ${beside?.name ?? ''}`;
  return `${formatDollars(cost)} per hour${together} (Azure list price)`;
}
