/** The split as it is and as staged, the plan with "you are here", the evidence, the command log. */
import { Box } from 'ink';
import type { Verdict } from '../src/rollout/evidence/gates/verdict.js';
import { formatSplit, liveNames, shareOf } from '../src/common/split.js';
import { useGlyphs, type Glyphs } from '../src/terminal/glyphs.js';
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
import { EvidenceTable } from './parts/evidence.js';
import { useWizard, WizardContext } from './parts/context.js';
import { FailureView } from './parts/failure-view.js';
import { As, clean, Line } from './parts/line.js';
import { LiveUsers, liveRows } from './parts/live-users.js';
import { OperationProgress } from './parts/operation.js';
import { HoldLine, holdLine, PlanLine } from './parts/plan-line.js';
import { barColumns, TrafficBar } from './parts/traffic-bar.js';

/** From this width on, the evidence stands beside the split. */
const BESIDE = 119;

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
  const others = liveNames(traffic)
    .filter((name) => name !== blue && name !== green)
    .slice(0, 4);
  const names = [blue, green, ...others].filter((name) => name !== undefined);
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

/** Passed checks give way where not all fit; none that stops or warns does, nor who is served. */
function fitting(verdicts: readonly Verdict[], room: number): readonly Verdict[] {
  let spare = verdicts.length - room;
  if (spare <= 0) return verdicts;
  // The line that says how many are left out takes a row too.
  spare += 1;
  return verdicts.filter(
    ({ gate, verdict }) => verdict !== 'pass' || gate === 'split' || spare-- <= 0,
  );
}

/** The last proof, and the split as probes saw it since the last change. */
function Evidence({ room }: { room: number }) {
  const { state } = useWizard();
  const glyphs = useGlyphs();
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
  const shown = fitting(verdicts, Math.max(2, room));
  return (
    <Box flexDirection="column">
      <EvidenceTable title="evidence" verdicts={shown} />
      {shown.length < verdicts.length ? (
        <Line>
          <As is="muted">{`   and ${verdicts.length - shown.length} more, all ${glyphs.pass} pass`}</As>
        </Line>
      ) : null}
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
      {seen || split.length > 0 ? null : (
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

function Guidance() {
  const { state } = useWizard();
  const glyphs = useGlyphs();
  const opened = state.session?.opened;
  if (state.task) return null;
  const staged = stagedChange(state);
  const cap = mostForInstances(state);
  if (staged && stagedShare(state) > Math.max(cap, greenShare(opened))) {
    return (
      <Line>
        <As is="warning">{` ${glyphs.warning} Staged, not applied: green has instances for ${cap}% only. Scale it up first.`}</As>
      </Line>
    );
  }
  if (staged) {
    return (
      <Line>
        <As is="staged">{` ${glyphs.staged} Staged, not applied: ${formatSplit(staged.to)}. ${glyphs.enter} sends it.`}</As>
      </Line>
    );
  }
  if (isComplete(state)) {
    return (
      <Line>
        <As is="pass">{` ${glyphs.pass} ${clean(opened?.roles.green ?? 'green')} has all the traffic. Press ${glyphs.enter} to retire blue.`}</As>
      </Line>
    );
  }
  const aborted = opened?.journal.aborted && !movedFromStart(opened);
  return (
    <Line>
      <As is="muted">
        {aborted
          ? ` Aborted. Press ${glyphs.right} to stage another try, or R to end with a report.`
          : ` Nothing staged. Press ${glyphs.right} to raise green, then ${glyphs.enter} to apply.`}
      </As>
    </Line>
  );
}

function evidenceRoom(state: State, height: number, glyphs: Glyphs): number {
  const opened = state.session?.opened;
  const bars = liveNames(opened?.snapshot.endpoint?.traffic ?? {});
  const roles = [opened?.roles.blue, opened?.roles.green].filter((name) => name !== undefined);
  const others = Math.min(4, bars.filter((name) => !roles.includes(name)).length);
  // The bars, the plan, what to do or what runs, a blank row, the head, and the log's two rows.
  const taken = roles.length + others + (state.task ? 4 : 2) + 4;
  const hold = holdLine(state, glyphs) ? 1 : 0;
  return height - taken - hold - liveRows(state) - (trafficScreen(state).probe ? 0 : 1);
}

export function TrafficScreen() {
  const { state } = useWizard();
  const view = useWizard();
  const glyphs = useGlyphs();
  const { failure } = trafficScreen(state);
  if (view.width >= BESIDE && !failure) {
    const half = { ...view, width: Math.floor(view.width / 2) };
    return (
      <Box>
        <WizardContext.Provider value={half}>
          <Box flexDirection="column" width={half.width}>
            <Bars />
            <PlanLine />
            <HoldLine />
            <Guidance />
            <OperationProgress />
            <Line />
            <ChangeLog />
          </Box>
          <Box flexDirection="column" width={view.width - half.width}>
            <Evidence room={view.height - 2} />
            <LiveUsers />
          </Box>
        </WizardContext.Provider>
      </Box>
    );
  }
  return (
    <Box flexDirection="column">
      <Bars />
      <PlanLine />
      <HoldLine />
      <Guidance />
      {failure && !state.task ? (
        <>
          <Line />
          <FailureView failure={failure} />
        </>
      ) : (
        <>
          <Line />
          <Evidence room={evidenceRoom(state, view.height, glyphs)} />
          <LiveUsers />
          <OperationProgress />
          <Line />
          <ChangeLog />
        </>
      )}
    </Box>
  );
}
