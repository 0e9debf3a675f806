/** Everything known to block the rollout of a plan, before anything is written. */
import { mostRows } from '../../sampling/sample.js';
import { findDeployment } from '../changes/conditions.js';
import { provable, unprovable } from '../evidence/provable.js';
import { unapproved, type Loss } from '../inherit.js';
import { drawRows } from '../open-rows.js';
import type { Plan } from '../plan.js';
import { proofAt } from '../plan/proof.js';
import { plannedBlue, plannedLosses } from '../planned-spec.js';
import { preflight } from '../preflight/plan.js';
import { reachProblem } from '../preflight/planned-endpoint.js';
import type { Snapshot } from '../snapshot.js';
import type { MoveContext } from './context.js';
import { end } from './events.js';
import { factsOf } from './facts.js';
import { outcomeKind } from './outcome.js';
import { checkRegistered } from './registered-model.js';
import { rowPlaceOf } from './rows.js';

/**
 * Ends the run where something blocks it.
 * @returns what of blue nobody approved that green lacks; `undefined`: green is there already
 */
export async function checkPlan(
  plan: Plan,
  context: MoveContext,
  now: Snapshot,
  override: string | undefined,
): Promise<readonly Loss[] | undefined> {
  const { engine, signal } = context;
  if (findDeployment(now, plan.green.name)) {
    const short = reachProblem(plan, now);
    if (short) throw end('refused', short.sentence, short.advice);
    return undefined;
  }
  await checkRegistered(plan, now, engine.workspace, signal);
  const { folder } = context.options;
  const findings = await preflight(plan, engine.workspace, folder, { now, signal });
  for (const { state, what, detail } of findings) {
    if (state === 'warn') context.note(`${what}: ${detail}`);
  }
  const [first, ...more] = findings.filter(({ state }) => state === 'fail');
  if (first) {
    const { kind = 'invalid' } = first;
    const lines = more.map(({ what, detail }) => `${what}: ${detail}`);
    const advice = first.advice === undefined ? [] : [first.advice];
    throw end(outcomeKind(kind), first.detail, ...advice, ...lines);
  }
  const unproved = override === undefined ? await unprovableRows(plan, context) : [];
  if (unproved.length > 0) {
    throw end(
      'refused',
      'The rows of the file cannot prove the limits of the plan, so green is not created.',
      ...unproved,
      'Use a file with more rows, a wider limit, mode: warn, or --override with a reason.',
    );
  }
  const { blue } = factsOf(context.situation());
  const before = blue ?? (plan.blue && plannedBlue(plan.blue));
  return before ? unapproved(plannedLosses(plan, before), engine.view) : [];
}

/** What the rows of the file cannot prove, however many of them are sent. */
async function unprovableRows(
  plan: Plan,
  { engine, clock, signal, options: { folder } }: MoveContext,
): Promise<string[]> {
  const { evidence } = plan;
  if (!evidence) return [];
  const { csv, seed, target } = evidence;
  const place = rowPlaceOf(engine, folder, clock.now());
  const { file } = await drawRows(csv, place, { rows: 1, seed, signal });
  const withTruth = target !== undefined && target !== '-';
  const { gates } = proofAt(plan, 0);
  const all = provable(Math.min(file.rows, mostRows), gates, { withTruth });
  return unprovable(all).map(({ why }) => why);
}
