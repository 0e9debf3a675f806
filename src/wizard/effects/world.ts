/** What the wizard's commands act on: the open workspace, its engine, and this machine's files. */
import type { Connection, Endpoint, SignIn, Subscriptions, Workspace } from '../../azure/types.js';
import type { Paths } from '../../profiles/paths.js';
import type { ProfileStore } from '../../profiles/store.js';
import type { Evidence } from '../../rollout/evidence/gates/evidence.js';
import type { RolloutEngine } from '../../rollout/engine.js';
import type { Journal } from '../../rollout/journal/journal.js';
import type { Answer, Command, CommandName, CommandProgress, Opened } from '../commands.js';
import type { Sample } from '../commands.js';
import type { ProfileChoice } from '../state.js';

export type SignInAs = Omit<Connection, 'subscriptionId' | 'resourceGroup' | 'workspaceName'> & {
  signIn: SignIn;
};

/** Rows answered so far, of which file, and by whom. */
export interface ProofSoFar extends Evidence {
  sha256: string;
  /** The two deployments, when they were made and with which models: names alone come again. */
  answeredBy: string;
}

/** Given by the command that starts the wizard, so that no SDK loads before it is needed. */
export interface Services {
  connect(
    connection: Connection,
    options: { onMessage(text: string): void; signal: AbortSignal },
  ): Promise<Workspace>;
  subscriptions(
    as: SignInAs,
    options: { onMessage(text: string): void },
  ): Promise<Subscriptions & { close(): Promise<void> }>;
  /** Starts the sandbox, or joins the one that runs, and says how to reach it. */
  sandbox(): Promise<Connection>;
  /** Puts text on the clipboard; the answer says where it went. */
  copy(text: string): Promise<string>;
}

/** One open endpoint. */
export interface Rollout {
  engine: RolloutEngine;
  journal: Journal;
  rolloutId: string;
  outputs: string;
}

export interface World {
  services: Services;
  paths: Paths;
  profiles: ProfileStore;
  /** Name and version, for reports. */
  program: string;
  /** Relative paths are read from here, and outputs written below it. */
  cwd: string;
  profile?: ProfileChoice;
  workspace?: Workspace;
  /** Of Azure Monitor in milliseconds, where it is known. */
  lagMs?: number;
  rollout?: Rollout;
  /** Rows sent last: probes send them again. */
  sample?: Sample;
  /** What the proof rests on so far: more rows are added to it. */
  evidence?: ProofSoFar;
}

export interface Context {
  world: World;
  signal: AbortSignal;
  progress(progress: CommandProgress): void;
}

export type Handler<K extends CommandName> = (
  command: Extract<Command, { do: K }>,
  context: Context,
) => Promise<Answer<K>>;

export type Handlers = { [K in CommandName]: Handler<K> };

export function workspaceOf(world: World): Workspace {
  if (!world.workspace) throw new Error('No workspace is open.');
  return world.workspace;
}

export function rolloutOf(world: World): Rollout {
  if (!world.rollout) throw new Error('No endpoint is open.');
  return world.rollout;
}

export function endpointOf(world: World): Endpoint {
  const endpoint = rolloutOf(world).engine.snapshot?.endpoint;
  if (!endpoint) throw new Error('The endpoint is gone.');
  return endpoint;
}

/** For what asks Azure Monitor. */
export const lagOf = ({ lagMs }: World): { lagMs?: number } =>
  lagMs === undefined ? {} : { lagMs };

/** In percent. */
export const shareOfGreen = (world: World): number => {
  const { green } = rolloutOf(world).engine.roles.roles;
  return green === undefined ? 0 : (endpointOf(world).traffic[green] ?? 0);
};

/** The endpoint as it was last observed, and its journal. */
export function openedOf(rollout: Rollout): Opened {
  const { engine, rolloutId, outputs } = rollout;
  const snapshot = engine.snapshot;
  if (!snapshot) throw new Error('The endpoint was not looked at yet.');
  const found = engine.roles;
  return {
    endpoint: engine.endpoint,
    rolloutId,
    snapshot,
    journal: engine.view,
    roles: found.roles,
    found,
    outputs,
  };
}
