/**
 * Sends sampled rows to deployments past the traffic rules. The order of deployments is drawn
 * anew for each row: with one deployment after the other, a system that warms up looks like a
 * change of latency.
 */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Endpoint, Scored, Workspace } from '../../azure/types.js';
import { parsePredictions } from '../../sampling/predictions.js';

export interface ReplayRow {
  /** Row number in the file; the first data row is 1. */
  number: number;
  /** The request's body for this row alone. */
  body: unknown;
  /** What the file's target says, when it has one. */
  truth?: string;
}

export interface Answer {
  ok: boolean;
  prediction?: unknown;
  /**
   * Why it is not ok. `model`: the container failed or timed out (408, 424, 5xx), or its answer is
   * no prediction. `busy`: 429, a matter of capacity. `sign-in`: 401 or 403, the operator's matter.
   */
  problem?: 'model' | 'busy' | 'sign-in' | 'network' | 'request';
  /** A sentence, for a problem. */
  message?: string;
  status: number;
  /** Wall clock, milliseconds. */
  latencyMs: number;
  /** Time inside the model, where the server says. */
  modelMs?: number;
  /** Who answered, by the response header. */
  deployment?: string;
}

export interface RowAnswers {
  row: number;
  truth?: string;
  /** By deployment asked; without pinning, under the empty name. */
  answers: Record<string, Answer>;
}

export interface Replay {
  /** In the order sent; rows that every deployment was asked for. */
  rows: RowAnswers[];
  /** Why it ended before the last row. */
  stopped?: 'aborted' | 'busy' | 'sign-in';
}

export interface ReplayOptions {
  workspace: Pick<Workspace, 'score'>;
  endpoint: Endpoint;
  rows: readonly ReplayRow[];
  /** Pinned by header. Empty: through the endpoint's own traffic rules. */
  deployments: readonly string[];
  /** Same seed, same order. A whole number. */
  seed: number;
  /** Goes into each request's `x-ms-client-request-id`, so that monitoring can leave them out. */
  runId: string;
  /** Stops the replay at this deployment's first 429: it serves users. */
  spare?: string;
  signal?: AbortSignal;
  onRow?: (row: RowAnswers, done: number, total: number) => void;
}

const NO_PIN = '';

function problemOf(scored: Scored): Answer['problem'] {
  const { status, failure } = scored;
  if (failure) return failure.kind === 'sign-in' ? 'sign-in' : 'network';
  if (status === 401 || status === 403) return 'sign-in';
  if (status === 429) return 'busy';
  if (status === 408 || status === 424 || status >= 500) return 'model';
  return status >= 200 && status < 300 ? undefined : 'request';
}

/** One answer judged; the body is expected to hold `rows` predictions. */
export function judge(scored: Scored, rows = 1): Answer {
  const base = {
    status: scored.status,
    latencyMs: scored.latencyMs,
    ...(scored.modelMs !== undefined && { modelMs: scored.modelMs }),
    ...(scored.deployment !== undefined && { deployment: scored.deployment }),
  };
  const problem = problemOf(scored);
  if (problem) {
    const message = scored.failure?.message ?? `The answer has status ${scored.status}.`;
    return { ...base, ok: false, problem, message };
  }
  const predictions = parsePredictions(scored.body, rows);
  if (!predictions.ok) {
    return { ...base, ok: false, problem: 'model', message: predictions.problem };
  }
  const prediction = rows === 1 ? predictions.values[0] : predictions.values;
  return { ...base, ok: true, prediction };
}

/** The names in an order drawn from the generator (Fisher and Yates). */
function shuffled(names: readonly string[], below: (limit: number) => number): string[] {
  const order = [...names];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = below(last + 1);
    const held = order[last] ?? '';
    order[last] = order[other] ?? '';
    order[other] = held;
  }
  return order;
}

/** One request in flight. Never rejects: what was done before a stop is kept. */
export async function replay(options: ReplayOptions): Promise<Replay> {
  const { workspace, endpoint, rows, seed, runId, spare, signal, onRow } = options;
  const names = options.deployments.length > 0 ? options.deployments : [NO_PIN];
  const random = xoroshiro128plus(seed);
  const done: RowAnswers[] = [];
  for (const row of rows) {
    const answers: Record<string, Answer> = {};
    let stopped: Replay['stopped'];
    for (const name of shuffled(names, (limit) => uniformInt(random, 0, limit - 1))) {
      if (signal?.aborted) return { rows: done, stopped: 'aborted' };
      const scored = await workspace.score(endpoint, row.body, {
        clientRequestId: `amlr-${runId}-${row.number}`,
        ...(name !== NO_PIN && { deployment: name }),
        ...(signal && { signal }),
      });
      if (signal?.aborted) return { rows: done, stopped: 'aborted' };
      const answer = judge(scored);
      answers[name] = answer;
      if (answer.problem === 'sign-in') stopped = 'sign-in';
      if (answer.problem === 'busy' && name === spare) stopped = 'busy';
      if (stopped) break;
    }
    const whole = {
      row: row.number,
      ...(row.truth !== undefined && { truth: row.truth }),
      answers,
    };
    if (!stopped || Object.keys(answers).length === names.length) {
      done.push(whole);
      onRow?.(whole, done.length, rows.length);
    }
    if (stopped) return { rows: done, stopped };
  }
  return { rows: done };
}
