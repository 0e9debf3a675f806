/** What happens to blue when green has all traffic. */
import { rowsOf } from '../../common/counts.js';
import type { Deployment } from '../../azure/types.js';
import { leftBehindLines } from '../attachments.js';
import { failureOf } from '../errors.js';
import { wrongRetired } from '../plan.js';
import { firstWholeMinute, MINUTE_MS } from '../evidence/watch.js';
import type { MoveContext } from './context.js';
import { end } from './events.js';
import type { Facts } from './facts.js';
import { doMove, waitFor, type MoveKind } from './move.js';

export const retireMove = {
  id: 'retire',
  momentary: true,
  writes: true,
  title: ({ blue }) => `Retire ${blue.name}`,

  when(facts: Facts) {
    const { plan, view, blue, complete, finished } = facts;
    if (!blue || !complete || finished) return undefined;
    const { retire: chosen } = view.choice;
    const smaller = chosen === 'scale-to-one' && blue.instanceCount === 1;
    if (chosen === 'keep' || smaller) return undefined;
    if (plan.retire !== undefined) return doMove({ id: 'retire', blue });
    const sentence = `Choose what happens to ${blue.name}: keep it, scale it to one instance, or delete it.`;
    return waitFor({ for: 'choice', of: 'retire', sentence });
  },

  async perform({ blue }, context) {
    const { engine, plan } = context;
    const { endpoint } = engine;
    const { name, instanceCount: from } = blue;
    const planned = plan.retire;
    if (typeof planned === 'object' && planned.delete !== name) {
      throw end('held', wrongRetired(planned.delete, name));
    }
    const choice = typeof planned === 'object' ? 'delete' : (planned ?? 'keep');
    if (engine.view.choice.retire !== choice) engine.choose({ retire: choice });
    if (choice !== 'keep') await nameAttachments(context, blue);
    if (choice === 'delete') {
      await untilUnused(context, blue);
      await context.run({ kind: 'deleteDeployment', endpoint, deployment: name });
    }
    if (choice === 'scale-to-one' && from > 1) {
      await context.run({ kind: 'scaleDeployment', endpoint, deployment: name, from, to: 1 });
    }
  },
} satisfies MoveKind<'retire'>;

/** Autoscale, alerts and monitors are not deleted with blue, and autoscale undoes a scale. */
async function nameAttachments(context: MoveContext, { id, name }: Deployment): Promise<void> {
  const attached = await context.engine.workspace.attachments(id, context.signal);
  for (const line of leftBehindLines(name, attached)) context.note(line);
}

/** Until blue was without a request for as long as it has to be; someone may pin it by header. */
async function untilUnused(context: MoveContext, { name }: Deployment): Promise<void> {
  const { options, clock, signal } = context;
  const left = withoutTrafficSince(context) + options.bakeMinutes * MINUTE_MS - clock.now();
  if (left > 0) {
    context.note(
      `${name} stays ${Math.ceil(left / MINUTE_MS)} min more without traffic before it is deleted.`,
    );
    await clock.delay(left, signal);
    await context.engine.observe(signal);
  }
  const { hits } = await bake(context, name);
  if (hits > 0) {
    throw end(
      'held',
      `${name} is not deleted: it answered ${rowsOf(hits, 'request')} although it has no traffic. A caller may pin it by header.`,
    );
  }
}

/** When blue lost its last traffic, as far as this rollout knows; epoch milliseconds. */
function withoutTrafficSince({ engine, clock, endpoint }: MoveContext): number {
  const last = engine.view.changes.findLast(
    ({ change }) => change.kind === 'setTraffic' && change.why !== 'close',
  );
  const at = last?.ended?.at ?? endpoint.modifiedAt;
  return at === undefined ? clock.now() : Date.parse(at);
}

/** Requests that a deployment answered in whole minutes since its traffic was taken away. */
export async function bake(
  context: MoveContext,
  deployment: string,
): Promise<{ hits: number; minutes: number }> {
  const { engine, clock, signal } = context;
  const from = firstWholeMinute(withoutTrafficSince(context));
  const now = clock.now();
  if (from >= now) return { hits: 0, minutes: 0 };
  try {
    const seen = await engine.workspace.metrics(
      context.endpoint,
      [deployment],
      new Date(from),
      new Date(now),
      signal,
    );
    const hits = seen.reduce((sum, { requests }) => sum + requests, 0);
    return { hits, minutes: Math.floor((now - from) / MINUTE_MS) };
  } catch (error) {
    if (signal.aborted) throw error;
    const { message } = failureOf(error, 'read the live metrics');
    throw end(
      'held',
      `${deployment} is not deleted: whether it still serves can't be read. ${message}`,
      'Set retire to keep or scale-to-one in the plan.',
    );
  }
}
