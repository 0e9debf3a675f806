/** The split as it is and as staged, the plan with "you are here", the evidence, the command log. */
import { Box, Text } from 'ink';
import type { Verdict } from '../src/rollout/evidence/gates/verdict.js';
import { formatSplit, liveNames, shareOf } from '../src/rollout/split.js';
import { useGlyphs } from '../src/terminal/glyphs.js';
import { theme } from '../src/terminal/theme.js';
import { greenShare, movedFromStart } from '../src/wizard/navigation.js';
import type { State } from '../src/wizard/state.js';
import { modelOf } from '../src/wizard/steps/model.js';
import {
  isComplete,
  stagedChange,
  stagedShare,
  trafficScreen,
} from '../src/wizard/steps/traffic.js';
import { EvidenceTable } from './parts/evidence.js';
import { useWizard, WizardContext } from './parts/context.js';
import { FailureView } from './parts/failure-view.js';
import { As, clean, Line } from './parts/line.js';
import { Operation } from './parts/operation.js';
import { duration, timeOfDay } from './parts/time.js';
import { mirroredShare } from '../src/wizard/steps/mirror.js';
import { TrafficBar } from './parts/traffic-bar.js';

/** From this width on, the evidence stands beside the split. */
const BESIDE = 119;

function modelLabel(state: State, name: string): string {
  const deployment = state.session?.opened?.snapshot.deployments.find((each) => each.name === name);
  const model = deployment && modelOf(deployment.model);
  return model ? `model ${model.version}` : '';
}

function Bars() {
  const { state } = useWizard();
  const opened = state.session?.opened;
  const traffic = opened?.snapshot.endpoint?.traffic ?? {};
  const { blue, green } = opened?.roles ?? {};
  const staged = stagedChange(state);
  const others = liveNames(traffic).filter((name) => name !== blue && name !== green);
  const bar = (role: 'LIVE' | 'NEW ' | '    ', name: string) => (
    <TrafficBar
      key={name}
      role={role}
      name={name}
      model={modelLabel(state, name)}
      share={shareOf(traffic, name)}
      {...(staged && { staged: shareOf(staged.to, name) })}
    />
  );
  return (
    <Box flexDirection="column">
      {blue ? bar('LIVE', blue) : null}
      {green ? bar('NEW ', green) : null}
      {others.slice(0, 4).map((name) => bar('    ', name))}
    </Box>
  );
}

/** `✔ 0 ── ✔ 10 ── ◆ 30 staged ── ○ 50 ── ○ 100`; the live share is where one is. */
function Plan() {
  const { state } = useWizard();
  const glyphs = useGlyphs();
  const live = greenShare(state.session?.opened);
  const staged = stagedChange(state) ? stagedShare(state) : undefined;
  const stops = [
    ...new Set([0, ...trafficScreen(state).plan, live, ...(staged === undefined ? [] : [staged])]),
  ].sort((a, b) => a - b);
  return (
    <Line>
      {' '}
      {stops.map((stop, index) => {
        const here = stop === live;
        const ready = stop === staged;
        const sign = ready ? glyphs.staged : stop <= live ? glyphs.pass : glyphs.todo;
        const word = here ? ' here' : ready ? ' staged' : '';
        const style = ready
          ? theme.staged
          : here
            ? theme.heading
            : stop < live
              ? theme.pass
              : theme.muted;
        return (
          <Text key={stop}>
            {index > 0 ? <Text {...theme.muted}>{` ${glyphs.line} `}</Text> : null}
            <Text {...style}>{`${sign} ${stop}${word}`}</Text>
          </Text>
        );
      })}
    </Line>
  );
}

/** Passed checks give way where not all fit; none that stops or warns does. */
function fitting(verdicts: readonly Verdict[], room: number): readonly Verdict[] {
  let spare = verdicts.length - room;
  if (spare <= 0) return verdicts;
  // The line that says how many are left out takes a row too.
  spare += 1;
  return verdicts.filter((each) => each.verdict !== 'pass' || spare-- <= 0);
}

/** The last proof, and the split as probes saw it since the last change. */
function Evidence({ room }: { room: number }) {
  const { state } = useWizard();
  const glyphs = useGlyphs();
  const opened = state.session?.opened;
  const judgements = opened?.journal.judgements ?? [];
  const proof = judgements.findLast((each) => each.stage === 'prove');
  const seen = trafficScreen(state).probe;
  const verdicts = [...(proof?.verdicts ?? []), ...(seen?.verdict ? [seen.verdict] : [])];
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
          <As is="warning">{'   the two were not compared here: Esc goes back to prove'}</As>
        </Line>
      )}
      {proof?.override === undefined ? null : (
        <Line>
          <As is="warning">{`   gone on in spite of a check: ${proof.override}`}</As>
        </Line>
      )}
      {seen ? null : (
        <Line>
          <As is="muted">{'   split served: p sends 100 requests and sees who answers'}</As>
        </Line>
      )}
    </Box>
  );
}

/**
 * What Azure Monitor tells of live users:
 *
 *      live users, 2 min ago   28 req/min   p95 90 / 97 ms   0 errors   watched 6 min
 */
function LiveUsers() {
  const { state } = useWizard();
  const { live } = trafficScreen(state);
  const mirrored = mirroredShare(state);
  if (mirrored > 0) {
    return (
      <Line>{`   mirrored: ${mirrored} % of live requests are copied to NEW; m changes it`}</Line>
    );
  }
  if (!live) return null;
  if (live.trouble !== undefined) {
    return (
      <Line>
        <As is="warning">{`   live users can't be seen: ${live.trouble}`}</As>
      </Line>
    );
  }
  const watched = `watched ${duration(live.watchedMs / 1000)}`;
  const { last } = live;
  if (!last) {
    return (
      <Line>
        <As is="muted">{`   live users   no minutes from Azure Monitor yet, ${watched}`}</As>
      </Line>
    );
  }
  const requests = last.blue.requests + last.green.requests;
  const errors = last.blue.errors + last.green.errors;
  const p95 = (side: typeof last.blue): string => side.p95Ms?.toFixed(0) ?? '-';
  const failed = live.verdicts.find(
    ({ mode, verdict }) => mode === 'enforce' && verdict === 'fail',
  );
  return (
    <>
      <Line>
        {`   live users, ${duration((live.lagMs ?? 0) / 1000)} ago   ${requests} req/min   p95 ${p95(last.blue)} / ${p95(last.green)} ms   ${errors} errors   ${watched}`}
      </Line>
      {live.gap ? (
        <Line>
          <As is="warning">
            {`   unwatched from ${timeOfDay(Date.parse(live.gap.from))} to ${timeOfDay(Date.parse(live.gap.to))}: those minutes are fetched and judged`}
          </As>
        </Line>
      ) : null}
      {failed ? (
        <Line>
          <As is="fail">{`   ${failed.why}`}</As>
        </Line>
      ) : null}
    </>
  );
}

function Log() {
  const { state, height } = useWizard();
  const room = Math.max(1, Math.min(6, height - 15));
  return (
    <Box flexDirection="column">
      {state.log.slice(-room).map((entry) => (
        <Line key={`${entry.at}${entry.text}`}>
          <As is="muted">{` ${timeOfDay(entry.at)} ${entry.text}`}</As>
        </Line>
      ))}
    </Box>
  );
}

function Guidance() {
  const { state } = useWizard();
  const glyphs = useGlyphs();
  const opened = state.session?.opened;
  if (state.task) return null;
  const staged = stagedChange(state);
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
        <As is="pass">{` ${glyphs.pass} ${clean(opened?.roles.green ?? 'NEW')} has all the traffic. ${glyphs.enter} goes on to retiring.`}</As>
      </Line>
    );
  }
  const aborted = opened?.journal.aborted && !movedFromStart(opened);
  return (
    <Line>
      <As is="muted">
        {aborted
          ? ` Aborted: the split is the one at the start. ${glyphs.right} stages another try, R ends it with a report.`
          : ` Nothing is staged: ${glyphs.right} gives NEW more, ${glyphs.left} less.`}
      </As>
    </Line>
  );
}

/** Frames of 80x24 and more leave 18 rows between header and footer: two more than `height`. */
function evidenceRoom(state: State, height: number): number {
  const opened = state.session?.opened;
  const bars = liveNames(opened?.snapshot.endpoint?.traffic ?? {});
  const { live } = trafficScreen(state);
  const roles = [opened?.roles.blue, opened?.roles.green].filter((name) => name !== undefined);
  const others = Math.min(4, bars.filter((name) => !roles.includes(name)).length);
  // The bars, the plan, what to do or what runs, a blank row, the head, and the log's two rows.
  const taken = roles.length + others + (state.task ? 4 : 2) + 4;
  const liveRows = live || mirroredShare(state) > 0 ? 1 + (live?.gap ? 1 : 0) : 0;
  return height + 2 - taken - liveRows - (trafficScreen(state).probe ? 0 : 1);
}

export function TrafficScreen() {
  const { state } = useWizard();
  const view = useWizard();
  const { failure } = trafficScreen(state);
  if (view.width >= BESIDE && !failure) {
    const half = { ...view, width: Math.floor(view.width / 2) };
    return (
      <Box>
        <WizardContext.Provider value={half}>
          <Box flexDirection="column" width={half.width}>
            <Bars />
            <Plan />
            <Guidance />
            <Operation />
            <Line />
            <Log />
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
      <Plan />
      <Guidance />
      {failure && !state.task ? (
        <>
          <Line />
          <FailureView failure={failure} />
        </>
      ) : (
        <>
          <Line />
          <Evidence room={evidenceRoom(state, view.height)} />
          <LiveUsers />
          <Operation />
          <Line />
          <Log />
        </>
      )}
    </Box>
  );
}
