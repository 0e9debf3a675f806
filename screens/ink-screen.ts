/** Gives the screen to Ink. Imported late: everything it needs reads its environment on import. */
import { render } from 'ink';
import type { ReactElement } from 'react';
import type { TerminalSession } from '../src/terminal/lifecycle.js';

/** A held-down key is drawn as it repeats; what a rollout counts is told less often (`paced-progress.ts`). */
const FRAMES_PER_SECOND = 60;

/** Draws another in place of what is drawn. */
export type Redraw = (next: ReactElement) => void;

export function drawInk(element: ReactElement, session: TerminalSession): Redraw {
  const app = render(element, {
    stdin: session.keys.asStdin(),
    stdout: session.stdout,
    exitOnCtrlC: false,
    patchConsole: false,
    maxFps: FRAMES_PER_SECOND,
  });
  session.onLeave(() => app.unmount());
  return app.rerender;
}
