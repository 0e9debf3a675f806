/** The live watch against the sandbox, with real requests and a clock that the test holds. */
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connect } from '../../../src/azure/connect.js';
import type { Endpoint, Workspace } from '../../../src/azure/types.js';
import type { Clock } from '../../../src/common/clock.js';
import { DEFAULT_GATES } from '../../../src/rollout/evidence/gates/settings.js';
import { withChanges } from '../../../src/rollout/plan/proof.js';
import {
  graver,
  type SeenGap,
  type SeenMinutes,
  type SeenVerdicts,
  type Trouble,
  Watcher,
  type WatcherOptions,
} from '../../../src/rollout/watcher.js';
import { startSandbox, type TestSandbox } from '../../support/sandbox.js';
import { serveTwo } from '../../support/two-deployments.js';
import { connectionTo } from '../../support/connection.js';
import { eventually } from '../../support/eventually.js';
import { patience } from '../../support/patience.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const rows: unknown = JSON.parse(
  readFileSync(new URL('../../../samples/sample.json', import.meta.url), 'utf8'),
);

/** Runs ahead of real time as far as it is moved. */
class HeldClock implements Clock {
  #ahead = 0;
  #sleepers: { until: number; wake: () => void }[] = [];

  now(): number {
    return Date.now() + this.#ahead;
  }

  delay(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = () => reject(new Error('stopped'));
      const wake = () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      };
      this.#sleepers.push({ until: this.#ahead + ms, wake });
      signal?.addEventListener('abort', stop, { once: true });
    });
  }

  /** Waits until somebody sleeps, then moves on and wakes who is due. */
  async advance(ms: number): Promise<void> {
    await eventually(() => expect(this.#sleepers).not.toEqual([]), { intervalMs: 5 });
    this.#ahead += ms;
    const due = this.#sleepers.filter(({ until }) => until <= this.#ahead);
    this.#sleepers = this.#sleepers.filter(({ until }) => until > this.#ahead);
    for (const { wake } of due) wake();
    // Woken, it looks, and sleeps again.
    await eventually(() => expect(this.#sleepers).not.toEqual([]), { intervalMs: 5 });
  }
}

let sandbox: TestSandbox;
let workspace: Workspace;
let endpoint: Endpoint;
/** The minute in which requests were sent, and the requests. */
let since: number;

beforeAll(async () => {
  sandbox = await startSandbox({ timeScale: 0.02 });
  workspace = await connect(connectionTo(sandbox));
  endpoint = await serveTwo(sandbox, workspace, 'heart-watched');
  since = Math.floor(Date.now() / MINUTE) * MINUTE;
  await fault({ deployment: 'green', path: '/score' }, { status: 424 }, 15);
  for (const deployment of ['blue', 'green']) {
    for (let index = 0; index < 40; index += 1) {
      await workspace.score(endpoint, rows, { deployment });
    }
  }
});
afterEach(async () => {
  await sandbox.control('DELETE', '/_sandbox/faults');
});
afterAll(async () => {
  await workspace?.close();
  await sandbox?.stop();
});

const fault = (match: object, action: object, times = 1) =>
  sandbox.control('POST', '/_sandbox/faults', { match, action, times });

describe('a watcher', () => {
  let clock: HeldClock;
  let seen: SeenMinutes[];
  let judged: SeenVerdicts[];
  let gaps: SeenGap[];
  let troubles: Trouble[];
  let watcher: Watcher;
  let ended: Promise<void>;

  const watch = (options: Partial<WatcherOptions> = {}) => {
    watcher = new Watcher({
      workspace,
      endpoint,
      blue: 'blue',
      green: 'green',
      since,
      watchedUntil: clock.now(),
      onFail: 'rollback',
      onUnwatched: 'hold',
      clock,
      onMinutes: (told) => seen.push(told),
      onVerdicts: (told) => judged.push(told),
      onGap: (told) => gaps.push(told),
      onTrouble: (told) => troubles.push(told),
      ...options,
    });
    ended = watcher.start();
  };
  const advance = async (ms: number, step = 30 * SECOND) => {
    for (let moved = 0; moved < ms; moved += step) await clock.advance(step);
  };

  beforeEach(() => {
    clock = new HeldClock();
    [seen, judged, gaps, troubles] = [[], [], [], []];
  });
  afterEach(async () => {
    watcher.stop();
    await ended;
  });

  test('shows minutes at once, and judges them when they are final', async () => {
    watch();
    await eventually(() => expect(seen).toHaveLength(1));
    const sum = (side: 'blue' | 'green', what: 'requests' | 'errors') =>
      seen.at(-1)?.minutes.reduce((total, minute) => total + minute[side][what], 0);
    expect([sum('blue', 'requests'), sum('green', 'requests')]).toEqual([40, 40]);
    expect([sum('blue', 'errors'), sum('green', 'errors')]).toEqual([0, 15]);
    expect(seen.at(-1)?.lagMs).toBeLessThan(2 * MINUTE);
    expect(judged.flatMap(({ failures }) => failures)).toEqual([]);

    await advance(6 * MINUTE);
    const failing = judged.filter(({ asks }) => asks === 'rollback');
    expect(failing.length).toBeGreaterThan(0);
    const failures = judged.flatMap((each) => each.failures);
    expect(failures.map(({ verdict }) => verdict.gate)).toEqual(['liveErrors']);
    expect(failures[0]?.verdict.why).toMatch(/15 of 40, blue 0 of 40/);
    // Not before the lag was over.
    for (const { settledUntil } of failing) {
      expect(Date.parse(settledUntil)).toBeLessThanOrEqual(clock.now() - 3 * MINUTE);
    }
    expect(gaps).toEqual([]);
    expect(troubles).toEqual([]);
    expect(watcher.watchedMs).toBeGreaterThanOrEqual(6 * MINUTE);
  });

  test('what the plan asks for is what it says', async () => {
    watch({ onFail: 'hold' });
    await advance(6 * MINUTE);
    expect(new Set(judged.map(({ asks }) => asks))).toContain('hold');
    expect(judged.map(({ asks }) => asks)).not.toContain('rollback');
  });

  test('a clock that jumps is a gap: fetched, judged, and the hold starts again', async () => {
    watch();
    await eventually(() => expect(seen).toHaveLength(1));
    const asleep = clock.now();
    await clock.advance(20 * MINUTE);
    expect(gaps).toHaveLength(1);
    expect(gaps[0]).toMatchObject({ gap: { cause: 'asleep' }, asks: 'hold' });
    const { from = '', to = '' } = gaps[0]?.gap ?? {};
    expect(Math.abs(Date.parse(from) - asleep)).toBeLessThan(10 * SECOND);
    expect(Date.parse(to) - Date.parse(from)).toBeGreaterThanOrEqual(20 * MINUTE);
    expect(watcher.watchedMs).toBe(0);
    // The minutes before the jump were in the gap too, and are found.
    expect(judged.flatMap(({ failures }) => failures)).toHaveLength(1);
    // Its last three minutes are not final yet.
    expect(watcher.openGaps).toHaveLength(1);
    expect(judged.flatMap(({ closed }) => closed)).toEqual([]);
    await advance(5 * MINUTE);
    expect(watcher.openGaps).toEqual([]);
    expect(judged.flatMap(({ closed }) => closed)).toEqual([gaps[0]?.gap]);
    expect(gaps).toHaveLength(1);
    expect(watcher.watchedMs).toBeGreaterThanOrEqual(5 * MINUTE);
  });

  test('what failed while nobody looked, and is better since, asks for what the plan says of that', async () => {
    // The p95 gate forgets; errors stay in the sum, so they are let be here.
    const gates = withChanges(DEFAULT_GATES, { liveErrors: { mode: 'off' } });
    const at = (minute: number) => since - (60 - minute) * MINUTE;
    const told = (minute: number, p95Ms: number) => ({
      at: new Date(at(minute)).toISOString(),
      requests: 100,
      failed: 0,
      errors: 0,
      busy: 0,
      p95Ms,
    });
    const hour = Array.from({ length: 60 }, (_, minute) => [
      { ...told(minute, 90), deployment: 'blue' },
      // Slow for ten minutes in the middle of the hour.
      { ...told(minute, minute >= 20 && minute < 30 ? 300 : 90), deployment: 'green' },
    ]).flat();
    const azure = { metrics: () => Promise.resolve(hour) };
    const asked = async (options: Partial<WatcherOptions>) => {
      judged = [];
      watch({ workspace: azure, gates, since: at(0), lagMs: 0, onFail: 'hold', ...options });
      await eventually(() => expect(judged).toHaveLength(1));
      watcher.stop();
      await ended;
      return judged[0];
    };
    const left = { watchedUntil: at(10), judgedUntil: at(10) };
    const back = await asked({ ...left, onUnwatched: 'rollback' });
    expect(back?.failures.map(({ verdict }) => verdict.gate)).toEqual(['liveLatency']);
    expect(back?.verdicts.map(({ verdict }) => verdict)).not.toContain('fail');
    expect(back?.asks).toBe('rollback');
    expect(gaps.at(-1)?.gap.from).toBe(new Date(at(10)).toISOString());
    const held = await asked({ ...left, onFail: 'rollback', onUnwatched: 'hold' });
    expect(held?.asks).toBe('hold');
    // Somebody watched then, and has decided already.
    const judgedBefore = { watchedUntil: at(50), judgedUntil: at(50) };
    const known = await asked({ ...judgedBefore, onFail: 'rollback', onUnwatched: 'rollback' });
    expect(known).toMatchObject({ failures: [], asks: 'go-on' });
  });

  test('a hold that is taken up again finds what nobody saw', async () => {
    watch({ watchedUntil: clock.now() - 55 * MINUTE, onUnwatched: 'rollback' });
    await eventually(() => expect(gaps).toHaveLength(1));
    expect(gaps[0]?.asks).toBe('rollback');
  });

  test('metrics that can’t be read are trouble, and after a minute nobody is watching', async () => {
    watch();
    await eventually(() => expect(seen).toHaveLength(1));
    await fault(
      { path: 'Microsoft.Insights/metrics' },
      {
        status: 403,
        body: {
          error: {
            code: 'AuthorizationFailed',
            message:
              "The client 'ada' does not have authorization to perform action 'Microsoft.Insights/metrics/read' over scope '/x'.",
          },
        },
      },
      1000,
    );
    await advance(2 * MINUTE);
    expect(troubles[0]).toMatchObject({ asks: 'go-on', failure: { kind: 'forbidden' } });
    expect(troubles[0]?.failure.advice).toMatch(/Monitoring Reader/);
    expect(troubles.at(-1)).toMatchObject({ asks: 'hold' });
    expect(gaps).toEqual([]);
    await sandbox.control('DELETE', '/_sandbox/faults');
    await clock.advance(30 * SECOND);
    expect(gaps).toMatchObject([{ gap: { cause: 'no-answer' } }]);
    expect(gaps[0]?.gap.from).toBe(troubles[0]?.watchedUntil);
  });

  test('stops at once, also in the middle of a request', async () => {
    await fault({ path: 'Microsoft.Insights/metrics' }, { delayMs: patience(20_000) }, 2);
    watch();
    await eventually(async () => {
      const { body } = await sandbox.control('GET', '/_sandbox/faults');
      expect((body as { faults: unknown[] }).faults).toEqual([]);
    });
    watcher.stop();
    await ended;
    expect([seen, judged, gaps, troubles]).toEqual([[], [], [], []]);
  });
});

test('what asked to go back is not made milder by what is asked later', () => {
  expect(graver('rollback', 'hold')).toBe('rollback');
  expect(graver('rollback', 'go-on')).toBe('rollback');
  expect(graver('hold', 'rollback')).toBe('rollback');
  expect(graver('go-on', 'hold')).toBe('hold');
});
