/** The keys of a step that shows what failed: back to where it was asked, or the same again. */
import type { Binding } from './keys.js';
import type { State } from './state.js';
import type { StepId } from './step.js';
import { dropFromScreen, next, type Update } from './update.js';

/**
 * @param again sends the same once more; absent where going back offers that anyway
 * @param back what else going back needs, such as a list that could not be read
 */
export function failedBindings(
  state: State,
  step: StepId,
  again?: (state: State) => Update,
  back: (state: State) => Update = (now) => next(now),
): Binding[] {
  const failure = state.screens[step]?.failure?.failure;
  if (!failure) return [];
  const retry: Binding[] = again
    ? [
        {
          keys: ['r'],
          label: 'try again',
          ...(!failure.retrySafe && {
            disabledBecause: 'The same request would fail again: change something first.',
          }),
          run: (now) => again(dropFromScreen(now, step, 'failure')),
        },
      ]
    : [];
  return [
    { keys: ['enter'], label: 'back', run: (now) => back(dropFromScreen(now, step, 'failure')) },
    ...retry,
  ];
}
