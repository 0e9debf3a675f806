/** A copy of live requests for green, whose answers nobody gets, watched before any live traffic. */
import type { SetMirror } from '../changes/change.js';
import { proofAt } from '../plan/proof.js';
import type { Clock } from '../clock.js';
import type { RolloutEngine } from '../engine.js';
import type { Gates } from '../evidence/gates/settings.js';
import { sameSplit } from '../split.js';
import type { Judgement } from '../journal/entry.js';
import { end, type Emit } from './events.js';
import { driftSince, type Move } from './next-move.js';
import type { Session } from './context.js';
import { journal, overridden, tell, whys } from './verdicts.js';
import { watchLive, type Watched } from './watch-live.js';

type Of<K extends Move['do']> = Extract<Move, { do: K }>;

export function mirrorChange({ endpoint }: Session, green: string, percent: number): SetMirror {
  const from = { ...endpoint.mirrorTraffic };
  return { kind: 'setMirror', endpoint: endpoint.name, from, to: { ...from, [green]: percent } };
}

/** Green's own minutes against blue's; the mirror is turned off whatever they say. */
export async function watchMirror(session: Session, move: Of<'watch-mirror'>): Promise<void> {
  const { engine, plan, clock, signal, emit } = session.options;
  const { green, percent, minutes } = move;
  emit({ event: 'mirroring', deployment: green, percent, minutes });
  const watched = await watchMirrored({
    ...move,
    ...session.lag,
    engine,
    clock,
    signal,
    emit,
    gates: proofAt(plan, 0).gates,
  });
  const { requests } = watched;
  if (watched.asks === 'go-on') {
    emit({ event: 'mirrored', deployment: green, percent, minutes, requests });
  }
  session.progress.mirrored = true;
  if (watched.asks === 'go-on' && requests === 0) {
    session.note(noneMirrored(minutes));
  }
  const { verdicts } = watched;
  tell(session, 'mirror', 0, verdicts);
  await engine.observe(signal);
  await engine.run(mirrorChange(session, green, 0), { signal });
  if (watched.asks === 'go-on') return journal(session, 'mirror', 0, verdicts, 'promote');
  const decision = mirrorDecision(watched);
  const failed = decision === 'stop';
  if (overridden(session, 'mirror', 0, verdicts, decision)) return;
  journal(session, 'mirror', 0, verdicts, decision);
  const { name } = plan.green;
  throw end(
    failed ? 'stopped' : 'held',
    failed
      ? `Mirrored requests fare worse on ${name}: it gets no live traffic.`
      : `Mirrored requests could not be watched: ${name} gets no live traffic.`,
    ...(watched.why === undefined ? whys(verdicts) : [watched.why]),
  );
}

export const noneMirrored = (minutes: number): string =>
  `No live request was mirrored in ${minutes} min: nothing is known from it.`;

export const mirrorDecision = ({ asks }: Pick<Watched, 'asks'>): Judgement['decision'] =>
  asks === 'go-on' ? 'promote' : asks === 'rollback' ? 'stop' : 'hold';

export interface MirrorWatch {
  engine: RolloutEngine;
  blue: string;
  green: string;
  minutes: number;
  gates: Gates;
  /** Of Azure Monitor; see `WatchOptions`. */
  lagMs?: number;
  clock: Clock;
  signal: AbortSignal;
  emit: Emit;
}

/** Watches copies for so long, and writes nothing; `requests` are those that green was sent. */
export async function watchMirrored(options: MirrorWatch): Promise<Watched & { requests: number }> {
  const { engine, signal, emit } = options;
  const endpoint = engine.snapshot?.endpoint;
  if (!endpoint) throw end('drift', `Endpoint ${engine.endpoint} is gone.`);
  let requests = 0;
  const watched = await watchLive({
    ...options,
    workspace: engine.workspace,
    endpoint,
    share: 0,
    hold: { minutes: options.minutes, requests: 0, approval: false },
    // No user gets an answer of green's: what fails only ends the plan.
    onFail: 'rollback',
    onUnwatched: 'hold',
    emit(event) {
      if (event.event === 'watched') ({ requests } = event);
      else emit(event);
    },
    async check() {
      const now = await engine.observe(signal);
      if (!sameSplit(now.endpoint?.traffic ?? {}, endpoint.traffic)) {
        throw end('drift', driftSince(engine.view, now) ?? 'Someone else moved the traffic.');
      }
    },
  });
  return { ...watched, requests };
}
