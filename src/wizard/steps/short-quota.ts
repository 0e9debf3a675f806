/** Where the quota does not reach: what can be chosen instead, and what a choice does to the form. */
import type { CreateDeployment } from '../../rollout/changes/change.js';
import { quotaOffers, type QuotaOffer } from '../../rollout/quota.js';
import { setField, type Form } from '../form.js';
import type { State } from '../state.js';
import { deploymentOf, type DeploymentScreenState } from './deployment-form.js';

/** The last item of the choices. */
export const LOOK_AGAIN = 'again';

/** Empty where the quota reaches, or is not known here. */
export function quotaChoices(
  state: State,
  { role, spec }: CreateDeployment,
  { sizes, usages }: DeploymentScreenState,
): QuotaOffer[] {
  const size = sizes?.find((each) => each.name === spec.instanceType);
  if (!size || !sizes || !usages) return [];
  const blue = role === 'green' ? deploymentOf(state.session?.opened, 'blue') : undefined;
  return quotaOffers(size, spec.instanceCount, { sizes, usages }, blue);
}

/** The form with what was chosen; a second Enter sends it. */
export const withOffer = (form: Form, offer: QuotaOffer): Form =>
  offer.offer === 'fewer'
    ? setField(form, 'count', { value: String(offer.instances) })
    : setField(form, 'size', { value: offer.size.name });
