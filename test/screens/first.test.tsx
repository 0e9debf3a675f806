/** What is drawn before the wizard is loaded is what the wizard then draws. */
import '../support/ink-environment.js';
import { render } from 'ink-testing-library';
import { expect, test } from 'vitest';
import { App } from '../../screens/app.js';
import { first } from '../../screens/first.js';
import { asciiGlyphs, GlyphsContext, unicodeGlyphs } from '../../src/terminal/glyphs.js';
import { TerminalSizeContext } from '../../src/terminal/use-terminal-size.js';
import { reduce } from '../../src/wizard/reducer.js';
import { Store } from '../../src/wizard/store.js';
import { LARGE, USUAL } from '../support/wizard-screen.js';
import { emptyState, entered, NOW, SANDBOX, START } from '../support/wizard-states.js';

const onError = (error: unknown): never => {
  throw error;
};

const NOTHING = { profiles: [SANDBOX], rollouts: [], notices: [] };

test.each([
  { what: 'a first start', info: NOTHING, glyphs: unicodeGlyphs, size: USUAL },
  { what: 'a rollout under way', info: START, glyphs: unicodeGlyphs, size: LARGE },
  { what: 'ASCII', info: START, glyphs: asciiGlyphs, size: USUAL },
])('the first frame stays when the wizard takes over: $what', ({ info, glyphs, size }) => {
  const asked = entered(emptyState());
  const run = asked.runs.loadStart ?? 0;
  const { state } = reduce(asked, { type: 'answered', run, do: 'loadStart', answer: info });
  const workspace = state.screens.workspace!;
  const known = { ...emptyState(), screens: { workspace } };
  const app = render(<></>);
  Object.defineProperty(app.stdout, 'columns', { value: size.columns });
  const show = (element: React.ReactElement): void =>
    app.rerender(
      <GlyphsContext.Provider value={glyphs}>
        <TerminalSizeContext.Provider value={size}>{element}</TerminalSizeContext.Provider>
      </GlyphsContext.Provider>,
    );
  show(first({ state: known, onError }));
  const drawn = app.lastFrame();
  expect(drawn).toContain('sandbox');
  expect(drawn).toContain('quit');
  show(App({ store: new Store(state, () => NOW), onError }));
  expect(app.lastFrame()).toBe(drawn);
  app.unmount();
  app.cleanup();
});
