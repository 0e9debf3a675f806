/** The first frame: the start screen as it is, drawn before the rest of the wizard is loaded. */
import type { ReactElement } from 'react';
import type { TerminalSession } from '../src/terminal/lifecycle.js';
import { startBindings } from '../src/wizard/start-keys.js';
import type { State } from '../src/wizard/state.js';
import { workspaceStep } from '../src/wizard/steps/workspace.js';
import { Whole, type Looks } from './frame.js';
import { drawInk, type Redraw } from './ink-screen.js';
import { WorkspaceScreen } from './workspace.js';

const START: Looks = {
  screens: { workspace: WorkspaceScreen },
  title: () => workspaceStep.title,
  bindings: startBindings,
};

interface FirstProps {
  state: State;
  onError(error: unknown): void;
}

/** Also for a test: it must not differ from what is drawn in its place. */
export function first({ state, onError }: FirstProps): ReactElement {
  const still = { getState: () => state, subscribe: () => () => {}, dispatch: () => {} };
  return <Whole store={still} looks={START} onError={onError} />;
}

/** Draws it, and keeps the keys that are typed until `drawWizard` draws what they are for. */
export function drawFirst(props: FirstProps, session: TerminalSession): Redraw {
  session.keys.hold();
  return drawInk(first(props), session);
}
