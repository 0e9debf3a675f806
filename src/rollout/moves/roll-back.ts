/** Back to the split before a rollout, of whoever made it, under way or finished. */
import { formatSplit } from '../../common/split.js';
import type { MoveKind } from './move.js';

export const rollBackMove = {
  id: 'roll-back',
  writes: true,
  title: ({ plan }) => `Roll back to ${formatSplit(plan.change.to)}`,

  async perform({ plan, scale }, context) {
    const { scaleFirst, change } = plan;
    for (const each of scale && scaleFirst ? [scaleFirst, change] : [change]) {
      await context.write(() => each, { urgent: true });
    }
  },
} satisfies MoveKind<'roll-back'>;
