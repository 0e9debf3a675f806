/** Who is really served after a change of traffic: un-pinned probes, or Azure Monitor's counts. */
import { failureOf } from '../errors.js';
import { decision } from '../evidence/gates/decision.js';
import type { SplitSeen } from '../evidence/gates/evidence.js';
import type { Gates } from '../evidence/gates/settings.js';
import type { Verdict } from '../evidence/gates/verdict.js';
import { judgeSplit, withProbeErrors, withProbes } from '../evidence/judge-split.js';
import { ALL_FAILED } from '../evidence/gates/split.js';
import { isNameless, probe, type Probes } from '../evidence/probe.js';
import { GRACE_MS, METRICS_NOTE, splitByMetrics } from '../evidence/split-by-metrics.js';
import { servedBefore } from '../evidence/watch.js';
import { splitSince, type JournalView } from '../journal/view.js';
import { probingOf, proofAt, type PlannedProof } from '../plan/proof.js';
import { signInRefused, type MoveContext } from './context.js';
import { isOfThisSession, type Facts } from './facts.js';
import { hasPassed, judgedAt, notPassed } from './judged.js';
import { doMove, waitFor, type MoveKind, type MoveOf } from './move.js';

/** After "too busy", before the next probe. */
const BUSY_PAUSE_MS = 1_000;

/** Bodies that probes send in turn. */
export const PROBE_ROWS = 20;

export interface SplitLook {
  seen: SplitSeen;
  /** Absent: the plan has the gate off. */
  verdict?: Verdict | undefined;
  /** Probes that failed are live requests that failed. */
  failing?: Verdict | undefined;
}

/** The plan wants to know who is served at this weight. */
export const wantsSplit = (plan: PlannedProof, weight: number): boolean =>
  probingOf(plan).count > 0 && proofAt(plan, weight).gates.split.mode !== 'off';

/** Probes that the plan's budget leaves for this rollout. */
export const probesLeft = (plan: PlannedProof, { probesSent }: JournalView): number =>
  Math.max(0, probingOf(plan).budget - probesSent);

export const verifySplitMove = {
  id: 'verify-split',
  title: ({ weight }) => `Verify who is served at ${weight}%`,

  when(facts: Facts) {
    const { plan, view, blue, green, greenName, greenWeight: weight, finished } = facts;
    if (weight === 0 || finished || !green || !wantsSplit(plan, weight)) return undefined;
    const last = judgedAt(view, greenName, 'split', weight);
    if (hasPassed(last)) return undefined;
    if (last && isOfThisSession(facts, last)) {
      const { stage, decision: decided } = last;
      const verdicts = notPassed(last.verdicts);
      return waitFor({ for: 'reason', stage, weight, decision: decided, verdicts });
    }
    const rows = plan.evidence?.csv !== undefined || view.choice.csv !== undefined;
    if (!rows) {
      if (proofAt(plan, weight).gates.split.mode !== 'enforce') return undefined;
      const sentence = `The split at ${weight}% is not verified: there are no rows to send as probes.`;
      return waitFor({ for: 'rows', sentence });
    }
    const pair = { blue: blue?.name ?? '', green: green.name };
    return doMove({ id: 'verify-split', ...pair, weight });
  },

  async perform(move, context): Promise<SplitLook> {
    const { engine, plan, emit } = context;
    const { weight } = move;
    const { gates } = proofAt(plan, weight);
    const { rows } = await context.rows(PROBE_ROWS, context.deployment(move.green).model);
    const bodies = rows.map(({ body }) => body);
    const budget = { left: probesLeft(plan, engine.view) };
    const left = budget.left;
    let named: Record<string, number> = {};
    let look: Look;
    try {
      look = await lookTwice(context, { move, gates, bodies, budget });
      named = look.seen.source ? {} : look.seen.served;
    } finally {
      // Without a result it is not known who answered, only that they were sent.
      if (left > budget.left) engine.probed(weight, left - budget.left, named);
    }
    const { seen, result } = look;
    const usedUp = budget.left <= 0 && result === 'inconclusive' && !seen.source;
    const verdict = look.verdict && (usedUp ? withBudget(look.verdict, plan) : look.verdict);
    const { sent, failed, served, source } = seen;
    emit({ event: 'probed', weight, sent, failed, served, ...(source && { source }) });
    const since = splitSince(engine.view) ?? context.clock.now();
    // What blue failed before is of use only where a probe failed.
    const before =
      failed === 0
        ? undefined
        : await servedBefore(
            engine.workspace,
            context.endpoint,
            move.blue,
            since,
            context.signal,
          ).catch(() => undefined);
    const verdicts = withProbeErrors(verdict, seen, move, gates, before);
    const others = verdicts.filter((each) => each !== verdict);
    const failing = others.find(isHarm) ?? others[0];
    const wrong = result === 'wrong' || (failing && isHarm(failing));
    await context.judge(
      'split',
      weight,
      verdicts,
      wrong ? 'stop' : result === 'fits' ? 'promote' : 'hold',
    );
    return { seen, verdict, failing };
  },
} satisfies MoveKind<'verify-split'>;

/** More probes can't be sent, whatever the gate asks for. */
const withBudget = (verdict: Verdict, plan: PlannedProof): Verdict => ({
  ...verdict,
  why: `${verdict.why} All ${probingOf(plan).budget} probes of the plan are used up: raise probes.budget.`,
});

export const isHarm = ({ mode, verdict }: Verdict): boolean =>
  mode === 'enforce' && verdict === 'fail';

interface Look {
  seen: SplitSeen;
  verdict?: Verdict | undefined;
  /** `inconclusive`: not proved, and nothing more can be sent. */
  result: 'fits' | 'wrong' | 'inconclusive';
}

interface LookOptions {
  move: MoveOf<'verify-split'>;
  gates: Gates;
  bodies: readonly unknown[];
  /** Probes that are left of the plan's; what is sent is taken off. */
  budget: { left: number };
}

/** A router may still serve the old split for a moment, so a wrong one is looked at once more. */
async function lookTwice(context: MoveContext, options: LookOptions): Promise<Look> {
  const first = await lookOnce(context, options);
  if (isNameless(first.seen)) return byMetrics(context, options, first);
  if (first.result !== 'wrong' || options.budget.left === 0) return first;
  await context.clock.delay(GRACE_MS, context.signal);
  const second = await lookOnce(context, options);
  // A failure that was proved stands until probes show otherwise.
  return second.result === 'inconclusive' ? first : second;
}

/** Probes until the gate knows, or the budget is used up. */
async function lookOnce(context: MoveContext, options: LookOptions): Promise<Look> {
  const { move, gates, budget } = options;
  const configured = { ...context.endpoint.traffic };
  let seen: SplitSeen = { configured, served: {}, sent: 0, failed: 0 };
  let unanswered = 0;
  let { count } = probingOf(context.plan);
  for (;;) {
    const allowed = Math.min(count, budget.left);
    const before = seen.sent;
    if (allowed > 0) {
      const probes = await ask(context, options, { seen, count: allowed, unanswered });
      seen = withProbes(seen, probes);
      ({ unanswered } = probes);
      // Too busy for the first ones: that says nothing yet.
      const none = seen.failed === seen.sent && seen.sent < ALL_FAILED;
      if (probes.stopped === 'busy' && none && budget.left > 0) continue;
    }
    const verdict = judgeSplit(seen, move, gates);
    if (isNameless(seen)) return { seen, verdict, result: 'inconclusive' };
    if (!verdict) return { seen, result: 'fits' };
    const next = decision([verdict]);
    const fits = verdict.mode !== 'enforce' || next.do === 'promote';
    if (fits) return { seen, verdict, result: 'fits' };
    if (next.do === 'stop') return { seen, verdict, result: 'wrong' };
    // More would fail like these, and the budget be used up when it could be verified again.
    if (unanswered >= ALL_FAILED) {
      return { seen, verdict: withSilence(verdict, seen), result: 'inconclusive' };
    }
    // A look without progress would never end.
    const stuck = next.do !== 'probe-more' || budget.left <= 0 || seen.sent === before;
    if (stuck) return { seen, verdict, result: 'inconclusive' };
    count = next.probes;
  }
}

const withSilence = (verdict: Verdict, { message }: SplitSeen): Verdict => ({
  ...verdict,
  why: `${verdict.why} The last ${ALL_FAILED} probes failed, so no more were sent${message === undefined ? '.' : `: ${message}`}`,
});

interface Asked {
  seen: SplitSeen;
  count: number;
  unanswered: number;
}

async function ask(
  context: MoveContext,
  { bodies, budget }: LookOptions,
  { seen, count, unanswered }: Asked,
): Promise<Probes> {
  const { engine, signal, emit } = context;
  const probes = await probe({
    workspace: engine.workspace,
    endpoint: context.endpoint,
    bodies,
    count,
    unanswered,
    runId: context.runId,
    signal,
    onProbe: ({ sent }) =>
      emit({ event: 'count', done: seen.sent + sent, total: seen.sent + count, unit: 'probes' }),
  });
  budget.left -= Math.max(1, probes.sent);
  signal.throwIfAborted();
  if (probes.stopped === 'sign-in') throw signInRefused('it was probed');
  if (probes.said !== undefined) context.note(`The last probe that failed: ${probes.said}`);
  // Probes are one at a time, so it is the users who keep it busy.
  if (probes.stopped === 'busy') await context.clock.delay(BUSY_PAUSE_MS, signal);
  return probes;
}

/** Requests as Azure Monitor counts them; what it can't tell stays open, and says why. */
async function byMetrics(
  context: MoveContext,
  { move, gates, bodies, budget }: LookOptions,
  nameless: Look,
): Promise<Look> {
  const { engine, clock, signal, emit } = context;
  const { count } = probingOf(context.plan);
  context.note(METRICS_NOTE);
  try {
    const { seen, verdict, stopped } = await splitByMetrics({
      workspace: engine.workspace,
      endpoint: context.endpoint,
      deployments: context.now.deployments.map(({ name }) => name),
      blue: move.blue,
      green: move.green,
      gates,
      since: splitSince(engine.view) ?? clock.now(),
      bodies,
      count: Math.max(0, count - nameless.seen.sent),
      budget,
      runId: context.runId,
      clock,
      ...context.lag,
      signal,
      onProbe: ({ sent }) => emit({ event: 'count', done: sent, total: count, unit: 'probes' }),
    });
    if (stopped) throw signInRefused('it was probed');
    const next = verdict && decision([verdict]).do;
    const fits = verdict?.mode !== 'enforce' || next === 'promote';
    return { seen, verdict, result: fits ? 'fits' : next === 'stop' ? 'wrong' : 'inconclusive' };
  } catch (error) {
    if (signal.aborted || !(error instanceof Error) || !('failure' in error)) throw error;
    const { message } = failureOf(error, 'read the live metrics');
    const { verdict, seen } = nameless;
    if (!verdict) return { seen, result: 'fits' };
    const why = `The answers do not name who served them, and Azure Monitor can't be read: ${message}`;
    const result = verdict.mode === 'enforce' ? 'inconclusive' : 'fits';
    return { seen, verdict: { ...verdict, verdict: 'error', why }, result };
  }
}
