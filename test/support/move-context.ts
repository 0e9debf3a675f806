/** The context of moves on an endpoint of a sandbox, with a journal in memory. */
import type { Workspace } from '../../src/azure/types.js';
import { systemClock } from '../../src/common/clock.js';
import { RolloutEngine } from '../../src/rollout/engine.js';
import type { JournalEntry } from '../../src/rollout/journal/entry.js';
import type { JournalEvent } from '../../src/rollout/journal/journal.js';
import { MoveContext, type MoveOptions } from '../../src/rollout/moves/context.js';
import { newMemory } from '../../src/rollout/moves/session-memory.js';

/**
 * After its endpoint was looked at, with `blue` and `green` in their roles.
 * @param splitAt when this rollout set the present split; epoch milliseconds
 */
export async function moveContext(
  workspace: Workspace,
  endpoint: string,
  change: Partial<MoveOptions> = {},
  splitAt?: number,
): Promise<MoveContext> {
  const entries: JournalEntry[] = [];
  const append = (event: JournalEvent, at = Date.now()): JournalEntry => {
    const entry = { at: new Date(at).toISOString(), seq: entries.length + 1, ...event };
    entries.push(entry);
    return entry;
  };
  if (splitAt !== undefined) {
    const now = await workspace.getEndpoint(endpoint);
    const to = { ...now?.traffic };
    const change = { kind: 'setTraffic', endpoint, from: {}, to, why: 'first' } as const;
    append({ event: 'begun', id: 1, change, title: 'set traffic' }, splitAt);
    append({ event: 'ended', id: 1, ok: true, readBack: 'confirmed', seconds: 1 }, splitAt);
  }
  const engine = new RolloutEngine({ workspace, journal: { entries, append }, endpoint });
  await engine.observe();
  engine.choose({ roles: { blue: 'blue', green: 'green' } });
  const clock = change.clock ?? systemClock;
  return new MoveContext(
    {
      engine,
      plan: { weights: [100] },
      folder: '',
      clock,
      signal: new AbortController().signal,
      emit: () => undefined,
      bakeMinutes: 0,
      writeReport: () => Promise.resolve('report.md'),
      ...change,
    },
    newMemory(clock.now(), engine.view.lines),
  );
}
