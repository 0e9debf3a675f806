/** `aml-rollout status --all`: the endpoints of every saved workspace, once or again and again. */
import pLimit from 'p-limit';
import type { WorkspaceInfo } from '../azure/types.js';
import { systemClock } from '../common/clock.js';
import { endpointPlace, journalToGoOnWith } from '../rollout/journal/open.js';
import { listJournals } from '../rollout/journal/journal.js';
import { journalView, type JournalView } from '../rollout/journal/view.js';
import { decodeTags } from '../rollout/tags.js';
import type { Run } from './command-run.js';
import { everyTarget, openTarget, type OpenWorkspace } from './connect-profile.js';
import { idleRow, isIdle, knownHere, rolloutRow, type EndpointRow } from './endpoint-row.js';
import { ending } from './errors.js';
import { CODE } from './exit-codes.js';
import { journalFolder } from './open-rollout.js';
import { RowList } from './row-list.js';
import type { StatusFlags } from './status.js';

const MOST_WORKSPACES = 4;
/** Requests at a time to one workspace. */
const MOST_REQUESTS = 8;
/** Of one workspace, sign-in among it. */
const PATIENCE_MS = 90_000;

interface Place {
  name: string;
  /** Opened when it is first read, and kept between rounds. */
  open(signal: AbortSignal): Promise<OpenWorkspace>;
  close(): Promise<void>;
}

/** @param every seconds; without it, once */
export async function statusAll(
  flags: Omit<StatusFlags, 'watch'>,
  every: number | undefined,
  run: Run,
): Promise<number> {
  const { out, signal } = run;
  const note = (line: string): void => out.note(line);
  const places = (await everyTarget(flags, note)).map(({ name, target }): Place => {
    let opened: OpenWorkspace | undefined;
    return {
      name,
      open: async (until) => (opened ??= await openTarget(target(), { signal: until, note })),
      close: async () => opened?.close(),
    };
  });
  const list = new RowList(out, { watch: every !== undefined });
  try {
    for (;;) {
      await readAll(places, journalFolder(flags.stateDir), list, run);
      list.roundEnds();
      if (every === undefined) break;
      await systemClock.delay(every * 1000, signal);
    }
  } finally {
    await Promise.all(places.map((each) => each.close()));
  }
  return list.summary();
}

async function readAll(places: Place[], journals: string, list: RowList, run: Run): Promise<void> {
  const views = viewsIn(journals, (problem) => list.problem(problem));
  const limit = pLimit(MOST_WORKSPACES);
  await Promise.all(
    places.map((place) =>
      limit(async () => {
        const late = AbortSignal.timeout(PATIENCE_MS);
        const signal = AbortSignal.any([run.signal, late]);
        try {
          await readPlace(place, views, list, signal);
        } catch (error) {
          run.signal.throwIfAborted();
          const sentence = `It did not answer within ${PATIENCE_MS / 1000} s.`;
          list.add(late.aborted ? unread(place.name, sentence) : unreadable(error, place.name));
        }
      }),
    ),
  );
}

/** One list of all endpoints; deployments only of those with something to tell. */
async function readPlace(
  place: Place,
  views: ReadonlyMap<string, JournalView[]>,
  list: RowList,
  signal: AbortSignal,
): Promise<void> {
  const { workspace } = await place.open(signal);
  const endpoints = await workspace.listEndpoints(signal);
  const limit = pLimit(MOST_REQUESTS);
  let info: Promise<WorkspaceInfo> | undefined;
  await Promise.all(
    endpoints.map(async (endpoint) => {
      const { name, tags } = endpoint;
      const own = views.get(endpointPlace(workspace.connection, name)) ?? [];
      const candidates = own.map((view) => ({ view }));
      const open = journalToGoOnWith(candidates, decodeTags(tags).rolloutId)?.view;
      const known = knownHere(own, open);
      if (isIdle(endpoint, known)) return list.add(idleRow(place.name, endpoint));
      await limit(async () => {
        try {
          // Read once, and only where a row needs it.
          info ??= workspace.info(signal);
          const around = { workspace, info: await info, signal };
          list.add(await rolloutRow(place.name, endpoint, known, around));
        } catch (error) {
          signal.throwIfAborted();
          list.add(unreadable(error, place.name, name));
        }
      });
    }),
  );
}

/** Each endpoint's journals on this machine, the latest first. */
function viewsIn(folder: string, problem: (text: string) => void): Map<string, JournalView[]> {
  const { journals, problems } = listJournals(folder);
  problems.forEach(problem);
  const views = new Map<string, JournalView[]>();
  for (const view of journals.map(({ entries }) => journalView(entries))) {
    if (!view.workspace || view.endpoint === undefined) continue;
    const key = endpointPlace(view.workspace, view.endpoint);
    views.set(key, [...(views.get(key) ?? []), view]);
  }
  return views;
}

function unreadable(error: unknown, workspace: string, endpoint?: string): EndpointRow {
  const end = ending(error, CODE.held);
  if (!end) throw error;
  const code = end.code === CODE.authOrQuota ? CODE.authOrQuota : CODE.held;
  return {
    ...unread(workspace, end.lines.slice(0, 2).join(' ')),
    code,
    ...(endpoint && { endpoint }),
  };
}

const unread = (workspace: string, why: string): EndpointRow => ({
  workspace,
  state: 'unreadable',
  message: `can't be read: ${why}`,
  code: CODE.held,
});
