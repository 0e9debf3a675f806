/**
 * What is happening while one waits, how long it has taken, and how long it usually takes.
 *
 *      ◐ Creating default                                 0 m 4 s, usually 9 m on Azure
 *      ✔ system setup   ✔ image   ◐ model download   ○ container start
 */
import { Box, Text } from 'ink';
import { useGlyphs, useSpoken, type Glyphs } from '../../src/terminal/glyphs.js';
import { theme } from '../../src/terminal/theme.js';
import { remaining } from '../../src/wizard/remaining.js';
import type { Phase, State, Task } from '../../src/wizard/state.js';
import { useWizard } from './context.js';
import { As, clean, Line } from './line.js';
import { packed } from './sentence.js';
import { duration } from './time.js';

const signOf = (phase: Phase, glyphs: Glyphs): string =>
  ({ waiting: glyphs.todo, running: glyphs.active, done: glyphs.pass, failed: glyphs.fail })[
    phase.state
  ];

const GAP = 3;

const phaseRows = (phases: readonly Phase[], width: number, glyphs: Glyphs) =>
  packed(
    phases.map((phase) => ({ ...phase, text: `${signOf(phase, glyphs)} ${phase.name}` })),
    width - 2,
    GAP,
  );

/** Rows that `Phases` takes. */
export const phasesHeight = (phases: readonly Phase[], width: number, glyphs: Glyphs): number =>
  phaseRows(phases, width, glyphs).length;

export function Phases({ phases }: { phases: readonly Phase[] }) {
  const { width } = useWizard();
  const glyphs = useGlyphs();
  const spoken = useSpoken();
  return phaseRows(phases, width, glyphs).map((row, at) => (
    <Line key={at}>
      {' '}
      {row.map(({ name, state, text }) => (
        <Text
          key={name}
          {...(state === 'failed' ? theme.fail : state === 'done' ? theme.pass : {})}
        >
          {(spoken ? `${name} ${state}` : text) + ' '.repeat(GAP)}
        </Text>
      ))}
    </Line>
  ));
}

function Count({ count, width }: { count: NonNullable<Task['count']>; width: number }) {
  const glyphs = useGlyphs();
  const spoken = useSpoken();
  if (spoken) {
    // Each row would be a line of its own.
    const quarter = count.total === 0 ? 4 : Math.floor((4 * count.done) / count.total);
    return <Line>{`   ${quarter * 25}% of ${count.total} ${count.unit}`}</Line>;
  }
  const room = Math.max(10, Math.min(40, width - 40));
  const full = count.total === 0 ? room : Math.round((room * count.done) / count.total);
  return (
    <Line>
      {'   '}
      <Text {...theme.pass}>{glyphs.barFull.repeat(full)}</Text>
      <Text {...theme.muted}>{glyphs.barEmpty.repeat(room - full)}</Text>
      {`  ${count.done} of ${count.total} ${count.unit}`}
    </Line>
  );
}

/** Rows that `OperationProgress` takes, with the blank one above. */
export function progressRows({ task }: State, width: number, glyphs: Glyphs): number {
  if (!task) return 0;
  const phases = task.phases ? phasesHeight(task.phases, width, glyphs) : 0;
  return 2 + phases + (task.count ? 1 : 0) + (task.abortQueued ? 1 : 0);
}

export function OperationProgress() {
  const { state, width } = useWizard();
  const glyphs = useGlyphs();
  const spoken = useSpoken();
  const { task } = state;
  if (!task) return null;
  const seconds = (state.now - task.startedAt) / 1000;
  const spin = glyphs.spinner[Math.floor(seconds * 2) % glyphs.spinner.length] ?? '';
  const sandbox = state.session?.profile.sandbox === true;
  const usually =
    task.usualSeconds === undefined || sandbox ? '' : `, usually ${duration(task.usualSeconds)}`;
  return (
    <Box flexDirection="column" marginTop={1}>
      <Line>
        <As is="focus">{` ${spin} `}</As>
        {clean(task.title)}
        <As is="muted">{spoken ? usually : `   ${duration(seconds)}${usually}`}</As>
      </Line>
      {task.phases ? <Phases phases={task.phases} /> : null}
      {task.count ? <Count count={task.count} width={width} /> : null}
      {task.abortQueued ? (
        <Line>
          <As is="warning">{`   abort is queued behind this write: ${remaining(task, state.now, sandbox)}`}</As>
        </Line>
      ) : null}
    </Box>
  );
}
