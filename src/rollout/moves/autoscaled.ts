/** Blue's autoscale for green, where the plan asks for it: before green's first traffic. */
import { copiesFor, copyOf } from '../autoscale.js';
import type { MoveContext } from './context.js';

export async function autoscaled(context: MoveContext): Promise<void> {
  const { engine, plan, memory, signal } = context;
  const { blue, green } = engine.roles.roles;
  if (plan.autoscale !== 'copy' || memory.autoscaled || blue === undefined || green === undefined) {
    return;
  }
  const [source, own] = await Promise.all(
    [blue, green].map((name) => engine.workspace.autoscaleOf(context.deployment(name).id, signal)),
  );
  if (own) {
    // That of this rollout needs no word.
    if (copiesFor(engine.view, green).length === 0)
      context.note(`${green} has autoscale setting ${own.name}: it stays as it is.`);
  } else if (source) {
    await context.run(copyOf(source, { blue, green, endpoint: engine.endpoint }));
  } else {
    context.note(`${blue} has no autoscale setting: there is nothing to copy to ${green}.`);
  }
  memory.autoscaled = true;
}
