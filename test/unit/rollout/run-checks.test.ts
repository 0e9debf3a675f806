/** Checks of the plan beside a real rollout: before traffic, during a hold, before blue is retired. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/common/clock.js';
import type { PlannedCheck } from '../../../src/rollout/checks/planned.js';
import { MoveContext } from '../../../src/rollout/moves/context.js';
import { newMemory } from '../../../src/rollout/moves/session-memory.js';
import type { RolloutPlan } from '../../../src/rollout/moves/facts.js';
import { holdMove } from '../../../src/rollout/moves/hold.js';
import { nextMove } from '../../../src/rollout/moves/next-move.js';
import { runChecksMove } from '../../../src/rollout/moves/run-checks.js';
import { beginRollout, BLUE, GREEN, type TestRollout } from '../../support/rollout.js';
import { startSandbox, type TestSandbox } from '../../support/sandbox.js';

const folder = mkdtempSync(join(tmpdir(), 'aml-rollout-checks-'));
let sandbox: TestSandbox;
let rollout: TestRollout;

beforeAll(async () => {
  sandbox = await startSandbox();
  rollout = await beginRollout(sandbox, {
    endpoint: 'own-checks',
    rolloutId: 'own-checks',
    journals: folder,
    greenShare: 0,
  });
});

afterAll(async () => {
  await rollout.close();
  await sandbox.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Prints what `orders.txt` in the plan's folder says now. */
const orders: PlannedCheck = {
  name: 'orders',
  command: {
    argv: [process.execPath, '-e', 'console.log(require("fs").readFileSync("orders.txt", "utf8"))'],
  },
  pass: '>= 12',
  fail: '< 10',
  intervalSeconds: 1,
};
const say = (text: string): void => writeFileSync(join(folder, 'orders.txt'), text);

/** Prints one number of the series each time. */
function ordersOf(series: string): PlannedCheck {
  writeFileSync(join(folder, 'series.txt'), series);
  const script =
    'const fs = require("fs"); const [first, ...rest] = fs.readFileSync("series.txt", "utf8").split(" ");' +
    'fs.writeFileSync("series.txt", rest.join(" ")); console.log(first)';
  return { ...orders, command: { argv: [process.execPath, '-e', script] } };
}

const GATES = { split: { mode: 'off' }, contract: { mode: 'off' } } as const;
const planOf = (checks: PlannedCheck[], more: Partial<RolloutPlan> = {}): RolloutPlan => ({
  weights: [50, 100],
  gates: GATES,
  checks,
  retire: 'keep',
  ...more,
});

function contextOf(plan: RolloutPlan, clock = systemClock): MoveContext {
  return new MoveContext(
    {
      engine: rollout.engine,
      plan,
      folder,
      clock,
      signal: new AbortController().signal,
      emit: () => undefined,
      bakeMinutes: 0,
      writeReport: () => Promise.resolve('report.md'),
    },
    newMemory(Date.now(), rollout.engine.view.lines),
  );
}

const pair = { blue: BLUE, green: GREEN };
const before = { id: 'run-checks', ...pair, weight: 0, time: 'before' } as const;
const lastOf = (stage: string) =>
  rollout.engine.view.judgements.findLast((each) => each.stage === stage);

describe.sequential('checks of the plan', () => {
  test('come before green gets traffic, and what fails waits for a reason', async () => {
    const plan = planOf([orders]);
    const context = contextOf(plan);
    rollout.engine.judged({
      stage: 'prove',
      deployment: GREEN,
      weight: 0,
      verdicts: [],
      decision: 'promote',
    });
    expect(nextMove(context.situation())).toEqual({ kind: 'move', move: before });
    say('9');
    await runChecksMove.perform(before, context);
    expect(lastOf('checks')).toMatchObject({
      weight: 0,
      decision: 'stop',
      verdicts: [{ gate: 'check:orders', verdict: 'fail', green: '9' }],
    });
    expect(nextMove(context.situation())).toMatchObject({
      kind: 'wait',
      wait: { for: 'reason', stage: 'checks', weight: 0, decision: 'stop' },
    });
  });

  test('one that cannot be read is an error that holds and says why', async () => {
    const context = contextOf(planOf([orders]));
    say('no number');
    await runChecksMove.perform(before, context);
    const judged = lastOf('checks');
    expect(judged).toMatchObject({ decision: 'hold', verdicts: [{ verdict: 'error' }] });
    expect(judged?.verdicts[0]?.why).toBe(
      "Check orders can't be read: The answer is neither a number nor JSON.",
    );
  });

  test.each([
    ['9 13 13', 'promote', 2],
    ['9 13 9 13', 'stop', 2],
    ['13 13', 'hold', 3],
  ])('of %s with a failure let pass and three asked for: %s', async (series, decision, pauses) => {
    const check = { ...ordersOf(series), failureLimit: 1, minimumSample: 3, intervalSeconds: 20 };
    const waited: number[] = [];
    const delay = (ms: number): Promise<void> => Promise.resolve(void waited.push(ms));
    const context = contextOf(planOf([check]), { ...systemClock, delay });
    await runChecksMove.perform(before, context);
    expect(lastOf('checks')).toMatchObject({ decision });
    expect(waited).toEqual(Array.from({ length: pauses }, () => 20_000));
  });

  test.each([
    ['13 14 13 12 13 14 13 13 12 13', 'promote'],
    ['9 8 9 8 9 9 8 9 8 9', 'stop'],
    ['13 9 13 8 14 9 12 8 13 9', 'hold'],
  ])('the mean of %s, and not one of them, is judged: %s', async (series, decision) => {
    const check = { ...ordersOf(series), judge: 'mean', minimumSample: 5 } as const;
    const delay = (): Promise<void> => Promise.resolve();
    const context = contextOf(planOf([check]), { ...systemClock, delay });
    await runChecksMove.perform(before, context);
    const judged = lastOf('checks');
    expect(judged).toMatchObject({ decision });
    expect(judged?.verdicts[0]?.why).toMatch(/^Check orders: the mean is \d/);
  });

  test('what passes lets green have traffic, once', async () => {
    const context = contextOf(planOf([orders]));
    say('13');
    await runChecksMove.perform(before, context);
    expect(lastOf('checks')?.decision).toBe('promote');
    expect(nextMove(context.situation())).toMatchObject({ move: { id: 'set-traffic' } });
    await rollout.engine.run(rollout.engine.trafficChange(50));
  });

  test('during a hold, one that cannot be read asks to hold', async () => {
    const hold = { minutes: 1, requests: 0, approval: false };
    say('no number');
    const context = contextOf(planOf([orders], { holds: hold, onFail: 'rollback' }));
    const watched = await holdMove.perform({ id: 'hold', ...pair, weight: 50, hold }, context);
    expect(watched).toMatchObject({ asks: 'hold' });
    expect(watched.why).toContain("Check orders can't be read");
    expect(lastOf('watch')).toMatchObject({ weight: 50, decision: 'hold' });
    expect(nextMove(context.situation())).toMatchObject({ wait: { for: 'reason', weight: 50 } });
  });

  test('during a hold, a failure asks for what the plan says', async () => {
    const hold = { minutes: 1, requests: 0, approval: false };
    say('3');
    const context = contextOf(planOf([orders], { holds: hold, onFail: 'rollback' }));
    const watched = await holdMove.perform({ id: 'hold', ...pair, weight: 50, hold }, context);
    expect(watched).toMatchObject({ asks: 'rollback' });
    expect(watched.why).toMatch(/^Check orders failed in 1 of 1 measurement: 3/);
    expect(lastOf('watch')).toMatchObject({ weight: 50, decision: 'stop' });
    expect(nextMove(context.situation())).toMatchObject({ move: { id: 'abort' } });
  });

  test('during a hold, the first measurement waits as long as the plan says', async () => {
    const hold = { minutes: 1, requests: 0, approval: false };
    say('13');
    const delay = async (ms: number, signal?: AbortSignal): Promise<void> => {
      if (ms === 45_000) say('3');
      else await systemClock.delay(ms, signal);
    };
    const late = { ...orders, delaySeconds: 45 };
    const plan = planOf([late], { holds: hold, onFail: 'rollback' });
    const context = contextOf(plan, { ...systemClock, delay });
    const watched = await holdMove.perform({ id: 'hold', ...pair, weight: 50, hold }, context);
    expect(watched.why).toMatch(/^Check orders failed in 1 of 1 measurement: 3/);
  });

  test('before blue retires, they are asked again', async () => {
    say('13');
    await rollout.engine.run(rollout.engine.trafficChange(100));
    const context = contextOf(planOf([orders], { holds: { minutes: 0 } }));
    const move = { id: 'run-checks', ...pair, weight: 100, time: 'retire' } as const;
    expect(nextMove(context.situation())).toEqual({ kind: 'move', move });
    await runChecksMove.perform(move, context);
    expect(lastOf('checks')).toMatchObject({ weight: 100, decision: 'promote' });
    expect(nextMove(context.situation())).toMatchObject({ move: { id: 'retire' } });
  });
});
