/** The moves of a plan while green serves users: who is served, and back where they are harmed. */
import type { Verdict } from '../evidence/gates/verdict.js';
import type { Roles } from '../journal/entry.js';
import { withProbeErrors } from '../evidence/judge-split.js';
import { servedBefore } from '../evidence/watch.js';
import { probingOf, proofAt, reactionsOf } from '../plan/proof.js';
import { shareOf } from '../split.js';
import type { Move } from './next-move.js';
import { splitSince } from '../journal/view.js';
import { end } from './events.js';
import { seeSplit } from './split-look.js';
import type { Session } from './context.js';
import { failures, journal, overridden, tell, whys } from './verdicts.js';

type Of<K extends Move['do']> = Extract<Move, { do: K }>;

/** Bodies that probes send in turn. */
export const PROBE_ROWS = 20;

export const WITH_A_REASON = 'To go on in spite of it, resume with --override and the reason.';

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
  const left = session.budget.left;
  const since = splitSince(engine.view) ?? clock.now();
  const { seen, verdict, result } = await seeSplit({
    workspace: engine.workspace,
    endpoint: session.endpoint,
    deployments: session.now.deployments.map(({ name }) => name),
    since,
    ...session.lag,
    ...pair,
    gates,
    count,
    bodies: rows.map(({ body }) => body),
    budget: session.budget,
    runId: session.runId,
    clock,
    signal,
    emit,
  }).finally(() => {
    // Without a result it is not known who answered, only that they were sent.
    if (left > session.budget.left) engine.probed(share, left - session.budget.left, {});
  });
  const { sent, failed, served, source } = seen;
  emit({ event: 'probed', share, sent, failed, served, ...(source && { source }) });
  const before = await servedBefore(
    engine.workspace,
    session.endpoint,
    pair.blue,
    since,
    signal,
  ).catch(() => undefined);
  const verdicts = withProbeErrors(verdict, seen, pair, gates, before);
  const failing = failures(verdicts).some((each) => each !== verdict);
  tell(session, 'split', share, verdicts);
  const wrong = result === 'wrong' || failing;
  const decision = wrong ? 'stop' : result === 'fits' ? 'promote' : 'hold';
  const stays = wrong ? reactionsOf(plan).onFail === 'hold' : result === 'inconclusive';
  if (stays && goesOn(session, 'split', share, verdicts)) {
    session.progress.seen = share;
    return;
  }
  journal(session, 'split', share, verdicts, decision);
  if (wrong) {
    await harmed(session, share, ...whys(verdicts.filter(({ verdict: each }) => each === 'fail')));
  }
  if (result === 'inconclusive') {
    throw end('held', `The split at ${share} % is not proved.`, ...whys(verdicts));
  }
  session.progress.seen = share;
}

/** A gate failed while green serves users: back, or stay, as the plan says. */
export async function harmed(session: Session, share: number, ...why: string[]): Promise<never> {
  const { plan } = session.options;
  const { name } = plan.green;
  if (reactionsOf(plan).onFail === 'hold') {
    throw end(
      'held',
      `A gate failed at ${share} %, and the plan says hold.`,
      ...why,
      WITH_A_REASON,
    );
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

/**
 * A reason given when a run is taken up again is about the share it was left at; what comes to
 * fail later nobody has seen yet.
 */
export const goesOn = (
  session: Session,
  stage: 'watch' | 'split',
  share: number,
  verdicts: Verdict[],
): boolean =>
  session.progress.left === share && overridden(session, stage, share, verdicts, 'hold');

/** What the gates look at is decided by who serves. */
export function pairOf(session: Session): Required<Roles> {
  const { blue, green } = session.options.engine.roles.roles;
  if (blue === undefined || green === undefined) {
    throw end('drift', 'It is not known any more which deployment is replaced by which.');
  }
  return { blue, green };
}
