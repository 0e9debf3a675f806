/** A registered model version, or one to register. */
import { Box } from 'ink';
import { useGlyphs } from '../src/terminal/glyphs.js';
import { isGuarded } from '../src/wizard/policy.js';
import type { State } from '../src/wizard/state.js';
import type { ModelScreenState as Screen } from '../src/wizard/steps/model-subject.js';
import {
  ADOPT,
  blueModelOf,
  FROM_FOLDER,
  FROM_JOB,
  FROM_URI,
  NOTHING,
} from '../src/wizard/steps/model-list.js';
import { stepModule } from '../src/wizard/steps/index.js';
import { listRoom, type Block } from './parts/blocks.js';
import { fitted, tableRow } from './parts/columns.js';
import { useWizard } from './parts/context.js';
import { FailureView } from './parts/failure-view.js';
import { formRows, FormView } from './parts/form-view.js';
import { As, Line } from './parts/line.js';
import { lookDetails, modelDetails, placeDetails, versionNote } from './parts/model-details.js';
import { ModelReview, reviewLines } from './parts/model-review.js';
import { OperationProgress, progressRows } from './parts/operation.js';
import { Select, type Item } from './parts/select.js';
import { WithCommand } from './parts/with-command.js';
import { workspaceModel } from '../src/common/model-ref.js';

/** Columns of the pointer. */
const POINTER = 4;

type Id = 'blue-model' | 'new-model';

function itemsOf(state: State, screen: Screen, id: Id, width: number): Item[] {
  const live = id === 'new-model' ? blueModelOf(state) : undefined;
  const models = [...(screen.models ?? [])].sort((a, b) =>
    a.name === live?.name ? -1 : b.name === live?.name ? 1 : a.name.localeCompare(b.name),
  );
  const versions = models.flatMap(({ name, versions: list }) =>
    list.map((version) => {
      const note = id === 'new-model' ? versionNote(state, version) : '';
      const created = version.createdAt?.slice(0, 10) ?? '';
      return {
        value: `${name}:${version.version}`,
        cells: [`${name} ${version.version}`, version.type, created, note],
      };
    }),
  );
  const jobs = (screen.jobs ?? []).map((each) => ({
    value: `${FROM_JOB}${each.uri}`,
    cells: [
      `job ${each.displayName ?? each.job}`,
      'to register',
      each.createdAt?.slice(0, 10) ?? '',
      '',
    ],
  }));
  const size = fitted(
    [...versions, ...jobs].map(({ cells }) => cells),
    width - POINTER,
    [0, 3],
  );
  const inColumns = ({ value, cells }: { value: string; cells: readonly string[] }): Item => ({
    value,
    label: tableRow(cells, size).trimEnd(),
  });
  const opened = state.session?.opened;
  const idle = (id === 'new-model' ? (opened?.found.idle ?? []) : []).map((name): Item => {
    const deployment = opened?.snapshot.deployments.find((each) => each.name === name);
    const model = deployment && workspaceModel(deployment.model);
    const label = `deployment ${name} as it is, ${model ? `${model.name} ${model.version}` : 'its own model'}, ${deployment?.provisioningState ?? ''}`;
    return { value: `${ADOPT}${name}`, label };
  });
  return [
    ...(isGuarded(state)
      ? [{ value: NOTHING, label: 'select a model', is: 'muted' as const }]
      : []),
    ...versions.map(inColumns),
    ...idle,
    ...jobs.map(inColumns),
    { value: FROM_FOLDER, label: 'register a folder of this machine' },
    {
      value: FROM_URI,
      label: 'a job output, artifact or registry model: type its URI',
    },
  ];
}

interface ModelsProps {
  id: Id;
  /** Absent: not listed yet. */
  items: readonly Item[] | undefined;
  cursor: string | undefined;
  rows: number;
}

const Models = ({ id, items, cursor, rows }: ModelsProps) => (
  <Box flexDirection="column">
    <Line>
      <As is="heading">
        {id === 'new-model' ? ' Model to roll out as green' : ' First model to serve'}
      </As>
    </Line>
    {items ? (
      <Select list="models" items={items} initial={cursor} rows={rows} />
    ) : (
      <Line> Reading registered models</Line>
    )}
  </Box>
);

function makeScreen(id: Id) {
  return function ModelScreen() {
    const { state, width, height } = useWizard();
    const glyphs = useGlyphs();
    const screen = state.screens[id];
    const form = stepModule(id).form?.(state);
    if (!screen) return null;
    const failed = screen.failure && !state.task ? screen.failure : undefined;
    const reviews = screen.mode === 'review';
    const review = reviews ? reviewLines(screen, { width, height }, glyphs) : [];
    const items = screen.models && itemsOf(state, screen, id, width);
    const cursor = screen.highlighted ?? items?.[0]?.value;
    const all = items?.length ?? 1;
    const list = listRoom(all, height - 4, height);
    const own = form
      ? 1 + formRows(form.form, width)
      : reviews
        ? review.length
        : 1 + Math.min(all, list);
    const taken = own + progressRows(state, width, glyphs);
    const blocks = (rows: number): Block[] =>
      form
        ? placeDetails(state, screen, screen.mode === 'uri' ? 'uri' : 'folder', width)
        : reviews
          ? lookDetails(state, screen, width, rows)
          : modelDetails(state, screen, cursor ?? NOTHING, width);
    return (
      <WithCommand {...(failed ? {} : { below: { taken, blocks } })}>
        {failed ? (
          <FailureView failure={failed} />
        ) : form ? (
          <>
            <Line>
              <As is="heading">{id === 'new-model' ? ' New model version' : ' First model'}</As>
            </Line>
            <FormView {...form} />
          </>
        ) : reviews ? (
          <ModelReview lines={review} />
        ) : (
          <Models id={id} items={items} cursor={cursor} rows={list} />
        )}
        <OperationProgress />
      </WithCommand>
    );
  };
}

export const BlueModelScreen = makeScreen('blue-model');
export const NewModelScreen = makeScreen('new-model');
