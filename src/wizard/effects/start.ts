/** Start screen: saved workspaces, rollouts under way. */
import { existsSync } from 'node:fs';
import { sameName } from '../../common/same-name.js';
import type { WorkspaceRef } from '../../azure/types.js';
import { discover } from '../../interop/config-discovery.js';
import type { Profile } from '../../profiles/profile.js';
import { keptBlue, keptBlueWords } from '../../rollout/journal/kept-blue.js';
import { formatSplit, shareOf } from '../../common/split.js';
import { journalView, succeeded, type JournalView } from '../../rollout/journal/view.js';
import type { ProfileChoice } from '../state.js';
import { rolloutAbout, type RolloutAbout } from './rollout-about.js';
import { notedSandbox } from './sandbox-note.js';
import { choiceOf, type ConnectionForm } from './profiles.js';
import type { CommandKind, World } from './world.js';

interface RolloutUnderWay {
  profileId: string;
  profileName: string;
  prod: boolean;
  endpoint: string;
  rolloutId: string;
  /** ISO time of the journal's last line. */
  lastAt: string;
  summary: string;
  /** Over, but its blue was kept and is still billed. */
  kept?: true;
  about?: RolloutAbout;
}

export interface StartInfo {
  profiles: ProfileChoice[];
  rollouts: RolloutUnderWay[];
  /** Found in config.json, az defaults or the environment. */
  discovered?: { from: string; connection: Partial<ConnectionForm> };
  /** Something a person must know, e.g. that a broken profile file was kept aside. */
  notices: string[];
}

const SANDBOX: ProfileChoice = {
  id: 'sandbox',
  name: 'sandbox',
  prod: false,
  sandbox: true,
  detail: 'this machine: no account, no cost',
};

const sameWorkspace = (a: WorkspaceRef, b: WorkspaceRef): boolean =>
  sameName(a.subscriptionId, b.subscriptionId) &&
  sameName(a.resourceGroup, b.resourceGroup) &&
  sameName(a.workspaceName, b.workspaceName);

function rolledBack({ changes }: JournalView): boolean {
  const last = changes.findLast((record) => succeeded(record))?.change;
  return last?.kind === 'setTraffic' && last.why === 'rollback';
}

function summary(view: JournalView): string {
  if (view.aborted) return `aborted, back at ${formatSplit(view.aborted.restored)}`;
  if (view.pending.length > 0) return `${view.pending.at(-1)?.title ?? 'a change'} was under way`;
  const last = view.changes.findLast((record) => succeeded(record))?.change;
  if (last?.kind === 'setTraffic') {
    const { green } = view.roles;
    return green ? `Green at ${shareOf(last.to, green)}%` : formatSplit(last.to);
  }
  return view.changes.at(-1)?.title ?? 'begun';
}

async function rolloutsUnderWay(
  world: Saved,
  profiles: readonly Profile[],
): Promise<{ rollouts: RolloutUnderWay[]; problems: string[] }> {
  if (!existsSync(world.paths.journals)) return { rollouts: [], problems: [] };
  const { savedJournals } = await import('./saved.js');
  const { journals, problems } = savedJournals(world.paths.journals);
  const sandbox = await notedSandbox(world);
  const rollouts: RolloutUnderWay[] = [];
  const later = new Set<string>();
  for (const { entries } of journals) {
    const view = journalView(entries);
    const { workspace, endpoint, rolloutId, lastAt } = view;
    if (!workspace || !endpoint || !rolloutId || !lastAt) continue;
    const place = JSON.stringify([workspace, endpoint]);
    // A later rollout of the same endpoint knows better what happened to its deployments.
    const kept = later.has(place) ? undefined : keptBlue(view);
    later.add(place);
    // Looking at an endpoint begins no rollout; a deleted or completed one is over.
    if ((view.completed && kept === undefined) || view.changes.length === 0) continue;
    if (view.changes.at(-1)?.change.kind === 'deleteEndpoint') continue;
    // A rollback ends a rollout; an aborted one can be gone on with.
    if (view.aborted && rolledBack(view)) continue;
    const profile = profiles.find((each) => sameWorkspace(each.connection, workspace));
    const inSandbox = sandbox !== undefined && sameWorkspace(sandbox, workspace);
    if (!profile && !inSandbox) continue;
    rollouts.push({
      profileId: profile?.id ?? SANDBOX.id,
      profileName: profile?.name ?? SANDBOX.name,
      prod: profile?.prod ?? false,
      endpoint,
      rolloutId,
      lastAt,
      summary: kept ? keptBlueWords(kept) : summary(view),
      ...(kept !== undefined && { kept: true as const }),
      about: rolloutAbout(view),
    });
  }
  return { rollouts, problems };
}

/** What the lists of the start screen are read from. */
type Saved = Pick<World, 'paths' | 'cwd'> & {
  profiles: Pick<World['profiles'], 'list' | 'notices'>;
};

export async function startInfo(world: Saved): Promise<StartInfo> {
  const profiles = world.profiles.list();
  const { rollouts, problems } = await rolloutsUnderWay(world, profiles);
  const { found, problems: unread } = discover({ cwd: world.cwd });
  const [discovered] = found;
  const saved = profiles.map(choiceOf);
  // The last used workspace first; on a first run there is only the sandbox.
  return {
    profiles: [...saved, SANDBOX],
    rollouts,
    ...(discovered && { discovered: { from: discovered.from, connection: discovered } }),
    notices: [...world.profiles.notices, ...problems, ...unread],
  };
}

export const loadStartCommand: CommandKind<object, StartInfo> = {
  what: 'reading saved workspaces',
  carryOut: async (_, { world }) => {
    const { lists } = world;
    // What is drawn already is acted on: read again, it could come after the first key.
    world.lists = undefined;
    return lists ?? startInfo(world);
  },
};
