/** The keys that the start screen shows, before what they do is loaded. */
import type { Binding } from './keys.js';
import type { State } from './state.js';
import { workspaceStep } from './steps/workspace.js';

export const HELP = { keys: ['?'], label: 'help' };
export const QUIT = { keys: ['q'], label: 'quit' };

export const startBindings = (state: State): Binding[] => [
  ...workspaceStep.bindings(state),
  HELP,
  QUIT,
];
