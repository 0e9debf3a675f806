/** Someone else changed the endpoint: the wizard stops there until a person decides. */
import { formatSplit } from '../common/split.js';
import { movedFromStart, startSplit } from './navigation.js';
import type { Overlay } from './overlays.js';
import type { State } from './state.js';
import { dropFromScreen, push } from './update.js';

/** With the question on top while there is drift, and without it once that is decided. */
export function freeze(state: State): State {
  const opened = state.session?.opened;
  const asked = state.overlays.some(({ kind }) => kind === 'drift');
  const sentence = opened?.drift?.sentence;
  if (opened && sentence !== undefined && !asked && !state.task) {
    const start = movedFromStart(opened) ? startSplit(opened) : undefined;
    const overlay: Overlay = {
      kind: 'drift',
      sentence,
      choices: [
        { value: 'leave', label: 'Leave the wizard' },
        { value: 'adopt', label: 'Adopt the current split' },
        ...(start ? [{ value: 'restore', label: `Restore ${formatSplit(start)}` }] : []),
      ],
    };
    const { watch: _, ...runs } = state.runs;
    return push(dropFromScreen({ ...state, runs }, 'traffic', 'staged'), overlay);
  }
  if (sentence === undefined && asked) {
    return { ...state, overlays: state.overlays.filter(({ kind }) => kind !== 'drift') };
  }
  return state;
}
