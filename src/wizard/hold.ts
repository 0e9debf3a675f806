/** How long green still stays at its share before it may get more, as the plan says. */
import { grouped, rowsOf } from '../common/counts.js';
import { isHoldJudged, MINUTE_MS } from '../rollout/evidence/watch.js';
import { proofAt } from '../rollout/plan/proof.js';
import { splitSince } from '../rollout/journal/view.js';
import { holdEnded, splitChange } from '../rollout/moves/judged.js';
import { nextWeight } from '../rollout/moves/set-traffic.js';
import type { Live } from '../rollout/moves/watch-live.js';
import { greenShare } from './navigation.js';
import { planOf } from './plan.js';
import type { State } from './state.js';

export interface HoldLeft {
  /** The change that set the present split; 0 where this journal does not know it. */
  change: number;
  /** Green's traffic weight in percent. */
  weight: number;
  /** Milliseconds of watching that are left. */
  leftMs: number;
  /** Live requests to green. */
  requests: { seen: number; wanted: number };
  /** Minutes that nobody watched are not judged yet. */
  gap: boolean;
  /** The last of its minutes are not told yet, or not judged. */
  judging: boolean;
  /** The plan wants a yes. */
  approval: boolean;
}

export const holdsOn = ({ leftMs, requests, gap, judging }: HoldLeft): boolean =>
  leftMs > 0 || requests.seen < requests.wanted || gap || judging;

/** What shows whether the minutes of a hold are judged. */
const heldOf = (
  { lookedUntil, watchedMs, judgedUntil }: Pick<Live, 'lookedUntil' | 'watchedMs' | 'judgedUntil'>,
  since: number,
  minutes: number,
) => ({ since, heldSince: lookedUntil - watchedMs, minutes, judgedUntil });

/** Only what was watched counts: before live traffic, that is the time since the proof. */
function watchedMs(state: State, share: number): number {
  if (share > 0) return state.screens.traffic?.live?.watchedMs ?? 0;
  const proved = state.session?.opened?.journal.judgements.findLast(
    ({ stage }) => stage === 'prove',
  );
  return proved ? state.now - Date.parse(proved.at) : 0;
}

/** `undefined`: the plan wants no hold here, it is over, or a person ended it. */
export function holdLeft(state: State): HoldLeft | undefined {
  const opened = state.session?.opened;
  if (!opened?.roles.green) return undefined;
  const weight = greenShare(opened);
  const { hold } = proofAt(planOf(state), weight);
  if (holdEnded(opened.journal, weight, opened.session.firstLine)) return undefined;
  const change = splitChange(opened.journal);
  const live = weight > 0 ? state.screens.traffic?.live : undefined;
  const left: HoldLeft = {
    change,
    weight,
    leftMs: Math.max(0, hold.minutes * MINUTE_MS - watchedMs(state, weight)),
    requests: { seen: live?.requests ?? 0, wanted: weight > 0 ? hold.requests : 0 },
    judging:
      live !== undefined &&
      hold.minutes > 0 &&
      !isHoldJudged(heldOf(live, splitSince(opened.journal) ?? 0, hold.minutes)),
    // A plan without a hold asks nothing of minutes either.
    gap: (hold.minutes > 0 || hold.requests > 0) && (live?.openGaps ?? 0) > 0,
    // After the last step what happens to blue is a choice of its own.
    approval: hold.approval && nextWeight(planOf(state), weight) !== undefined,
  };
  return holdsOn(left) || left.approval ? left : undefined;
}

const time = (ms: number): string =>
  ms < MINUTE_MS ? `${Math.ceil(ms / 1000)} s` : `${Math.ceil(ms / MINUTE_MS)} min`;

/** `3 min more, 12 of 50 requests, then a yes`. */
export function holdText({ leftMs, requests, gap, judging, approval }: HoldLeft): string {
  const parts = [
    ...(leftMs > 0 ? [`${time(leftMs)} more`] : []),
    ...(requests.seen < requests.wanted
      ? [`${grouped(requests.seen)} of ${rowsOf(requests.wanted, 'request')}`]
      : []),
    ...(gap ? ['unwatched minutes to check'] : []),
    // Azure Monitor tells minutes late.
    ...(judging && leftMs === 0 && !gap ? ['its last minutes to check'] : []),
  ];
  if (!approval) return parts.join(', ');
  return parts.length === 0 ? 'until it is approved' : `${parts.join(', ')}, then approval`;
}
