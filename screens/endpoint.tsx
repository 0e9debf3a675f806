/** An existing endpoint with its traffic and health, or a new one. */
import { Box } from 'ink';
import type { Endpoint } from '../src/azure/types.js';
import { formatSplit, liveNames, shareOf } from '../src/common/split.js';
import { decodeTags } from '../src/rollout/tags.js';
import { NEW_ENDPOINT } from '../src/wizard/steps/endpoint.js';
import { stepModule } from '../src/wizard/steps/index.js';
import { cell, fitted, GAP, tableRow, widths } from './parts/columns.js';
import { useWizard } from './parts/context.js';
import { FailureView } from './parts/failure-view.js';
import { FormView } from './parts/form-view.js';
import { As, clean, Line } from './parts/line.js';
import { OperationProgress } from './parts/operation.js';
import { Select, type Item } from './parts/select.js';
import { Sentence, sentenceLines } from './parts/sentence.js';
import { WithCommand } from './parts/with-command.js';

/** Columns of the pointer. */
const POINTER = 4;
/** Of what was found on connecting; the list below needs the rest. */
const WARNING_LINES = 4;

/** Its tags say so, whoever began it on whichever machine. */
function underWay({ tags }: Endpoint): string {
  const { rolloutId, owner } = decodeTags(tags);
  return rolloutId === undefined ? '' : `rollout of ${owner?.split('@')[0] ?? 'someone'}`;
}

function Endpoints() {
  const { state, height, width } = useWizard();
  const session = state.session;
  const endpoints = session?.endpoints ?? [];
  const whole = endpoints.map((each) => [
    each.name,
    each.provisioningState,
    formatSplit(each.traffic),
    underWay(each),
  ]);
  const fits = widths(whole, Infinity).reduce((sum, each) => sum + each + GAP, -GAP);
  // Whose rollout it is stands there whole or not at all.
  const cells = fits <= width - POINTER ? whole : whole.map((each) => each.slice(0, 3));
  const size = fitted(cells, width - POINTER, [0, 1]);
  const existing = endpoints.map((each, at): Item => ({
    value: each.name,
    label: tableRow(cells[at] ?? [], size).trimEnd(),
    ...(each.provisioningState === 'Failed' && { is: 'fail' as const }),
  }));
  const fresh: Item = { value: NEW_ENDPOINT, label: 'a new endpoint' };
  const sandbox = session?.profile.sandbox && !session.profile.prod;
  const first = session?.opened?.endpoint ?? (sandbox ? NEW_ENDPOINT : endpoints[0]?.name);
  return (
    <Box flexDirection="column">
      <Line>
        <As is="heading">{' ENDPOINTS'}</As>
      </Line>
      <Select
        list="endpoints"
        items={[...existing, fresh]}
        initial={state.screens.endpoint?.highlighted ?? first}
        rows={height - 5}
      />
      <Line />
      <Sentence is="muted">
        Opening an endpoint only reads it; the wizard continues at its current step.
      </Sentence>
    </Box>
  );
}

/** Several are live, or none of several is. */
function Roles() {
  const { state } = useWizard();
  const opened = state.session?.opened;
  const traffic = opened?.snapshot.endpoint?.traffic ?? {};
  const live = liveNames(traffic);
  const names =
    live.length > 0 ? live : (opened?.snapshot.deployments ?? []).map(({ name }) => name);
  const stateOf = (name: string): string =>
    opened?.snapshot.deployments.find((each) => each.name === name)?.provisioningState ?? '';
  const [column = 0] = widths(names.map((name) => [name]));
  return (
    <Box flexDirection="column">
      <Sentence>
        {live.length > 0
          ? 'Several deployments serve users. Which one should green replace?'
          : 'No deployment serves users yet. Which one should serve first?'}
      </Sentence>
      <Line>
        <As is="muted">
          {live.length > 0
            ? ' The other deployments keep their traffic weights.'
            : ' Choosing changes nothing yet.'}
        </As>
      </Line>
      <Line />
      <Select
        list="roles"
        items={names.map((name) => ({
          value: name,
          label: `${cell(name, column)}  ${live.length > 0 ? `${shareOf(traffic, name)}%` : stateOf(name)}`,
        }))}
      />
    </Box>
  );
}

export function EndpointScreen() {
  const { state, width } = useWizard();
  const screen = state.screens.endpoint;
  const form = stepModule('endpoint').form?.(state);
  const session = state.session;
  const warnings = (session?.warnings ?? [])
    .flatMap((warning) => sentenceLines(warning, width))
    .slice(0, WARNING_LINES);
  return (
    <WithCommand>
      {warnings.map((line, at) => (
        <Line key={at}>
          <As is="warning">{line}</As>
        </Line>
      ))}
      {screen?.failure && !state.task ? (
        <FailureView failure={screen.failure} around={warnings.length} />
      ) : form ? (
        <>
          <Line>
            {` A new endpoint in ${clean(session?.info.workspaceName ?? '')}, ${clean(session?.info.location ?? '')}`}
          </Line>
          <Line />
          <FormView {...form} />
        </>
      ) : screen?.mode === 'roles' ? (
        <Roles />
      ) : (
        <Endpoints />
      )}
      <OperationProgress />
    </WithCommand>
  );
}
