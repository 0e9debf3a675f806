/** Back to the split at the start: asked for by a person, or by the plan when a gate fails. */
import { formatSplit } from '../../common/split.js';
import { reactionsOf } from '../plan/proof.js';
import type { Facts } from './facts.js';
import { judgedAt, notPassed } from './judged.js';
import { doMove, type MoveKind } from './move.js';

export const abortMove = {
  id: 'abort',
  writes: true,
  title: () => 'Restore the split at the start',

  /** A failure while green serves users holds in every session, as nobody may have gone back. */
  when({ plan, view, greenName, greenWeight: weight }: Facts) {
    if (weight === 0) return undefined;
    const asked = reactionsOf(plan).onFail === 'rollback';
    const back = { split: asked, checks: asked, watch: true };
    for (const stage of ['split', 'watch', 'checks'] as const) {
      const last = judgedAt(view, greenName, stage, weight);
      if (last?.decision !== 'stop' || last.override !== undefined || !back[stage]) continue;
      const because = notPassed(last.verdicts).map(({ why }) => why);
      return doMove({ id: 'abort', because: last.why === undefined ? because : [last.why] });
    }
    return undefined;
  },

  async perform({ because }, { engine, signal, emit }) {
    const automatic = because.length > 0;
    if (automatic) emit({ event: 'aborting', message: because.join(' ') });
    const restored = await engine.abort({ signal, unlessDrift: automatic });
    emit({ event: 'note', message: `The split at the start is live: ${formatSplit(restored)}.` });
  },
} satisfies MoveKind<'abort'>;
