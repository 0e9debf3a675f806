/**
 * A screen and, where there are rows for all of it, what `e` shows of it; below it, on tall terminals, blocks.
 *
 *      As az ml, not sent yet (e: Python and MLflow)
 *      az ml online-endpoint update --name heart \
 */
import { Box } from 'ink';
import type { ReactNode } from 'react';
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import { useSpoken } from '../../src/terminal/glyphs.js';
import { codePreview } from '../../src/wizard/code-preview.js';
import { shownChanges } from '../../src/wizard/global-keys.js';
import { activeStep } from '../../src/wizard/navigation.js';
import type { Overlay } from '../../src/wizard/overlays.js';
import type { State } from '../../src/wizard/state.js';
import { Blocks, TALL_ENOUGH, type Block } from './blocks.js';
import { useWizard } from './context.js';
import { As, Line } from './line.js';

type Code = Pick<Extract<Overlay, { kind: 'command' }>, 'when' | 'changes' | 'language'>;

const TITLE = {
  'to send': 'As az ml, not sent yet (e: Python and MLflow)',
  sending: 'As az ml, under way (e: Python and MLflow)',
} as const;

/** The lines of code, broken where they are wider than that. */
export function codeLines(state: State, { language, changes }: Code, width: number): string[] {
  const ref = state.session?.info;
  const text = ref ? codePreview(language, changes, ref) : '';
  return text
    .split('\n')
    .flatMap((line) =>
      stringWidth(line) <= width
        ? [line]
        : wrapAnsi(line, width, { hard: true, trim: false }).split('\n'),
    );
}

/** Nothing where nothing is ready; what was sent is in the log. */
function commandOf(state: State, width: number): { title: string; lines: string[] } | undefined {
  const { when, changes } = shownChanges(state);
  const failed = state.screens[activeStep(state)]?.failure && !state.task;
  const runs = state.task !== undefined && when !== 'sending';
  if (failed || runs || when === 'sent' || changes.length === 0) return undefined;
  return {
    title: TITLE[when],
    lines: codeLines(state, { when, changes, language: 'az' }, width - 2),
  };
}

/** Rows that the command takes, with the blank one above. */
export function commandRows(state: State, width: number, height: number): number {
  const command = height < TALL_ENOUGH ? undefined : commandOf(state, width);
  return command ? command.lines.length + 2 : 0;
}

function Command() {
  const { state, width } = useWizard();
  const command = commandOf(state, width);
  if (!command) return null;
  return (
    <Box flexDirection="column" flexShrink={0} width="100%">
      <Line />
      <Line>
        <As is="muted">{` ${command.title}`}</As>
      </Line>
      {command.lines.map((line, at) => (
        <Line key={at}>{` ${line}`}</Line>
      ))}
    </Box>
  );
}

interface Below {
  /** Rows that the screen takes. */
  taken: number;
  /** What may fill so many rows. */
  blocks(rows: number): readonly Block[];
}

export function WithCommand({ children, below }: { children: ReactNode; below?: Below }) {
  const { state, width, height, left } = useWizard();
  const spoken = useSpoken();
  if (spoken || left || height < TALL_ENOUGH) return children;
  const free = height - (below?.taken ?? 0);
  const command = commandRows(state, width, height);
  const rows = command <= free ? free - command : free;
  const blocks = below ? (
    <Box flexDirection="column" flexShrink={0} width="100%">
      <Blocks blocks={below.blocks(rows)} rows={rows} />
    </Box>
  ) : null;
  return (
    // What does not fit below goes into a second column, which is out of sight.
    <Box flexDirection="column" flexWrap="wrap" height={height}>
      <Box flexDirection="column" flexShrink={0} width="100%">
        {children}
      </Box>
      {command <= free ? null : blocks}
      <Command />
      {command <= free ? blocks : null}
    </Box>
  );
}
