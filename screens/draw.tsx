/** Hands the screen to Ink, or to what reads it out. */
import { EventEmitter } from 'node:events';
import { render } from 'ink';
import { GlyphsContext, spokenGlyphs } from '../src/terminal/glyphs.js';
import type { TerminalSession } from '../src/terminal/lifecycle.js';
import type { TerminalSize } from '../src/terminal/size.js';
import { TerminalSizeContext } from '../src/terminal/use-terminal-size.js';
import { SpokenOutput } from '../src/terminal/spoken-lines.js';
import type { Store } from '../src/wizard/store.js';
import { App } from './app.js';
import { drawInk, type Redraw } from './ink-screen.js';

/** @param instead draws it in place of the first frame, where there was one */
export function drawWizard(
  store: Store,
  session: TerminalSession,
  onError: (error: unknown) => void,
  instead?: Redraw,
): void {
  if (session.spoken) {
    speakWizard(store, session, onError);
    return;
  }
  // Not `<App/>`: what stays of the first frame, such as who hears keys, must not be made anew.
  const app = App({ store, onError, keepsSteps: session.inline });
  if (!instead) {
    drawInk(app, session);
    return;
  }
  instead(app);
  session.keys.release();
}

/** Wide and tall enough that nothing is cut or scrolled: what has no room is not told. */
const PAGE: TerminalSize = { columns: 100, rows: 200 };

/** Line by line, for a screen reader: Ink draws whole frames, of which the new lines are printed. */
function speakWizard(
  store: Store,
  session: TerminalSession,
  onError: (error: unknown) => void,
): void {
  const spoken = new SpokenOutput((line) => session.stdout.write(`${line}\n`));
  const stdout = Object.assign(new EventEmitter(), {
    columns: PAGE.columns,
    rows: PAGE.rows,
    write: spoken.write,
  });
  const app = render(
    <GlyphsContext.Provider value={spokenGlyphs}>
      <TerminalSizeContext.Provider value={PAGE}>
        <App store={store} onError={onError} />
      </TerminalSizeContext.Provider>
    </GlyphsContext.Provider>,
    {
      stdin: session.keys.asStdin(),
      stdout: stdout as unknown as NodeJS.WriteStream,
      debug: true,
      exitOnCtrlC: false,
      patchConsole: false,
    },
  );
  session.onLeave(() => {
    app.unmount();
    spoken.end();
  });
}
