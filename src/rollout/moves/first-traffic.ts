/** All traffic to the first deployment: no rollout is under way yet. */
import { decodeTags } from '../tags.js';
import type { Facts } from './facts.js';
import { doMove, waitFor, type MoveKind } from './move.js';

export const firstTrafficMove = {
  id: 'first-traffic',
  title: ({ blue }) => `Send all traffic to ${blue}`,

  when({ endpoint, view, live, blue, green }: Facts) {
    if (!blue || live.length > 0) return undefined;
    const begun =
      decodeTags(endpoint?.tags ?? {}).rolloutId !== undefined ||
      view.changes.some(({ change }) => change.kind === 'setTraffic');
    // Somebody took all traffic away: a person says who is to serve again.
    if (green && begun) {
      const sentence = `Nothing is live on endpoint ${blue.endpointName}, although ${blue.name} and ${green.name} exist. Roll back to restore the split.`;
      return waitFor({ for: 'choice', of: 'weight', sentence });
    }
    return doMove({ id: 'first-traffic', blue: blue.name });
  },

  async perform({ blue }, context) {
    await context.write(() => context.engine.firstTrafficChange(blue));
  },
} satisfies MoveKind<'first-traffic'>;
