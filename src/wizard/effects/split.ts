/** Rows sent unpinned, to see the split that is really served. */
import { systemClock } from '../../rollout/clock.js';
import { decision } from '../../rollout/evidence/gates/decision.js';
import type { SplitSeen } from '../../rollout/evidence/gates/evidence.js';
import type { Gates } from '../../rollout/evidence/gates/settings.js';
import { judgeSplit, withProbeErrors, withProbes } from '../../rollout/evidence/judge-split.js';
import { isNameless, probe } from '../../rollout/evidence/probe.js';
import { GRACE_MS, METRICS_NOTE, splitByMetrics } from '../../rollout/evidence/split-by-metrics.js';
import { splitSince } from '../../rollout/journal/view.js';
import { probeBodies } from './sample-body.js';
import {
  endpointOf,
  lagOf,
  openedOf,
  rolloutOf,
  workspaceOf,
  type Context,
  type Handlers,
} from './world.js';

export const splitHandlers: Pick<Handlers, 'probe'> = {
  async probe({ count, most, gates }, context) {
    const { world } = context;
    const rollout = rolloutOf(world);
    const { engine } = rollout;
    const { blue = '', green = '' } = engine.roles.roles;
    const configured = { ...endpointOf(world).traffic };
    const share = configured[green] ?? 0;
    const budget = { left: most };
    let named = await sendUntilKnown(count, budget, gates, context);
    const fails = judgeSplit(named, { blue, green }, gates)?.verdict === 'fail';
    if (fails && budget.left >= named.sent && !context.signal.aborted) {
      // A router may still hand out the old split for a moment after Azure says that it is done.
      await systemClock.delay(GRACE_MS, context.signal).catch(() => undefined);
      named = await sendUntilKnown(count, budget, gates, context);
    }
    const { seen, verdict } = isNameless(named)
      ? await metered(count - named.sent, budget, gates, context)
      : { seen: named, verdict: judgeSplit(named, { blue, green }, gates) };
    const verdicts = withProbeErrors(verdict, seen, { blue, green }, gates);
    const errors = verdicts.find((each) => each !== verdict);
    engine.probed(share, most - budget.left, named.served);
    // A check that was given up says nothing, and must not take the place of one that failed.
    context.signal.throwIfAborted();
    if (verdicts.length > 0 && green !== '') {
      engine.judged({
        stage: 'split',
        deployment: green,
        share,
        verdicts,
        decision: decision(verdicts).do,
      });
    }
    return {
      probes: { ...seen, ...(verdict && { verdict }), ...(errors && { failing: errors }) },
      opened: openedOf(rollout),
    };
  },
};

/** Where so many don't tell yet, more are sent while the plan's budget has some. */
async function sendUntilKnown(
  first: number,
  budget: { left: number },
  gates: Gates,
  context: Context,
): Promise<SplitSeen> {
  const { world, signal, progress } = context;
  const rollout = rolloutOf(world);
  const { blue = '', green = '' } = rollout.engine.roles.roles;
  const bodies = await probeBodies(context);
  const endpoint = endpointOf(world);
  let seen: SplitSeen = { configured: { ...endpoint.traffic }, served: {}, sent: 0, failed: 0 };
  for (let count = Math.min(first, budget.left); ;) {
    const before = seen.sent;
    const total = before + count;
    const probes = await probe({
      workspace: workspaceOf(world),
      endpoint,
      bodies,
      count,
      runId: rollout.rolloutId,
      signal,
      onProbe: ({ sent }) =>
        progress({ kind: 'count', done: before + sent, total, unit: 'probes' }),
    });
    budget.left -= probes.sent;
    seen = withProbes(seen, probes);
    const verdict = judgeSplit(seen, { blue, green }, gates);
    const then = verdict && decision([verdict]);
    if (probes.stopped || then?.do !== 'probe-more' || budget.left === 0) return seen;
    count = Math.min(then.probes, budget.left);
  }
}

/** Where answers name nobody: as Azure Monitor counts requests, some minutes late. */
async function metered(count: number, budget: { left: number }, gates: Gates, context: Context) {
  const { world, signal, progress } = context;
  const { engine, rolloutId } = rolloutOf(world);
  const { blue = '', green = '' } = engine.roles.roles;
  progress({ kind: 'title', title: METRICS_NOTE });
  return splitByMetrics({
    workspace: workspaceOf(world),
    endpoint: endpointOf(world),
    deployments: engine.snapshot?.deployments.map(({ name }) => name) ?? [],
    blue,
    green,
    gates,
    since: splitSince(engine.view) ?? systemClock.now(),
    bodies: await probeBodies(context),
    count,
    budget,
    runId: rolloutId,
    clock: systemClock,
    ...lagOf(world),
    signal,
    onProbe: ({ sent }) => progress({ kind: 'count', done: sent, total: count, unit: 'probes' }),
  });
}
