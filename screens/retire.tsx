/** What becomes of blue: keep, scale to one, delete. */
import { Box } from 'ink';
import { useWizard } from './parts/context.js';
import { FailureView } from './parts/failure-view.js';
import { As, clean, Line } from './parts/line.js';
import { Operation } from './parts/operation.js';
import { Select } from './parts/select.js';
import { deploymentOf } from '../src/wizard/steps/deployment-form.js';

export function RetireScreen() {
  const { state } = useWizard();
  const screen = state.screens.retire;
  const opened = state.session?.opened;
  const blue = deploymentOf(opened, 'blue');
  const name = clean(blue?.name ?? opened?.roles.blue ?? 'blue');
  return (
    <Box flexDirection="column">
      <Line>{` ${clean(opened?.roles.green ?? 'green')} has all the traffic. What should happen to ${name}?`}</Line>
      <Line>
        <As is="muted">
          {blue
            ? ` Still billed: ${blue.instanceCount} of ${blue.instanceType}. While it lives, one key goes back.`
            : ' It is deleted.'}
        </As>
      </Line>
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
              label: 'Scale to one  cheaper; going back waits for it to grow',
            },
            {
              value: 'delete',
              label: `Delete        its name has to be typed; no way back by one key`,
            },
          ]}
        />
      )}
      <Operation />
    </Box>
  );
}
