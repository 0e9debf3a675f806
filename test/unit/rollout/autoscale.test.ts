/** Blue's autoscale is copied to green where the plan asks for it, and goes with green. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../../src/azure/connect.js';
import type { Workspace } from '../../../src/azure/types.js';
import { atItsMost } from '../../../src/rollout/autoscale.js';
import type { MoveContext } from '../../../src/rollout/moves/context.js';
import type { MoveEvent } from '../../../src/rollout/moves/events.js';
import { perform } from '../../../src/rollout/moves/index.js';
import { ArmClient, endpoint } from '../../support/arm.js';
import { autoscaleBody, autoscalePath, WEBHOOK } from '../../support/autoscale.js';
import { connectionTo } from '../../support/connection.js';
import { moveContext } from '../../support/move-context.js';
import { startSandbox, type TestSandbox } from '../../support/sandbox.js';
import { serveTwo } from '../../support/two-deployments.js';

let sandbox: TestSandbox;
let arm: ArmClient;
let workspace: Workspace;
const NAME = 'heart';
const deployment = (name: string): string =>
  `${arm.workspace}/onlineEndpoints/${NAME}/deployments/${name}`;
const scaled = async (name: string) => arm.get(autoscalePath(arm, name), '2022-10-01');
const put = async (name: string, target: string) =>
  arm.put(autoscalePath(arm, name), autoscaleBody(name, target), '2022-10-01');

/** A session on the endpoint, with blue serving all. */
async function begin(plan = {}): Promise<{ context: MoveContext; events: MoveEvent[] }> {
  const events: MoveEvent[] = [];
  const context = await moveContext(workspace, NAME, {
    plan: { weights: [100], autoscale: 'copy', ...plan },
    emit: (event) => events.push(event),
  });
  return { context, events };
}
const notes = (events: MoveEvent[]) =>
  events.flatMap((event) => (event.event === 'note' ? [event.message] : []));

beforeAll(async () => {
  sandbox = await startSandbox();
  arm = await ArmClient.connect(sandbox.info);
  workspace = await connect(connectionTo(sandbox));
  await serveTwo(sandbox, workspace, NAME);
  await arm.finished(
    await arm.put(`onlineEndpoints/${NAME}`, endpoint({ traffic: { blue: 100 } })),
  );
});
afterAll(async () => {
  await workspace?.close();
  await arm?.close();
  await sandbox?.stop();
});

describe('autoscale', () => {
  it('is nothing to copy where blue has none, and the traffic is set', async () => {
    const { context, events } = await begin();
    await perform({ id: 'set-traffic', weight: 10 }, context);
    expect(notes(events)).toEqual([
      'blue has no autoscale setting: there is nothing to copy to green.',
    ]);
    expect(context.weight).toBe(10);
    await perform({ id: 'abort', because: [] }, context);
  });

  it('is left alone where the plan does not ask for it', async () => {
    expect((await put('scale-blue', deployment('blue'))).status).toBe(201);
    const { context } = await begin({ autoscale: 'leave' });
    await perform({ id: 'set-traffic', weight: 10 }, context);
    expect(await workspace.autoscaleOf(deployment('green'))).toBeUndefined();
    await perform({ id: 'abort', because: [] }, context);
  });

  it('is copied before the first traffic: profiles, limits and rules, about green', async () => {
    const { context } = await begin();
    await perform({ id: 'set-traffic', weight: 10 }, context);
    const { engine } = context;
    const titles = engine.view.changes.map(({ title, ended }) => [title, ended?.ok]);
    expect(titles.slice(0, 2)).toEqual([
      ['copy autoscale setting scale-blue to green', true],
      ['set traffic blue=90 green=10', true],
    ]);
    const { body } = await scaled('scale-green');
    const wanted = autoscaleBody('scale-green', deployment('green'));
    const text = JSON.stringify({ ...body, id: undefined, name: undefined, type: undefined });
    // The service compares ids without case, and a copy keeps none of blue's.
    expect(JSON.parse(text.toLowerCase())).toEqual(
      JSON.parse(JSON.stringify(wanted).toLowerCase()),
    );
    expect(JSON.stringify(engine.entries)).not.toContain(WEBHOOK.split('?')[1]);
    const green = context.deployment('green');
    expect(atItsMost(green, engine.view).instanceCount).toBe(5);
    expect(atItsMost(context.deployment('blue'), engine.view).instanceCount).toBe(1);
    // A second raise copies nothing.
    await perform({ id: 'set-traffic', weight: 20 }, context);
    expect(
      engine.view.changes.filter(({ change }) => change.kind === 'copyAutoscale'),
    ).toHaveLength(1);

    await expect(perform({ id: 'delete-green', green: 'green' }, context)).rejects.toThrow(
      /20% of the live/,
    );
    expect((await scaled('scale-green')).status).toBe(200);
    await perform({ id: 'abort', because: [] }, context);
    await perform({ id: 'delete-green', green: 'green' }, context);
    expect([(await scaled('scale-green')).status, (await scaled('scale-blue')).status]).toEqual([
      404, 200,
    ]);
    expect(engine.view.changes.slice(-2).map(({ title }) => title)).toEqual([
      'delete autoscale setting scale-green of green',
      'delete deployment green',
    ]);
    expect(engine.view.aborted).toBeDefined();
    expect(atItsMost(green, engine.view).instanceCount).toBe(1);
  });
});
