/** The whole screen: header, the active step or the overlay on top of it, and the keys. */
import { Box, renderToString, Static, Text, useInput } from 'ink';
import {
  Component,
  useCallback,
  useEffect,
  useState,
  useSyncExternalStore,
  type ComponentType,
  type ReactNode,
} from 'react';
import { GlyphsContext, useGlyphs } from '../src/terminal/glyphs.js';
import {
  SMALLEST,
  TerminalSizeContext,
  useTerminalSize,
  type TerminalSize,
} from '../src/terminal/size.js';
import { keyPress, type InkKey } from '../src/wizard/keys.js';
import { activeStep } from '../src/wizard/navigation.js';
import type { State } from '../src/wizard/state.js';
import type { StepId } from '../src/wizard/step.js';
import type { Store } from '../src/wizard/store.js';
import { BlueScreen, GreenScreen } from './deployment.js';
import { EndpointScreen } from './endpoint.js';
import { BlueModelScreen, NewModelScreen } from './model.js';
import { OverlayView } from './overlays.js';
import { WizardContext } from './parts/context.js';
import { Footer, noticeLines } from './parts/footer.js';
import { Header } from './parts/header.js';
import { Line } from './parts/line.js';
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

/** Rows of header and footer. */
const FRAME_ROWS = 5;

interface BoundaryProps {
  children: ReactNode;
  onError(error: unknown): void;
}

/** A screen that can't be drawn ends the program with its own code, and the terminal restored. */
class Boundary extends Component<BoundaryProps, { broken: boolean }> {
  override state = { broken: false };
  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }
  override componentDidCatch(error: unknown): void {
    this.props.onError(error);
  }
  override render(): ReactNode {
    return this.state.broken ? null : this.props.children;
  }
}

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
        value={{ state, dispatch: () => {}, width, height: size.rows - 1 - FRAME_ROWS }}
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

function Frame({ store }: { store: Store }) {
  const state = useSyncExternalStore(store.subscribe, store.getState);
  const { columns, rows } = useTerminalSize();
  const width = columns - 1;
  const height = rows - 1;
  if (columns < SMALLEST.columns || rows < SMALLEST.rows) {
    return (
      <Box height={height} width={columns - 1} flexDirection="column">
        <Line>{`This window is ${columns}x${rows}: please enlarge it`}</Line>
        <Line>{`to ${SMALLEST.columns}x${SMALLEST.rows} or more. The rollout keeps running.`}</Line>
      </Box>
    );
  }
  const taken = FRAME_ROWS + noticeLines(state, width).length;
  const overlay = state.overlays.at(-1);
  const Screen = SCREENS[activeStep(state)];
  return (
    <WizardContext.Provider
      value={{ state, dispatch: store.dispatch, width, height: height - taken }}
    >
      {/* One row less than the window: at its full height Ink clears the scrollback each frame. */}
      <Box height={height} width={width} flexDirection="column">
        <Header />
        <Box flexGrow={1} flexDirection="column" overflow="hidden">
          {/* What does not fit is cut at the foot: shrunk rows would be drawn over each other. */}
          <Box flexShrink={0} flexDirection="column">
            {overlay ? <OverlayView overlay={overlay} /> : <Screen />}
          </Box>
        </Box>
        <Footer />
      </Box>
    </WizardContext.Provider>
  );
}

/**
 * Rendered before the frame, so that it hears each key first: what a list chooses may open an overlay,
 * and the same Enter must not close it again.
 */
function Keys({ store }: { store: Store }) {
  const pressed = useCallback(
    (input: string, key: InkKey) => store.dispatch({ type: 'key', key: keyPress(input, key) }),
    [store],
  );
  useInput(pressed);
  return null;
}

export function App({ store, onError, keepsSteps = false }: AppProps) {
  return (
    <>
      {keepsSteps ? <LeftSteps store={store} /> : null}
      {/* Outside the boundary, so that keys work and the process lives on whatever a screen does. */}
      <Keys store={store} />
      <Boundary onError={onError}>
        <Frame store={store} />
      </Boundary>
    </>
  );
}
