/** All screens in the frame; a new step is a line here. */
import { Box, renderToString, Static, Text } from 'ink';
import { useEffect, useState, type ComponentType } from 'react';
import { GlyphsContext, useGlyphs } from '../src/terminal/glyphs.js';
import type { TerminalSize } from '../src/terminal/size.js';
import { TerminalSizeContext, useTerminalSize } from '../src/terminal/use-terminal-size.js';
import { activeStep } from '../src/wizard/navigation.js';
import { activeBindings } from '../src/wizard/reducer.js';
import type { State } from '../src/wizard/state.js';
import type { StepId } from '../src/wizard/step.js';
import { stepModule } from '../src/wizard/steps/index.js';
import type { Store } from '../src/wizard/store.js';
import { BlueScreen, GreenScreen } from './deployment.js';
import { EndpointScreen } from './endpoint.js';
import { FRAME_ROWS, Whole, type Looks } from './frame.js';
import { BlueModelScreen, NewModelScreen } from './model.js';
import { OverlayView } from './overlays.js';
import { WizardContext } from './parts/context.js';
import { Header } from './parts/header.js';
import { Line } from './parts/line.js';
import { LiveLine } from './parts/live-line.js';
import { ProveScreen } from './prove.js';
import { ReportScreen } from './report.js';
import { RetireScreen } from './retire.js';
import { TestScreen } from './test.js';
import { TrafficScreen } from './traffic.js';
import { WorkspaceScreen } from './workspace.js';

const SCREENS: Record<StepId, ComponentType> = {
  workspace: WorkspaceScreen,
  endpoint: EndpointScreen,
  'blue-model': BlueModelScreen,
  blue: BlueScreen,
  test: TestScreen,
  'new-model': NewModelScreen,
  green: GreenScreen,
  prove: ProveScreen,
  traffic: TrafficScreen,
  retire: RetireScreen,
  report: ReportScreen,
};

const LOOKS: Looks = {
  screens: SCREENS,
  title: (state) => stepModule(activeStep(state)).title,
  bindings: activeBindings,
  LiveLine,
  OverlayView,
};

interface AppProps {
  store: Store;
  onError(error: unknown): void;
  /** Each step stays in the scrollback once it is left. */
  keepsSteps?: boolean;
}

/** A step as it is once it is left: without keys, and with the result. */
function Left({ state, size }: { state: State; size: TerminalSize }) {
  const width = size.columns - 1;
  const Screen = SCREENS[activeStep(state)];
  return (
    <TerminalSizeContext.Provider value={size}>
      <WizardContext.Provider
        value={{
          state,
          looks: LOOKS,
          dispatch: () => {},
          width,
          height: size.rows - 1 - FRAME_ROWS,
          left: true,
        }}
      >
        <Box width={width} flexDirection="column">
          <Header />
          <Screen />
          <Line />
        </Box>
      </WizardContext.Provider>
    </TerminalSizeContext.Provider>
  );
}

function LeftSteps({ store }: { store: Store }) {
  const size = useTerminalSize();
  const glyphs = useGlyphs();
  const [left, setLeft] = useState<readonly string[]>([]);
  useEffect(() => {
    let before = store.getState();
    return store.subscribe(() => {
      const state = store.getState();
      const step = activeStep(before);
      const moved = step !== activeStep(state) && before.session !== undefined;
      before = state;
      if (!moved || !state.session) return;
      const { task: _, notice: __, ...rest } = state;
      const page = (
        <GlyphsContext.Provider value={glyphs}>
          <Left state={{ ...rest, view: step, overlays: [] }} size={size} />
        </GlyphsContext.Provider>
      );
      const text = renderToString(page, { columns: size.columns });
      setLeft((all) => [...all, text]);
    });
  }, [store, size, glyphs]);
  return <Static items={[...left]}>{(text, at) => <Text key={at}>{text}</Text>}</Static>;
}

export function App({ store, onError, keepsSteps = false }: AppProps) {
  return (
    <Whole store={store} looks={LOOKS} onError={onError}>
      {keepsSteps ? <LeftSteps store={store} /> : null}
    </Whole>
  );
}
