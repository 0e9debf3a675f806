/** Checks of the plan in the wizard, by its keys, on a sandbox: k runs them, Enter respects what they say. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../../../src/azure/connect.js';
import type { Paths } from '../../../src/profiles/paths.js';
import { ProfileStore } from '../../../src/profiles/store.js';
import type { PlannedCheck } from '../../../src/rollout/checks/planned.js';
import { COMMANDS } from '../../../src/wizard/effects/index.js';
import type { Services, World } from '../../../src/wizard/effects/world.js';
import { Runner } from '../../../src/wizard/runner.js';
import { Store } from '../../../src/wizard/store.js';
import { connectionTo } from '../../support/connection.js';
import { eventually } from '../../support/eventually.js';
import { beginRollout, BLUE, GREEN } from '../../support/rollout.js';
import { startSandbox, temporaryFolder, type TestSandbox } from '../../support/sandbox.js';
import { SANDBOX, withSession } from '../../support/wizard-states.js';

const ENDPOINT = 'wizard-checks';
let folder: string;
let sandbox: TestSandbox;
let world: World;
let store: Store;
let runner: Runner;

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
const APPEND = `process.stdin.pipe(require('fs').createWriteStream('told.jsonl', {flags: 'a'}))`;
const told = (): string[] =>
  readFileSync(join(folder, 'told.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { event: string }).event);
const say = (text: string): void => writeFileSync(join(folder, 'orders.txt'), text);

beforeAll(async () => {
  folder = temporaryFolder();
  sandbox = await startSandbox();
  const journals = join(folder, 'journals');
  const rollout = await beginRollout(sandbox, {
    ...{ endpoint: ENDPOINT, rolloutId: ENDPOINT, journals, greenShare: 0 },
  });
  rollout.engine.choose({
    plan: {
      weights: [50, 100],
      gates: { split: { mode: 'off' }, contract: { mode: 'off' } },
      checks: [orders],
      holds: { minutes: 5 },
      onFail: 'rollback',
      notify: [
        { command: { argv: [process.execPath, '-e', APPEND] } },
        { webhook: { urlFrom: 'NO_SUCH_WEBHOOK' }, on: ['rolled-back'] },
      ],
    },
  });
  rollout.engine.judged({
    ...{ stage: 'prove', deployment: GREEN, weight: 0, decision: 'promote' },
    verdicts: [],
  });
  await rollout.close();

  const workspace = await connect(connectionTo(sandbox));
  const paths = { journals, state: join(folder, 'state') } as Paths;
  const profiles = new ProfileStore(join(folder, 'config'));
  const services = {} as Services;
  world = { services, paths, profiles, program: 'test', cwd: folder, workspace, lagMs: 0 };
  const context = { world, signal: new AbortController().signal, progress: () => undefined };
  const opened = await COMMANDS.openEndpoint.carryOut({ endpoint: ENDPOINT }, context);
  store = new Store(withSession(SANDBOX, opened));
  runner = new Runner(store, world);
  store.connect(runner.start, runner.settle);
  store.begin();
});

afterAll(async () => {
  await runner.close();
  await sandbox.stop();
  rmSync(folder, { recursive: true, force: true });
});

const press = (name: string): void => store.dispatch({ type: 'key', key: { name } });
const judged = () => store.getState().session?.opened?.journal.judgements ?? [];
const traffic = () => store.getState().session?.opened?.snapshot.endpoint?.traffic;

/** The judgement that pressing k leads to. */
async function runChecks() {
  const before = judged().length;
  press('k');
  await eventually(() => expect(judged().length).toBe(before + 1));
  await eventually(() => expect(store.getState().runs.perform).toBeUndefined());
  return judged().at(-1);
}

/** What Enter asks before green gets more traffic. */
function askedByEnter(): string {
  press('enter');
  const top = store.getState().overlays.at(-1);
  press('esc');
  return top?.kind === 'reason' ? [top.title, ...top.lines].join('\n') : JSON.stringify(top);
}

describe.sequential('k on the traffic screen', () => {
  test('runs the checks; one that fails stands in the way of Enter', async () => {
    say('9');
    expect(await runChecks()).toMatchObject({ stage: 'checks', weight: 0, decision: 'stop' });
    expect(askedByEnter()).toMatch(/^Override a failed gate\nCheck orders failed in 1 of 1/);
    expect(traffic()).toEqual({ [BLUE]: 100 });
  });

  test('and one that cannot be read holds, and says why', async () => {
    say('no number');
    expect(await runChecks()).toMatchObject({ decision: 'hold', verdicts: [{ verdict: 'error' }] });
    expect(askedByEnter()).toMatch(/Check orders can't be read: The answer is neither a number/);
    expect(traffic()).toEqual({ [BLUE]: 100 });
  });

  test('and what passes lets Enter give green its weight', async () => {
    say('13');
    expect(await runChecks()).toMatchObject({ decision: 'promote' });
    press('enter');
    await eventually(() => expect(traffic()).toEqual({ [BLUE]: 50, [GREEN]: 50 }));
  });

  test('one that fails while green is held rolls it back', async () => {
    say('3');
    await eventually(() => expect(traffic()).toEqual({ [BLUE]: 100 }));
    const last = judged().findLast(({ stage }) => stage === 'watch');
    expect(last).toMatchObject({ weight: 50, decision: 'stop' });
    expect(last?.why).toMatch(/^Check orders failed in 1 of \d+ measurements?: 3/);
  });

  test('and the targets of the plan are told of all that, or a person why not', async () => {
    const events = ['gate-failed', 'gate-failed', 'gate-failed', 'rolled-back'];
    await eventually(() => expect(told()).toEqual(events));
    const said = 'Not notified (rolled-back): The environment variable NO_SUCH_WEBHOOK is not set.';
    await eventually(() => expect(store.getState().log.map(({ text }) => text)).toContain(said));
  });
});
