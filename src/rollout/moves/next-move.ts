/**
 * What comes next in a rollout: pure and total, from what is observed and journaled. The wizard's
 * Enter performs it, `run` performs it in a loop, and `status` prints it.
 */
import { isBusy, kubernetesProblem } from '../changes/conditions.js';
import { factsOf, type Situation } from './facts.js';
import { MOVES } from './index.js';
import { refuse, waitFor, type Next } from './move.js';

export function nextMove(situation: Situation): Next {
  const facts = factsOf(situation);
  const { view, drift, endpoint, now } = facts;
  if (view.aborted) return { kind: 'over', outcome: 'aborted' };
  if (view.completed) return { kind: 'over', outcome: 'promoted' };
  if (drift) return waitFor({ for: 'adoption', drift });
  if (endpoint && isBusy(endpoint)) {
    const what = `endpoint ${endpoint.name} is ${endpoint.provisioningState.toLowerCase()}`;
    return waitFor({ for: 'operation', what });
  }
  if (endpoint?.kubernetes !== undefined) return refuse('refused', kubernetesProblem(endpoint));
  for (const kind of MOVES) {
    const next = 'when' in kind ? kind.when(facts) : undefined;
    if (next) return next;
  }
  return refuse('refused', `Nothing is left to do on endpoint ${now.endpointName}.`);
}
