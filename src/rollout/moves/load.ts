/** The load that green's next share will bring, sent to green alone while nobody uses it. */
import { busiestMinute, loadCheck, LOAD_SECONDS, planLoad } from '../evidence/load-check.js';
import { judgeLoad, loadText } from '../evidence/judge-load.js';
import { proofAt } from '../plan/proof.js';
import { end } from './events.js';
import type { Move } from './next-move.js';
import type { Session } from './context.js';
import { journal, overridden, tell, whys } from './verdicts.js';

export async function checkLoad(
  session: Session,
  { blue, green, share }: Extract<Move, { do: 'check-load' }>,
): Promise<void> {
  const { engine, plan, clock, signal, emit } = session.options;
  const { evidence } = plan;
  const { workspace } = engine;
  const { endpoint } = session;
  const { seconds = LOAD_SECONDS, rate } = evidence?.loadCheck ?? {};
  const peak = rate ?? (await busiestMinute(workspace, endpoint, blue, clock.now(), signal));
  session.progress.loaded = true;
  if (peak === 0) {
    session.note(
      `No load was sent: ${blue} had no live request in the last hour. The plan may give evidence.loadCheck a rate.`,
    );
    return;
  }
  const load = planLoad(peak, share, seconds);
  emit({ event: 'loading', deployment: green, ...load });
  const { rows } = await session.rows(evidence?.rows ?? 1, session.deployment(green).model);
  const bodies = rows.map(({ body }) => body);
  const seen = await loadCheck({
    ...load,
    workspace,
    endpoint,
    green,
    bodies,
    runId: session.runId,
    clock,
    signal,
  });
  signal.throwIfAborted();
  if (seen.stopped === 'sign-in') {
    throw end('access', 'The endpoint refused the key or token (401) during the load check.');
  }
  emit({ event: 'loaded', deployment: green, seen, message: loadText(seen) });
  const { verdicts, decision } = judgeLoad(seen, proofAt(plan, 0).gates);
  tell(session, 'load', 0, verdicts);
  if (decision.do === 'promote') return journal(session, 'load', 0, verdicts, 'promote');
  if (overridden(session, 'load', 0, verdicts, decision.do)) return;
  journal(session, 'load', 0, verdicts, decision.do);
  const stopped = decision.do === 'stop';
  throw end(
    stopped ? 'stopped' : 'held',
    `${green} ${stopped ? 'does not carry' : 'may not carry'} the load of ${share} %: it gets no traffic.`,
    ...whys(decision.because),
  );
}
