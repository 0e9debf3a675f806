/** What becomes of blue when green has it all. */
import type { Deployment } from '../../azure/types.js';
import { failureOf } from '../errors.js';
import { firstWholeMinute } from '../evidence/watch.js';
import { end } from './events.js';
import type { Session } from './context.js';

export async function retire(session: Session, blue: Deployment): Promise<void> {
  const { engine, plan, signal } = session.options;
  const { endpoint } = engine;
  const { name, instanceCount: from } = blue;
  const planned = plan.retire;
  if (typeof planned === 'object' && planned.delete !== name) {
    throw end('refused', `The plan deletes ${planned.delete}, but what was replaced is ${name}.`);
  }
  const choice = typeof planned === 'object' ? 'delete' : planned;
  if (engine.view.choice.retire !== choice) engine.choose({ retire: choice });
  if (choice === 'delete') {
    const served = await servedSince(session, name);
    if (served > 0) {
      throw end(
        'held',
        `${name} is not deleted: it answered ${served} requests although it has no traffic. Someone may pin it by header.`,
      );
    }
    await engine.run({ kind: 'deleteDeployment', endpoint, deployment: name }, { signal });
  }
  if (choice === 'scale-to-one' && from > 1) {
    await engine.run(
      { kind: 'scaleDeployment', endpoint, deployment: name, from, to: 1 },
      { signal },
    );
  }
  session.progress.retired = true;
}

/** Requests that it answered in whole minutes since its traffic was taken away. */
async function servedSince(session: Session, deployment: string): Promise<number> {
  const { engine, clock, signal } = session.options;
  const last = engine.view.changes.findLast(({ change }) => change.kind === 'setTraffic');
  if (!last?.ended) return 0;
  const from = firstWholeMinute(Date.parse(last.ended.at));
  if (from >= clock.now()) return 0;
  try {
    const minutes = await engine.workspace.metrics(
      session.endpoint,
      [deployment],
      new Date(from),
      new Date(clock.now()),
      signal,
    );
    return minutes.reduce((sum, { requests }) => sum + requests, 0);
  } catch (error) {
    if (signal.aborted) throw error;
    const { message } = failureOf(error, 'read the live metrics');
    throw end(
      'held',
      `${deployment} is not deleted: whether it still serves can't be read. ${message}`,
      'Let the plan keep it, or scale it to one.',
    );
  }
}
