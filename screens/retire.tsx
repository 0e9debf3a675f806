/** What happens to blue: keep, scale to one, delete. */
import { Box } from 'ink';
import { useWizard } from './parts/context.js';
import { FailureView } from './parts/failure-view.js';
import { As, clean, Line } from './parts/line.js';
import { OperationProgress } from './parts/operation.js';
import { Select } from './parts/select.js';
import { leftBehind } from '../src/wizard/steps/retire.js';
import { priceSentence } from '../src/wizard/steps/price.js';
import { deploymentOf } from '../src/wizard/steps/deployment-form.js';

export function RetireScreen() {
  const { state } = useWizard();
  const screen = state.screens.retire;
  const opened = state.session?.opened;
  const blue = deploymentOf(opened, 'blue');
  const name = clean(blue?.name ?? opened?.roles.blue ?? 'blue');
  const price = blue && priceSentence(state, blue);
  return (
    <Box flexDirection="column">
      <Line>{` ${clean(opened?.roles.green ?? 'green')} has all the traffic. What should happen to ${name}?`}</Line>
      <Line>
        <As is="muted">
          {blue
            ? ` Still billed: ${blue.instanceCount} of ${blue.instanceType}. Until it is deleted, one key rolls back.`
            : ' It is deleted.'}
        </As>
      </Line>
      {price === undefined ? null : (
        <Line>
          <As is="muted">{` It costs ${price}.`}</As>
        </Line>
      )}
      {leftBehind(state).map((line) => (
        <Line key={line}>
          <As is="warning">{` ${clean(line)}`}</As>
        </Line>
      ))}
      <Line />
      {screen?.failure && !state.task ? (
        <FailureView failure={screen.failure} />
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
              label: `Delete        type its name to confirm; one key can no longer roll back`,
            },
          ]}
        />
      )}
      <OperationProgress />
    </Box>
  );
}
