/** Which endpoint the header is about. */
import type { Opened } from './effects/world.js';
import { fieldValue } from './form.js';
import { activeStep } from './navigation.js';
import type { State } from './state.js';

/** A form for a new endpoint is not about the one that was looked at before. */
export function shownOpened(state: State): Opened | undefined {
  const opened = state.session?.opened;
  const { mode, form } = state.screens.endpoint ?? {};
  const asking = activeStep(state) === 'endpoint' && mode === 'form' && !state.task;
  return asking && form && opened?.endpoint !== fieldValue(form, 'name') ? undefined : opened;
}
