/** An existing endpoint with its traffic and health, or a new one. */
import { Box } from 'ink';
import { liveNames, shareOf } from '../src/common/split.js';
import { useGlyphs } from '../src/terminal/glyphs.js';
import type { State } from '../src/wizard/state.js';
import { NEW_ENDPOINT } from '../src/wizard/steps/endpoint.js';
import { stepModule } from '../src/wizard/steps/index.js';
import { listRoom, type Block } from './parts/blocks.js';
import { cell, fitted, GAP, tableRow, widths } from './parts/columns.js';
import { useWizard } from './parts/context.js';
import {
  endpointCells,
  endpointDetails,
  newEndpointDetails,
  rolesDetails,
} from './parts/endpoint-details.js';
import { FailureView } from './parts/failure-view.js';
import { formRows, FormView } from './parts/form-view.js';
import { As, clean, Line } from './parts/line.js';
import { OperationProgress, progressRows } from './parts/operation.js';
import { Select, type Item } from './parts/select.js';
import { Sentence, sentenceLines } from './parts/sentence.js';
import { WithCommand } from './parts/with-command.js';

/** Columns of the pointer. */
const POINTER = 4;
/** Of what was found on connecting; the list below needs the rest. */
const WARNING_LINES = 4;

const NOTE = 'Opening an endpoint only reads it; the wizard continues at its current step.';

/** The item under the cursor. */
function cursorOf({ session, screens }: State): string | undefined {
  const sandbox = session?.profile.sandbox && !session.profile.prod;
  const first = session?.opened?.endpoint ?? (sandbox ? NEW_ENDPOINT : session?.endpoints[0]?.name);
  return screens.endpoint?.highlighted ?? first;
}

/** In so many rows, with a head above it and a note below. */
function Endpoints({ rows }: { rows: number }) {
  const { state, width } = useWizard();
  const endpoints = state.session?.endpoints ?? [];
  const whole = endpoints.map(endpointCells);
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
  return (
    <Box flexDirection="column">
      <Line>
        <As is="heading">{' ENDPOINTS'}</As>
      </Line>
      <Select list="endpoints" items={[...existing, fresh]} initial={cursorOf(state)} rows={rows} />
      <Line />
      <Sentence is="muted">{NOTE}</Sentence>
    </Box>
  );
}

/** Deployments from which blue is chosen: the live ones, or all where none is. */
function roleNames(state: State): string[] {
  const live = liveIn(state);
  const { deployments = [] } = state.session?.opened?.snapshot ?? {};
  return live.length > 0 ? live : deployments.map(({ name }) => name);
}

const liveIn = ({ session }: State): string[] =>
  liveNames(session?.opened?.snapshot.endpoint?.traffic ?? {});

const roleQuestion = (state: State): string =>
  liveIn(state).length > 0
    ? 'Several deployments serve users. Which one should green replace?'
    : 'No deployment serves users yet. Which one should serve first?';

/** Several are live, or none of several is. */
function Roles() {
  const { state } = useWizard();
  const opened = state.session?.opened;
  const traffic = opened?.snapshot.endpoint?.traffic ?? {};
  const live = liveIn(state);
  const names = roleNames(state);
  const stateOf = (name: string): string =>
    opened?.snapshot.deployments.find((each) => each.name === name)?.provisioningState ?? '';
  const [column = 0] = widths(names.map((name) => [name]));
  return (
    <Box flexDirection="column">
      <Sentence>{roleQuestion(state)}</Sentence>
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
  const { state, width, height } = useWizard();
  const glyphs = useGlyphs();
  const screen = state.screens.endpoint;
  const form = stepModule('endpoint').form?.(state);
  const session = state.session;
  const warnings = (session?.warnings ?? [])
    .flatMap((warning) => sentenceLines(warning, width))
    .slice(0, WARNING_LINES);
  const failed = screen?.failure && !state.task ? screen.failure : undefined;
  const roles = screen?.mode === 'roles';
  const all = (session?.endpoints.length ?? 0) + 1;
  const list = listRoom(all, height - 5, height);
  /** Rows of what is between the warnings and the progress. */
  function rowsOfMode(): number {
    if (form) return 2 + formRows(form.form, width);
    return roles
      ? sentenceLines(roleQuestion(state), width).length + 2 + roleNames(state).length
      : 2 + Math.min(all, list) + sentenceLines(NOTE, width).length;
  }
  const blocks = (rows: number): Block[] =>
    form
      ? newEndpointDetails(state, width)
      : roles
        ? rolesDetails(state, width)
        : endpointDetails(state, cursorOf(state), width, rows);
  const taken = warnings.length + rowsOfMode() + progressRows(state, width, glyphs);
  return (
    <WithCommand {...(failed ? {} : { below: { taken, blocks } })}>
      {warnings.map((line, at) => (
        <Line key={at}>
          <As is="warning">{line}</As>
        </Line>
      ))}
      {failed ? (
        <FailureView failure={failed} around={warnings.length} />
      ) : form ? (
        <>
          <Line>
            {` A new endpoint in ${clean(session?.info.workspaceName ?? '')}, ${clean(session?.info.location ?? '')}`}
          </Line>
          <Line />
          <FormView {...form} />
        </>
      ) : roles ? (
        <Roles />
      ) : (
        <Endpoints rows={list} />
      )}
      <OperationProgress />
    </WithCommand>
  );
}
