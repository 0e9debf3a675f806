/** How long a hold lasts, and what is kept of it: the sandbox's minutes, with a clock of the test's. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../../src/azure/connect.js';
import type { Workspace } from '../../../src/azure/types.js';
import type { Clock } from '../../../src/common/clock.js';
import type { MoveEvent } from '../../../src/rollout/moves/events.js';
import type { MoveOptions } from '../../../src/rollout/moves/context.js';
import { watchLive, type WatchOptions } from '../../../src/rollout/moves/watch-live.js';
import { DEFAULT_GATES } from '../../../src/rollout/evidence/gates/settings.js';
import { connectionTo } from '../../support/connection.js';
import { moveContext } from '../../support/move-context.js';
import { startSandbox, type TestSandbox } from '../../support/sandbox.js';
import { serveTwo } from '../../support/two-deployments.js';

const MINUTE = 60_000;

/** Moves on to the next that wakes up once both sleep: the hold, and the watcher that looks. */
class TurnClock implements Clock {
  #now: number;
  #sleepers: { until: number; wake: () => void }[] = [];

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  delay(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const sleeper = { until: this.#now + ms, wake: resolve };
      this.#sleepers.push(sleeper);
      const stop = () => {
        this.#sleepers = this.#sleepers.filter((each) => each !== sleeper);
        reject(new DOMException('Stopped.', 'AbortError'));
      };
      signal?.addEventListener('abort', stop, { once: true });
      if (this.#sleepers.length < 2) return;
      const next = this.#sleepers.reduce((a, b) => (b.until < a.until ? b : a));
      this.#sleepers = this.#sleepers.filter((each) => each !== next);
      this.#now = Math.max(this.#now, next.until);
      next.wake();
    });
  }
}

let sandbox: TestSandbox;
let workspace: Workspace;
const ENDPOINT = 'heart-held';

beforeAll(async () => {
  sandbox = await startSandbox({ timeScale: 0.02 });
  workspace = await connect(connectionTo(sandbox));
  await serveTwo(sandbox, workspace, ENDPOINT);
});
afterAll(async () => {
  await workspace?.close();
  await sandbox?.stop();
});

/** Begins twenty seconds into a minute. */
const START = Date.UTC(2030, 0, 1, 12, 0, 20);

async function held(
  minutes: number,
  change: Partial<WatchOptions> = {},
  options: Partial<MoveOptions> = {},
) {
  const clock = new TurnClock(START);
  const events: MoveEvent[] = [];
  const kept: { until: number; judgedUntil: number }[] = [];
  const context = await moveContext(workspace, ENDPOINT, {
    clock,
    emit: (event) => events.push(event),
    ...options,
  });
  const watched = await watchLive(context, {
    blue: 'blue',
    green: 'green',
    weight: 50,
    hold: { minutes, requests: 0, approval: false },
    gates: DEFAULT_GATES,
    onFail: 'rollback',
    onUnwatched: 'hold',
    onWatched: (until, judgedUntil) => void kept.push({ until, judgedUntil }),
    ...change,
  });
  return { watched, events, kept, took: clock.now() - START };
}

describe('a hold', () => {
  it('is over when its whole minutes are judged, not before', async () => {
    const { watched, events, took } = await held(5);
    expect(watched.asks).toBe('go-on');
    expect(events).toContainEqual({ event: 'watched', weight: 50, minutes: 5, requests: 0 });
    // The last of them ends at 12:05, which Azure Monitor tells three minutes later.
    expect(took).toBeGreaterThanOrEqual(7 * MINUTE + 40_000);
    expect(took).toBeLessThan(8 * MINUTE + 30_000);
  });

  it('waits for no minute where there is none in it, or Azure Monitor tells at once', async () => {
    expect((await held(0.5)).took).toBeLessThan(MINUTE);
    const { took } = await held(5, {}, { lagMs: 0 });
    expect(took).toBeGreaterThanOrEqual(5 * MINUTE);
    expect(took).toBeLessThan(5 * MINUTE + 30_000);
  });

  it('keeps about once a minute until when somebody watched, and at its end', async () => {
    const { kept, took } = await held(5);
    expect(kept.length).toBeGreaterThanOrEqual(6);
    expect(kept.length).toBeLessThanOrEqual(10);
    expect(kept.map(({ until }) => until)).toEqual(
      kept.map(({ until }) => until).toSorted((a, b) => a - b),
    );
    const last = kept.at(-1);
    expect(START + took - (last?.until ?? 0)).toBeLessThanOrEqual(15_000);
    expect(last?.judgedUntil).toBe(Date.UTC(2030, 0, 1, 12, 5));
  });

  it('that is taken up again tells the minutes that nobody saw, to the second', async () => {
    const since = START - 60 * MINUTE;
    const watchedUntil = START - 25 * MINUTE - 7_000;
    const { events, took } = await held(0, {
      since,
      watchedUntil,
      judgedUntil: START - 30 * MINUTE,
    });
    const notes = events.flatMap((each) => (each.event === 'note' ? [each.message] : []));
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain(
      `Unwatched from ${new Date(watchedUntil).toISOString()} to ${new Date(START).toISOString()}.`,
    );
    // The last of them are told three minutes later.
    expect(took).toBeGreaterThanOrEqual(3 * MINUTE);
  });
});
