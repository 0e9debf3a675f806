/** The same rows on LIVE and NEW, side by side: agreement, right answers, latency, what differs. */
import { Box } from 'ink';
import type { Tested } from '../src/wizard/commands.js';
import { stepModule } from '../src/wizard/steps/index.js';
import { fits } from '../src/wizard/steps/sample-form.js';
import { cell } from './parts/columns.js';
import { comparison, differing } from './parts/comparison.js';
import { useWizard } from './parts/context.js';
import { FailureView } from './parts/failure-view.js';
import { FormView } from './parts/form-view.js';
import { As, Line } from './parts/line.js';
import { Operation } from './parts/operation.js';
import { Drawn, Matches } from './parts/sample-view.js';

function Side({ tested }: { tested: Tested }) {
  const { state, height } = useWizard();
  const { blue = '', green = '' } = state.session?.opened?.roles ?? {};
  const checks = comparison(tested, blue, green);
  const rows = differing(tested, blue, green);
  const room = Math.max(2, height - checks.length - 8);
  const line = (cells: readonly string[]): string =>
    `   ${cell(cells[0] ?? '', 18)}${cell(cells[1] ?? '', 14)}${cell(cells[2] ?? '', 14)}${cells[3] ?? ''}`;
  return (
    <Box flexDirection="column">
      <Line>
        <As is="heading">{line(['check', 'LIVE', 'NEW', 'difference'])}</As>
      </Line>
      {checks.map((check) => (
        <Line key={check.name}>
          <As is={check.is}>{line([check.name, check.live, check.fresh, check.difference])}</As>
        </Line>
      ))}
      <Line />
      <Line>
        <As is="heading">
          {rows.length === 0
            ? '   no row differs'
            : line(['rows that differ', 'LIVE', 'NEW', 'truth'])}
        </As>
      </Line>
      {rows.slice(0, room).map((row) => (
        <Line key={row.number}>
          {line([`row ${row.number}`, row.live, row.fresh, row.truth ?? ''])}
        </Line>
      ))}
      {rows.length > room ? <Line>{`   and ${rows.length - room} more: d`}</Line> : null}
    </Box>
  );
}

export function ProveScreen() {
  const { state } = useWizard();
  const screen = state.screens.prove;
  const form = stepModule('prove').form?.(state);
  return (
    <Box flexDirection="column">
      {screen?.failure && !state.task ? (
        <FailureView failure={screen.failure} />
      ) : screen?.tested ? (
        <>
          {screen.sample ? <Drawn sample={screen.sample} /> : null}
          <Line />
          <Side tested={screen.tested} />
        </>
      ) : (
        <>
          <Line> The same rows to LIVE and to NEW, each asked by name: no user traffic moves.</Line>
          <Line />
          {form ? <FormView {...form} /> : null}
          {screen?.sample && !fits(screen.sample) ? <Matches sample={screen.sample} /> : null}
        </>
      )}
      <Operation />
    </Box>
  );
}
