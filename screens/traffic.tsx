/** The split as it is and as staged, the plan with "you are here", the evidence, the command log. */
import { Box } from 'ink';
import { workspaceModel } from '../src/common/model-ref.js';
import { formatSplit, liveNames, shareOf } from '../src/common/split.js';
import { useGlyphs, useSpoken, type Glyphs } from '../src/terminal/glyphs.js';
import type { Tone } from '../src/terminal/theme.js';
import { greenShare, movedFromStart } from '../src/wizard/navigation.js';
import { mostForInstances } from '../src/wizard/plan.js';
import type { State, StepFailure } from '../src/wizard/state.js';
import {
  isComplete,
  stagedChange,
  stagedShare,
  trafficScreen,
  verifiesFirst,
} from '../src/wizard/steps/staged-traffic.js';
import { ChangeLog, logRows } from './parts/change-log.js';
import { useWizard, type Room } from './parts/context.js';
import { DifferingList } from './parts/differing-rows.js';
import { evidenceWidth } from './parts/evidence.js';
import { FailureView } from './parts/failure-view.js';
import { History, historyRows } from './parts/history.js';
import { clean, Line } from './parts/line.js';
import { LiveUsers, liveRows } from './parts/live-users.js';
import { OperationProgress, progressRows } from './parts/operation.js';
import { holdHeight, HoldLine, planHeight, PlanLine } from './parts/plan-line.js';
import { Sentence, sentenceLines } from './parts/sentence.js';
import { BETWEEN, SideBySide } from './parts/side-by-side.js';
import { barColumns, TrafficBar } from './parts/traffic-bar.js';
import { TrafficEvidence, shownEvidence, evidenceRows } from './parts/traffic-evidence.js';
import { commandRows, WithCommand } from './parts/with-command.js';

/** The split beside the evidence is no narrower: its line of the plan, and its bars. */
const NARROWEST_SPLIT = 66;
/** Bars of deployments that the rollout leaves alone. */
const MOST_OTHERS = 4;
/** Below this height a failure has the rows of what one may do. */
const LOW = 18;
/** Rows that the split, the evidence and live users leave free on a tall terminal. */
const TALL_LOG = 34;
/** A blank row, the head, a row that differs, and how many more do. */
const LEAST_DIFFERING = 4;
/** More take Ink longer to draw on each key than a key may: d lists them all. */
const MOST_DIFFERING = 12;
/** Of the lines below the table, the longest. */
const NARROWEST_EVIDENCE = 60;

function modelLabel(state: State, name: string): string {
  const deployment = state.session?.opened?.snapshot.deployments.find((each) => each.name === name);
  const model = deployment && workspaceModel(deployment.model);
  return model ? `model ${model.version}` : '';
}

function Bars() {
  const { state, width } = useWizard();
  const opened = state.session?.opened;
  const traffic = opened?.snapshot.endpoint?.traffic ?? {};
  const { blue, green } = opened?.roles ?? {};
  const staged = stagedChange(state);
  const { names, others } = barNames(state);
  const models = names.map((name) => modelLabel(state, name));
  const columns = barColumns(names, models, width);
  const bar = (role: 'BLUE ' | 'GREEN' | '     ', name: string) => (
    <TrafficBar
      key={name}
      role={role}
      name={name}
      columns={columns}
      model={modelLabel(state, name)}
      share={shareOf(traffic, name)}
      {...(staged && { staged: shareOf(staged.to, name) })}
    />
  );
  return (
    <Box flexDirection="column">
      {blue ? bar('BLUE ', blue) : null}
      {green ? bar('GREEN', green) : null}
      {others.map((name) => bar('     ', name))}
    </Box>
  );
}

/** What one may do now, in a sentence. */
function guidanceOf(state: State, glyphs: Glyphs): { text: string; is: Tone } | undefined {
  const opened = state.session?.opened;
  if (state.task) return undefined;
  const staged = stagedChange(state);
  const cap = mostForInstances(state);
  if (staged && stagedShare(state) > Math.max(cap, greenShare(opened))) {
    return {
      text: `${glyphs.warning} Staged, not applied: green has instances for ${cap}% only. Scale it up first.`,
      is: 'warning',
    };
  }
  if (staged) {
    return {
      text: `${glyphs.staged} Staged, not applied: ${glyphs.enter} sends ${formatSplit(staged.to)}.`,
      is: 'staged',
    };
  }
  const { live } = trafficScreen(state);
  if (live?.asks !== undefined && live.trouble === undefined) {
    return {
      text: `${glyphs.fail} A gate failed on live traffic. Press A to restore the split at the start.`,
      is: 'fail',
    };
  }
  if (isComplete(state)) {
    return {
      text: `${glyphs.pass} ${clean(opened?.roles.green ?? 'green')} has all the traffic. Press ${glyphs.enter} to retire blue.`,
      is: 'pass',
    };
  }
  if (verifiesFirst(state)) {
    return {
      text: `The split is not verified yet. Press ${glyphs.enter} to send probes, or ${glyphs.right} to stage more.`,
      is: 'muted',
    };
  }
  const aborted = opened?.journal.aborted && !movedFromStart(opened);
  return {
    text: aborted
      ? `Aborted. Press ${glyphs.enter} to end with a report, or ${glyphs.right} to stage another try.`
      : `Nothing staged. Press ${glyphs.right} to raise green, then ${glyphs.enter} to apply.`,
    is: 'muted',
  };
}

function Guidance() {
  const { state } = useWizard();
  const guidance = guidanceOf(state, useGlyphs());
  return guidance ? <Sentence is={guidance.is}>{guidance.text}</Sentence> : null;
}

/** Bars that are drawn, whichever way green's and blue's are named. */
const barNames = (state: State): { names: string[]; others: string[] } => {
  const opened = state.session?.opened;
  const { blue, green } = opened?.roles ?? {};
  const others = liveNames(opened?.snapshot.endpoint?.traffic ?? {})
    .filter((name) => name !== blue && name !== green)
    .slice(0, MOST_OTHERS);
  return { names: [blue, green, ...others].filter((name) => name !== undefined), others };
};

/** Rows of the bars, the plan, and what one may do. */
function aboveRows(state: State, width: number, glyphs: Glyphs): number {
  const told = sentenceLines(guidanceOf(state, glyphs)?.text ?? '', width).length;
  const bars = barNames(state).names.length;
  return bars + planHeight(state, width, glyphs) + holdHeight(state, width, glyphs) + told;
}

/** Rows of the log: few on the usual terminal, all on one that has rows for them. */
const logRoom = (height: number): number =>
  Math.max(1, Math.min(6, height - 15), height - TALL_LOG);

/** Rows that are left below everything else, less those of the command that is shown there. */
function spareRows(state: State, { width, height }: Room, taken: number): number {
  const spare = height - taken - liveRows(state, width) - historyRows(state, height);
  const command = commandRows(state, width, height);
  return command <= spare ? spare - command : spare;
}

/** The rows that differ, where at least one fits below its head. */
function Differing({ rows }: { rows: number }) {
  const { state } = useWizard();
  const spoken = useSpoken();
  if (spoken || rows < LEAST_DIFFERING || !state.screens.prove?.tested) return null;
  return (
    <>
      <Line />
      <DifferingList rows={Math.min(rows - 1, MOST_DIFFERING)} />
    </>
  );
}

/** Two columns only where neither is cut. */
function Beside({ left, right }: { left: number; right: number }) {
  const view = useWizard();
  const { state, height } = view;
  const glyphs = useGlyphs();
  const log = logRoom(height);
  const above = aboveRows(state, left, glyphs) + progressRows(state, left, glyphs) + 1;
  const gap = liveRows(state, view.width) > 0 ? 1 : 0;
  const room = height - gap - liveRows(state, view.width) - historyRows(state, height);
  const taken = Math.max(above + logRows(state, left, log), evidenceRows(state, right, room));
  return (
    <WithCommand>
      <SideBySide
        left={{
          width: left,
          shows: (
            <>
              <Bars />
              <PlanLine />
              <HoldLine />
              <Guidance />
              <OperationProgress />
              <Line />
              <ChangeLog rows={log} />
            </>
          ),
        }}
        right={{ width: right, shows: <TrafficEvidence room={room} /> }}
      />
      {gap > 0 ? <Line /> : null}
      <LiveUsers />
      <History />
      <Differing rows={spareRows(state, view, taken + gap)} />
    </WithCommand>
  );
}

function Failed({ failure }: { failure: StepFailure }) {
  const { state, width, height } = useWizard();
  const glyphs = useGlyphs();
  const told = height >= LOW;
  const above = told
    ? aboveRows(state, width, glyphs) + 1
    : barNames(state).names.length + planHeight(state, width, glyphs);
  return (
    <Box flexDirection="column">
      <Bars />
      <PlanLine />
      {told ? (
        <>
          <HoldLine />
          <Guidance />
          <Line />
        </>
      ) : null}
      <FailureView failure={failure} around={above} />
    </Box>
  );
}

export function TrafficScreen() {
  const { state, width, height } = useWizard();
  const glyphs = useGlyphs();
  const { failure } = trafficScreen(state);
  if (failure && !state.task) return <Failed failure={failure} />;
  const table = evidenceWidth('evidence', shownEvidence(state).verdicts, glyphs);
  const right = Math.max(NARROWEST_EVIDENCE, table);
  const left = width - right - BETWEEN;
  if (left >= NARROWEST_SPLIT) return <Beside left={left} right={right} />;
  const above = aboveRows(state, width, glyphs) + 1;
  const below = progressRows(state, width, glyphs) + 1;
  const fixed = above + below + liveRows(state, width) + historyRows(state, height);
  // Evidence comes before what was done: the log has one row at least, and what evidence leaves.
  const room = height - fixed - 1;
  const evidence = evidenceRows(state, width, room);
  const log = Math.max(1, Math.min(logRoom(height), height - fixed - evidence));
  const taken = above + below + evidence + logRows(state, width, log);
  return (
    <WithCommand>
      <Bars />
      <PlanLine />
      <HoldLine />
      <Guidance />
      <Line />
      <TrafficEvidence room={room} />
      <LiveUsers />
      <History />
      <OperationProgress />
      <Line />
      <ChangeLog rows={log} />
      <Differing rows={spareRows(state, { width, height }, taken)} />
    </WithCommand>
  );
}
