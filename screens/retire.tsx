/** What happens to blue: keep, scale to one, delete. */
import { useGlyphs, useSpoken } from '../src/terminal/glyphs.js';
import { Box } from 'ink';
import stringWidth from 'string-width';
import type { State } from '../src/wizard/state.js';
import { Blocks, blockRows, TALL_ENOUGH, type Block } from './parts/blocks.js';
import { ChangeLog, logRows } from './parts/change-log.js';
import { useWizard } from './parts/context.js';
import { FailureView } from './parts/failure-view.js';
import { clean, Line } from './parts/line.js';
import { OperationProgress, progressRows } from './parts/operation.js';
import { retireDetails } from './parts/retire-details.js';
import { Select, type Item } from './parts/select.js';
import { Sentence, sentenceLines } from './parts/sentence.js';
import { BETWEEN, SideBySide } from './parts/side-by-side.js';
import { timelineBlock } from './parts/timeline.js';
import { LastEvidence, lastEvidenceRows } from './parts/traffic-evidence.js';
import { commandRows, WithCommand } from './parts/with-command.js';
import { leftBehind } from '../src/wizard/steps/retire.js';
import { priceSentence } from '../src/wizard/steps/price.js';
import { deploymentOf } from '../src/wizard/steps/deployment-form.js';

const CHOICES = 3;
/** Below this many rows the changes of a rollout are no history. */
const LEAST_LOG = 6;
/** Columns of the pointer. */
const POINTER = 4;
const NARROWEST_DETAILS = 56;

/** The three, by what the reducer calls them. */
const choicesOf = (keepUntil: string | undefined, instances = 1): Item[] => [
  { value: 'keep', label: `Keep          as it is, until ${keepUntil ?? 'you decide'}` },
  {
    value: 'scale-to-one',
    label: `Scale to one  ${instances > 1 ? 'cheaper; a rollback then scales up first' : 'no change: it has one instance'}`,
  },
  { value: 'delete', label: 'Delete        confirm by name; no rollback after that' },
];

interface Details {
  left: number;
  right: number;
  block: Block;
  /** Rows that it takes below those of the choices. */
  extra: number;
}

const retireChoice = ({ screens, session }: State): string =>
  screens.retire?.highlighted ?? session?.opened?.journal.choice.retire ?? 'keep';

/** What the choice under the cursor does, beside the choices where both fit whole in so many rows more. */
function detailsOf(state: State, items: readonly Item[], width: number, rows: number) {
  const left = POINTER + Math.max(...items.map(({ label }) => stringWidth(label)));
  const right = width - left - BETWEEN;
  const all = items.map(({ value }) => retireDetails(state, value, right));
  const chosen = items.findIndex(({ value }) => value === retireChoice(state));
  const block = all[chosen]?.[0];
  // The rows below stay where they are, whichever choice is under the cursor.
  const most = Math.max(...all.map((blocks) => blockRows(blocks, Infinity)));
  const extra = Math.max(0, most - 1 - CHOICES);
  const fits = right >= NARROWEST_DETAILS && extra <= rows;
  return block && fits ? ({ left, right, block, extra } satisfies Details) : undefined;
}

export function RetireScreen() {
  const { state, width, height } = useWizard();
  const glyphs = useGlyphs();
  const spoken = useSpoken();
  const screen = state.screens.retire;
  const opened = state.session?.opened;
  const blue = deploymentOf(opened, 'blue');
  const name = clean(blue?.name ?? opened?.roles.blue ?? 'blue');
  const price = blue && priceSentence(state, blue);
  const question = `${clean(opened?.roles.green ?? 'green')} has all the traffic. What should happen to ${name}?`;
  const notes = [
    blue
      ? `Still billed: ${blue.instanceCount} of ${blue.instanceType}. Until it is deleted, one key rolls back.`
      : 'It is deleted.',
    ...(price === undefined ? [] : [`It costs ${price}.`]),
  ];
  const left = leftBehind(state);
  const above = [question, ...notes, ...left].flatMap((text) => sentenceLines(text, width));
  const rows = height - above.length - 1 - CHOICES - progressRows(state, width, glyphs);
  const free = rows - lastEvidenceRows(state, { width, height }, rows);
  const items = choicesOf(screen?.keepUntil, blue?.instanceCount);
  const tall = !spoken && height >= TALL_ENOUGH;
  // No line of the log gives way to the details, which the choices tell in short.
  const logged = Math.max(LEAST_LOG, logRows(state, width, Math.max(1, free - 1)));
  const details = tall ? detailsOf(state, items, width, free - 1 - logged) : undefined;
  const below = free - (details?.extra ?? 0) - commandRows(state, width, height);
  // The log comes before the timeline, which tells a part of the same.
  const timeline = tall ? timelineBlock(state, glyphs, width) : [];
  const timed = blockRows(timeline, below - 1 - logRows(state, width, Math.max(1, below - 1)));
  const log = below - timed - 1;
  const failed = screen?.failure && !state.task ? screen.failure : undefined;
  const choices = <Select list="retire" initial={retireChoice(state)} items={items} />;
  return (
    <WithCommand>
      <Sentence>{question}</Sentence>
      {notes.map((note) => (
        <Sentence key={note} is="muted">
          {note}
        </Sentence>
      ))}
      {left.map((text) => (
        <Sentence key={text} is="warning">
          {text}
        </Sentence>
      ))}
      {failed ? (
        <>
          <Line />
          <FailureView failure={failed} around={above.length + 1} />
        </>
      ) : details ? (
        <Box height={1 + CHOICES + details.extra}>
          <SideBySide
            left={{
              width: details.left,
              shows: (
                <>
                  <Line />
                  {choices}
                </>
              ),
            }}
            right={{
              width: details.right,
              shows: <Blocks blocks={[details.block]} rows={Infinity} />,
            }}
          />
        </Box>
      ) : (
        <>
          <Line />
          {choices}
        </>
      )}
      <OperationProgress />
      {screen?.failure ? null : (
        <>
          <LastEvidence rows={rows} />
          <Blocks blocks={timeline} rows={timed} />
          {log < LEAST_LOG || spoken ? null : (
            <>
              <Line />
              <ChangeLog rows={log} />
            </>
          )}
        </>
      )}
    </WithCommand>
  );
}
