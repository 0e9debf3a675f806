/** Verifying the split after a change of traffic, within the plan's budget of probes. */
import { probesLeft, wantsSplit } from '../../rollout/moves/verify-split.js';
import { probingOf } from '../../rollout/plan/proof.js';
import { greenShare } from '../navigation.js';
import { planOf } from '../plan.js';
import { performMove } from '../recommended.js';
import type { State } from '../state.js';
import { next, push, say, type Update } from '../update.js';

/** Probes are real traffic: when the plan's are used up, more are a change of the plan. */
function askForProbes(state: State): Update {
  const plan = planOf(state);
  const { count, budget } = probingOf(plan);
  const share = greenShare(state.session?.opened);
  // A question that is open already is not covered by another.
  if (state.overlays.length > 0) {
    const unseen = `All ${budget} probes of the plan are sent, so the split at ${share}% is not verified. p raises the budget.`;
    return next(say(state, 'warning', unseen));
  }
  const toCome = plan.weights.filter((weight) => weight > share).length + 1;
  const raised = { ...plan, probes: { count, budget: budget + toCome * Math.max(1, count) } };
  return next(
    push(state, {
      kind: 'confirm',
      title: 'Probe budget used up',
      lines: [
        `All ${budget} probes of the plan are sent, so the split at ${share}% is not verified.`,
        'Probes are real traffic, so the plan limits them. Raise the budget here or in the plan (g).',
      ],
      choices: [
        { value: 'no', label: 'Send no more' },
        { value: 'raise', label: `Raise the budget to ${raised.probes.budget}` },
      ],
      then: { raise: { do: 'usePlan', plan: raised } },
      task: 'Changing the plan',
    }),
  );
}

/** Who really answers is asked after every change: the split configured may not be the one served. */
export function checkSplit(state: State): Update {
  const opened = state.session?.opened;
  const { blue, green } = opened?.roles ?? {};
  const weight = greenShare(opened);
  const plan = planOf(state);
  if (!opened || green === undefined || !wantsSplit(plan, weight)) {
    return next(say(state, 'info', 'The plan does not verify the split; g changes that.'));
  }
  if (probesLeft(plan, opened.journal) === 0) return askForProbes(state);
  return performMove(state, { id: 'verify-split', blue: blue ?? '', green, weight });
}
