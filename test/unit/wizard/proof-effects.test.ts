/** What the wizard's plan asks of the world, carried out on a sandbox: rows, probes, journal, files. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../../../src/azure/connect.js';
import { readPlanFile } from '../../../src/interop/plan-file.js';
import type { Paths } from '../../../src/profiles/paths.js';
import { ProfileStore } from '../../../src/profiles/store.js';
import { closeWorld } from '../../../src/wizard/effects/connect.js';
import { COMMANDS } from '../../../src/wizard/effects/index.js';
import type { Context, Services, World } from '../../../src/wizard/effects/world.js';
import type { RolloutPlan } from '../../../src/rollout/moves/facts.js';
import type { MoreRows } from '../../../src/rollout/moves/move.js';
import type { Performed, SplitProof, Tested } from '../../../src/wizard/effects/shown.js';
import { connectionTo } from '../../support/connection.js';
import { startSandbox, temporaryFolder, type TestSandbox } from '../../support/sandbox.js';
import { serveTwo } from '../../support/two-deployments.js';

const CSV = fileURLToPath(new URL('../../../samples/heart.csv', import.meta.url));
const ENDPOINT = 'heart-effects';
let folder: string;
let sandbox: TestSandbox;
let world: World;

beforeAll(async () => {
  folder = temporaryFolder();
  sandbox = await startSandbox();
  const workspace = await connect(connectionTo(sandbox));
  await serveTwo(sandbox, workspace, ENDPOINT);
  const paths = { journals: join(folder, 'journals'), state: join(folder, 'state') } as Paths;
  const profiles = new ProfileStore(join(folder, 'config'));
  const services = {} as Services;
  world = { services, paths, profiles, program: 'test', cwd: folder, workspace };
  await COMMANDS.openEndpoint.carryOut({ endpoint: ENDPOINT }, context());
  const choice = { roles: { blue: 'blue', green: 'green' } };
  await COMMANDS.record.carryOut({ choice }, context());
});

afterAll(async () => {
  await closeWorld(world);
  await sandbox?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const context = () => ({ world, signal: new AbortController().signal, progress: () => undefined });
const view = () => world.rollout!.engine.view;

const plan = (rows: number, change: Partial<RolloutPlan> = {}): RolloutPlan => ({
  weights: [50, 100],
  evidence: { csv: CSV, rows, seed: 4711, target: 'target' },
  ...change,
});

async function prove(
  rows: number,
  {
    more,
    at = context(),
    ...change
  }: Partial<RolloutPlan> & { more?: MoreRows; at?: Context } = {},
): Promise<Tested> {
  const move = { id: 'prove', blue: 'blue', green: 'green', more } as const;
  const asked = { move, plan: plan(rows, change) } as const;
  const { shown } = (await COMMANDS.perform.carryOut(asked, at)) as Extract<
    Performed,
    { id: 'prove' }
  >;
  return shown;
}

async function verify(
  probes: { count: number; budget: number },
  at: Context = context(),
): Promise<SplitProof> {
  const move = { id: 'verify-split', blue: 'blue', green: 'green', weight: 50 } as const;
  const asked = { move, plan: plan(20, { probes }) } as const;
  const answer = await COMMANDS.perform.carryOut(asked, at);
  return (answer as Extract<Performed, { id: 'verify-split' }>).shown;
}

const fault = (match: object, times: number, action: object) =>
  sandbox.control('POST', '/_sandbox/faults', { match, times, action });

describe('rows', () => {
  test('are judged by the gates of the plan', async () => {
    const strict = await prove(20);
    expect(strict.verdicts?.find(({ gate }) => gate === 'errors')?.mode).toBe('enforce');
    expect(strict.decision?.do).toBe('send-more');
    expect(strict.more).toMatchObject({ again: false });
    const gates: RolloutPlan['gates'] = {
      errors: { mode: 'off' },
      latency: { mode: 'warn' },
      accuracy: { mode: 'warn' },
    };
    const loose = await prove(20, { gates });
    expect(loose.verdicts?.some(({ gate }) => gate === 'errors')).toBe(false);
    expect(loose.decision?.do).toBe('promote');
    expect(loose.more).toBeUndefined();
  });

  test('that are left are not sent where even the best of them would settle nothing', async () => {
    const csv = join(folder, 'sixty.csv');
    writeFileSync(csv, readFileSync(CSV, 'utf8').split('\n').slice(0, 61).join('\n'));
    const evidence = { csv, rows: 55, seed: 4711, target: 'target' };
    const few = await prove(55, { evidence });
    const errors = few.verdicts?.find(({ gate }) => gate === 'errors');
    expect(errors).toMatchObject({ verdict: 'inconclusive' });
    expect(errors?.leastMoreRows).toBeGreaterThan(5);
    expect(few.more).toBeUndefined();
    const judged = view().judgements.findLast(({ stage }) => stage === 'prove');
    expect(judged?.decision).toBe('hold');
    // 57 rows without a failure prove a limit of 5 pp.
    const gates: RolloutPlan['gates'] = { errors: { margin: 0.045 }, accuracy: { mode: 'warn' } };
    const wide = await prove(55, { evidence, gates });
    expect(wide.more).toEqual({ count: 5, again: false });
  });

  test('that are sent again count for latency, and once in what is kept', async () => {
    const first = await prove(30);
    expect(first.repeated).toBeUndefined();
    const again = await prove(30, { more: { count: 25, again: true } });
    expect(again.repeated).toBe(25);
    expect(again.rows).toHaveLength(30);
    expect(again.result.csv.rowNumbers).toHaveLength(30);
    const errors = again.verdicts?.find(({ gate }) => gate === 'errors');
    expect(JSON.stringify(errors)).toContain('0 / 30');
    expect(world.rollout?.memory.proof?.rows).toHaveLength(55);
  });

  test('of a further round are those that follow in the sample', async () => {
    const first = await prove(12);
    const more = await prove(12, { more: { count: 8, again: false } });
    expect(more.rows).toHaveLength(20);
    expect(more.rows.slice(0, 12).map(({ number }) => number)).toEqual(
      first.rows.map(({ number }) => number),
    );
  });

  test('refused as too busy are counted apart from errors of the model', async () => {
    await fault({ deployment: 'green', path: '/score' }, 3, { status: 429 });
    const busy = await prove(12);
    expect(busy.refused).toEqual({ green: { busy: 3, signIn: 0, network: 0 } });
    expect(JSON.stringify(busy.verdicts?.find(({ gate }) => gate === 'errors'))).toMatch(/"0 \/ /);
  });

  test('answered before a person cancelled are kept, and the others follow', async () => {
    await prove(5);
    const stop = new AbortController();
    const judged = view().judgements.length;
    const cancelled = prove(60, {
      at: {
        world,
        signal: stop.signal,
        progress: (now) => {
          if (now.kind === 'count' && now.total === 60 && now.done === 15) stop.abort();
        },
      },
    });
    await expect(cancelled).rejects.toThrow();
    expect(view().judgements).toHaveLength(judged);
    const numbers = world.rollout!.memory.proof!.rows.map(({ row }) => row);
    expect(numbers.length).toBeGreaterThanOrEqual(15);
    expect(numbers.length).toBeLessThan(60);
    let sent = 0;
    const progress: Context['progress'] = (now) => {
      if (now.kind === 'count') sent = now.total;
    };
    const rest = await prove(60, { at: { ...context(), progress } });
    expect(sent).toBe(60 - numbers.length);
    expect(rest.rows).toHaveLength(60);
    expect(rest.rows.slice(0, numbers.length).map(({ number }) => number)).toEqual(numbers);
  });
});

describe('probes', () => {
  test('count against the budget of the whole rollout', async () => {
    const before = view().probesSent;
    const probes = await verify({ count: 30, budget: before + 45 });
    // Thirty do not tell yet, and no more than the fifteen that are left follow.
    expect(probes.sent).toBe(45);
    expect(probes.verdict?.verdict).toBe('inconclusive');
    const used = `All ${before + 45} probes of the plan are used up: raise probes.budget.`;
    expect(probes.verdict?.why).toContain(used);
    expect(view().probesSent - before).toBe(45);
    const last = view().judgements.at(-1);
    expect(last).toMatchObject({ stage: 'split', deployment: 'green', weight: 50 });
  });

  test('that are given up leave the judgement before them', async () => {
    const judged = view().judgements.length;
    const sent = view().probesSent;
    const stop = new AbortController();
    const given = verify(
      { count: 100, budget: sent + 200 },
      {
        world,
        signal: stop.signal,
        progress: (now) => {
          if (now.kind === 'count' && now.done === 10) stop.abort();
        },
      },
    );
    await expect(given).rejects.toThrow();
    expect(view().judgements).toHaveLength(judged);
    expect(view().probesSent - sent).toBeGreaterThanOrEqual(10);
  });
});

describe('a reason for a split that nobody has looked at', () => {
  test('is kept as a judgement of its own, once that of the split is older', async () => {
    const { green = '' } = world.rollout!.engine.roles.roles;
    const stage = 'split' as const;
    const other = {
      stage,
      deployment: green,
      weight: 7,
      verdicts: [],
      decision: 'promote' as const,
    };
    world.rollout!.engine.judged(other);
    await COMMANDS.override.carryOut({ stage, reason: 'the router tells' }, context());
    const { at: _, line: __, ...kept } = view().judgements.at(-1)!;
    const reasoned = { decision: 'hold', override: 'the router tells' };
    expect(kept).toEqual({ ...other, weight: 50, ...reasoned });
  });
});

describe('a green that fails what probes ask', () => {
  test('is judged with the split, and stops', async () => {
    await fault({ deployment: 'green', path: '/score' }, 200, { status: 424 });
    const probes = await verify({ count: 60, budget: view().probesSent + 60 });
    await sandbox.control('DELETE', '/_sandbox/faults');
    expect(probes.failing).toMatchObject({ gate: 'liveErrors', verdict: 'fail' });
    expect(view().judgements.at(-1)).toMatchObject({ stage: 'split', decision: 'stop' });
    expect(view().judgements.at(-1)?.verdicts).toContainEqual(probes.failing);
  });
});

describe('the plan', () => {
  const edited = {
    weights: [50, 100],
    holds: { minutes: 3, requests: 0, approval: false },
    gates: { errors: { margin: 0.02 } },
  };

  test('is kept in the journal; a reason overrides the judgements it is given for', async () => {
    const file = { name: 'rollout.yml', sha256: 'f00d' };
    await COMMANDS.usePlan.carryOut({ plan: edited, file }, context());
    expect(view().choice).toMatchObject({ plan: edited, planFile: file });
    expect(view().judgements.at(-1)?.override).toBeUndefined();
    const reason = 'the router is replaced';
    const asked = {
      plan: edited,
      gates: ['split'],
      stages: ['split'],
      reason,
    } as const;
    await COMMANDS.usePlan.carryOut({ ...asked, gates: ['split'], stages: ['split'] }, context());
    expect(view().choice.planReason).toEqual({ gates: ['split'], reason });
    expect(view().judgements.at(-1)).toMatchObject({
      stage: 'split',
      override: `the plan was changed: ${reason}`,
    });
  });

  test('is written as a whole plan that can be carried out, and never over a file', async () => {
    const asked = { path: 'kept.yml', plan: edited } as const;
    const { path } = await COMMANDS.savePlan.carryOut(asked, context());
    expect(path).toBe(join(folder, 'kept.yml'));
    const whole = readPlanFile(readFileSync(path, 'utf8'), 'kept.yml');
    expect(whole).toMatchObject({
      ...edited,
      endpoint: { name: ENDPOINT },
      blue: { name: 'blue', model: { name: 'heart-classifier', version: '1' } },
      green: { name: 'green', model: { name: 'heart-classifier', version: '1' } },
      evidence: { csv: CSV, seed: 4711, target: 'target' },
    });
    await expect(COMMANDS.savePlan.carryOut(asked, context())).rejects.toMatchObject({
      failure: { message: 'kept.yml already exists: enter another name.' },
    });
  });

  test('is read from a file, whose paths are its own folder’s', async () => {
    writeFileSync(join(folder, 'part.yml'), 'weights: [20, 100]\nevidence: {csv: rows.csv}\n');
    const read = await COMMANDS.readPlan.carryOut({ path: 'part.yml' }, context());
    expect(read.plan).toMatchObject({
      weights: [20, 100],
      evidence: { csv: join(folder, 'rows.csv') },
    });
    expect(read.endpoint).toBeUndefined();
    writeFileSync(join(folder, 'bad.yml'), 'weights: [20, 100]\nsteps:\n  - {at: 30}\n');
    await expect(COMMANDS.readPlan.carryOut({ path: 'bad.yml' }, context())).rejects.toMatchObject({
      failure: {
        message: expect.stringMatching(/^bad\.yml, line 3, column \d+: .*30 is not a step/),
      },
    });
    await expect(COMMANDS.readPlan.carryOut({ path: 'none.yml' }, context())).rejects.toMatchObject(
      { failure: { kind: 'invalid' } },
    );
  });

  test('its hold is ended with a reason that the report shows', async () => {
    const ended = { change: 0, weight: 50, why: 'early', reason: 'drill' } as const;
    await COMMANDS.endHold.carryOut({ ...ended, verdicts: [] }, context());
    expect(view().choice.holdEnded).toEqual(ended);
    expect(view().judgements.at(-1)).toMatchObject({
      stage: 'watch',
      weight: 50,
      override: 'the hold was ended early: drill',
    });
    const yes = { change: 0, weight: 50, why: 'approved' } as const;
    await COMMANDS.endHold.carryOut({ ...yes, verdicts: [] }, context());
    expect(view().judgements.at(-1)).toMatchObject({ decision: 'promote' });
  });
});

describe('watching', () => {
  test('keeps until when somebody looked, also when it is given up', async () => {
    expect(view().watched).toBeUndefined();
    const stop = new AbortController();
    const since = Date.now();
    const hold = { minutes: 0.02, requests: 0, approval: false };
    const move = { id: 'hold', blue: 'blue', green: 'green', weight: 50, hold } as const;
    const running = COMMANDS.watch.carryOut(
      { move, plan: plan(20, { onFail: 'hold', probes: { count: 0, budget: 0 } }) },
      {
        world,
        signal: stop.signal,
        progress: (now) => {
          if (now.kind === 'live' && now.live.lookedUntil >= since + 1_000) stop.abort();
        },
      },
    );
    await expect(running).rejects.toThrow();
    expect(view().watched).toMatchObject({ weight: 50 });
    expect(Date.parse(view().watched!.until)).toBeGreaterThanOrEqual(since);
  });

  test('a mirror ends with a judgement, before any live traffic', async () => {
    const pair = { blue: 'blue', green: 'green' };
    const move = { id: 'watch-mirror', ...pair, percent: 10, minutes: 0.01 } as const;
    const { shown } = await COMMANDS.perform.carryOut({ move, plan: plan(20) }, context());
    expect(shown).toMatchObject({ asks: 'go-on', requests: 0 });
    expect(view().judgements.at(-1)).toMatchObject({ stage: 'mirror', weight: 0 });
  });

  test('what was not done at all is passed over with a reason', async () => {
    const asked = { stage: 'load', reason: 'no users yet' } as const;
    await COMMANDS.override.carryOut(asked, context());
    expect(view().judgements.at(-1)).toMatchObject({
      stage: 'load',
      deployment: 'green',
      verdicts: [],
      decision: 'hold',
      override: 'no users yet',
    });
  });
});
