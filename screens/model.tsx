/** A registered model version, or one to register. */
import { Box } from 'ink';
import { isGuarded } from '../src/wizard/policy.js';
import type { ModelScreenState as Screen } from '../src/wizard/steps/model-subject.js';
import {
  ADOPT,
  blueModelOf,
  FROM_FOLDER,
  FROM_JOB,
  FROM_URI,
  NOTHING,
  rejectedModels,
} from '../src/wizard/steps/model-list.js';
import { stepModule } from '../src/wizard/steps/index.js';
import { fitted, tableRow } from './parts/columns.js';
import { useWizard } from './parts/context.js';
import { FailureView } from './parts/failure-view.js';
import { FormView } from './parts/form-view.js';
import { As, Line } from './parts/line.js';
import { ModelReview } from './parts/model-review.js';
import { OperationProgress } from './parts/operation.js';
import { Select, type Item } from './parts/select.js';
import { WithCommand } from './parts/with-command.js';
import { workspaceModel } from '../src/common/model-ref.js';

/** Columns of the pointer. */
const POINTER = 4;

function Models({ screen, id }: { screen: Screen; id: 'blue-model' | 'new-model' }) {
  const { state, height, width } = useWizard();
  const live = id === 'new-model' ? blueModelOf(state) : undefined;
  const rejected = id === 'new-model' ? rejectedModels(state) : [];
  const models = [...(screen.models ?? [])].sort((a, b) =>
    a.name === live?.name ? -1 : b.name === live?.name ? 1 : a.name.localeCompare(b.name),
  );
  const versions = models.flatMap(({ name, versions: list }) =>
    list.map((version) => {
      const is = (model: typeof live): boolean =>
        model?.name === name && model.version === version.version;
      const note = is(live) ? 'blue' : rejected.some(is) ? 'rejected' : '';
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
  const items: Item[] = [
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
  return (
    <Box flexDirection="column">
      <Line>
        <As is="heading">
          {id === 'new-model' ? ' Model to roll out as green' : ' First model to serve'}
        </As>
      </Line>
      {screen.models ? (
        <Select
          list="models"
          items={items}
          initial={screen.highlighted ?? items[0]?.value}
          rows={height - 4}
        />
      ) : (
        <Line> Reading registered models</Line>
      )}
    </Box>
  );
}

function makeScreen(id: 'blue-model' | 'new-model') {
  return function ModelScreen() {
    const { state } = useWizard();
    const screen = state.screens[id];
    const form = stepModule(id).form?.(state);
    if (!screen) return null;
    return (
      <WithCommand>
        {screen.failure && !state.task ? (
          <FailureView failure={screen.failure} />
        ) : form ? (
          <>
            <Line>
              <As is="heading">{id === 'new-model' ? ' New model version' : ' First model'}</As>
            </Line>
            <FormView {...form} />
          </>
        ) : screen.mode === 'review' ? (
          <ModelReview screen={screen} />
        ) : (
          <Models screen={screen} id={id} />
        )}
        <OperationProgress />
      </WithCommand>
    );
  };
}

export const BlueModelScreen = makeScreen('blue-model');
export const NewModelScreen = makeScreen('new-model');
