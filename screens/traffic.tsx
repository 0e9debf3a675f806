/** The split as it is and as staged, the plan with "you are here", the evidence, the command log. */
import { Box } from 'ink';
import { formatSplit, liveNames, shareOf } from '../src/common/split.js';
import { useGlyphs, type Glyphs } from '../src/terminal/glyphs.js';
import type { Tone } from '../src/terminal/theme.js';
import { greenShare, movedFromStart } from '../src/wizard/navigation.js';
import type { State } from '../src/wizard/state.js';
import { workspaceModel } from '../src/common/model-ref.js';
import {
  isComplete,
  stagedChange,
  stagedShare,
  trafficScreen,
} from '../src/wizard/steps/traffic.js';
import { probingOf } from '../src/rollout/plan/proof.js';
import { judgedAt } from '../src/rollout/moves/judged.js';
import { wantsSplit } from '../src/rollout/moves/verify-split.js';
import { mostForInstances, planOf } from '../src/wizard/plan.js';
import { ChangeLog } from './parts/change-log.js';
import { evidenceWidth, FittedEvidence } from './parts/evidence.js';
import { useWizard, WizardContext } from './parts/context.js';
import { FailureView } from './parts/failure-view.js';
import { As, clean, Line } from './parts/line.js';
import { History, historyRows } from './parts/history.js';
import { LiveUsers, liveRows } from './parts/live-users.js';
import { OperationProgress } from './parts/operation.js';
import { holdHeight, HoldLine, planHeight, PlanLine } from './parts/plan-line.js';
import { Sentence, sentenceLines } from './parts/sentence.js';
import { barColumns, TrafficBar } from './parts/traffic-bar.js';

/** Columns between the split and the evidence beside it. */
const BETWEEN = 2;
/** The split beside the evidence is no narrower: its line of the plan, and its bars. */
const NARROWEST_SPLIT = 66;
/** Bars of deployments that the rollout leaves alone. */
const MOST_OTHERS = 4;
/** Below this height a failure has the rows of what one may do. */
const LOW = 18;
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

/** Of the last proof, of the split as probes saw it since the last change, and of live minutes. */
function evidenceOf(state: State) {
  const opened = state.session?.opened;
  const judgements = opened?.journal.judgements ?? [];
  const proof = judgements.findLast((each) => each.stage === 'prove');
  const { probe: seen, live } = trafficScreen(state);
  // After a restart only the journal knows what probes showed.
  const kept = opened
    ? judgedAt(opened.journal, opened.roles.green, 'split', greenShare(opened))
    : undefined;
  const split = seen
    ? [seen.verdict, seen.failing].filter((each) => each !== undefined)
    : (kept?.verdicts ?? []);
  const verdicts = [
    ...(proof?.verdicts ?? []),
    ...(live?.verdicts.length ? split.slice(0, 1) : split),
    ...(live?.verdicts ?? []),
  ];
  return { verdicts, proof, seenSplit: seen !== undefined || split.length > 0 };
}

function Evidence({ room }: { room: number }) {
  const { state } = useWizard();
  const opened = state.session?.opened;
  const { verdicts, proof, seenSplit } = evidenceOf(state);
  return (
    <Box flexDirection="column">
      <FittedEvidence title="evidence" verdicts={verdicts} room={room} />
      {proof ? null : (
        <Line>
          <As is="warning">{'   not compared in this rollout: press Esc to return to prove'}</As>
        </Line>
      )}
      {proof?.override === undefined ? null : (
        <Line>
          <As is="warning">{`   failed gate overridden: ${proof.override}`}</As>
        </Line>
      )}
      {seenSplit || greenShare(opened) === 0 ? null : (
        <Line>
          <As is="muted">
            {wantsSplit(planOf(state), greenShare(opened))
              ? `   split served: p sends ${probingOf(planOf(state)).count} requests to see who answers`
              : '   split served: the plan does not verify it'}
          </As>
        </Line>
      )}
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
  if (isComplete(state)) {
    return {
      text: `${glyphs.pass} ${clean(opened?.roles.green ?? 'green')} has all the traffic. Press ${glyphs.enter} to retire blue.`,
      is: 'pass',
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

function evidenceRoom(state: State, height: number, width: number, glyphs: Glyphs): number {
  // What runs, a blank row, the head, and the log's two rows.
  const taken = aboveRows(state, width, glyphs) + (state.task ? 3 : 0) + 4;
  const probes = trafficScreen(state).probe || greenShare(state.session?.opened) === 0 ? 0 : 1;
  return height - taken - liveRows(state, width) - historyRows(state, height) - probes;
}

export function TrafficScreen() {
  const { state } = useWizard();
  const view = useWizard();
  const glyphs = useGlyphs();
  const { failure } = trafficScreen(state);
  // Two columns only where neither is cut.
  const table = evidenceWidth('evidence', evidenceOf(state).verdicts, glyphs);
  const right = Math.max(NARROWEST_EVIDENCE, table);
  const left = view.width - right - BETWEEN;
  if (left >= NARROWEST_SPLIT && !failure) {
    return (
      <Box flexDirection="column">
        <Box>
          <WizardContext.Provider value={{ ...view, width: left }}>
            <Box flexDirection="column" width={left} marginRight={BETWEEN}>
              <Bars />
              <PlanLine />
              <HoldLine />
              <Guidance />
              <OperationProgress />
              <Line />
              <ChangeLog />
            </Box>
          </WizardContext.Provider>
          <WizardContext.Provider value={{ ...view, width: right }}>
            <Box flexDirection="column" width={right}>
              <Evidence
                room={
                  view.height - 4 - liveRows(state, view.width) - historyRows(state, view.height)
                }
              />
            </Box>
          </WizardContext.Provider>
        </Box>
        <LiveUsers />
        <History />
      </Box>
    );
  }
  if (failure && !state.task) {
    const told = view.height >= LOW;
    const above = told
      ? aboveRows(state, view.width, glyphs)
      : barNames(state).names.length + planHeight(state, view.width, glyphs);
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
        <FailureView failure={failure} around={above + (told ? 1 : 0)} />
      </Box>
    );
  }
  return (
    <Box flexDirection="column">
      <Bars />
      <PlanLine />
      <HoldLine />
      <Guidance />
      <Line />
      <Evidence room={evidenceRoom(state, view.height, view.width, glyphs)} />
      <LiveUsers />
      <History />
      <OperationProgress />
      <Line />
      <ChangeLog />
    </Box>
  );
}
