/**
 * Green against blue on the same rows, until the gates know: a failure stops at once, what is not
 * clear yet gets more rows while the file has some.
 */
import type { Endpoint, Workspace } from '../../azure/types.js';
import { compare } from '../evidence/compare.js';
import { decision, type Decision } from '../evidence/gates/decision.js';
import type { Evidence } from '../evidence/gates/evidence.js';
import { judge } from '../evidence/gates/judge.js';
import type { GateName, Gates } from '../evidence/gates/settings.js';
import type { Verdict } from '../evidence/gates/verdict.js';
import { watch } from '../evidence/gates/watch.js';
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
  runId: string;
  clock: Clock;
  signal?: AbortSignal;
  emit: Emit;
}

export interface Proof {
  rows: RowAnswers[];
  verdicts: Verdict[];
  decision: Decision;
}

/** Looking at every row would cost more than it tells. */
const LOOK_EVERY = 10;
/** Asking for one row more and one more again would never end. */
const FEWEST_MORE = 50;
/** Rows sent again count for latency only; so often as planned at first, and no more. */
const REPEATS = 2;
const BUSY_PAUSE_MS = 30_000;
const BUSY_PAUSES = 3;

/** Gates to which a row sent again tells something. */
const BY_REPEATING: readonly GateName[] = ['latency', 'latencyP95', 'capacity'];

export async function prove(options: ProofOptions): Promise<Proof> {
  const { gates, planned, emit } = options;
  let queue = await options.draw(planned);
  let wanted = planned;
  let repeated = 0;
  const done: RowAnswers[] = [];
  for (let round = 0; ; round += 1) {
    done.push(...(await send(options, queue, done, round)));
    const evidence = evidenceOf(options, done);
    const verdicts = judge(evidence, gates);
    const next = whatNext(verdicts, gates);
    const proof = { rows: done, verdicts, decision: next };
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
    const repeating = next.because.every(({ gate }) => BY_REPEATING.includes(gate));
    const again = Math.min(more, REPEATS * planned - repeated);
    if (!repeating || again <= 0) {
      return { ...proof, decision: { do: 'hold', because: next.because } };
    }
    queue = (await options.draw(wanted)).slice(0, again);
    repeated += queue.length;
    const message = `Every row of the file was sent; some are sent again, for latency only. ${because}`;
    emit({ event: 'more', what: 'rows', count: queue.length, message });
  }
}

const evidenceOf = (
  { blue, green, seed, signature }: ProofOptions,
  rows: readonly RowAnswers[],
): Evidence => ({ rows, blue, green, seed, ...(signature && { signature }) });

/** Where nothing is enforced, nothing stands in the way. */
function whatNext(verdicts: readonly Verdict[], gates: Gates): Decision {
  const enforced: readonly GateName[] = ['contract', 'errors', 'latency', 'capacity', 'accuracy'];
  const any = verdicts.some(({ mode }) => mode === 'enforce');
  return any || enforced.some((gate) => gates[gate].mode === 'enforce')
    ? decision(verdicts)
    : { do: 'promote' };
}

/** One round; waits when blue is too busy, since it serves users. */
async function send(
  options: ProofOptions,
  rows: readonly ReplayRow[],
  before: readonly RowAnswers[],
  round: number,
): Promise<RowAnswers[]> {
  const { workspace, endpoint, blue, green, seed, runId, clock, signal, emit } = options;
  const done: RowAnswers[] = [];
  for (let pause = 0; ; pause += 1) {
    const enough = new AbortController();
    const both = signal ? AbortSignal.any([signal, enough.signal]) : enough.signal;
    const { stopped } = await replay({
      workspace,
      endpoint,
      rows: rows.slice(done.length),
      deployments: [blue, green],
      seed: seed + round,
      runId,
      spare: blue,
      signal: both,
      onRow: (row) => {
        done.push(row);
        if (failedAlready(options, [...before, ...done])) enough.abort();
      },
    });
    signal?.throwIfAborted();
    if (stopped === 'sign-in') {
      throw end('access', 'The endpoint refused the key or token (401) while rows were sent.');
    }
    if (stopped !== 'busy') return done;
    if (pause === BUSY_PAUSES) {
      throw end('held', `${blue} is too busy (429) to be asked beside its live traffic.`);
    }
    const seconds = BUSY_PAUSE_MS / 1000;
    emit({ event: 'note', message: `${blue} answered 429: going on in ${seconds} s.` });
    await clock.delay(BUSY_PAUSE_MS, signal);
  }
}

/** A failure that stands whatever comes after it. */
function failedAlready(options: ProofOptions, rows: readonly RowAnswers[]): boolean {
  const { gates, planned } = options;
  if (rows.length % LOOK_EVERY !== 0) return false;
  const evidence = evidenceOf(options, rows);
  const verdicts =
    rows.length === gates.errors.early.rows
      ? judge(evidence, gates).filter(({ gate }) => gate === 'errors')
      : watch(evidence, gates, planned);
  return verdicts.some(({ mode, verdict }) => mode === 'enforce' && verdict === 'fail');
}

/** The differing rows of a proof, without repetitions, for people. */
export function differingRows({ rows }: Proof, blue: string, green: string) {
  const first = rows.filter(({ row }, at) => rows.findIndex((each) => each.row === row) === at);
  return compare(first, blue, green).differing;
}
