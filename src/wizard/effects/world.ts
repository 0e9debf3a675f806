/** What the wizard's commands act on: the open workspace, its engine, and this machine's files. */
import type { SignInAs } from '../../azure/credential.js';
import type { Connection, Subscriptions, Workspace } from '../../azure/types.js';
import type { Paths } from '../../profiles/paths.js';
import type { ProfileStore } from '../../profiles/store.js';
import type { RolloutEngine } from '../../rollout/engine.js';
import type { SessionMemory } from '../../rollout/moves/session-memory.js';
import type { Notifier } from '../../rollout/notify/notifier.js';
import type { Journal } from '../../rollout/journal/journal.js';
import type { Drift } from '../../rollout/drift.js';
import type { Roles } from '../../rollout/journal/entry.js';
import type { JournalView } from '../../rollout/journal/view.js';
import type { SessionFacts } from '../../rollout/moves/facts.js';
import type { RolesFound } from '../../rollout/roles.js';
import type { Snapshot } from '../../rollout/snapshot.js';
import type { CommandProgress } from '../events.js';
import type { ProfileChoice } from '../state.js';
import type { Sample } from './sample.js';
import type { StartInfo } from './start.js';

/** An endpoint under rollout: what is observed now, and what its journal says. */
export interface Opened {
  endpoint: string;
  rolloutId: string;
  snapshot: Snapshot;
  journal: JournalView;
  roles: Roles;
  /** How the roles were found; `ask`: several deployments are live and the person has to say. */
  found: RolesFound;
  /** Absolute folder for `sample.json`, report and scripts. */
  outputs: string;
  /** What someone else changed; nothing is written before a person decided. */
  drift?: Drift | undefined;
  /** What this session has done that the journal does not keep. */
  session: SessionFacts;
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
  /** Rows, answers and findings of this session. */
  memory: SessionMemory;
  notifier: Notifier;
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
  /** Says what nobody waits for, such as a notification that was not delivered. */
  tell?(text: string): void;
  /** Lists that the first frame was drawn with, until the wizard has taken them over. */
  lists?: StartInfo | undefined;
  /** Rows shown last, for a request by hand. */
  sample?: Sample;
}

export interface Context {
  world: World;
  signal: AbortSignal;
  progress(progress: CommandProgress): void;
}

/** One thing that the wizard may ask of the world. */
export interface CommandKind<Ask extends object, Answer> {
  /** What a person would call what failed. */
  what: string | ((ask: Ask) => string);
  /** It acts on the rollout: where it fails, the endpoint is read again. */
  acts?: true;
  /** The deployment that it makes: where it fails, its log says why. */
  makes?(ask: Ask): string | undefined;
  carryOut(ask: Ask, context: Context): Promise<Answer>;
}

export function workspaceOf(world: World): Workspace {
  if (!world.workspace) throw new Error('No workspace is open.');
  return world.workspace;
}

export function rolloutOf(world: World): Rollout {
  if (!world.rollout) throw new Error('No endpoint is open.');
  return world.rollout;
}

/** The endpoint as it was last observed, and its journal. */
export function openedOf(rollout: Rollout): Opened {
  const { engine, rolloutId, outputs, memory } = rollout;
  const { snapshot, drift } = engine;
  if (!snapshot) throw new Error('The endpoint has not been read yet.');
  const { startedAt, firstLine, greenModel, contract, more, caughtUp, left } = memory;
  const found = engine.roles;
  return {
    endpoint: engine.endpoint,
    rolloutId,
    snapshot,
    journal: engine.view,
    roles: found.roles,
    found,
    outputs,
    drift,
    session: { startedAt, firstLine, greenModel, contract, more, caughtUp, left },
  };
}
