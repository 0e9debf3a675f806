/** Watches live users for as long as green has a share and the screen wants to know. */
import { decision } from '../../rollout/evidence/gates/decision.js';
import { Watcher } from '../../rollout/watcher.js';
import type { Live } from '../commands.js';
import { openedOf, rolloutOf, workspaceOf, type Handlers } from './world.js';

/** Minutes of traffic that count for "was seen serving". */
const MINUTE_MS = 60_000;

export const liveHandlers: Pick<Handlers, 'watch' | 'bake'> = {
  /** Ends when its run is superseded or dropped; until then it tells what it sees. */
  async watch({ blue, green, share, since, watchedUntil, onFail }, { world, signal, progress }) {
    const rollout = rolloutOf(world);
    const { engine } = rollout;
    const endpoint = engine.snapshot?.endpoint;
    if (!endpoint) throw new Error('The endpoint is gone.');
    let live: Live = { share, watchedMs: 0, verdicts: [] };
    const tell = (change: Partial<Live>): void => {
      live = { ...live, ...change };
      progress({ kind: 'live', live });
    };
    const watcher = new Watcher({
      workspace: workspaceOf(world),
      endpoint,
      blue,
      green,
      since,
      ...(watchedUntil !== undefined && { watchedUntil }),
      onFail,
      onUnwatched: 'hold',
      // The sandbox tells each minute at once.
      ...(world.profile?.sandbox && { lagMs: 0 }),
      onMinutes: ({ minutes, lagMs, watchedMs }) => {
        const last = minutes.at(-1);
        const { trouble: _, ...rest } = live;
        live = rest;
        tell({ watchedMs, ...(last && { last }), ...(lagMs !== undefined && { lagMs }) });
      },
      onVerdicts: ({ verdicts, failures, asks }) => {
        if (failures.length > 0) {
          const failed = failures.map(({ verdict }) => verdict);
          engine.judged({
            stage: 'watch',
            deployment: green,
            share,
            verdicts: failed,
            decision: decision(failed).do,
          });
        }
        tell({ verdicts, ...(asks !== 'go-on' && { asks }), opened: openedOf(rollout) });
      },
      onGap: ({ gap }) => tell({ gap }),
      onTrouble: ({ failure }) => tell({ trouble: failure.message }),
    });
    signal.addEventListener('abort', () => watcher.stop(), { once: true });
    await watcher.start();
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
