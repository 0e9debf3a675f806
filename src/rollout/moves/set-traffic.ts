/** Green's next traffic weight. */
import { atItsMost } from '../autoscale.js';
import { tooFewInstances } from '../quota.js';
import { shareOf } from '../../common/split.js';
import { autoscaled } from './autoscaled.js';
import type { Facts } from './facts.js';
import { doMove, refuse, waitFor, type MoveKind } from './move.js';

/** The plan's next weight, no larger than what can be moved; `undefined`: green has it all. */
export function nextWeight(
  { weights }: { weights: readonly number[] },
  weight: number,
  most = 100,
): number | undefined {
  if (weight >= most) return undefined;
  return Math.min(weights.find((each) => each > weight) ?? 100, most);
}

export const setTrafficMove = {
  id: 'set-traffic',
  writes: true,
  title: ({ weight }) => `Set green's traffic weight to ${weight}%`,

  when(facts: Facts) {
    const { plan, blue, green, greenWeight, mostForGreen } = facts;
    if (!blue || !green) return undefined;
    if (green.provisioningState !== 'Succeeded') {
      const state = green.provisioningState.toLowerCase();
      return refuse('held', `${green.name} is ${state}: it gets no more traffic. Roll back.`);
    }
    const weight = nextWeight(plan, greenWeight, mostForGreen);
    if (weight === undefined) return undefined;
    // Not even started where it can't be finished: half way is no step of the plan.
    const wanted = greenWeight === 0 ? mostForGreen : weight;
    const short = tooFewInstances(wanted, atItsMost(green, facts.view), blue);
    if (!short) return doMove({ id: 'set-traffic', weight });
    return waitFor({
      for: 'choice',
      of: 'weight',
      sentence: `${short.sentence} ${short.advice}`,
    });
  },

  async perform({ weight }, context) {
    if (weight > 0) await autoscaled(context);
    const { green = '' } = context.engine.roles.roles;
    // Azure gives a deployment live or mirrored requests, never both.
    const from = { ...context.endpoint.mirrorTraffic };
    if (weight > 0 && shareOf(from, green) > 0) {
      const endpoint = context.endpoint.name;
      const to = { ...from, [green]: 0 };
      await context.write(() => ({ kind: 'setMirror', endpoint, from, to }));
    }
    await context.write(() => context.engine.trafficChange(weight));
  },
} satisfies MoveKind<'set-traffic'>;
