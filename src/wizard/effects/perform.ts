/** Performs moves of the rollout, and turns what they tell into what the screen shows. */
import { kindOf } from '../../rollout/changes/kinds.js';
import type { EngineEvent } from '../../rollout/engine-events.js';
import { loadOf } from '../../rollout/moves/check-load.js';
import type { RolloutPlan } from '../../rollout/moves/facts.js';
import { perform, titleOf } from '../../rollout/moves/index.js';
import { nextMove } from '../../rollout/moves/next-move.js';
import type { Move, MoveOf } from '../../rollout/moves/move.js';
import type { Watched } from '../../rollout/moves/watch-live.js';
import type { LoadPlan } from '../../rollout/evidence/load-check.js';
import type { Attachments, Deployment } from '../../azure/types.js';
import { bake as bakeOf } from '../../rollout/moves/retire.js';
import { watchPhases } from './phases.js';
import { contextOf } from './move-context.js';
import { shownOf, type Performed } from './shown.js';
import {
  openedOf,
  rolloutOf,
  workspaceOf,
  type CommandKind,
  type Context,
  type Opened,
} from './world.js';

/** Changes by their names, a new deployment with the phases of its log. */
function followChanges({ world, progress }: Context): () => void {
  const { engine } = rolloutOf(world);
  let stop = (): void => {};
  const unsubscribe = engine.subscribe((event: EngineEvent) => {
    if (event.type === 'begun') {
      const { change, title } = event;
      const deployment = change.kind === 'createDeployment' ? change.deployment : undefined;
      const { usualSeconds } = kindOf(change);
      progress({ kind: 'title', title, change, usualSeconds, deployment });
      if (deployment !== undefined) {
        stop = watchPhases(workspaceOf(world), engine.endpoint, deployment, progress);
      }
    }
    if (event.type === 'confirmed') {
      progress({ kind: 'message', text: `${event.title} · verified · ${event.seconds} s` });
    }
    if (event.type === 'confirmed' || event.type === 'failed' || event.type === 'left') stop();
  });
  return () => {
    stop();
    unsubscribe();
  };
}

/** Performs a move of the rollout, under a plan. */
export const performCommand: CommandKind<{ move: Move; plan: RolloutPlan }, Performed> = {
  what: ({ move }) => titleOf(move),
  acts: true,
  async carryOut({ move, plan }, context) {
    const rollout = rolloutOf(context.world);
    const unfollow = followChanges(context);
    try {
      const moves = contextOf(context, plan);
      const result = await perform(move, moves);
      const shown = await shownOf(move, result, plan, context);
      rollout.notifier.next(nextMove(moves.situation()));
      return { id: move.id, shown, opened: openedOf(rollout) } as Performed;
    } finally {
      unfollow();
    }
  },
};

interface Watching {
  move: MoveOf<'hold'>;
  plan: RolloutPlan;
  /** Of the time since the split was set, what was not watched in this session. */
  lostMs?: number;
}

/**
 * Watches live users for as long as the screen wants to know, and tells by progress. It ends when its run is
 * superseded or dropped, or when green has to go back.
 */
export const watchCommand: CommandKind<Watching, { watched: Watched; opened: Opened }> = {
  what: 'watching live users',
  acts: true,
  async carryOut({ move, plan, lostMs }, context) {
    const { world, progress } = context;
    const rollout = rolloutOf(world);
    const isOpen = (): boolean => world.rollout === rollout && !context.signal.aborted;
    const moves = contextOf(context, plan, { keepWatching: true, lostMs });
    const { emit } = moves.options;
    moves.options.emit = (event) => {
      if (event.event !== 'live') return emit(event);
      if (!isOpen()) return;
      progress({ kind: 'live', live: event.live, opened: openedOf(rollout) });
      // It goes on watching after its hold is over.
      rollout.notifier.next(nextMove(moves.situation()));
    };
    const watched = await perform(move, moves);
    return { watched, opened: openedOf(rollout) };
  },
};

/** Goes on from what someone else changed. */
export const adoptCommand: CommandKind<object, Opened> = {
  what: 'adopting the present split',
  async carryOut(_, { world, signal }) {
    const rollout = rolloutOf(world);
    await rollout.engine.observe(signal);
    rollout.engine.adopt();
    return openedOf(rollout);
  },
};

/** How much load the next share will bring; none where blue has no traffic to go by. */
export const planLoadCommand: CommandKind<
  { blue: string; weight: number; plan: RolloutPlan },
  { load?: LoadPlan | undefined }
> = {
  what: 'reading live metrics',
  async carryOut({ blue, weight, plan }, context) {
    return { load: await loadOf(contextOf(context, plan), blue, weight) };
  },
};

/** What scales and watches blue from outside. */
export const attachmentsCommand: CommandKind<{ blue: Deployment }, Attachments> = {
  what: 'looking for what points at blue',
  carryOut: ({ blue }, { world, signal }) => workspaceOf(world).attachments(blue.id, signal),
};

/** Requests that blue answered since it has no traffic. */
export const bakeCommand: CommandKind<{ blue: string }, { hits: number; minutes: number }> = {
  what: 'reading who calls blue',
  carryOut: ({ blue }, context) => bakeOf(contextOf(context, { weights: [] }), blue),
};
