/** Rows of a proof, sent to blue and green beside blue's live traffic. */
import type { Evidence } from '../evidence/gates/evidence.js';
import type { Gates } from '../evidence/gates/settings.js';
import type { Verdict } from '../evidence/gates/verdict.js';
import { isLook, watch } from '../evidence/gates/watch.js';
import { mostInFlight } from '../evidence/in-flight.js';
import { noiseFloor, type Noise } from '../evidence/noise.js';
import { replay, type Replay, type ReplayRow, type RowAnswers } from '../evidence/replay.js';
import { signInRefused, type MoveContext } from './context.js';
import { end } from './events.js';
import type { MoveOf } from './move.js';

const BUSY_PAUSE_MS = 30_000;

const BUSY_PAUSES = 3;

/** Rows answered so far, of which file, and by whom; more rows are added to it. */
export interface ProofSoFar extends Evidence {
  rows: RowAnswers[];
  /** File, seed and the two deployments: with others it would prove nothing. */
  of: string;
  /** Rows asked for in all rounds. */
  wanted: number;
  /** Rows that were sent again. */
  repeated: number;
  /** The round was cancelled: what it did not send follows. */
  unfinished?: boolean;
}

/** How blue differs from itself, where a gate needs to know. */
export async function noiseOf(
  context: MoveContext,
  move: MoveOf<'prove'>,
  rows: readonly ReplayRow[],
  gates: Gates,
  meaning: Evidence['meaning'],
): Promise<Noise | undefined> {
  if (gates.labels.mode === 'off') return undefined;
  context.emit({ event: 'doing', title: `Send the same rows to ${move.blue} twice` });
  return noiseFloor(rows, move.blue, (some) => send(context, move, some, [move.blue]), meaning);
}

interface Round {
  so: ProofSoFar;
  gates: Gates;
  /** Is given what ended the round. */
  stopped: Verdict[];
}

/** Both deployments; a failure that stands whatever comes after it ends the round. */
export async function sendRound(
  context: MoveContext,
  move: MoveOf<'prove'>,
  rows: readonly ReplayRow[],
  { so, gates, stopped }: Round,
): Promise<RowAnswers[]> {
  const enough = new AbortController();
  const all = [...so.rows];
  const look = (): void => {
    if (!isLook(all.length)) return;
    const found = watch({ ...so, rows: all }, gates).filter(({ mode }) => mode === 'enforce');
    stopped.push(...found);
    if (found.length > 0) enough.abort();
  };
  return send(context, move, rows, [move.blue, move.green], {
    enough,
    onRow: (row) => {
      all.push(row);
      // Kept, should a person cancel.
      context.memory.proof = { ...so, rows: all, unfinished: true };
      look();
    },
  });
}

/** Waits when blue is too busy, since it serves users. */
async function send(
  context: MoveContext,
  { blue }: MoveOf<'prove'>,
  rows: readonly ReplayRow[],
  to: readonly string[],
  { enough, onRow }: { enough?: AbortController; onRow?: (row: RowAnswers) => void } = {},
): Promise<RowAnswers[]> {
  const { engine, clock, signal, emit, memory } = context;
  const both = enough ? AbortSignal.any([signal, enough.signal]) : signal;
  const done = new Map<number, RowAnswers>();
  for (let pause = 0; ; pause += 1) {
    const sent: Replay = await replay({
      workspace: engine.workspace,
      endpoint: context.endpoint,
      rows: rows.filter(({ number }) => !done.has(number)),
      deployments: to,
      // Each round asks the two in an order of its own.
      seed: (context.evidence?.seed ?? 0) + (memory.proof?.rows.length ?? 0),
      runId: context.runId,
      spare: blue,
      inFlight: inFlightOf(context, to),
      signal: both,
      onRow: (row) => {
        done.set(row.row, row);
        emit({ event: 'count', done: done.size, total: rows.length, unit: 'rows' });
        onRow?.(row);
      },
    });
    signal.throwIfAborted();
    if (sent.stopped === 'sign-in') throw signInRefused('rows were sent');
    // In the order sampled, whichever was answered first.
    if (sent.stopped !== 'busy') return rows.flatMap(({ number }) => done.get(number) ?? []);
    if (pause === BUSY_PAUSES) {
      throw end('held', `${blue} is too busy (429) to answer rows beside its live traffic.`);
    }
    const seconds = BUSY_PAUSE_MS / 1000;
    context.note(`${blue} answered 429: the next row is sent in ${seconds} s.`);
    await clock.delay(BUSY_PAUSE_MS, signal);
  }
}

/** No more at once than the smaller deployment works on; others would wait, and be timed so. */
export function inFlightOf(context: MoveContext, to: readonly string[]): number {
  const wanted = context.evidence?.inFlight ?? 1;
  const [one, other = one] = to.map((name) => context.deployment(name));
  return one && other ? Math.min(wanted, mostInFlight(one, other)) : 1;
}
