/** The load that green's next weight will bring, sent to green alone while it has no traffic. */
import type { Decision } from '../evidence/gates/decision.js';
import type { Verdict } from '../evidence/gates/verdict.js';
import { judgeLoad, loadText } from '../evidence/judge-load.js';
import {
  busiestMinute,
  loadCheck,
  LOAD_SECONDS,
  planLoad,
  type LoadPlan,
} from '../evidence/load-check.js';
import { proofAt } from '../plan/proof.js';
import { signInRefused, type MoveContext } from './context.js';
import { isOfThisSession, type Facts } from './facts.js';
import { hasPassed, lastJudged, notPassed } from './judged.js';
import { doMove, waitFor, type MoveKind } from './move.js';
import { nextWeight } from './set-traffic.js';

interface LoadRun {
  /** What was sent and how long the answers took. */
  text: string;
  verdicts: Verdict[];
  decision: Decision;
}

/** Rows that are sent in turn. */
const LOAD_ROWS = 300;

export const checkLoadMove = {
  id: 'check-load',
  title: ({ weight }) => `Check green under the load of ${weight}%`,

  when(facts: Facts) {
    const { plan, view, blue, green, greenWeight, mostForGreen } = facts;
    if (!plan.evidence?.loadCheck || greenWeight > 0 || !blue || !green) return undefined;
    const last = lastJudged(view, green.name, 'load');
    if (hasPassed(last)) return undefined;
    if (last && isOfThisSession(facts, last)) {
      const { stage, decision } = last;
      const verdicts = notPassed(last.verdicts);
      return waitFor({ for: 'reason', stage, weight: 0, decision, verdicts });
    }
    const weight = nextWeight(plan, 0, mostForGreen) ?? 100;
    return doMove({ id: 'check-load', blue: blue.name, green: green.name, weight });
  },

  async perform({ blue, green, weight }, context): Promise<LoadRun | undefined> {
    const { engine, plan, clock, signal, emit } = context;
    const load = await loadOf(context, blue, weight);
    if (load === undefined) {
      context.note(
        `No load was sent: ${blue} had no live request in the last hour. Set evidence.loadCheck.rate in the plan.`,
      );
      await context.judge('load', 0, [], 'promote');
      return undefined;
    }
    emit({ event: 'loading', deployment: green, ...load });
    const rows = await context.rows(
      context.evidence?.rows ?? LOAD_ROWS,
      context.deployment(green).model,
    );
    const seen = await loadCheck({
      ...load,
      workspace: engine.workspace,
      endpoint: context.endpoint,
      green,
      bodies: rows.rows.map(({ body }) => body),
      runId: context.runId,
      clock,
      signal,
      onAnswer: (done, total) => emit({ event: 'count', done, total, unit: 'requests' }),
    });
    signal.throwIfAborted();
    if (seen.stopped === 'sign-in') throw signInRefused('load was sent');
    const text = loadText(seen);
    emit({ event: 'loaded', deployment: green, seen, message: text });
    const { verdicts, decision } = judgeLoad(seen, proofAt(plan, 0).gates);
    await context.judge('load', 0, verdicts, decision.do);
    return { text, verdicts, decision };
  },
} satisfies MoveKind<'check-load'>;

/** How much load the weight will bring; `undefined`: blue has no traffic to go by. */
export async function loadOf(
  { engine, plan, endpoint, clock, signal }: MoveContext,
  blue: string,
  weight: number,
): Promise<LoadPlan | undefined> {
  const { seconds = LOAD_SECONDS, rate } = plan.evidence?.loadCheck ?? {};
  const peak = rate ?? (await busiestMinute(engine.workspace, endpoint, blue, clock.now(), signal));
  return peak === 0 ? undefined : planLoad(peak, weight, seconds);
}
