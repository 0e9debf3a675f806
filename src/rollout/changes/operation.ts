import type { Operation } from '../../azure/types.js';
import type { ApplyContext } from './change.js';

/** Tells of the accepted operation at once, so that it is journaled, then waits for its end. */
export async function finish(
  operation: Operation,
  context: ApplyContext,
  now: () => number = () => performance.now(),
): Promise<void> {
  const start = now();
  context.onProgress({ stage: 'sent', operation });
  await context.workspace.wait(
    operation,
    () => context.onProgress({ stage: 'waiting', operation, elapsedMs: now() - start }),
    context.signal,
  );
}
