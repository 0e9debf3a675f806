/** The rollout that a plan begins or goes on with: its journal, its engine, its report's folder. */
import { join, resolve } from 'node:path';
import type { Workspace } from '../azure/types.js';
import { writeOutputs as write } from '../interop/write-outputs.js';
import { paths } from '../profiles/paths.js';
import { RolloutEngine } from '../rollout/engine.js';
import { JournalError, readJournal } from '../rollout/journal/journal.js';
import { findJournal, openJournal, ownerOf } from '../rollout/journal/open.js';
import { observe, type Snapshot } from '../rollout/snapshot.js';
import { legacyFinding } from '../rollout/preflight/subscription.js';
import { decodeTags } from '../rollout/tags.js';
import { journalView, type JournalView } from '../rollout/journal/view.js';
import { PROGRAM } from './command-run.js';
import { CommandError } from './errors.js';
import { inMemory } from './open-engine.js';

interface OpenRollout {
  engine: RolloutEngine;
  outputs: string;
  /** Options that name the workspace, for commands in the report. */
  reach: string;
  close(): void;
}

export interface FoundRollout {
  now: Snapshot;
  /** What this machine knows of the rollout that is under way. */
  view?: JournalView;
  /** The rollout that the endpoint's tags name. */
  tagged?: { rolloutId: string; owner: string };
}

/** Where journals are: in the folder that a build agent keeps, or in this program's own. */
export const journalFolder = (stateDir: string | undefined): string =>
  stateDir === undefined ? paths().journals : join(resolve(stateDir), 'journals');

/**
 * Looks, and writes nothing.
 * @param note told of a journal that can't be read, where going back matters more; without it that
 * is an error
 */
export async function lookAt(
  workspace: Workspace,
  endpoint: string,
  journals: string,
  signal: AbortSignal,
  note?: (line: string) => void,
): Promise<FoundRollout> {
  const now = await observe(workspace, endpoint, [], signal).catch(async (error: unknown) => {
    // Such a workspace refuses every read but its own.
    const [legacy] = legacyFinding(await workspace.info(signal));
    throw legacy ? new CommandError(`${legacy.detail} ${legacy.advice ?? ''}`) : error;
  });
  const { rolloutId, owner } = decodeTags(now.endpoint?.tags ?? {});
  const view = known();
  return {
    now,
    ...(view && view.changes.length > 0 && { view }),
    ...(rolloutId !== undefined && { tagged: { rolloutId, owner: owner ?? 'someone' } }),
  };

  function known(): JournalView | undefined {
    try {
      const path = findJournal(journals, workspace.connection, endpoint, rolloutId);
      return path === undefined ? undefined : journalView(readJournal(path).entries);
    } catch (error) {
      if (!note || !(error instanceof JournalError)) throw error;
      note(error.message);
      return undefined;
    }
  }
}

/**
 * @param keep `false`: nothing is to be done, so no journal is started
 * @param fresh a rollout that was aborted is over: a new one is started after it
 */
export async function openRollout(
  workspace: Workspace,
  endpoint: string,
  { now: before, tagged }: FoundRollout,
  {
    stateDir,
    keep,
    fresh,
    reach,
    signal,
  }: {
    stateDir?: string;
    keep: boolean;
    fresh: boolean;
    reach: string;
    signal: AbortSignal;
  },
): Promise<OpenRollout> {
  const owner = await ownerOf(workspace, signal);
  const outputs = (rolloutId: string): string =>
    join(
      stateDir === undefined ? resolve('rollouts') : join(resolve(stateDir), 'reports'),
      `${endpoint}-${rolloutId}`,
    );
  if (!keep) {
    const { engine } = inMemory(workspace, endpoint, owner);
    return { engine, outputs: outputs(engine.view.rolloutId ?? ''), reach, close: () => {} };
  }
  const journal = openJournal(journalFolder(stateDir), {
    workspace: workspace.connection,
    endpoint,
    owner,
    program: PROGRAM,
    fresh,
    ...(tagged && { rolloutId: tagged.rolloutId }),
  });
  const engine = new RolloutEngine({ workspace, journal, endpoint, before });
  const rolloutId = engine.view.rolloutId ?? '';
  return { engine, outputs: outputs(rolloutId), reach, close: () => journal.close() };
}

/** Report and scripts; resolves with the report's path. */
export async function writeReport({ engine, outputs, reach }: OpenRollout): Promise<string> {
  const { snapshot, view } = engine;
  if (!snapshot) throw new Error('The endpoint has not been read yet.');
  const [report] = await write(snapshot, view, { program: PROGRAM, dir: outputs, reach });
  return report?.path ?? outputs;
}
