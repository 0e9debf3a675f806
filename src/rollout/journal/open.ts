/** The journal of an endpoint's rollout on this machine: the one to go on with, or a new one. */
import { randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { basename } from 'node:path';
import type { Workspace, WorkspaceRef } from '../../azure/types.js';
import { Journal, JournalError, listJournals } from './journal.js';
import { journalView, type JournalView } from './view.js';

/** Who does this, for the journal and the endpoint's tags. */
export async function ownerOf(
  workspace: Pick<Workspace, 'who'>,
  signal?: AbortSignal,
): Promise<string> {
  const who = await workspace.who(signal).catch(() => undefined);
  return who ?? `${userInfo().username}@${hostname()}`;
}

export const newRolloutId = (): string => randomBytes(4).toString('hex');

export const endpointPlace = (
  { subscriptionId, resourceGroup, workspaceName }: WorkspaceRef,
  endpoint: string,
) => `${subscriptionId}/${resourceGroup}/${workspaceName}/${endpoint}`.toLowerCase();

/**
 * The journal asked for, else the last one of this endpoint that is not completed; one that was
 * aborted only while no later one is there.
 * @throws JournalError where one of this endpoint can't be read, and none was asked for that can:
 * it may be the journal of the rollout that is under way
 * @param fresh passes over rollouts that were aborted, too
 */
export function findJournal(
  folder: string,
  workspace: WorkspaceRef,
  endpoint: string,
  rolloutId?: string,
  fresh = false,
): string | undefined {
  const { journals, broken } = listJournals(folder);
  const here = endpointPlace(workspace, endpoint);
  const candidates = journals
    .map(({ path, entries }) => ({ path, view: journalView(entries) }))
    .filter(
      ({ view }) =>
        view.workspace !== undefined &&
        view.endpoint !== undefined &&
        endpointPlace(view.workspace, view.endpoint) === here,
    );
  const found = journalToGoOnWith(candidates, rolloutId, fresh);
  const unclear = broken.find(({ path, opened }) =>
    opened
      ? endpointPlace(opened.workspace, opened.endpoint) === here
      : path === folder || basename(path).toLowerCase().startsWith(`${endpoint.toLowerCase()}-`),
  );
  const isNamed = found !== undefined && found.view.rolloutId === rolloutId;
  if (!isNamed && unclear) throw new JournalError(unclear.problem);
  return found?.path;
}

/** Of the journals of one endpoint, the latest first: the one asked for, else one that is open. */
export const journalToGoOnWith = <T extends { view: JournalView }>(
  candidates: readonly T[],
  rolloutId: string | undefined,
  fresh = false,
): T | undefined =>
  candidates.find(({ view }) => view.rolloutId === rolloutId) ??
  candidates.find(({ view }, index) => !view.completed && !(view.aborted && (fresh || index > 0)));

interface NewRollout {
  workspace: WorkspaceRef;
  endpoint: string;
  /** Who does this, for the journal and the endpoint's tags. */
  owner: string;
  /** Name and version of this program. */
  program: string;
  /** The id in the endpoint's tags: a colleague's rollout is gone on with under its own. */
  rolloutId?: string;
  /** Begins a new rollout after one that was aborted. */
  fresh?: boolean;
}

/** Goes on with what `findJournal` finds; else starts a journal. */
export function openJournal(folder: string, rollout: NewRollout): Journal {
  const { workspace, endpoint, owner, program, rolloutId, fresh } = rollout;
  const existing = findJournal(folder, workspace, endpoint, rolloutId, fresh);
  if (existing !== undefined) return Journal.open(existing);
  const { subscriptionId, resourceGroup, workspaceName } = workspace;
  return Journal.create(folder, {
    rolloutId: rolloutId ?? newRolloutId(),
    workspace: { subscriptionId, resourceGroup, workspaceName },
    endpoint,
    owner,
    version: program,
  });
}
