/** Start screen: saved workspaces, rollouts under way, connecting. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connection, WorkspaceRef } from '../../azure/types.js';
import { discover } from '../../interop/config-discovery.js';
import type { Profile } from '../../profiles/profile.js';
import { listJournals } from '../../rollout/journal/journal.js';
import { NEEDED_ACTIONS, permissionWarnings } from '../../rollout/preflight/permissions.js';
import { legacyFinding } from '../../rollout/preflight/subscription.js';
import { formatSplit, shareOf } from '../../common/split.js';
import { journalView, succeeded, type JournalView } from '../../rollout/journal/view.js';
import type { ConnectionForm, RolloutUnderWay } from './contract.js';
import type { ProfileChoice } from '../state.js';
import type { Handlers, World } from './world.js';

const SANDBOX: ProfileChoice = {
  id: 'sandbox',
  name: 'sandbox',
  prod: false,
  sandbox: true,
  detail: 'this machine: no account, no cost, 2 minutes',
};

const sameWorkspace = (a: WorkspaceRef, b: WorkspaceRef): boolean =>
  a.subscriptionId.toLowerCase() === b.subscriptionId.toLowerCase() &&
  a.resourceGroup.toLowerCase() === b.resourceGroup.toLowerCase() &&
  a.workspaceName.toLowerCase() === b.workspaceName.toLowerCase();

function choiceOf(profile: Profile): ProfileChoice {
  const { resourceGroup, workspaceName } = profile.connection;
  return {
    id: profile.id,
    name: profile.name,
    prod: profile.prod,
    sandbox: false,
    detail: `${resourceGroup} / ${workspaceName}`,
    ...(profile.lastUsedAt !== undefined && { lastUsedAt: profile.lastUsedAt }),
  };
}

/** Which workspace the sandbox was when it was last opened: journals name workspaces, not profiles. */
const sandboxNote = (world: World): string => join(world.paths.state, 'sandbox-workspace.json');

async function noteSandbox(
  world: World,
  { subscriptionId, resourceGroup, workspaceName }: WorkspaceRef,
) {
  await mkdir(world.paths.state, { recursive: true });
  const ref: WorkspaceRef = { subscriptionId, resourceGroup, workspaceName };
  await writeFile(sandboxNote(world), `${JSON.stringify(ref)}\n`, { mode: 0o600 });
}

async function notedSandbox(world: World): Promise<WorkspaceRef | undefined> {
  try {
    return JSON.parse(await readFile(sandboxNote(world), 'utf8')) as WorkspaceRef;
  } catch {
    return undefined;
  }
}

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

/** A finished rollout whose blue still costs money, as a sentence. */
function keptBlue({ completed, choice, changes, roles }: JournalView): string | undefined {
  const { blue } = roles;
  if (!completed || blue === undefined || choice.retire === undefined) return undefined;
  const gone = changes.some(
    ({ change }) =>
      change.kind === 'deleteEndpoint' ||
      (change.kind === 'deleteDeployment' && change.deployment === blue),
  );
  if (gone || choice.retire === 'delete') return undefined;
  const until = choice.keepUntil === undefined ? '' : ` until ${choice.keepUntil}`;
  const overdue = choice.keepUntil !== undefined && choice.keepUntil < new Date().toISOString();
  return `${blue} is kept${until}${overdue ? ', overdue' : ''}`;
}

async function rolloutsUnderWay(
  world: World,
  profiles: readonly Profile[],
): Promise<{ rollouts: RolloutUnderWay[]; problems: string[] }> {
  const { journals, problems } = listJournals(world.paths.journals);
  const sandbox = await notedSandbox(world);
  const rollouts: RolloutUnderWay[] = [];
  const later = new Set<string>();
  for (const { entries } of journals) {
    const view = journalView(entries);
    const { workspace, endpoint, rolloutId, lastAt } = view;
    if (!workspace || !endpoint || !rolloutId || !lastAt) continue;
    const place = JSON.stringify([workspace, endpoint]);
    // A later rollout of the same endpoint knows better what became of its deployments.
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
      summary: kept ?? summary(view),
      ...(kept !== undefined && { kept: true as const }),
    });
  }
  return { rollouts, problems };
}

function connectionOf(form: ConnectionForm): Connection {
  const { name: _, prod: __, ...connection } = form;
  return connection;
}

const SIGN_IN = 'Signing in';

export const startHandlers: Pick<
  Handlers,
  | 'loadStart'
  | 'connect'
  | 'saveProfile'
  | 'renameProfile'
  | 'deleteProfile'
  | 'loadProfile'
  | 'findWorkspaces'
> = {
  async loadStart(_, { world }) {
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
  },

  async connect({ profile }, { world, signal, progress }) {
    const connection = profile.sandbox
      ? await world.services.sandbox()
      : world.profiles.find(profile.id)?.connection;
    if (!connection) throw new Error(`The saved workspace ${profile.name} no longer exists.`);
    // Cancelled meanwhile: what another choice has opened stays, and this one is not used.
    signal.throwIfAborted();
    await closeWorld(world);
    const onMessage = (text: string): void => progress({ kind: 'title', title: text });
    const workspace = await world.services.connect(connection, { onMessage, signal });
    if (signal.aborted) {
      await workspace.close();
      signal.throwIfAborted();
    }
    world.workspace = workspace;
    world.profile = profile;
    delete world.lagMs;
    if (connection.metricsLagMs !== undefined) world.lagMs = connection.metricsLagMs;
    const info = await workspace.info(signal);
    const [who, endpoints, missing] = await Promise.all([
      workspace.who(signal).catch(() => undefined),
      workspace.listEndpoints(signal),
      workspace.missingPermissions(NEEDED_ACTIONS, signal).catch(() => []),
    ]);
    if (profile.sandbox) await noteSandbox(world, info);
    else world.profiles.touch(profile.id);
    return {
      ...(who !== undefined && { who }),
      info,
      endpoints,
      warnings: [
        ...legacyFinding(info).map(({ detail, advice }) => `${detail} ${advice ?? ''}`),
        ...permissionWarnings(missing),
      ],
    };
  },

  async saveProfile({ form, id }, { world }) {
    const connection = connectionOf(form);
    const saved = id
      ? world.profiles.edit(id, { name: form.name, prod: form.prod, connection })
      : world.profiles.add({ name: form.name, prod: form.prod, connection });
    return choiceOf(saved);
  },

  async renameProfile({ id, name }, { world }) {
    return choiceOf(world.profiles.rename(id, name));
  },

  async deleteProfile({ id }, { world }) {
    world.profiles.remove(id);
    return null;
  },

  async loadProfile({ id }, { world }) {
    const profile = world.profiles.find(id);
    if (!profile) throw new Error('This saved workspace no longer exists.');
    return { ...profile.connection, name: profile.name, prod: profile.prod };
  },

  async findWorkspaces({ form }, { world, signal, progress }) {
    progress({ kind: 'title', title: SIGN_IN });
    const onMessage = (text: string): void => progress({ kind: 'title', title: text });
    const subscriptions = await world.services.subscriptions(connectionOf(form), { onMessage });
    try {
      const all = form.subscriptionId
        ? [{ id: form.subscriptionId }]
        : await subscriptions.list(signal);
      const found = await Promise.all(
        all.map(async ({ id }) =>
          (await subscriptions.workspaces(id, form.resourceGroup || undefined, signal)).map(
            (each) => ({ subscriptionId: id, ...each }),
          ),
        ),
      );
      return found.flat();
    } finally {
      await subscriptions.close();
    }
  },
};

/** Lets go of the workspace that was open: no token, agent or journal is carried over. */
export async function closeWorld(world: World): Promise<void> {
  world.rollout?.journal.close();
  delete world.rollout;
  delete world.sample;
  const { workspace } = world;
  delete world.workspace;
  delete world.profile;
  await workspace?.close();
}
