/** Rolling back an endpoint that was just opened: what would be done, and one confirm. */
import { planRollback } from '../rollout/rollback.js';
import { formatSplit } from '../common/split.js';
import type { State } from './state.js';
import { next, push, type Update } from './update.js';

export function askToRollBack(state: State): Update {
  const opened = state.session?.opened;
  if (!opened) return next(state);
  const plan = planRollback(opened.snapshot, opened.journal);
  if (plan.kind !== 'ready') {
    return next(
      push(state, {
        kind: 'message',
        title: `Roll back ${opened.endpoint}`,
        lines: [plan.sentence],
      }),
    );
  }
  const { change, scaleFirst, warning } = plan;
  const now = { value: 'now', label: `Roll back now: ${formatSplit(change.to)}` };
  return next(
    push(state, {
      kind: 'confirm',
      title: `Roll back ${opened.endpoint}`,
      lines: [
        `Live now: ${formatSplit(change.from)}.`,
        `Before the rollout: ${formatSplit(change.to)}.`,
        ...(warning ? [warning] : []),
      ],
      choices: [
        ...(scaleFirst
          ? [
              {
                value: 'scale',
                label: `Scale ${scaleFirst.deployment} to ${scaleFirst.to} first, then roll back`,
              },
            ]
          : []),
        now,
        { value: 'no', label: 'Keep the present split' },
      ],
      then: {
        now: {
          do: 'perform',
          move: { id: 'roll-back', plan, scale: false },
          plan: { weights: [] },
        },
        ...(scaleFirst && {
          scale: {
            do: 'perform' as const,
            move: { id: 'roll-back' as const, plan, scale: true },
            plan: { weights: [] },
          },
        }),
      },
      task: `Rolling back to ${formatSplit(change.to)}`,
    }),
  );
}
