/**
 * Minutes of Azure Monitor while green holds a share of live traffic: which of them can be trusted
 * by now, what they say, and which of them nobody was there to see. Pure.
 */
import type { Endpoint, MinuteMetrics, Workspace } from '../../azure/types.js';
import { shareOf } from '../../common/split.js';
import { judgeLive } from './gates/judge.js';
import type { Before, LiveMinute, MinuteOfOne } from './gates/live.js';
import { DEFAULT_GATES, type Gates } from './gates/settings.js';
import { counted } from './gates/text.js';
import type { Verdict } from './gates/verdict.js';
import { logBayesFactor } from './statistics/sequential.js';

export const MINUTE_MS = 60_000;
/** Azure Monitor tells a minute one to three minutes after its end; the longest is waited for. */
export const LAG_MS = 3 * MINUTE_MS;
/** Two looks further apart than this have left live users unwatched. */
export const GAP_MS = 60_000;

/** Time in which green served and nobody looked. ISO times. */
export interface Gap {
  from: string;
  to: string;
  /** `asleep`: the clock jumped or the program was not running. `no-answer`: metrics could not be read. */
  cause: 'asleep' | 'no-answer';
}

/** A gate that has come to fail. */
export interface LiveFailure {
  /** ISO time of the minute with which it failed. */
  at: string;
  verdict: Verdict;
}

interface LiveJudgement {
  /** As of the last minute. */
  verdicts: Verdict[];
  /** Failures that came up in the minutes asked for, even where a later minute is better again. */
  failures: LiveFailure[];
}

interface JudgeOptions {
  blue: string;
  green: string;
  gates?: Gates;
  /** ISO time of a minute: failures up to it are known already. */
  after?: string;
  /** What blue served at the steps before, where it serves nothing any more. */
  before?: Before;
}

const NONE: MinuteOfOne = { requests: 0, errors: 0, busy: 0 };

/**
 * Both deployments side by side. A minute that Azure Monitor tells of one only is one without
 * requests to the other; a minute that it tells of neither is left out, not taken for zero.
 */
export function liveMinutes(
  minutes: readonly MinuteMetrics[],
  { blue, green }: { blue: string; green: string },
): LiveMinute[] {
  const found = new Map<string, LiveMinute>();
  for (const { at, deployment, requests, errors, busy, p95Ms } of minutes) {
    const side = deployment === blue ? 'blue' : deployment === green ? 'green' : undefined;
    if (side === undefined) continue;
    const minute = found.get(at) ?? { at, blue: NONE, green: NONE };
    found.set(at, {
      ...minute,
      [side]: { requests, errors, busy, ...(p95Ms !== undefined && { p95Ms }) },
    });
  }
  return [...found.values()].sort((a, b) => a.at.localeCompare(b.at));
}

/** Of blue's errors before it lost its last traffic: long enough for a rate, and not yesterday's. */
const BEFORE_MS = 60 * MINUTE_MS;

/**
 * What blue served in the hour before `since`, the steps before among it: what green is compared
 * with at 100%, when blue serves nobody; `undefined` while it serves. Asked of Azure Monitor, so that another session knows it too.
 */
export async function servedBefore(
  workspace: Pick<Workspace, 'metrics'>,
  endpoint: Endpoint,
  blue: string,
  since: number,
  signal?: AbortSignal,
): Promise<Before | undefined> {
  if (shareOf(endpoint.traffic, blue) > 0) return undefined;
  const to = Math.floor(since / MINUTE_MS) * MINUTE_MS;
  const from = new Date(to - BEFORE_MS);
  const minutes = await workspace.metrics(endpoint, [blue], from, new Date(to), signal);
  const sum = (what: 'requests' | 'errors') =>
    minutes.reduce((total, minute) => total + (minute.deployment === blue ? minute[what] : 0), 0);
  return { requests: sum('requests'), errors: sum('errors') };
}

/**
 * Judges as somebody would have who looked after every minute: a failure in the middle of an
 * unwatched hour is found although the last minutes are fine.
 *
 * All gates can be looked at every minute without false alarms from looking so often.
 * Capacity: green turns away more than its limit, and its share of all 429 is above its share of
 * all requests: were both equally short of capacity, going back to blue alone would make it worse.
 *
 * @param minutes all since green has its present share, those that can still change left out
 */
export function judgeMinutes(
  minutes: readonly MinuteMetrics[],
  { blue, green, gates = DEFAULT_GATES, after, before }: JudgeOptions,
): LiveJudgement {
  const all = liveMinutes(minutes, { blue, green });
  const seen = after === undefined ? -Infinity : Date.parse(after);
  const known = all.filter(({ at }) => Date.parse(at) <= seen).length;
  let verdicts = judgeNow(all.slice(0, known), gates, before);
  const failures: LiveFailure[] = [];
  for (let count = known + 1; count <= all.length; count += 1) {
    const failed = new Set(verdicts.filter(isFail).map(({ gate }) => gate));
    verdicts = judgeNow(all.slice(0, count), gates, before);
    const at = all[count - 1]?.at ?? '';
    for (const verdict of verdicts) {
      if (isFail(verdict) && !failed.has(verdict.gate)) failures.push({ at, verdict });
    }
  }
  return { verdicts, failures };
}

const isFail = ({ verdict }: Verdict): boolean => verdict === 'fail';

function judgeNow(
  minutes: readonly LiveMinute[],
  gates: Gates,
  before: Before | undefined,
): Verdict[] {
  return judgeLive(minutes, gates, before).map((verdict) =>
    verdict.gate === 'liveCapacity' && isFail(verdict) && !isMoreBusy(minutes, gates.alpha)
      ? sharedShortage(verdict, minutes)
      : verdict,
  );
}

const sum = (
  minutes: readonly LiveMinute[],
  side: 'blue' | 'green',
  what: 'requests' | 'busy',
): number => minutes.reduce((total, minute) => total + minute[side][what], 0);

/** As for errors: one 429 in two is as likely to be green's as any other share. */
const BUSY_PRIOR = 2;

/** Anytime-valid: with equal shortage, 429 fall on the two as requests do. */
function isMoreBusy(minutes: readonly LiveMinute[], alpha: number): boolean {
  const requests = [sum(minutes, 'blue', 'requests'), sum(minutes, 'green', 'requests')] as const;
  const busy = [sum(minutes, 'blue', 'busy'), sum(minutes, 'green', 'busy')] as const;
  // At 100% nobody is left to be compared with: the limit alone decides.
  if (requests[0] === 0) return true;
  const share = requests[1] / (requests[0] + requests[1]);
  if (busy[1] <= (busy[0] + busy[1]) * share) return false;
  return Math.exp(-logBayesFactor(busy, [1 - share, share], BUSY_PRIOR)) < alpha;
}

function sharedShortage(verdict: Verdict, minutes: readonly LiveMinute[]): Verdict {
  const of = (side: 'blue' | 'green') =>
    counted(sum(minutes, side, 'busy'), sum(minutes, side, 'requests'));
  return {
    ...verdict,
    mode: 'warn',
    verdict: 'inconclusive',
    why: `Both turn requests away, green ${of('green')} and blue ${of('blue')}: the endpoint needs more instances.`,
  };
}

/** Start of the first minute that can still change: everything before it can be judged. */
export const settledUntil = (now: number, lagMs = LAG_MS): number =>
  Math.floor((now - lagMs) / MINUTE_MS) * MINUTE_MS;

/** The first whole minute from then on: one in which the split changed belongs to neither. */
export const firstWholeMinute = (since: number): number => Math.ceil(since / MINUTE_MS) * MINUTE_MS;

/**
 * The whole minutes of a hold are told minutes late; it is not over before they are judged.
 * `since`: when the split was set; `heldSince`: since when it was watched without a gap; epoch ms.
 */
export function isHoldJudged(hold: {
  since: number;
  heldSince: number;
  minutes: number;
  judgedUntil: number;
}): boolean {
  const { since, heldSince, minutes, judgedUntil } = hold;
  const last = Math.floor((heldSince + minutes * MINUTE_MS) / MINUTE_MS) * MINUTE_MS;
  return last <= firstWholeMinute(Math.max(since, heldSince)) || judgedUntil >= last;
}

/** Gaps of over a minute between looks. @param looks when somebody looked, in order; epoch ms */
export function unwatched(
  looks: readonly number[],
  cause: Gap['cause'] = 'asleep',
  longest = GAP_MS,
): Gap[] {
  return looks.flatMap((look, index) => {
    const before = looks[index - 1];
    return before !== undefined && look - before > longest
      ? [{ from: new Date(before).toISOString(), to: new Date(look).toISOString(), cause }]
      : [];
  });
}
