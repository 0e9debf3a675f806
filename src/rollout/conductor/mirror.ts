/** A copy of live requests for green, whose answers nobody gets, watched before any live traffic. */
import type { SetMirror } from '../changes/change.js';
import { proofAt } from '../plan/proof.js';
import { sameSplit } from '../split.js';
import { end, type Emit } from './events.js';
import { driftSince, type Move } from './next-move.js';
import type { Session } from './session.js';
import { journal, overridden, tell, whys } from './tell-verdicts.js';
import { watchLive, type Watched } from './watch-live.js';

type Of<K extends Move['do']> = Extract<Move, { do: K }>;

export function mirrorChange({ endpoint }: Session, green: string, percent: number): SetMirror {
  const from = { ...endpoint.mirrorTraffic };
  return { kind: 'setMirror', endpoint: endpoint.name, from, to: { ...from, [green]: percent } };
}

/** Green's own minutes against blue's; the mirror is turned off whatever they say. */
export async function watchMirror(session: Session, move: Of<'watch-mirror'>): Promise<void> {
  const { engine, plan, signal, emit } = session.options;
  const { green, percent, minutes } = move;
  emit({ event: 'mirroring', deployment: green, percent, minutes });
  let requests = 0;
  const watched = await watchMinutes(session, move, (event) => {
    if (event.event !== 'watched') return emit(event);
    ({ requests } = event);
    emit({ event: 'mirrored', deployment: green, percent, minutes, requests });
  });
  session.progress.mirrored = true;
  if (watched.asks === 'go-on' && requests === 0) {
    session.note(`No live request was mirrored in ${minutes} min: nothing is known from it.`);
  }
  const { verdicts } = watched;
  tell(session, 'mirror', 0, verdicts);
  await engine.observe(signal);
  await engine.run(mirrorChange(session, green, 0), { signal });
  if (watched.asks === 'go-on') return journal(session, 'mirror', 0, verdicts, 'promote');
  const failed = watched.asks === 'rollback';
  const decision = failed ? 'stop' : 'hold';
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

function watchMinutes(
  session: Session,
  { blue, green, minutes }: Of<'watch-mirror'>,
  emit: Emit,
): Promise<Watched> {
  const { engine, plan, clock, signal } = session.options;
  const { traffic } = session.endpoint;
  return watchLive({
    workspace: engine.workspace,
    endpoint: session.endpoint,
    blue,
    green,
    share: 0,
    hold: { minutes, requests: 0, approval: false },
    gates: proofAt(plan, 0).gates,
    // No user gets an answer of green's: what fails only ends the plan.
    onFail: 'rollback',
    onUnwatched: 'hold',
    clock,
    signal,
    emit,
    async check() {
      const now = await engine.observe(signal);
      if (!sameSplit(now.endpoint?.traffic ?? {}, traffic)) {
        throw end('drift', driftSince(engine.view, now) ?? 'Someone else moved the traffic.');
      }
    },
  });
}
