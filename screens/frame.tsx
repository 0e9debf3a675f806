/** The frame of every screen: header, the active step or the overlay on top of it, and the keys. */
import { Box, useInput } from 'ink';
import {
  Component,
  useCallback,
  useSyncExternalStore,
  type ComponentType,
  type ReactNode,
} from 'react';
import { isTooSmall, SMALLEST } from '../src/terminal/size.js';
import { useTerminalSize } from '../src/terminal/use-terminal-size.js';
import { keyPress, type Binding, type InkKey } from '../src/wizard/keys.js';
import { activeStep } from '../src/wizard/navigation.js';
import type { Overlay } from '../src/wizard/overlays.js';
import type { State } from '../src/wizard/state.js';
import type { StepId } from '../src/wizard/step.js';
import type { Store } from '../src/wizard/store.js';
import { WizardContext } from './parts/context.js';
import { Footer, noticeLines } from './parts/footer.js';
import { Header } from './parts/header.js';
import { Line } from './parts/line.js';

/** What the frame is filled with: nothing else that is drawn imports a step or the reducer. */
export interface Looks {
  screens: Partial<Record<StepId, ComponentType>>;
  /** The active step in a word or two. */
  title(state: State): string;
  /** Everything that answers to a key right now. */
  bindings(state: State): Binding[];
  /** Of an open workspace: what is live, and what is staged. */
  LiveLine?: ComponentType;
  OverlayView?: ComponentType<{ overlay: Overlay }>;
}

/** Rows of header and footer. */
export const FRAME_ROWS = 5;

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

/** What the frame needs of a store. */
type FrameStore = Pick<Store, 'getState' | 'subscribe' | 'dispatch'>;

function Frame({ store, looks }: { store: FrameStore; looks: Looks }) {
  const state = useSyncExternalStore(store.subscribe, store.getState);
  const { columns, rows } = useTerminalSize();
  const width = columns - 1;
  const height = rows - 1;
  if (isTooSmall({ columns, rows })) {
    return (
      <Box height={height} width={columns - 1} flexDirection="column">
        <Line>{`This window is ${columns}x${rows}: please enlarge it`}</Line>
        <Line>{`to ${SMALLEST.columns}x${SMALLEST.rows} or more. The rollout keeps running.`}</Line>
        <Line>Until then no key acts but Ctrl-C.</Line>
      </Box>
    );
  }
  const taken = FRAME_ROWS + noticeLines(state, width).length;
  const overlay = state.overlays.at(-1);
  const { OverlayView } = looks;
  const Screen = looks.screens[activeStep(state)];
  return (
    <WizardContext.Provider
      value={{ state, looks, dispatch: store.dispatch, width, height: height - taken }}
    >
      {/* One row less than the window: at its full height Ink clears the scrollback each frame. */}
      <Box height={height} width={width} flexDirection="column">
        <Header />
        <Box flexGrow={1} flexDirection="column" overflow="hidden">
          {/* What does not fit is cut at the foot: shrunk rows would be drawn over each other. */}
          <Box flexShrink={0} flexDirection="column">
            {overlay && OverlayView ? (
              <OverlayView overlay={overlay} />
            ) : Screen ? (
              <Screen />
            ) : null}
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
function Keys({ store }: { store: FrameStore }) {
  const unseen = isTooSmall(useTerminalSize());
  const pressed = useCallback(
    (input: string, ink: InkKey) => {
      const key = keyPress(input, ink);
      // What Enter would send can't be read.
      if (!unseen || key.name === 'ctrl+c') store.dispatch({ type: 'key', key });
    },
    [store, unseen],
  );
  useInput(pressed);
  return null;
}

interface WholeProps {
  store: FrameStore;
  looks: Looks;
  onError(error: unknown): void;
  /** Above the frame. */
  children?: ReactNode;
}

export function Whole({ store, looks, onError, children }: WholeProps) {
  return (
    <>
      {children}
      {/* Outside the boundary, so that keys work and the process lives on whatever a screen does. */}
      <Keys store={store} />
      <Boundary onError={onError}>
        <Frame store={store} looks={looks} />
      </Boundary>
    </>
  );
}
