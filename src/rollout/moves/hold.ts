/** The moves of a plan that stay at a share: live users are watched, and what nobody saw is judged. */
import { judgeSplit, withProbeErrors } from '../evidence/judge-split.js';
import { GAP_MS } from '../evidence/watch.js';
import { watchSplit } from '../evidence/watch-split.js';
import type { Roles } from '../journal/entry.js';
import { probingOf, proofAt, reactionsOf, type Hold } from '../plan/proof.js';
import { sameSplit } from '../split.js';
import { splitSince, succeeded, type JournalView } from '../journal/view.js';
import { end } from './events.js';
import { goBack, goesOn, harmed, PROBE_ROWS, WITH_A_REASON } from './live-moves.js';
import { driftSince, type Move } from './next-move.js';
import type { Session } from './context.js';
import { failures, journal, tell, whys } from './verdicts.js';
import { watchLive } from './watch-live.js';

type Of<K extends Move['do']> = Extract<Move, { do: K }>;

/** Waits as the plan says, with an eye on live users and on the split. */
export async function hold(
  session: Session,
  { share, hold: planned }: Of<'hold'>,
  pair: Required<Roles>,
): Promise<void> {
  const { engine, emit, approve } = session.options;
  emit({ event: 'holding', share, ...planned });
  if (planned.minutes > 0 || planned.requests > 0) {
    const probing = probeMeanwhile(session, share, pair);
    await watchShare(session, share, planned, pair, probing.check).finally(probing.stop);
  }
  if (planned.approval && !isApproved(engine.view, share)) {
    if (!(await approve(share))) {
      throw end('approval', `${share} % is reached, and the plan wants a yes before it goes on.`);
    }
    engine.choose({ holdEnded: { change: splitChange(engine.view), share, why: 'approved' } });
  }
  session.progress.held = share;
}

/** Minutes since an earlier run looked last are fetched and judged before anything else is done. */
export async function catchUp(
  session: Session,
  { share }: Of<'catch-up'>,
  pair: Required<Roles>,
): Promise<void> {
  const { clock } = session.options;
  if (clock.now() - watchedBefore(session).watchedUntil > GAP_MS) {
    await watchShare(session, share, { minutes: 0, requests: 0, approval: false }, pair);
  }
  session.progress.caughtUp = share;
}

async function watchShare(
  session: Session,
  share: number,
  planned: Hold,
  pair: Required<Roles>,
  also: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const { engine, plan, clock, signal, emit } = session.options;
  const { traffic } = session.endpoint;
  const { asks, verdicts, why } = await watchLive({
    workspace: engine.workspace,
    endpoint: session.endpoint,
    ...pair,
    share,
    hold: planned,
    ...session.lag,
    gates: proofAt(plan, share).gates,
    ...reactionsOf(plan),
    ...watchedBefore(session),
    onWatched: (until, judgedUntil) =>
      engine.watched(share, new Date(until).toISOString(), new Date(judgedUntil).toISOString()),
    clock,
    signal,
    emit,
    async check() {
      const now = await engine.observe(signal);
      if (!sameSplit(now.endpoint?.traffic ?? {}, traffic)) {
        throw end('drift', driftSince(engine.view, now) ?? 'Someone else moved the traffic.');
      }
      await also();
    },
  });
  tell(session, 'watch', share, verdicts);
  if (asks === 'go-on' && why !== undefined) session.note(why);
  if (asks === 'hold' && goesOn(session, 'watch', share, verdicts)) return;
  const decision = asks === 'go-on' ? 'promote' : asks === 'hold' ? 'hold' : 'stop';
  journal(session, 'watch', share, verdicts, decision);
  if (asks === 'hold') throw end('held', why ?? `Held at ${share} %.`, WITH_A_REASON);
  if (asks === 'rollback') {
    const { name } = plan.green;
    const sentence = `Live users are worse off at ${share} %: ${name} gets no traffic any more.`;
    await goBack(session, sentence, why === undefined ? whys(verdicts) : [why]);
  }
}

/**
 * A few probes a minute within the plan's budget, of which the steps to come keep theirs. `check`
 * ends the run where they came to see another split, or a green that fails.
 */
function probeMeanwhile(session: Session, share: number, pair: Required<Roles>) {
  const { engine, plan, clock, signal } = session.options;
  const { gates } = proofAt(plan, share);
  const { count } = probingOf(plan);
  const toCome = plan.weights.filter((weight) => weight > share).length * count;
  const most = session.budget.left - toCome;
  const enough = new AbortController();
  let wrong: ReturnType<typeof failures> = [];
  const running = async (): Promise<void> => {
    if (count === 0 || gates.split.mode === 'off' || most <= 0 || !plan.evidence) return;
    const { rows } = await session.rows(PROBE_ROWS, session.deployment(pair.green).model);
    await watchSplit({
      workspace: engine.workspace,
      endpoint: session.endpoint,
      bodies: rows.map(({ body }) => body),
      runId: session.runId,
      most,
      clock,
      signal: AbortSignal.any([signal, enough.signal]),
      onProbes: ({ seen, p }, sent, served) => {
        session.budget.left -= sent;
        engine.probed(share, sent, served);
        const split = p <= gates.split.alpha ? judgeSplit(seen, pair, gates) : undefined;
        wrong = failures(withProbeErrors(split, seen, pair, gates));
        if (wrong.length > 0) enough.abort();
      },
    });
  };
  let fault: Error | undefined;
  const ended = running().catch((error: Error) => void (fault = error));
  return {
    async check(): Promise<void> {
      if (fault !== undefined) throw fault;
      if (wrong.length === 0) return;
      tell(session, 'split', share, wrong);
      journal(session, 'split', share, wrong, 'stop');
      await harmed(session, share, ...whys(wrong));
    },
    async stop(): Promise<void> {
      enough.abort();
      await ended;
    },
  };
}

/** The change that set the present split; 0 where this journal does not know it. */
const splitChange = ({ changes }: JournalView): number =>
  changes.findLast((record) => record.change.kind === 'setTraffic' && succeeded(record))?.id ?? 0;

/** The yes may have been said on a screen, or to a run that was left after it. */
function isApproved(view: JournalView, share: number): boolean {
  const { holdEnded } = view.choice;
  const change = splitChange(view);
  // Without the change in the journal, the yes could be for an earlier time at this share.
  return (
    change > 0 &&
    holdEnded?.why === 'approved' &&
    holdEnded.change === change &&
    holdEnded.share === share
  );
}

/** Until when an earlier run watched this split, and since when it is live; epoch milliseconds. */
function watchedBefore(session: Session) {
  const { engine, clock } = session.options;
  const { view } = engine;
  const { modifiedAt } = session.endpoint;
  const now = clock.now();
  // Without a journal, the endpoint's last write is the latest moment that can have set the split.
  const since =
    splitSince(view) ?? Math.min(now, modifiedAt === undefined ? now : Date.parse(modifiedAt));
  // This run was there all the time.
  if (since >= session.startedAt) return { since, watchedUntil: now };
  const { watched } = view;
  return watched
    ? {
        since,
        watchedUntil: Date.parse(watched.until),
        judgedUntil: Date.parse(watched.judgedUntil),
      }
    : { since, watchedUntil: since };
}
