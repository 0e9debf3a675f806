/** What happens to blue: keep, scale to one, delete. */
import { useGlyphs, useSpoken } from '../src/terminal/glyphs.js';
import { ChangeLog } from './parts/change-log.js';
import { useWizard } from './parts/context.js';
import { FailureView } from './parts/failure-view.js';
import { clean, Line } from './parts/line.js';
import { OperationProgress, progressRows } from './parts/operation.js';
import { Select } from './parts/select.js';
import { Sentence, sentenceLines } from './parts/sentence.js';
import { LastEvidence, lastEvidenceRows } from './parts/traffic-evidence.js';
import { commandRows, WithCommand } from './parts/with-command.js';
import { leftBehind } from '../src/wizard/steps/retire.js';
import { priceSentence } from '../src/wizard/steps/price.js';
import { deploymentOf } from '../src/wizard/steps/deployment-form.js';

const CHOICES = 3;
/** Below this many rows the changes of a rollout are no history. */
const LEAST_LOG = 6;

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
  const log = free - 1 - commandRows(state, width, height);
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
      <Line />
      {screen?.failure && !state.task ? (
        <FailureView failure={screen.failure} around={above.length + 1} />
      ) : (
        <Select
          list="retire"
          initial={screen?.highlighted ?? opened?.journal.choice.retire ?? 'keep'}
          items={[
            {
              value: 'keep',
              label: `Keep          as it is, until ${screen?.keepUntil ?? 'you decide'}`,
            },
            {
              value: 'scale-to-one',
              label: 'Scale to one  cheaper; a rollback then scales up first',
            },
            {
              value: 'delete',
              label: 'Delete        confirm by name; no rollback after that',
            },
          ]}
        />
      )}
      <OperationProgress />
      {screen?.failure ? null : (
        <>
          <LastEvidence rows={rows} />
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
