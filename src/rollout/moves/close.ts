/** The end: the rollout's tags come off the endpoint, and the report is written. */
import { decodeTags } from '../tags.js';
import type { Facts } from './facts.js';
import { doMove, type MoveKind, type Next } from './move.js';

export const closeMove = {
  id: 'close',
  title: () => 'Close the rollout and write its report',

  when({ complete, finished }: Facts): Next | undefined {
    if (!complete) return undefined;
    return finished ? { kind: 'over', outcome: 'promoted' } : doMove({ id: 'close' });
  },

  /** What a later rollback restores stays in the tags. Resolves with the report's path. */
  async perform(_, context): Promise<string> {
    const { engine, options } = context;
    if (decodeTags(context.endpoint.tags).rolloutId !== undefined) {
      await context.write(() => engine.closingChange());
    }
    const report = await options.writeReport();
    if (!engine.view.completed) engine.complete(report);
    return report;
  },
} satisfies MoveKind<'close'>;
