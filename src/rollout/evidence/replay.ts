/**
 * Sends sampled rows to deployments past the traffic rules. The order of deployments is drawn
 * anew for each row: with one deployment after the other, a system that warms up looks like a
 * change of latency.
 */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Endpoint, Scored, Workspace } from '../../azure/types.js';
import { stringifyJson } from '../../common/exact-numbers.js';
import { parsePredictions } from '../../sampling/predictions.js';

export interface ReplayRow {
  /** Row number in the file; the first data row is 1. */
  number: number;
  /** The request's body for this row alone. */
  body: unknown;
  /** What the file's target says, when it has one. */
  truth?: string;
}

export interface RowAnswer {
  ok: boolean;
  prediction?: unknown;
  /**
   * Why it is not ok. `model`: the container failed or timed out (408, 424, 5xx), or its answer is
   * no prediction. `busy`: 429, a matter of capacity. `sign-in`: 401 or 403, the operator's matter.
   */
  problem?: 'model' | 'busy' | 'sign-in' | 'network' | 'request';
  /** A sentence, for a problem. It may quote the answer, which repeats cells: for a screen alone. */
  message?: string;
  /** The same without a word of the answer: for verdicts, which are kept and sent. */
  summary?: string;
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
  answers: Record<string, RowAnswer>;
}

export interface Replay {
  /** In the order sent; rows that every deployment was asked for. */
  rows: RowAnswers[];
  /** Why it ended before the last row. */
  stopped?: 'aborted' | 'busy' | 'sign-in';
}

interface ReplayOptions {
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
  /** Rows under way at once, 1 by default; each row's deployments are asked one after the other. */
  inFlight?: number;
  signal?: AbortSignal;
  onRow?: (row: RowAnswers, done: number, total: number) => void;
}

const NO_PIN = '';

function problemOf(scored: Scored): RowAnswer['problem'] {
  const { status, failure } = scored;
  if (failure) return failure.kind === 'sign-in' ? 'sign-in' : 'network';
  if (status === 401 || status === 403) return 'sign-in';
  if (status === 429) return 'busy';
  if (status === 408 || status === 424 || status >= 500) return 'model';
  return status >= 200 && status < 300 ? undefined : 'request';
}

/** `ValueError`: a word of its program, and no more of what it says. */
const KIND_OF_FAILURE = /\b[A-Z]\w{0,60}(?:Error|Exception)\b/;

/** What went wrong: in the model's own words where it has some, and in words that may be kept. */
function sentencesOf(
  { status, reason, modelStatus }: Scored,
  sent: unknown,
): Required<Pick<RowAnswer, 'message' | 'summary'>> {
  const model = reason !== undefined && status === 424;
  const start = model
    ? `The model answered ${modelStatus ?? 'an error'} (424)`
    : `The answer has status ${status}`;
  const kind = KIND_OF_FAILURE.exec(reason ?? '')?.[0];
  const isOfRow = kind !== undefined && (stringifyJson(sent) ?? '').includes(kind);
  return {
    message: reason === undefined ? `${start}.` : `${start}: ${reason}`,
    summary: kind === undefined || isOfRow ? `${start}.` : `${start}: ${kind}.`,
  };
}

/**
 * One answer judged; the body is expected to hold `rows` predictions.
 * @param sent the body of the request, whose cells the answer may repeat
 */
export function readAnswer(scored: Scored, sent?: unknown, rows = 1): RowAnswer {
  const base = {
    status: scored.status,
    latencyMs: scored.latencyMs,
    ...(scored.modelMs !== undefined && { modelMs: scored.modelMs }),
    ...(scored.deployment !== undefined && { deployment: scored.deployment }),
  };
  const problem = problemOf(scored);
  if (problem) {
    const { message } = scored.failure ?? {};
    const said = message === undefined ? sentencesOf(scored, sent) : { message, summary: message };
    return { ...base, ok: false, problem, ...said };
  }
  const predictions = parsePredictions(scored.body, rows);
  if (!predictions.ok) {
    const { problem: message, summary = message } = predictions;
    return { ...base, ok: false, problem: 'model', message, summary };
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

/** Never rejects: what was done before a stop is kept. */
export async function replay(options: ReplayOptions): Promise<Replay> {
  const { rows, seed, inFlight = 1, onRow } = options;
  const names = options.deployments.length > 0 ? options.deployments : [NO_PIN];
  const random = xoroshiro128plus(seed);
  const done: { at: number; row: RowAnswers }[] = [];
  const run: { taken: number; stopped?: NonNullable<Replay['stopped']> } = { taken: 0 };
  const sendInTurn = async (): Promise<void> => {
    for (let at = run.taken; at < rows.length && !run.stopped; at = run.taken) {
      run.taken += 1;
      const row = rows[at];
      if (!row) return;
      // Drawn in the order of the rows, so that it does not depend on who was free first.
      const order = shuffled(names, (limit) => uniformInt(random, 0, limit - 1));
      const { answers, stopped } = await ask(options, row, order, () => run.stopped);
      if (stopped) run.stopped ??= stopped;
      if (Object.keys(answers).length < names.length) return;
      const whole = {
        row: row.number,
        ...(row.truth !== undefined && { truth: row.truth }),
        answers,
      };
      done.push({ at, row: whole });
      onRow?.(whole, done.length, rows.length);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, inFlight) }, sendInTurn));
  const inOrder = done.sort((a, b) => a.at - b.at).map(({ row }) => row);
  return { rows: inOrder, ...(run.stopped && { stopped: run.stopped }) };
}

/** One row to each deployment in turn; ends early where `halted` says why. */
async function ask(
  { workspace, endpoint, runId, spare, signal }: ReplayOptions,
  row: ReplayRow,
  order: readonly string[],
  halted: () => Replay['stopped'],
): Promise<{ answers: RowAnswers['answers']; stopped?: Replay['stopped'] }> {
  const answers: RowAnswers['answers'] = {};
  for (const name of order) {
    if (signal?.aborted) return { answers: {}, stopped: 'aborted' };
    if (halted()) return { answers };
    const scored = await workspace.score(endpoint, row.body, {
      clientRequestId: `amlr-${runId}-${row.number}`,
      ...(name !== NO_PIN && { deployment: name }),
      ...(signal && { signal }),
    });
    if (signal?.aborted) return { answers: {}, stopped: 'aborted' };
    const answer = readAnswer(scored, row.body);
    answers[name] = answer;
    if (answer.problem === 'sign-in') return { answers, stopped: 'sign-in' };
    if (answer.problem === 'busy' && name === spare) return { answers, stopped: 'busy' };
  }
  return { answers };
}
