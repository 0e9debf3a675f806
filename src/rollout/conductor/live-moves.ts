/** The moves of a plan while green serves users: who is served, is anybody harmed, and back. */
import type { Roles } from '../journal-entry.js';
import { probingOf, proofAt, reactionsOf } from '../plan/proof.js';
import { sameSplit, shareOf } from '../split.js';
import { driftSince, type Move } from './next-move.js';
import { end } from './events.js';
import { seeSplit } from './see-split.js';
import type { Session } from './session.js';
import { journal, tell, whys } from './tell-verdicts.js';
import { watchLive } from './watch-live.js';

type Of<K extends Move['do']> = Extract<Move, { do: K }>;

/** Bodies that probes send in turn. */
const PROBE_ROWS = 20;

/** Who is really served, after every change of traffic. */
export async function see(session: Session, { share }: Of<'see-split'>, pair: Required<Roles>) {
  const { engine, plan, clock, signal, emit } = session.options;
  const { count } = probingOf(plan);
  const { gates } = proofAt(plan, share);
  if (count === 0 || gates.split.mode === 'off') {
    session.note(`The split at ${share} % is believed and not probed, as the plan says.`);
    session.progress.seen = share;
    return;
  }
  const model = session.progress.greenModel ?? session.deployment(pair.green).model;
  const { rows } = await session.rows(PROBE_ROWS, model);
  const { seen, verdict, result } = await seeSplit({
    workspace: engine.workspace,
    endpoint: session.endpoint,
    ...pair,
    gates,
    count,
    bodies: rows.map(({ body }) => body),
    budget: session.budget,
    runId: session.runId,
    clock,
    signal,
    emit,
  });
  const { sent, failed, served } = seen;
  emit({ event: 'probed', share, sent, failed, served });
  const verdicts = verdict ? [verdict] : [];
  tell(session, 'split', share, verdicts);
  const decision = result === 'wrong' ? 'stop' : result === 'fits' ? 'promote' : 'hold';
  journal(session, 'split', share, verdicts, decision);
  if (result === 'wrong') await harmed(session, share, ...whys(verdicts));
  if (result === 'unclear') {
    throw end('held', `The split at ${share} % is not proved.`, ...whys(verdicts));
  }
  session.progress.seen = share;
}

/** A gate failed while green serves users: back, or stay, as the plan says. */
export async function harmed(session: Session, share: number, ...why: string[]): Promise<never> {
  const { plan } = session.options;
  const { name } = plan.green;
  if (reactionsOf(plan).onFail === 'hold') {
    throw end('held', `A gate failed at ${share} %, and the plan says hold.`, ...why);
  }
  return goBack(session, `A gate failed at ${share} %: ${name} gets no traffic any more.`, why);
}

/** Restores the split at the start; ends the run either way. */
export async function goBack(
  session: Session,
  sentence: string,
  why: readonly string[],
): Promise<never> {
  const { engine, signal, emit } = session.options;
  const { name } = session.options.plan.green;
  emit({ event: 'aborting', message: why[0] ?? sentence });
  try {
    await engine.abort({ signal });
  } catch (error) {
    if (signal.aborted) throw error;
    const message = error instanceof Error ? error.message : String(error);
    const live = shareOf(engine.snapshot?.endpoint?.traffic ?? {}, name);
    throw end(
      'not-rolled-back',
      `A gate failed and the split at the start could not be restored: ${message}`,
      `${name} was last seen with ${live} % of the traffic.`,
      ...why,
    );
  }
  throw end('stopped', sentence, ...why);
}

/** Waits as the plan says, with an eye on live users and on the split. */
export async function hold(
  session: Session,
  { share, hold: planned }: Of<'hold'>,
  pair: Required<Roles>,
): Promise<void> {
  const { engine, plan, clock, signal, emit, approve } = session.options;
  const { onFail, onUnwatched } = reactionsOf(plan);
  emit({ event: 'holding', share, ...planned });
  if (planned.minutes > 0 || planned.requests > 0) {
    const { traffic } = session.endpoint;
    const {
      asks,
      verdicts,
      why = '',
    } = await watchLive({
      workspace: engine.workspace,
      endpoint: session.endpoint,
      ...pair,
      share,
      hold: planned,
      gates: proofAt(plan, share).gates,
      onFail,
      onUnwatched,
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
    tell(session, 'watch', share, verdicts);
    const decision = asks === 'go-on' ? 'promote' : asks === 'hold' ? 'hold' : 'stop';
    journal(session, 'watch', share, verdicts, decision);
    if (asks === 'hold') throw end('held', why, ...whys(verdicts));
    if (asks === 'rollback') {
      const { name } = plan.green;
      await goBack(
        session,
        `Live users are worse off at ${share} %: ${name} gets no traffic any more.`,
        [why],
      );
    }
  }
  if (planned.approval && !(await approve(share))) {
    throw end('approval', `${share} % is reached, and the plan wants a yes before it goes on.`);
  }
  session.progress.held = share;
}

/** What the gates look at is decided by who serves. */
export function pairOf(session: Session): Required<Roles> {
  const { blue, green } = session.options.engine.roles.roles;
  if (blue === undefined || green === undefined) {
    throw end('drift', 'It is not known any more which deployment is replaced by which.');
  }
  return { blue, green };
}
