/** Draws the whole wizard from a state, with the real reducer and store, into a frame of any size. */
import './ink-environment.js';
import stringWidth from 'string-width';
import { render } from 'ink-testing-library';
import { App } from '../../screens/app.js';
import { asciiGlyphs, GlyphsContext, unicodeGlyphs } from '../../src/terminal/glyphs.js';
import type { TerminalSize } from '../../src/terminal/size.js';
import { TerminalSizeContext } from '../../src/terminal/use-terminal-size.js';
import type { AnswerOf, CommandName } from '../../src/wizard/effects/index.js';
import type { WizardEvent } from '../../src/wizard/events.js';
import type { State } from '../../src/wizard/state.js';
import { Store, type Issued } from '../../src/wizard/store.js';
import { NOW } from './wizard-states.js';
import { patience } from './patience.js';

export const USUAL: TerminalSize = { columns: 80, rows: 24 };
export const LARGE: TerminalSize = { columns: 200, rows: 60 };

export const KEY = {
  enter: '\r',
  esc: '\u001B',
  up: '\u001B[A',
  down: '\u001B[B',
  right: '\u001B[C',
  left: '\u001B[D',
  tab: '\t',
  ctrlC: '\u0003',
};

export interface Drawn {
  store: Store;
  /** What the wizard asked of the world so far. */
  issued: Issued[];
  frame(): string;
  lines(): string[];
  press(...keys: string[]): Promise<void>;
  /** Answers the last command of this kind, as the runner would. */
  answer<K extends CommandName>(name: K, answer: AnswerOf<K>): Promise<void>;
  /** Resolves once the frame satisfies the condition; fails with the frame. */
  until(condition: string | ((frame: string) => boolean)): Promise<void>;
  errors: unknown[];
}

const drawnApps: { unmount(): void; cleanup(): void }[] = [];

/** Takes what was drawn off again; for `afterEach`. The library's own goes over all of a run. */
export function clear(): void {
  for (const app of drawnApps.splice(0)) {
    app.unmount();
    app.cleanup();
  }
}

/** React handles a key within a few turns of the event loop. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 6; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

export async function draw(
  state: State,
  { size = USUAL, ascii = false }: { size?: TerminalSize; ascii?: boolean } = {},
): Promise<Drawn> {
  const store = new Store(state, () => NOW);
  const issued: Issued[] = [];
  store.connect(
    (each) => issued.push(each),
    () => {},
  );
  const errors: unknown[] = [];
  const tree = (
    <GlyphsContext.Provider value={ascii ? asciiGlyphs : unicodeGlyphs}>
      <TerminalSizeContext.Provider value={size}>
        <App store={store} onError={(error) => errors.push(error)} />
      </TerminalSizeContext.Provider>
    </GlyphsContext.Provider>
  );
  // The testing library's terminal is 100 columns wide: it draws nothing before it has our size.
  const app = render(<></>);
  drawnApps.push(app);
  Object.defineProperty(app.stdout, 'columns', { value: size.columns });
  app.rerender(tree);
  await settled();
  const frame = (): string => app.lastFrame() ?? '';
  const drawn: Drawn = {
    store,
    issued,
    errors,
    frame,
    lines: () => frame().split('\n'),
    async press(...keys) {
      for (const key of keys) {
        app.stdin.write(key);
        await settled();
      }
    },
    async answer(name, answer) {
      const run = store.getState().runs[name];
      if (run === undefined) throw new Error(`Nothing asked for ${name}.`);
      store.dispatch({ type: 'answered', run, do: name, answer } as WizardEvent);
      await settled();
    },
    async until(condition) {
      const holds = (): boolean =>
        typeof condition === 'string' ? frame().includes(condition) : condition(frame());
      const last = Date.now() + patience(5_000);
      while (!holds()) {
        if (Date.now() > last) throw new Error(`Not seen: ${String(condition)}\n${frame()}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
  };
  return drawn;
}

export const widest = (lines: readonly string[]): number =>
  Math.max(...lines.map((line) => stringWidth(line)));
