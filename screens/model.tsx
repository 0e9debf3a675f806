/** A registered model version, or one to register: flavors, signature, findings. */
import { Box } from 'ink';
import type { Column, ModelLook } from '../src/wizard/effects/models.js';
import { isGuarded } from '../src/wizard/policy.js';
import type {
  ModelScreenState as Screen,
  ModelSubject,
} from '../src/wizard/steps/model-subject.js';
import {
  ADOPT,
  blueModelOf,
  FROM_FOLDER,
  FROM_JOB,
  FROM_URI,
  isRegistered,
  NOTHING,
  rejectedModels,
} from '../src/wizard/steps/model-list.js';
import { stepModule } from '../src/wizard/steps/index.js';
import { useGlyphs } from '../src/terminal/glyphs.js';
import { cell, wrapped } from './parts/columns.js';
import { signatureDifferences } from '../src/wizard/signature-differences.js';
import { useWizard } from './parts/context.js';
import { FailureView } from './parts/failure-view.js';
import { FormView } from './parts/form-view.js';
import { As, clean, Line } from './parts/line.js';
import { OperationProgress } from './parts/operation.js';
import { Select, type Item } from './parts/select.js';
import { workspaceModel } from '../src/common/model-ref.js';

const NAME = 32;

function Models({ screen, id }: { screen: Screen; id: 'blue-model' | 'new-model' }) {
  const { state, height } = useWizard();
  const live = id === 'new-model' ? blueModelOf(state) : undefined;
  const rejected = id === 'new-model' ? rejectedModels(state) : [];
  const models = [...(screen.models ?? [])].sort((a, b) =>
    a.name === live?.name ? -1 : b.name === live?.name ? 1 : a.name.localeCompare(b.name),
  );
  const versions = models.flatMap(({ name, versions: list }) =>
    list.map((version): Item => {
      const is = (model: typeof live): boolean =>
        model?.name === name && model.version === version.version;
      const note = is(live) ? 'blue' : rejected.some(is) ? 'rejected' : undefined;
      const label = `${cell(`${name} ${version.version}`, NAME)} ${cell(version.type, 14)} ${note ?? version.createdAt?.slice(0, 10) ?? ''}`;
      return { value: `${name}:${version.version}`, label };
    }),
  );
  const opened = state.session?.opened;
  const idle = (id === 'new-model' ? (opened?.found.idle ?? []) : []).map((name): Item => {
    const deployment = opened?.snapshot.deployments.find((each) => each.name === name);
    const model = deployment && workspaceModel(deployment.model);
    const label = `deployment ${name} as it is, ${model ? `${model.name} ${model.version}` : 'its own model'}, ${deployment?.provisioningState ?? ''}`;
    return { value: `${ADOPT}${name}`, label };
  });
  const jobs = (screen.jobs ?? []).map((each): Item => {
    const shown = each.displayName ?? each.job;
    return {
      value: `${FROM_JOB}${each.uri}`,
      label: `${cell(`job ${shown}`, NAME)} ${cell('to register', 14)} ${each.createdAt?.slice(0, 10) ?? ''}`,
    };
  });
  const items: Item[] = [
    ...(isGuarded(state)
      ? [{ value: NOTHING, label: 'select a model', is: 'muted' as const }]
      : []),
    ...versions,
    ...idle,
    ...jobs,
    { value: FROM_FOLDER, label: 'register a folder of this machine' },
    {
      value: FROM_URI,
      label: "a job's output, a run's artifact, a registry's model: type its URI",
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

function Differences({ lines }: { lines: readonly string[] }) {
  const { height } = useWizard();
  const glyphs = useGlyphs();
  const room = Math.max(2, height - 14);
  const more = lines.length - room;
  return (
    <>
      <Line>
        <As is="warning">{` ${glyphs.warning} signature differs from blue's model in ${lines.length}`}</As>
      </Line>
      {lines.slice(0, room).map((line) => (
        <Line key={line}>
          <As is="warning">{`   ${line}`}</As>
        </Line>
      ))}
      {more > 0 ? <Line>{`   and ${more} more`}</Line> : null}
    </>
  );
}

function Findings({ look }: { look: ModelLook }) {
  const { width, height } = useWizard();
  const glyphs = useGlyphs();
  return (
    <>
      {look.findings.slice(0, Math.max(1, Math.floor((height - 12) / 2))).flatMap((finding) => {
        const error = finding.level === 'error';
        return wrapped(`${finding.text} ${finding.advice}`, width - 6)
          .slice(0, 3)
          .map((line, index) => (
            <Line key={finding.text + line}>
              <As is={error ? 'fail' : 'warning'}>
                {index === 0
                  ? `   ${error ? glyphs.fail : glyphs.warning} ${line}`
                  : `     ${line}`}
              </As>
            </Line>
          ));
      })}
    </>
  );
}

function titleOf(subject: ModelSubject): string {
  switch (subject.kind) {
    case 'version':
      return `${subject.model} version ${subject.version}, registered`;
    case 'registry':
      return `${subject.id}, served from there: nothing is registered`;
    case 'folder':
      return `${subject.folder}, to be registered as ${subject.model}`;
    case 'uri':
      return `${subject.uri}, to be registered as ${subject.model}`;
  }
}

function Unread({ why }: { why: string }) {
  const { width } = useWizard();
  const glyphs = useGlyphs();
  const text = `Flavors and signature are unknown: ${why}. The contract gate compares answers only.`;
  return wrapped(text, width - 4).map((line, at) => (
    <Line key={line}>
      <As is="warning">{clean(` ${at === 0 ? glyphs.warning : ' '} ${line}`)}</As>
    </Line>
  ));
}

function Review({ screen }: { screen: Screen }) {
  const { width } = useWizard();
  const glyphs = useGlyphs();
  const { look, subject, liveLook } = screen;
  if (!subject) return null;
  const differences = look && liveLook ? signatureDifferences(liveLook, look) : [];
  const columns = (list: readonly Column[]): string =>
    list.map((column) => `${column.name} ${column.type}`).join(', ') || 'none named';
  return (
    <Box flexDirection="column">
      {wrapped(clean(titleOf(subject)), width - 2)
        .slice(0, 3)
        .map((line) => (
          <Line key={line}>{` ${line}`}</Line>
        ))}
      <Line />
      {look ? (
        <>
          <Line>{` flavors     ${clean(look.flavors.join(', '))}`}</Line>
          {wrapped(`${columns(look.inputs)}`, width - 14)
            .slice(0, 4)
            .map((line, index) => (
              <Line
                key={line}
              >{` ${index === 0 ? 'takes       ' : '            '}${clean(line)}`}</Line>
            ))}
          <Line>{` returns     ${clean(columns(look.outputs))}`}</Line>
          {Object.entries(look.metadata)
            .slice(0, 3)
            .map(([name, value]) => (
              <Line key={name}>{clean(` ${name.padEnd(20)} ${value}`)}</Line>
            ))}
          {liveLook?.modelUuid !== undefined && liveLook.modelUuid === look.modelUuid ? (
            <Line>
              <As is="warning">{` ${glyphs.warning} same content as blue's model`}</As>
            </Line>
          ) : null}
          {liveLook ? (
            differences.length === 0 ? (
              <Line>
                <As is="pass">{` ${glyphs.pass} same signature as blue's model`}</As>
              </Line>
            ) : (
              <Differences lines={differences} />
            )
          ) : null}
          <Line />
          {look.findings.length === 0 ? (
            <Line>
              <As is="pass">{` ${glyphs.pass} nothing found that would stop its container on Azure`}</As>
            </Line>
          ) : (
            <Findings look={look} />
          )}
        </>
      ) : (
        <Unread why={screen.unread ?? 'nothing was read'} />
      )}
      <Line />
      <Line>
        <As is="focus">{` ${glyphs.pointer} ${isRegistered(subject) ? 'Use it' : 'Register it'}`}</As>
      </Line>
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
      <Box flexDirection="column">
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
          <Review screen={screen} />
        ) : (
          <Models screen={screen} id={id} />
        )}
        <OperationProgress />
      </Box>
    );
  };
}

export const BlueModelScreen = makeScreen('blue-model');
export const NewModelScreen = makeScreen('new-model');
