/** Probes after a change of traffic, within the budget of the plan. */
import { probingOf } from '../../rollout/plan/proof.js';
import { greenShare } from '../navigation.js';
import { gatesAt, planOf, probesLeft, wantsProbes } from '../plan.js';
import type { State } from '../state.js';
import { next, push, say, work, type Update } from '../update.js';

/** Probes are real traffic: when the plan's are used up, more are a change of the plan. */
function askForProbes(state: State): Update {
  const plan = planOf(state);
  const { count, budget } = probingOf(plan);
  const share = greenShare(state.session?.opened);
  // A question that is open already is not covered by another.
  if (state.overlays.length > 0) {
    const unseen = `All ${budget} probes of the plan are sent: who is served at ${share} % is not seen. p raises the budget.`;
    return next(say(state, 'warning', unseen));
  }
  const toCome = plan.weights.filter((weight) => weight > share).length + 1;
  const raised = { ...plan, probes: { count, budget: budget + toCome * Math.max(1, count) } };
  return next(
    push(state, {
      kind: 'confirm',
      title: 'THE PROBES ARE USED UP',
      lines: [
        `All ${budget} probes of the plan are sent, so who is really served at ${share} % is not seen.`,
        'Probes are real traffic, hence the budget. It can be raised here, or in the plan (g).',
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
  const share = greenShare(state.session?.opened);
  if (!wantsProbes(state, share)) {
    return next(say(state, 'info', 'The split is not probed, as the plan says; g changes it.'));
  }
  const most = probesLeft(state);
  if (most === 0) return askForProbes(state);
  const count = Math.min(most, probingOf(planOf(state)).count);
  const gates = gatesAt(state, share);
  const title = `Checking the split with ${count} requests`;
  return work(state, { do: 'probe', count, most, gates }, { title, writes: false });
}
