/** Opening an endpoint, and all that changes it. */
import { join } from 'node:path';
import type { Change } from '../../rollout/changes/change.js';
import { kindOf } from '../../rollout/changes/kinds.js';
import { RolloutEngine } from '../../rollout/engine.js';
import { differencesLine } from '../../rollout/inherit.js';
import type { Choice } from '../../rollout/journal/entry.js';
import { newRolloutId, openJournal, ownerOf } from '../../rollout/journal/open.js';
import { shareOf } from '../../common/split.js';
import { decodeTags } from '../../rollout/tags.js';
import { differencesOf, journalView } from '../../rollout/journal/view.js';
import { newMemory } from '../../rollout/moves/session-memory.js';
import { Notifier } from '../../rollout/notify/notifier.js';
import { watchPhases } from './phases.js';
import {
  openedOf,
  rolloutOf,
  workspaceOf,
  type CommandKind,
  type Context,
  type Opened,
  type Rollout,
} from './world.js';

async function open(
  { world, signal }: Context,
  endpoint: string,
  wanted: string | undefined,
): Promise<Rollout> {
  const workspace = workspaceOf(world);
  const before = world.rollout;
  before?.journal.close();
  const same = before?.engine.endpoint === endpoint;
  void before?.notifier.close({ leaves: !same });
  if (!same) {
    // Rows of another endpoint's model prove nothing here.
    delete world.sample;
  }
  delete world.rollout;
  // A rollout that a colleague began is gone on with under its own id.
  const tags = (await workspace.getEndpoint(endpoint, signal))?.tags ?? {};
  const named = wanted ?? decodeTags(tags).rolloutId;
  const owner = await ownerOf(workspace);
  // Cancelled meanwhile: another endpoint may be open by now, and this one must not take its place.
  signal.throwIfAborted();
  const journal = openJournal(world.paths.journals, {
    workspace: workspace.connection,
    endpoint,
    owner,
    program: world.program,
    ...(named !== undefined && { rolloutId: named }),
  });
  const rolloutId = journalView(journal.entries).rolloutId ?? newRolloutId();
  const engine = new RolloutEngine({ workspace, journal, endpoint });
  const outputs = join(world.cwd, 'rollouts', `${endpoint}-${rolloutId}`);
  const memory = same ? before.memory : newMemory(Date.now(), engine.view.lines);
  const tell = (sentence: string): void => world.tell?.(sentence);
  const byDefault = world.profile && world.profiles.find(world.profile.id)?.notify;
  const notifier = new Notifier({ engine, folder: world.cwd, tell, byDefault });
  const rollout: Rollout = { engine, journal, rolloutId, outputs, memory, notifier };
  world.rollout = rollout;
  const now = await engine.observe(signal);
  const { green } = engine.roles.roles;
  const left = green === undefined ? 0 : shareOf(now.endpoint?.traffic ?? {}, green);
  if (left > 0) memory.left = left;
  return rollout;
}

async function runOne(
  change: Change,
  { world, signal, progress }: Context,
  urgent: boolean,
): Promise<void> {
  const { engine } = rolloutOf(world);
  const kind = kindOf(change);
  const deployment = change.kind === 'createDeployment' ? change.deployment : undefined;
  progress({
    kind: 'title',
    title: kind.title(change),
    change,
    usualSeconds: kind.usualSeconds,
    ...(deployment !== undefined && { deployment }),
  });
  const stop = deployment
    ? watchPhases(workspaceOf(world), engine.endpoint, deployment, progress)
    : () => {};
  try {
    const done = await engine.run(change, {
      signal,
      urgent,
      onProgress: (now) => {
        if (now.stage === 'uploading') {
          const { sentBytes, totalBytes } = now.upload;
          progress({ kind: 'count', done: sentBytes, total: totalBytes, unit: 'bytes' });
        } else if (now.stage === 'sent') progress({ kind: 'accepted' });
        else if (now.stage === 'note') progress({ kind: 'message', text: now.message });
      },
    });
    const found = deployment === undefined ? undefined : differencesOf(engine.view, deployment);
    const { blue = '' } = engine.roles.roles;
    const beside = found && differencesLine({ blue, green: deployment ?? '' }, found);
    progress({
      kind: 'message',
      text: `${kind.title(change)} · verified · ${done.seconds} s${beside === undefined ? '' : ` · ${beside}`}`,
    });
  } finally {
    stop();
  }
}

export const openEndpointCommand: CommandKind<{ endpoint: string; rolloutId?: string }, Opened> = {
  what: 'opening the endpoint',
  async carryOut({ endpoint, rolloutId }, context) {
    return openedOf(await open(context, endpoint, rolloutId));
  },
};

export const observeCommand: CommandKind<object, Opened> = {
  what: 'reading the endpoint',
  async carryOut(_, { world, signal }) {
    const rollout = rolloutOf(world);
    await rollout.engine.observe(signal);
    return openedOf(rollout);
  },
};

export const recordCommand: CommandKind<{ choice: Choice }, Opened> = {
  what: 'recording the choice',
  async carryOut({ choice }, { world, signal }) {
    const rollout = rolloutOf(world);
    rollout.engine.choose(choice);
    await rollout.engine.observe(signal);
    return openedOf(rollout);
  },
};

/** Runs changes one after another; stops at the first that fails. */
export const runCommand: CommandKind<{ changes: Change[]; choice?: Choice }, Opened> = {
  what: 'changing the endpoint',
  acts: true,
  makes: ({ changes }) => changes.find((each) => each.kind === 'createDeployment')?.deployment,
  async carryOut({ changes, choice }, context) {
    const rollout = rolloutOf(context.world);
    if (choice) rollout.engine.choose(choice);
    // Going back does not wait for a deployment that is still being made.
    const urgent = changes.some(
      (change) => change.kind === 'setTraffic' && change.why === 'rollback',
    );
    for (const change of changes) {
      // What follows a new deployment was planned before its endpoint was looked at again.
      const fresh =
        change.kind === 'setTraffic' && change.why === 'first'
          ? rollout.engine.firstTrafficChange(
              Object.keys(change.to).find((name) => change.to[name] === 100) ?? '',
            )
          : change;
      await runOne(fresh, context, urgent);
    }
    return openedOf(rollout);
  },
};

/** Waits for a change that an earlier session began. */
export const settleCommand: CommandKind<object, Opened> = {
  what: 'waiting for an earlier change',
  async carryOut(_, { world, signal, progress }) {
    const rollout = rolloutOf(world);
    const pending = rollout.engine.view.pending.at(-1);
    if (pending) progress({ kind: 'title', title: `${pending.title}, which began earlier` });
    await rollout.engine.settle(signal);
    await rollout.engine.observe(signal);
    return openedOf(rollout);
  },
};
