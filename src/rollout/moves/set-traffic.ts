/** Green's next traffic weight. */
import { weightCapOf } from '../quota.js';
import { shareOf } from '../../common/split.js';
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

/** Percent that green's instances are enough for, beside those of blue as they are now. */
const mostForInstances = ({ blue, green }: Pick<Facts, 'blue' | 'green'>): number =>
  (green && weightCapOf(green, blue)) ?? 100;

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
    const cap = mostForInstances(facts);
    const weight = nextWeight(plan, greenWeight, Math.min(mostForGreen, cap));
    if (weight !== undefined) return doMove({ id: 'set-traffic', weight });
    const sentence = `${green.name} has ${green.instanceCount} of blue's ${blue.instanceCount} instances, which is enough for ${cap}% of the traffic. Scale it to ${blue.instanceCount}, then resume.`;
    return waitFor({ for: 'choice', of: 'weight', sentence });
  },

  async perform({ weight }, context) {
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
