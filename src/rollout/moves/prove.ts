/**
 * Green against blue on the same rows, until the gates know: a failure stops at once, what is not
 * clear yet gets more rows while the file has some.
 */
import type { Endpoint, Workspace } from '../../azure/types.js';
import type { Evidence } from '../evidence/gates/evidence.js';
import type { Gates } from '../evidence/gates/settings.js';
import type { Verdict } from '../evidence/gates/verdict.js';
import { watch } from '../evidence/gates/watch.js';
import { judgeProof, type Judged } from '../evidence/judge-proof.js';
import { noiseFloor, type Noise } from '../evidence/noise.js';
import type { Meaning } from '../evidence/output/meaning.js';
import { rowsToRepeat } from '../evidence/repeat.js';
import { replay, type ReplayRow, type RowAnswers } from '../evidence/replay.js';
import type { Clock } from '../clock.js';
import { end, type Emit } from './events.js';

export interface ProofOptions {
  workspace: Pick<Workspace, 'score'>;
  endpoint: Endpoint;
  blue: string;
  green: string;
  gates: Gates;
  /** Rows of the first round. */
  planned: number;
  seed: number;
  /** The first `count` rows of the draw. */
  draw(count: number): Promise<readonly ReplayRow[]>;
  signature?: Evidence['signature'];
  /** What the plan says of the answers. */
  meaning?: Meaning;
  /** Rows under way at once; 1 unless told. */
  inFlight?: number;
  runId: string;
  clock: Clock;
  signal?: AbortSignal;
  emit: Emit;
}

export interface Proof extends Judged {
  rows: RowAnswers[];
  evidence: Evidence;
}

/** Looking at every row would cost more than it tells: at every tenth, then at every hundredth. */
const isLook = (rows: number): boolean => rows % (rows < 500 ? 10 : 100) === 0;
/** Asking for one row more and one more again would never end. */
const FEWEST_MORE = 50;
const BUSY_PAUSE_MS = 30_000;
const BUSY_PAUSES = 3;

export async function prove(options: ProofOptions): Promise<Proof> {
  const { gates, planned, emit } = options;
  let queue = await options.draw(planned);
  let wanted = planned;
  let repeated = 0;
  const done: RowAnswers[] = [];
  const noise = await noiseOf(options, queue);
  for (let round = 0; ; round += 1) {
    const to = [options.blue, options.green];
    const stopped: Verdict[] = [];
    done.push(...(await send(options, { rows: queue, to, before: done, round, stopped })));
    const evidence = evidenceOf(options, done, noise);
    const proof = { rows: done, evidence, ...judgeProof(evidence, gates, stopped) };
    const next = proof.decision;
    if (next.do !== 'send-more') return proof;

    const more = Math.max(next.rows, FEWEST_MORE);
    const sent = new Set(done.map(({ row }) => row));
    wanted += more;
    queue = (await options.draw(wanted)).filter(({ number }) => !sent.has(number));
    const because = next.because.map(({ why }) => why).join(' ');
    if (queue.length > 0) {
      emit({ event: 'more', what: 'rows', count: queue.length, message: because });
      continue;
    }
    const again = rowsToRepeat(next.because, { wanted: more, planned, repeated });
    if (again === 0) {
      return { ...proof, decision: { do: 'hold', because: next.because } };
    }
    queue = (await options.draw(wanted)).slice(0, again);
    repeated += queue.length;
    const message = `Every row of the file was sent; some are sent again, for latency only. ${because}`;
    emit({ event: 'more', what: 'rows', count: queue.length, message });
  }
}

const evidenceOf = (
  { blue, green, seed, signature, meaning }: ProofOptions,
  rows: readonly RowAnswers[],
  noise?: Noise,
): Evidence => ({
  rows,
  blue,
  green,
  seed,
  ...(signature && { signature }),
  ...(meaning && { meaning }),
  ...(noise && { noise }),
});

/** How blue differs from itself, where a gate wants to know. */
async function noiseOf(
  options: ProofOptions,
  rows: readonly ReplayRow[],
): Promise<Noise | undefined> {
  const { blue, gates, meaning } = options;
  if (gates.labels.mode === 'off') return undefined;
  return noiseFloor(rows, blue, (some) => send(options, { rows: some, to: [blue] }), meaning);
}

interface Round {
  rows: readonly ReplayRow[];
  /** With green among them, a failure that stands ends the round. */
  to: readonly string[];
  before?: readonly RowAnswers[];
  round?: number;
  /** Is given what ended the round. */
  stopped?: Verdict[];
}

/** One round; waits when blue is too busy, since it serves users. */
async function send(options: ProofOptions, asked: Round): Promise<RowAnswers[]> {
  const { workspace, endpoint, blue, green, seed, runId, clock, signal, emit } = options;
  const { rows, to, before = [], round = 0, stopped = [] } = asked;
  const done = new Map<number, RowAnswers>();
  for (let pause = 0; ; pause += 1) {
    const enough = new AbortController();
    const both = signal ? AbortSignal.any([signal, enough.signal]) : enough.signal;
    const sent = await replay({
      workspace,
      endpoint,
      rows: rows.filter(({ number }) => !done.has(number)),
      deployments: to,
      seed: seed + round,
      runId,
      spare: blue,
      ...(options.inFlight !== undefined && { inFlight: options.inFlight }),
      signal: both,
      onRow: (row) => {
        done.set(row.row, row);
        if (!to.includes(green)) return;
        if (!isLook(before.length + done.size)) return;
        stopped.push(...failedAlready(options, [...before, ...done.values()]));
        if (stopped.length > 0) enough.abort();
      },
    });
    signal?.throwIfAborted();
    if (sent.stopped === 'sign-in') {
      throw end('access', 'The endpoint refused the key or token (401) while rows were sent.');
    }
    // In the order drawn, whichever was answered first.
    if (sent.stopped !== 'busy') return rows.flatMap(({ number }) => done.get(number) ?? []);
    if (pause === BUSY_PAUSES) {
      throw end('held', `${blue} is too busy (429) to be asked beside its live traffic.`);
    }
    const seconds = BUSY_PAUSE_MS / 1000;
    emit({ event: 'note', message: `${blue} answered 429: going on in ${seconds} s.` });
    await clock.delay(BUSY_PAUSE_MS, signal);
  }
}

/** Failures that stand whatever comes after them. */
function failedAlready(options: ProofOptions, rows: readonly RowAnswers[]): Verdict[] {
  return watch(evidenceOf(options, rows), options.gates).filter(({ mode }) => mode === 'enforce');
}
