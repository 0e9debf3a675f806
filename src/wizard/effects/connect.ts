/** Finding a workspace, opening it, and letting go of the one before. */
import type { Endpoint, WorkspaceInfo } from '../../azure/types.js';
import { NEEDED_ACTIONS, permissionWarnings } from '../../rollout/preflight/permissions.js';
import { legacyFinding } from '../../rollout/preflight/subscription.js';
import type { ProfileChoice } from '../state.js';
import { connectionOf, type ConnectionForm } from './profiles.js';
import { noteSandbox } from './sandbox-note.js';
import type { CommandKind, World } from './world.js';

export const connectCommand: CommandKind<
  { profile: ProfileChoice },
  {
    who?: string;
    info: WorkspaceInfo;
    endpoints: Endpoint[];
    warnings: string[];
    studio?: string;
  }
> = {
  what: 'connecting',
  async carryOut({ profile }, { world, signal, progress }) {
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
      // No browser shows the sandbox.
      ...(!profile.sandbox && { studio: workspace.studio }),
      warnings: [
        ...legacyFinding(info).map(({ detail, advice }) => `${detail} ${advice ?? ''}`),
        ...permissionWarnings(missing),
      ],
    };
  },
};

export const findWorkspacesCommand: CommandKind<
  { form: ConnectionForm },
  { subscriptionId: string; resourceGroup: string; name: string; location: string }[]
> = {
  what: 'looking for workspaces',
  async carryOut({ form }, { world, signal, progress }) {
    progress({ kind: 'title', title: 'Signing in' });
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
  const { rollout } = world;
  rollout?.journal.close();
  delete world.rollout;
  delete world.sample;
  const { workspace } = world;
  delete world.workspace;
  delete world.profile;
  await rollout?.notifier.close();
  await workspace?.close();
}
