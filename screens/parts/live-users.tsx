/**
 * What Azure Monitor tells of live users:
 *
 *      live users, 2 min ago   28 req/min   p95 90 / 97 ms   0 errors   watched 6 min
 */
import type { State } from '../../src/wizard/state.js';
import { mirroredShare } from '../../src/wizard/steps/mirror.js';
import { trafficScreen } from '../../src/wizard/steps/traffic.js';
import { useWizard } from './context.js';
import { As, Line } from './line.js';
import { duration, timeOfDay } from './time.js';

/** Rows that `LiveUsers` takes. */
export function liveRows(state: State): number {
  const { live } = trafficScreen(state);
  if (mirroredShare(state) > 0) return 1;
  if (!live) return 0;
  return 1 + (live.gap ? 1 : 0) + (live.why !== undefined && live.trouble === undefined ? 1 : 0);
}

export function LiveUsers() {
  const { state } = useWizard();
  const { live } = trafficScreen(state);
  const mirrored = mirroredShare(state);
  if (mirrored > 0) {
    return (
      <Line>{`   mirrored: ${mirrored}% of live requests are copied to green; press m to change it`}</Line>
    );
  }
  if (!live) return null;
  if (live.trouble !== undefined) {
    return (
      <Line>
        <As is="warning">{`   no metrics of live traffic: ${live.trouble}`}</As>
      </Line>
    );
  }
  const watched = `watched ${duration(live.watchedMs / 1000)}`;
  const { last, gap } = live;
  const requests = last ? last.blue.requests + last.green.requests : 0;
  const errors = last ? last.blue.errors + last.green.errors : 0;
  const p95 = (side: { p95Ms?: number } | undefined): string => side?.p95Ms?.toFixed(0) ?? '-';
  const judged = live.gapJudged
    ? live.asks === undefined
      ? 'checked, no gate failed'
      : 'checked'
    : 'reading these minutes';
  return (
    <>
      {last ? (
        <Line>
          {`   live users, ${duration((live.lagMs ?? 0) / 1000)} ago   ${requests} req/min   p95 ${p95(last.blue)} / ${p95(last.green)} ms   ${errors} errors   ${watched}`}
        </Line>
      ) : (
        <Line>
          <As is="muted">{`   live users   no minutes from Azure Monitor yet, ${watched}`}</As>
        </Line>
      )}
      {gap ? (
        <Line>
          <As is="warning">
            {`   unwatched ${timeOfDay(Date.parse(gap.from))} to ${timeOfDay(Date.parse(gap.to))}: ${judged}`}
          </As>
        </Line>
      ) : null}
      {live.why === undefined ? null : (
        <Line>
          <As is="fail">{`   ${live.why}`}</As>
        </Line>
      )}
    </>
  );
}
