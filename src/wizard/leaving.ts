/** Leaving, stopping and aborting: what is said, and what is left in the workspace. */
import { formatSplit, shareOf } from '../common/split.js';
import { ownCommand, profileWords } from '../interop/own-command.js';
import type { Command } from './effects/index.js';
import type { Opened } from './effects/world.js';
import { activeStep, greenShare, movedFromStart, startSplit } from './navigation.js';
import { remaining } from './remaining.js';
import type { State } from './state.js';
import { next, pop, push, say, work, type Update } from './update.js';

const INTERRUPTED = 130;
/** A second Ctrl-C within this time leaves at once. */
const TWICE_MS = 2000;

/** Lines for the scrollback: what is live, what goes on, and how to come back. */
export function summaryOf(state: State): string[] {
  const { session, task } = state;
  const opened = session?.opened;
  const reach = !session || session.profile.sandbox ? '' : profileWords(session.profile);
  const back = `Come back with: ${ownCommand(reach)}`;
  if (!session || !opened) return ['No endpoint was open.', back];
  if (!opened.snapshot.endpoint) return [`${opened.endpoint} does not exist.`, back];
  const traffic = formatSplit(opened.snapshot.endpoint.traffic);
  const lines = [`${opened.endpoint}: ${traffic} (step: ${activeStep(state)})`];
  const { completed } = opened.journal;
  if (completed) {
    lines.push(isAborted(opened) ? 'Rollout aborted.' : 'Rollout complete.');
    if (completed.report !== '') lines.push(`Report: ${completed.report}`);
    return [...lines, back];
  }
  if (task?.writes) lines.push(`Azure continues what was sent: ${task.title}`);
  lines.push(back);
  if (movedFromStart(opened) || task?.writes) {
    lines.push(
      `Roll back with: ${ownCommand('rollback', opened.endpoint, profileWords(session.profile))}`,
    );
  }
  return lines;
}

export const leave = (state: State, code: number): Update =>
  next({ ...state, leaving: { code, summary: summaryOf(state) } });

/** Green serves users and nobody will be watching. */
const leavesGreenUnwatched = (opened: Opened | undefined): boolean =>
  opened !== undefined &&
  !opened.journal.completed &&
  (greenShare(opened) > 0 || movedFromStart(opened));

export function askToLeave(state: State): Update {
  if (!leavesGreenUnwatched(state.session?.opened)) return leave(state, 0);
  return next(push(state, { kind: 'leave' }));
}

/** Back to the start screen, which nobody watches from either. */
export function askToClose(state: State, notice?: string): Update {
  if (!leavesGreenUnwatched(state.session?.opened)) return next(closeSession(state, notice));
  return next(push(state, { kind: 'leave', to: 'start', ...(notice !== undefined && { notice }) }));
}

/** Ctrl-C: leaves at once outside a rollout; inside one a menu comes first. */
export function interrupt(state: State): Update {
  const top = state.overlays.at(-1);
  if (top?.kind === 'stop' && state.now - top.at <= TWICE_MS) return leave(state, INTERRUPTED);
  if (!state.session?.opened?.snapshot.endpoint) return leave(state, INTERRUPTED);
  if (top?.kind === 'stop')
    return next({ ...pop(state), overlays: [{ kind: 'stop', at: state.now }] });
  return next(push(state, { kind: 'stop', at: state.now }));
}

/** Closes the workspace and shows the start screen again. */
export function closeSession(state: State, notice?: string): State {
  const { session: _, view: __, task: ___, ...rest } = state;
  const closed: State = { ...rest, screens: {}, overlays: [], runs: {}, log: [] };
  return notice === undefined ? closed : say(closed, 'info', notice);
}

/** Why abort can do nothing now; `undefined` when it can. */
export function abortDisabled(state: State): string | undefined {
  const opened = state.session?.opened;
  const start = opened && startSplit(opened);
  if (!opened || !start) return 'Nothing to abort: no rollout has started here.';
  if (state.task?.abortQueued) return 'Abort is queued: it follows the running write.';
  if (state.task?.writes) return undefined;
  if (isAborted(opened)) return `Nothing to abort: the rollout is aborted, ${formatSplit(start)}.`;
  if (opened.journal.completed && !movedFromStart(opened)) {
    return 'Nothing to abort: the rollout is complete.';
  }
  return undefined;
}

const isAborted = (opened: Opened): boolean =>
  opened.journal.aborted !== undefined && !movedFromStart(opened);

const restoring = (opened: Opened, moves: boolean): string =>
  moves ? `Restoring ${formatSplit(startSplit(opened) ?? {})}` : 'Ending the rollout';

export function askToAbort(state: State): Update {
  const opened = state.session?.opened;
  if (!opened) return next(state);
  const start = formatSplit(startSplit(opened) ?? {});
  const moves = movedFromStart(opened) || state.task?.writes === true;
  const mirrored = opened.roles.green
    ? shareOf(opened.snapshot.endpoint?.mirrorTraffic ?? {}, opened.roles.green)
    : 0;
  return next(
    push(state, {
      kind: 'confirm',
      title: 'Abort the rollout',
      lines: [
        moves
          ? `Restores the split at its start: ${start}.`
          : `Ends the rollout. Traffic does not change: ${start}.`,
        ...(mirrored > 0 ? ['Mirroring to green stops.'] : []),
        ...(state.task?.writes
          ? [
              `A write is running: abort is queued behind it, ${remaining(state.task, state.now, state.session?.profile.sandbox === true)}.`,
            ]
          : []),
        `${opened.roles.green ?? 'Green'} is kept, without traffic. The undo history is cleared.`,
      ],
      choices: [
        { value: 'abort', label: `Abort: ${moves ? 'back to' : 'stay at'} ${start}` },
        { value: 'no', label: 'Continue the rollout' },
      ],
      then: { abort: ABORT },
      task: restoring(opened, moves),
    }),
  );
}

/** The plan that holds decides nothing about going back. */
const ABORT = {
  do: 'perform',
  move: { id: 'abort', because: [] },
  plan: { weights: [] },
} as const satisfies Command;

/** @param because what failed, where no person asked for it */
export function startAbort(state: State, because: string[] = []): Update {
  const opened = state.session?.opened;
  if (!opened) return next(state);
  const { view: _, ...rest } = state;
  return work(
    rest,
    { ...ABORT, move: { id: 'abort', because } },
    {
      title: restoring(opened, movedFromStart(opened)),
      writes: true,
      usualSeconds: 20,
    },
  );
}
