/** A copy of live requests for green, whose answers no user gets, watched before any live traffic. */
import type { SetMirror } from '../changes/change.js';
import { proofAt } from '../plan/proof.js';
import { shareOf } from '../../common/split.js';
import type { MoveContext } from './context.js';
import { isOfThisSession, type Facts } from './facts.js';
import { hasPassed, lastJudged, notPassed } from './judged.js';
import { doMove, waitFor, type MoveKind } from './move.js';
import { watchLive, type Watched } from './watch-live.js';

const mirrored = ({ endpoint, greenName }: Facts): number =>
  shareOf(endpoint?.mirrorTraffic ?? {}, greenName ?? '');

function change({ endpoint }: MoveContext, green: string, percent: number): SetMirror {
  const from = { ...endpoint.mirrorTraffic };
  return { kind: 'setMirror', endpoint: endpoint.name, from, to: { ...from, [green]: percent } };
}

export const setMirrorMove = {
  id: 'set-mirror',
  writes: true,
  title: ({ green, percent }) =>
    percent === 0 ? `Turn the mirror to ${green} off` : `Mirror ${percent}% to ${green}`,

  when(facts: Facts) {
    const { plan, view, blue, green, greenWeight } = facts;
    if (greenWeight > 0 || !blue || !green) return undefined;
    const now = mirrored(facts);
    const off = now > 0 ? doMove({ id: 'set-mirror', green: green.name, percent: 0 }) : undefined;
    const last = lastJudged(view, green.name, 'mirror');
    // Azure gives a deployment live or mirrored requests, never both.
    if (!plan.mirror || hasPassed(last)) return off;
    if (last && isOfThisSession(facts, last)) {
      if (off) return off;
      const { stage, decision } = last;
      const verdicts = notPassed(last.verdicts);
      return waitFor({ for: 'reason', stage, weight: 0, decision, verdicts });
    }
    const { percent } = plan.mirror;
    return now === percent ? undefined : doMove({ id: 'set-mirror', green: green.name, percent });
  },

  async perform({ green, percent }, context) {
    await context.write(() => change(context, green, percent));
  },
} satisfies MoveKind<'set-mirror'>;

export const watchMirrorMove = {
  id: 'watch-mirror',
  title: ({ green, percent, minutes }) =>
    `Watch ${percent}% of live requests mirrored to ${green} for ${minutes} min`,

  when(facts: Facts) {
    const { plan, view, blue, green, greenWeight } = facts;
    if (!plan.mirror || greenWeight > 0 || !blue || !green) return undefined;
    if (hasPassed(lastJudged(view, green.name, 'mirror'))) return undefined;
    const pair = { blue: blue.name, green: green.name };
    return doMove({ id: 'watch-mirror', ...pair, ...plan.mirror });
  },

  /** Green's own minutes against blue's; the mirror is turned off whatever they show. */
  async perform(move, context): Promise<Watched> {
    const { plan, emit } = context;
    const { blue, green, percent, minutes } = move;
    emit({ event: 'mirroring', deployment: green, percent, minutes });
    const watched = await watchLive(context, {
      blue,
      green,
      weight: 0,
      hold: { minutes, requests: 0, approval: false },
      gates: proofAt(plan, 0).gates,
      // No user gets an answer of green's: what fails only ends the plan.
      onFail: 'rollback',
      onUnwatched: 'hold',
      endsWithHold: true,
    });
    const { asks, verdicts, why, requests } = watched;
    if (asks === 'go-on') {
      emit({ event: 'mirrored', deployment: green, percent, minutes, requests });
      if (requests === 0) context.note(noneMirrored(minutes));
    }
    const decision = asks === 'go-on' ? 'promote' : asks === 'rollback' ? 'stop' : 'hold';
    await context.judge('mirror', 0, verdicts, decision, why);
    if (shareOf(context.endpoint.mirrorTraffic, green) > 0) {
      await context.write(() => change(context, green, 0));
    }
    return watched;
  },
} satisfies MoveKind<'watch-mirror'>;

export const noneMirrored = (minutes: number): string =>
  `No live request was mirrored in ${minutes} min, so the mirror shows nothing.`;
