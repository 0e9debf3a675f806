/** Watches live users for as long as green has a share and the screen wants to know. */
import { systemClock } from '../../rollout/clock.js';
import { decision } from '../../rollout/evidence/gates/decision.js';
import { judgeSplit, withProbeErrors } from '../../rollout/evidence/judge-split.js';
import type { Verdict } from '../../rollout/evidence/gates/verdict.js';
import { isHoldJudged, MINUTE_MS } from '../../rollout/evidence/watch.js';
import { watchSplit } from '../../rollout/evidence/watch-split.js';
import { splitSince } from '../../rollout/journal/view.js';
import { graver, Watcher, type Asks } from '../../rollout/watcher.js';
import type { Live } from '../commands.js';
import { heldOf } from '../hold.js';
import { probeBodies } from './sample-body.js';
import { lagOf, openedOf, rolloutOf, workspaceOf, type Handlers } from './world.js';

/** Between two looks; a short hold wants shorter ones. */
const LOOK_MS = 15_000;
const SHORTEST_LOOK_MS = 1_000;

const lookEvery = (minutes: number): number =>
  minutes === 0
    ? LOOK_MS
    : Math.min(LOOK_MS, Math.max(SHORTEST_LOOK_MS, (minutes * MINUTE_MS) / 2));

const failedOf = (verdicts: readonly Verdict[]): Verdict[] =>
  verdicts.filter(({ mode, verdict }) => mode === 'enforce' && verdict === 'fail');

const sentences = (verdicts: readonly Verdict[]): string =>
  [...new Set(verdicts.map(({ why }) => why))].join(' ');

export const liveHandlers: Pick<Handlers, 'watch' | 'bake'> = {
  /** Ends when its run is superseded or dropped; until then it tells what it sees. */
  async watch(asked, context) {
    const { blue, green, share, since, watchedUntil, judgedUntil, gates, hold } = asked;
    const { onFail, onUnwatched } = asked;
    const { world, signal, progress } = context;
    const rollout = rolloutOf(world);
    const { engine } = rollout;
    const workspace = workspaceOf(world);
    const endpoint = engine.snapshot?.endpoint;
    if (!endpoint) throw new Error('The endpoint is gone.');
    let { lostMs = 0 } = asked;
    let live: Live = {
      share,
      watchedMs: 0,
      lookedUntil: watchedUntil ?? since,
      judgedUntil: since,
      requests: 0,
      openGaps: 0,
      verdicts: [],
    };
    const holdEnded = new AbortController();
    /** Probes have told what there is to tell. */
    const probed = new AbortController();
    const tell = (change: Partial<Live>): void => {
      live = { ...live, ...change };
      if (!signal.aborted && isOpen()) progress({ kind: 'live', live });
    };
    /** With its first reason: what asked to go back is not made milder by a later look. */
    const asking = (asks: Asks, why: string): Pick<Live, 'asks' | 'why'> => {
      const before = live.asks ?? 'go-on';
      const now = graver(before, asks);
      return now === 'go-on' || before === 'rollback' ? {} : { asks: now, why };
    };
    /** Another endpoint may have been opened meanwhile, and this one's journal closed. */
    const isOpen = (): boolean => {
      if (world.rollout !== rollout) watcher.stop();
      return world.rollout === rollout;
    };
    const judged = (stage: 'watch' | 'split', verdicts: Verdict[], passed?: 'promote'): void => {
      if (!isOpen()) return;
      engine.judged({
        stage,
        deployment: green,
        share,
        verdicts,
        decision: passed ?? decision(verdicts).do,
      });
    };
    /** What a plan's hold waited for has come: in the report, with what live users met. */
    const endHold = (): void => {
      const over =
        live.watchedMs >= hold.minutes * MINUTE_MS &&
        live.requests >= hold.requests &&
        live.openGaps === 0 &&
        isHoldJudged(heldOf(live, since, hold.minutes));
      if (!over || holdEnded.signal.aborted) return;
      holdEnded.abort();
      const waited = hold.minutes > 0 || hold.requests > 0;
      if (!waited || live.asks !== undefined) return;
      judged('watch', live.verdicts, 'promote');
      tell({ opened: openedOf(rollout) });
    };
    let settled = since;
    let kept = Date.now();
    /** For a later session, which fetches what nobody saw; not once another split is set. */
    const keep = (): void => {
      if (!isOpen() || (splitSince(engine.view) ?? since) !== since) return;
      kept = watcher.watchedUntil;
      engine.watched(share, new Date(kept).toISOString(), new Date(settled).toISOString());
    };
    const watcher: Watcher = new Watcher({
      workspace,
      endpoint,
      blue,
      green,
      since,
      ...(watchedUntil !== undefined && { watchedUntil }),
      ...(judgedUntil !== undefined && { judgedUntil }),
      gates,
      onFail,
      onUnwatched,
      every: lookEvery(hold.minutes),
      ...lagOf(world),
      onMinutes: ({ minutes, lagMs, watchedMs, settledUntil }) => {
        const last = minutes.at(-1);
        settled = Date.parse(settledUntil);
        const { trouble: _, ...rest } = live;
        live = rest;
        tell({
          watchedMs: Math.max(0, watchedMs - lostMs),
          lookedUntil: watcher.watchedUntil,
          judgedUntil: settled,
          requests: minutes.reduce((sum, minute) => sum + minute.green.requests, 0),
          openGaps: watcher.openGaps.length,
          ...(last && { last }),
          ...(lagMs !== undefined && { lagMs }),
        });
        if (watcher.watchedUntil - kept >= MINUTE_MS) keep();
        endHold();
      },
      onVerdicts: ({ verdicts, failures, closed, asks }) => {
        if (failures.length > 0) {
          judged(
            'watch',
            failures.map(({ verdict }) => verdict),
          );
        }
        const why = sentences(failedOf([...verdicts, ...failures.map(({ verdict }) => verdict)]));
        tell({
          verdicts,
          openGaps: watcher.openGaps.length,
          ...(closed.length > 0 && { gapJudged: true }),
          ...asking(asks, why),
          opened: openedOf(rollout),
        });
        endHold();
      },
      onGap: ({ gap }) => {
        lostMs = 0;
        const { gapJudged: _, ...rest } = live;
        live = rest;
        tell({ gap, openGaps: watcher.openGaps.length });
      },
      onTrouble: ({ failure, asks }) =>
        tell({
          trouble: failure.message,
          ...(asks === 'rollback' && asking(asks, `Live users can't be seen: ${failure.message}`)),
        }),
    });
    const held = AbortSignal.any([signal, holdEnded.signal, probed.signal]);
    const bodies = asked.probes > 0 ? await probeBodies(context).catch(() => []) : [];
    const split = watchSplit({
      workspace,
      endpoint,
      bodies,
      runId: rollout.rolloutId,
      most: asked.probes,
      clock: systemClock,
      signal: held,
      onProbes: ({ seen, p }, sent, served) => {
        // The journal may be closed by then.
        if (signal.aborted || !isOpen()) return;
        engine.probed(share, sent, served);
        const probes = { sent: seen.sent, p };
        const pair = { blue, green };
        const split = p <= gates.split.alpha ? judgeSplit(seen, pair, gates) : undefined;
        const wrong = failedOf(withProbeErrors(split, seen, pair, gates));
        const said = wrong.length > 0 ? wrong : split ? [split] : [];
        if (said.length > 0) judged('split', said);
        tell({
          probes,
          ...(wrong.length > 0 && asking(onFail, sentences(wrong))),
          opened: openedOf(rollout),
        });
        if (said.length > 0) probed.abort();
      },
    });
    const stop = (): void => {
      watcher.stop();
      // Before the journal is closed.
      if (watcher.watchedUntil > kept) keep();
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) watcher.stop();
    try {
      await Promise.all([watcher.start(), split]);
    } finally {
      watcher.stop();
      holdEnded.abort();
    }
    return null;
  },

  /** Requests that blue answered since it has no traffic; the minute of the change is left out. */
  async bake({ blue, since }, { world, signal }) {
    const { engine } = rolloutOf(world);
    const endpoint = engine.snapshot?.endpoint;
    const from = new Date(Math.ceil(since / MINUTE_MS) * MINUTE_MS);
    const now = new Date();
    if (!endpoint || from >= now) return { hits: 0, minutes: 0 };
    const minutes = await workspaceOf(world).metrics(endpoint, [blue], from, now, signal);
    return {
      hits: minutes.reduce((sum, each) => sum + each.requests, 0),
      minutes: Math.floor((now.getTime() - from.getTime()) / MINUTE_MS),
    };
  },
};
