/** From what was said on the command line, or used last, to an open workspace. */
import type { Connection, Workspace } from '../azure/types.js';
import type { PlannedNotice } from '../common/notice.js';
import type { Profile, SavedConnection } from '../profiles/profile.js';
import type { ProfileStore } from '../profiles/store.js';
import { CommandError } from './errors.js';
import { connectionWords, profileWords } from '../interop/own-command.js';
import { withFlags, type WorkspaceFlags } from './connection-flags.js';

export interface OpenWorkspace {
  workspace: Workspace;
  /** What people call it: the profile, `sandbox`, or group and workspace. */
  name: string;
  prod: boolean;
  /** Of Azure Monitor, where it is known. */
  lagMs?: number;
  /** Ends connections, and the sandbox when it was started for this. */
  close(): Promise<void>;
}

interface OpenOptions {
  signal: AbortSignal;
  /** Told the code and the address when a device has to be signed in. */
  note(line: string): void;
  /** Further options of `aml-rollout sandbox`, where it is not running yet. */
  sandboxArgs?: readonly string[];
}

/** Where a command acts, before anything is sent. */
export interface Target {
  name: string;
  prod: boolean;
  sandbox: boolean;
  /** The options that name it on a command line. */
  words: string;
  /** Absent for the sandbox, which says so itself once it runs. */
  connection?: SavedConnection;
  profileId?: string;
  /** Of the profile, for rollouts whose plan has none. */
  notify?: PlannedNotice[];
}

const HOW =
  'Name one with --profile, with --sandbox, or with --subscription, --resource-group and --workspace.';

/** Throws a `CommandError` or `ProfileError` that says what to add. */
export async function findTarget(
  flags: WorkspaceFlags,
  note: (line: string) => void,
): Promise<Target> {
  const sandbox = { name: 'sandbox', prod: false, sandbox: true, words: '--sandbox' };
  if (flags.sandbox || flags.profile?.trim().toLowerCase() === 'sandbox') return sandbox;
  const [{ ProfileStore }, { checkConnection }] = await Promise.all([
    import('../profiles/store.js'),
    import('../profiles/profile.js'),
  ]);
  const { subscription, resourceGroup, workspace } = flags;
  if (subscription !== undefined || resourceGroup !== undefined || workspace !== undefined) {
    if (!subscription || !resourceGroup || !workspace) {
      throw new CommandError(
        'To name a workspace, give --subscription, --resource-group and --workspace together.',
      );
    }
    const given = withFlags({ cloud: 'public', signIn: 'default' }, flags);
    const connection = checkConnection(given as SavedConnection);
    const name = `${resourceGroup} / ${workspace}`;
    const words = connectionWords(connection);
    return { name, prod: false, sandbox: false, words, connection };
  }
  const store = new ProfileStore();
  const profile = chosen(store, flags.profile);
  if (!profile) return discovered(flags, note);
  for (const notice of store.notices) note(notice);
  return targetOf(profile, flags, checkConnection);
}

const targetOf = (
  profile: Profile,
  flags: WorkspaceFlags,
  check: (connection: SavedConnection) => SavedConnection,
): Target => ({
  name: profile.name,
  prod: profile.prod,
  sandbox: false,
  words: [
    profileWords({ sandbox: false, name: profile.name }),
    connectionWords(withFlags({}, flags)),
  ]
    .filter(Boolean)
    .join(' '),
  connection: check(withFlags(profile.connection, flags) as SavedConnection),
  profileId: profile.id,
  ...(profile.notify && { notify: profile.notify }),
});

/** The workspace that is named, else every saved one; each by its name, as it may be unusable. */
export async function everyTarget(
  flags: WorkspaceFlags,
  note: (line: string) => void,
): Promise<{ name: string; target: () => Target }[]> {
  const { profile, sandbox, subscription, resourceGroup, workspace } = flags;
  const named = [profile, sandbox, subscription, resourceGroup, workspace];
  const [{ ProfileStore }, { checkConnection }] = await Promise.all([
    import('../profiles/store.js'),
    import('../profiles/profile.js'),
  ]);
  const store = new ProfileStore();
  const saved = named.every((each) => each === undefined) ? store.list() : [];
  if (saved.length === 0) {
    const only = await findTarget(flags, note);
    return [{ name: only.name, target: () => only }];
  }
  for (const notice of store.notices) note(notice);
  return saved.map((each) => ({
    name: each.name,
    target: () => targetOf(each, flags, checkConnection),
  }));
}

/** What other tools on this machine know, where this program knows no workspace yet. */
async function discovered(flags: WorkspaceFlags, note: (line: string) => void): Promise<Target> {
  const [{ discover }, { checkConnection }] = await Promise.all([
    import('../interop/config-discovery.js'),
    import('../profiles/profile.js'),
  ]);
  const { found, problems } = discover();
  for (const problem of problems) note(problem);
  // Each by itself: a subscription of one and a group of another name no workspace that there is.
  const whole = found.find(
    (each) => each.resourceGroup && each.workspaceName && each.subscriptionId,
  );
  if (!whole) throw new CommandError(`No workspace is saved on this machine. ${HOW}`);
  const { from, cloud = 'public', ...named } = whole;
  const { resourceGroup = '', workspaceName = '' } = named;
  const given = withFlags({ ...named, cloud, signIn: 'default' }, flags);
  const connection = checkConnection(given as SavedConnection);
  const name = `${resourceGroup} / ${workspaceName}`;
  note(`Workspace ${name}, by ${from}.`);
  return {
    name,
    prod: false,
    sandbox: false,
    words: connectionWords(connection),
    connection,
  };
}

const quoted = (profiles: readonly Profile[]): string =>
  profiles.map((each) => JSON.stringify(each.name)).join(', ');

/** @throws CommandError that lists those that are saved. */
export function savedProfile(store: ProfileStore, name: string): Profile {
  const profile = store.find(name);
  if (profile) return profile;
  const names = quoted(store.list());
  throw new CommandError(
    `There is no profile ${JSON.stringify(name)}. ${names === '' ? 'None is saved yet.' : `Saved profiles: ${names}.`} ${HOW}`,
  );
}

/** `undefined`: none is saved. */
function chosen(store: ProfileStore, name: string | undefined): Profile | undefined {
  if (name !== undefined) return savedProfile(store, name);
  const saved = store.list();
  const last = saved.find((each) => each.lastUsedAt) ?? (saved.length === 1 ? saved[0] : undefined);
  if (last ?? saved.length === 0) return last;
  throw new CommandError(
    `None of the saved workspaces has been used yet: ${quoted(saved)}. ${HOW}`,
  );
}

/** Nothing is sent yet, except that the sandbox starts, or is joined where it runs. */
export async function openTarget(target: Target, options: OpenOptions): Promise<OpenWorkspace> {
  const { signal, note } = options;
  const sandbox = target.sandbox ? await startSandbox(options.sandboxArgs) : undefined;
  try {
    const connection: Connection | undefined = sandbox?.connection ?? target.connection;
    if (!connection) throw new Error('The target names no workspace.');
    const { connect } = await import('../azure/connect.js');
    const workspace = await connect(connection, {
      signal,
      onDeviceCode: ({ userCode, verificationUri }) =>
        note(`Sign in at ${verificationUri} with the code ${userCode}`),
    });
    return {
      workspace,
      name: target.name,
      prod: target.prod,
      ...(connection.metricsLagMs !== undefined && { lagMs: connection.metricsLagMs }),
      async close() {
        await workspace.close();
        sandbox?.stop();
      },
    };
  } catch (error) {
    sandbox?.stop();
    throw error;
  }
}

async function startSandbox(
  args: readonly string[] = [],
): Promise<{ connection: Connection; stop(): void }> {
  const { SandboxProcess } = await import('./sandbox-process.js');
  const sandbox = new SandboxProcess(args);
  try {
    return { connection: await sandbox.connection(), stop: () => sandbox.stop() };
  } catch (error) {
    sandbox.stop();
    throw new CommandError(error instanceof Error ? error.message : String(error));
  }
}

/** Notes that the profile was used; a disk that can't be written is no reason to stop. */
export async function touchProfile({ profileId }: Target): Promise<void> {
  if (profileId === undefined) return;
  try {
    const { ProfileStore } = await import('../profiles/store.js');
    new ProfileStore().touch(profileId);
  } catch {
    // Only the order of a list depends on it.
  }
}
