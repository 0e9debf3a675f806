/** The engine of an endpoint for a command, with its journal on this machine. */
import type { Workspace } from '../azure/types.js';
import { paths } from '../profiles/paths.js';
import { RolloutEngine } from '../rollout/engine.js';
import type { JournalEntry } from '../rollout/journal/entry.js';
import { newRolloutId, openJournal, ownerOf } from '../rollout/journal/open.js';
import { decodeTags } from '../rollout/tags.js';
import { PROGRAM } from './command-run.js';
import type { EntryLog } from '../rollout/endpoint-state.js';

interface OpenEngine {
  engine: RolloutEngine;
  closeJournal(): Promise<void>;
}

/**
 * Goes on with the rollout that the endpoint's tags name. Where this machine's disk can't be
 * written, the journal is kept in memory and `note` is told: going back matters more.
 */
export async function openEngine(
  workspace: Workspace,
  endpoint: string,
  {
    signal,
    note,
    journals = paths().journals,
  }: { signal: AbortSignal; note(line: string): void; journals?: string },
): Promise<OpenEngine> {
  const there = await workspace.getEndpoint(endpoint, signal);
  // Nothing can be changed where nothing is, so there is nothing to write down.
  if (!there) return inMemory(workspace, endpoint);
  const { rolloutId } = decodeTags(there.tags);
  const owner = await ownerOf(workspace, signal);
  try {
    const journal = openJournal(journals, {
      workspace: workspace.connection,
      endpoint,
      owner,
      program: PROGRAM,
      ...(rolloutId !== undefined && { rolloutId }),
    });
    const engine = new RolloutEngine({ workspace, journal, endpoint });
    return { engine, closeJournal: async () => journal.close() };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    note(`Continuing without a journal: ${why}`);
    return inMemory(workspace, endpoint, owner, rolloutId);
  }
}

/** For what changes nothing, and where the disk can't be written. */
export function inMemory(
  workspace: Workspace,
  endpoint: string,
  owner = '',
  rolloutId = newRolloutId(),
): OpenEngine {
  const entries: JournalEntry[] = [];
  const journal: EntryLog = {
    entries,
    append(event) {
      const at = new Date().toISOString();
      const entry = { at, seq: entries.length + 1, ...event };
      entries.push(entry);
      return entry;
    },
  };
  const { subscriptionId, resourceGroup, workspaceName } = workspace.connection;
  journal.append({
    event: 'opened',
    rolloutId,
    workspace: { subscriptionId, resourceGroup, workspaceName },
    endpoint,
    owner,
    version: PROGRAM,
  });
  const engine = new RolloutEngine({ workspace, journal, endpoint });
  return { engine, closeJournal: async () => {} };
}
