/** Hands the screen to Ink. Imported late: everything it needs reads its environment on import. */
import { render } from 'ink';
import type { TerminalSession } from '../src/terminal/lifecycle.js';
import type { Store } from '../src/wizard/store.js';
import { App } from './app.js';

/** A held-down key is drawn as it repeats; what a rollout counts is told less often (`paced-progress.ts`). */
const FRAMES_PER_SECOND = 60;

export function drawWizard(
  store: Store,
  session: TerminalSession,
  onError: (error: unknown) => void,
): void {
  const app = render(<App store={store} onError={onError} />, {
    stdin: session.keys.asStdin(),
    stdout: session.stdout,
    exitOnCtrlC: false,
    patchConsole: false,
    maxFps: FRAMES_PER_SECOND,
  });
  session.onLeave(() => app.unmount());
}
