/** A rejected green is deleted: for another one, or to end the rollout. */
import type { Binding } from '../keys.js';
import { greenShare } from '../navigation.js';
import { planOf } from '../plan.js';
import type { State } from '../state.js';
import { next, push, withScreen, type Update } from '../update.js';
import { deploymentOf } from './deployment-form.js';

export function replaceBindings(state: State): Binding[] {
  const green = deploymentOf(state.session?.opened, 'green');
  const live = greenShare(state.session?.opened) > 0;
  const refused = !green
    ? 'Green is deleted already.'
    : live
      ? 'Green has live traffic: press A to abort first.'
      : undefined;
  const ask =
    (givingUp: boolean) =>
    (now: State): Update =>
      next(
        push(withScreen(now, 'prove', { givingUp }), {
          kind: 'type-name',
          title: givingUp ? 'Give up: delete green' : 'Replace green: delete it first',
          lines: [
            givingUp
              ? 'The rollout ends with a report. Blue keeps all traffic.'
              : 'Then choose another model. Blue keeps all traffic.',
          ],
          name: green?.name ?? '',
          typed: '',
          then: {
            do: 'perform',
            move: { id: 'delete-green', green: green?.name ?? '' },
            plan: planOf(now),
          },
          task: `Deleting ${green?.name ?? ''}`,
        }),
      );
  const disabled = refused === undefined ? {} : { disabledBecause: refused };
  return [
    { keys: ['x'], label: 'replace green', helpOnly: true, ...disabled, run: ask(false) },
    { keys: ['X'], label: 'give up', helpOnly: true, ...disabled, run: ask(true) },
  ];
}
