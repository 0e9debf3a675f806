/**
 * Green alone, before it has any traffic, at the rate that its next share will bring: a size that
 * is too small shows here and not with users. Goes to green by header, bounded in time and count.
 */
import type { Deployment, Endpoint, Workspace } from '../../azure/types.js';
import { systemClock, type Clock } from '../../common/clock.js';
import { readAnswer, type RowAnswer } from './replay.js';

export interface LoadPlan {
  /** Requests a minute to green. */
  perMinute: number;
  seconds: number;
  /** In all. */
  requests: number;
}

export interface LoadSeen extends LoadPlan {
  sent: number;
  ok: number;
  /** The container failed, timed out or refused the request. */
  errors: number;
  /** 429. */
  busy: number;
  /** Sign-in and network. */
  other: number;
  /** Of what was answered well, milliseconds. */
  p50Ms?: number;
  p95Ms?: number;
  stopped?: 'aborted' | 'sign-in';
}

export const LOAD_SECONDS = 30;
export const MOST_LOAD_SECONDS = 300;
const MOST_REQUESTS = 3000;
/** Green turns requests away long before; one that only hangs must not pile them up here. */
const MOST_OPEN = 64;
const HOUR_MS = 3_600_000;

/** The busiest minute of the last hour, in requests, as Azure Monitor tells; 0: there were none. */
export async function busiestMinute(
  workspace: Pick<Workspace, 'metrics'>,
  endpoint: Endpoint,
  deployment: Deployment['name'],
  now: number,
  signal?: AbortSignal,
): Promise<number> {
  const from = new Date(now - HOUR_MS);
  const minutes = await workspace.metrics(endpoint, [deployment], from, new Date(now), signal);
  return Math.max(0, ...minutes.map(({ requests }) => requests));
}

/** @param peak requests a minute to blue @param share percent that green gets next */
export function planLoad(peak: number, share: number, seconds = LOAD_SECONDS): LoadPlan {
  const perMinute = Math.max(1, Math.round((peak * share) / 100));
  const requests = Math.max(1, Math.round((perMinute * seconds) / 60));
  return { perMinute, seconds, requests: Math.min(MOST_REQUESTS, requests) };
}

interface LoadOptions extends LoadPlan {
  workspace: Pick<Workspace, 'score'>;
  endpoint: Endpoint;
  green: string;
  /** Sent in turn. */
  bodies: readonly unknown[];
  runId: string;
  clock?: Clock;
  signal?: AbortSignal;
  onAnswer?: (sent: number, total: number) => void;
}

/** Never rejects. A request is sent when it is due, whether or not those before it are answered. */
export async function loadCheck(options: LoadOptions): Promise<LoadSeen> {
  const { perMinute, seconds, requests, bodies, clock = systemClock, signal } = options;
  const answers: RowAnswer[] = [];
  const open = new Set<Promise<void>>();
  const began = clock.now();
  let sent = 0;
  const refused = () => answers.some(({ problem }) => problem === 'sign-in');
  while (sent < requests && bodies.length > 0 && !signal?.aborted && !refused()) {
    const wait = began + (sent * 60_000) / perMinute - clock.now();
    if (wait > 0) await clock.delay(wait, signal).catch(() => undefined);
    if (open.size >= MOST_OPEN) await Promise.race(open);
    if (signal?.aborted || clock.now() - began > seconds * 1000) break;
    const one: Promise<void> = ask(options, sent).then((answer) => {
      open.delete(one);
      answers.push(answer);
      options.onAnswer?.(answers.length, requests);
    });
    open.add(one);
    sent += 1;
  }
  await Promise.all(open);
  return seen(options, sent, answers);
}

async function ask(options: LoadOptions, count: number): Promise<RowAnswer> {
  const { workspace, endpoint, green, bodies, runId, signal } = options;
  return readAnswer(
    await workspace.score(endpoint, bodies[count % bodies.length], {
      clientRequestId: `amlr-${runId}-l${count}`,
      deployment: green,
      ...(signal && { signal }),
    }),
  );
}

function seen(
  { perMinute, seconds, requests, signal }: LoadOptions,
  sent: number,
  answers: readonly RowAnswer[],
): LoadSeen {
  const count = (...problems: RowAnswer['problem'][]) =>
    answers.filter(({ problem }) => problems.includes(problem)).length;
  const times = answers
    .filter(({ ok }) => ok)
    .map(({ latencyMs }) => latencyMs)
    .sort((a, b) => a - b);
  const at = (share: number) => times[Math.ceil(share * times.length) - 1];
  const [p50Ms, p95Ms] = [at(0.5), at(0.95)];
  return {
    perMinute,
    seconds,
    requests,
    sent,
    ok: times.length,
    errors: count('model', 'request'),
    busy: count('busy'),
    other: count('sign-in', 'network'),
    ...(p50Ms !== undefined && { p50Ms }),
    ...(p95Ms !== undefined && { p95Ms }),
    ...(signal?.aborted
      ? { stopped: 'aborted' as const }
      : count('sign-in') > 0 && { stopped: 'sign-in' as const }),
  };
}
