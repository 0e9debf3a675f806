/** Staying at a weight: live users are watched, probes go on, and minutes nobody saw are judged. */
import { judgeSplit, withProbeErrors } from '../evidence/judge-split.js';
import { GAP_MS, MINUTE_MS } from '../evidence/watch.js';
import { watchSplit } from '../evidence/watch-split.js';
import type { Verdict } from '../evidence/gates/verdict.js';
import { splitSince } from '../journal/view.js';
import { probingOf, proofAt, reactionsOf, type Hold } from '../plan/proof.js';
import type { MoveContext } from './context.js';
import { isOfThisSession, type Facts } from './facts.js';
import { hasPassed, holdEnded, judgedAt, notPassed } from './judged.js';
import { doMove, waitFor, type MoveKind, type Next } from './move.js';
import { checkMeanwhile, type Checking } from './run-checks.js';
import { nextWeight } from './set-traffic.js';
import { isHarm, probesLeft, PROBE_ROWS, wantsSplit } from './verify-split.js';
import { watchLive, type Watched } from './watch-live.js';

const NO_HOLD: Hold = { minutes: 0, requests: 0, approval: false };

interface At {
  blue: string;
  green: string;
  weight: number;
}

export const catchUpMove = {
  id: 'catch-up',
  title: ({ weight }) => `Judge the minutes at ${weight}% that were not watched`,

  when({ session, blueName, green, greenWeight: weight }: Facts) {
    const known = weight === 0 || session.left !== weight || session.caughtUp === weight;
    if (known || !green) return undefined;
    return doMove({ id: 'catch-up', blue: blueName ?? '', green: green.name, weight });
  },

  async perform(move, context): Promise<Watched | undefined> {
    const { clock, memory } = context;
    const watched =
      clock.now() - watchedBefore(context).watchedUntil > GAP_MS
        ? await watchAt(context, move, NO_HOLD)
        : undefined;
    memory.caughtUp = move.weight;
    return watched;
  },
} satisfies MoveKind<'catch-up'>;

export const holdMove = {
  id: 'hold',
  title: ({ weight }) => `Hold at ${weight}%`,

  when(facts: Facts): Next | undefined {
    const { plan, view, greenName, blueName, green, greenWeight: weight, proof, at } = facts;
    if (!green || blueName === undefined || facts.finished) return undefined;
    const planned = proofAt(plan, weight).hold;
    if (holdEnded(view, weight, facts.session.firstLine)) return undefined;
    const move = doMove({ id: 'hold', blue: blueName, green: green.name, weight, hold: planned });
    if (weight === 0) {
      const held = proof ? at - Date.parse(proof.at) : 0;
      if (held < planned.minutes * MINUTE_MS) return move;
    } else if (planned.minutes > 0 || planned.requests > 0) {
      const last = judgedAt(view, greenName, 'watch', weight);
      if (last && !hasPassed(last) && isOfThisSession(facts, last)) {
        const { stage, decision } = last;
        const verdicts = notPassed(last.verdicts);
        return waitFor({ for: 'reason', stage, weight, decision, verdicts });
      }
      if (!hasPassed(last)) return move;
    }
    const next = nextWeight(plan, weight, facts.mostForGreen);
    return planned.approval ? waitFor({ for: 'approval', weight, next }) : undefined;
  },

  async perform({ hold: planned, ...move }, context): Promise<Watched> {
    const { emit, clock, signal, engine } = context;
    emit({ event: 'holding', weight: move.weight, ...planned });
    if (move.weight === 0) {
      const since = engine.view.judgements.findLast(({ stage }) => stage === 'prove')?.at;
      const until = (since ? Date.parse(since) : clock.now()) + planned.minutes * MINUTE_MS;
      await clock.delay(Math.max(0, until - clock.now()), signal);
      return { asks: 'go-on', verdicts: [], requests: 0 };
    }
    return watchAt(context, move, planned);
  },
} satisfies MoveKind<'hold'>;

/** Watches at a weight, with probes until the hold is over, and keeps the result. */
async function watchAt(context: MoveContext, at: At, planned: Hold): Promise<Watched> {
  const { engine, plan, options } = context;
  const { weight } = at;
  const waits = planned.minutes > 0 || planned.requests > 0;
  const probing = waits ? probeMeanwhile(context, at) : undefined;
  const checking = waits ? checkMeanwhile(context, at) : undefined;
  const watched = await watchLive(context, {
    ...at,
    hold: planned,
    gates: proofAt(plan, weight).gates,
    ...reactionsOf(plan),
    ...watchedBefore(context),
    lostMs: options.lostMs,
    onWatched: (until, judgedUntil) =>
      engine.watched(weight, new Date(until).toISOString(), new Date(judgedUntil).toISOString()),
    async onOver(verdicts) {
      await Promise.all([probing?.stop(), checking?.stop()]);
      if (!waits) return;
      const all = [...verdicts, ...(checking?.verdicts() ?? [])];
      const open = notPassed(checking?.verdicts() ?? []);
      await context.judge('watch', weight, all, open.length > 0 ? 'hold' : 'promote');
    },
    onHeld: (held) => keep(held),
    also: () => probing?.found() ?? foundByChecks(context, checking),
  }).finally(() => Promise.all([probing?.stop(), checking?.stop()]));
  if (watched.asks === 'go-on' && watched.why !== undefined) context.note(watched.why);
  if (watched.asks !== 'go-on') await keep(watched);
  return watched;

  async function keep({ asks, verdicts, why, probes }: Watched): Promise<void> {
    if (probes) return context.judge('split', weight, verdicts, 'stop');
    await context.judge('watch', weight, verdicts, asks === 'rollback' ? 'stop' : 'hold', why);
  }
}

/** A check that failed asks for what the plan says, one that can't be read for a hold. */
function foundByChecks({ plan }: MoveContext, checking: Checking | undefined): Watched | undefined {
  const harm = checking?.harm() ?? [];
  if (harm.length === 0) return undefined;
  const failed = harm.some(({ verdict }) => verdict === 'fail');
  const asks = failed ? reactionsOf(plan).onFail : 'hold';
  const why = harm.map((each) => each.why).join(' ');
  return { asks, verdicts: checking?.verdicts() ?? [], why, requests: 0 };
}

/** A few probes a minute within the plan's budget, of which the steps to come keep theirs. */
function probeMeanwhile(context: MoveContext, { weight, ...pair }: At) {
  const { engine, plan, clock, signal, emit } = context;
  const { gates } = proofAt(plan, weight);
  const toCome = plan.weights.filter((each) => each > weight).length * probingOf(plan).count;
  const most = probesLeft(plan, engine.view) - toCome;
  const enough = new AbortController();
  let wrong: Verdict[] = [];
  let fault: Error | undefined;
  const running = async (): Promise<void> => {
    if (!wantsSplit(plan, weight) || most <= 0 || !context.evidence) return;
    const { rows } = await context.rows(PROBE_ROWS, context.deployment(pair.green).model);
    await watchSplit({
      workspace: engine.workspace,
      endpoint: context.endpoint,
      bodies: rows.map(({ body }) => body),
      runId: context.runId,
      most,
      clock,
      signal: AbortSignal.any([signal, enough.signal]),
      onProbes: ({ seen, p }, sent, served) => {
        engine.probed(weight, sent, served);
        emit({ event: 'probing', sent: seen.sent, p });
        const split = p <= gates.split.alpha ? judgeSplit(seen, pair, gates) : undefined;
        wrong = withProbeErrors(split, seen, pair, gates).filter(isHarm);
        if (wrong.length > 0) enough.abort();
      },
    });
  };
  const ended = running().catch((error: Error) => void (fault = error));
  return {
    found(): Watched | undefined {
      if (fault !== undefined && !signal.aborted) throw fault;
      if (wrong.length === 0) return undefined;
      const why = wrong.map((each) => each.why).join(' ');
      return { asks: reactionsOf(plan).onFail, verdicts: wrong, why, requests: 0, probes: true };
    },
    async stop(): Promise<void> {
      enough.abort();
      await ended;
    },
  };
}

/** Until when an earlier session watched this split, and since when it is live; epoch milliseconds. */
function watchedBefore({ engine, clock, memory, endpoint, weight }: MoveContext): {
  since: number;
  watchedUntil: number;
  judgedUntil?: number;
} {
  const { view } = engine;
  const { modifiedAt } = endpoint;
  const now = clock.now();
  // Without a journal, the endpoint's last write is the latest moment that can have set the split.
  const since =
    splitSince(view) ?? Math.min(now, modifiedAt === undefined ? now : Date.parse(modifiedAt));
  const { watched } = view;
  const known = watched?.weight === weight && Date.parse(watched.until) >= since;
  if (known) {
    const [watchedUntil, judgedUntil] = [
      Date.parse(watched.until),
      Date.parse(watched.judgedUntil),
    ];
    return { since, watchedUntil, judgedUntil };
  }
  // This session was there all the time.
  return { since, watchedUntil: since >= memory.startedAt ? now : since };
}
