/** The engine on the real sandbox, through the real adapter. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../../src/azure/connect.js';
import type { Workspace } from '../../../src/azure/types.js';
import type {
  Change,
  CreateDeployment,
  Progress,
  SetTraffic,
} from '../../../src/rollout/changes/change.js';
import { RolloutEngine } from '../../../src/rollout/engine.js';
import type { EngineEvent } from '../../../src/rollout/engine-events.js';
import { DriftError, failureOf, GuardError, StoppedWaiting } from '../../../src/rollout/errors.js';
import { Journal, readJournal } from '../../../src/rollout/journal/journal.js';
import { planRollback } from '../../../src/rollout/rollback.js';
import type { RecordedRequest } from '../../../src/sandbox/recording.js';
import { stepOf } from '../../../src/wizard/place.js';
import { decodeTags } from '../../../src/rollout/tags.js';
import { startSandbox, type TestSandbox } from '../../support/sandbox.js';

const ENDPOINT = 'heart-engine';
const sample = (version: string) =>
  fileURLToPath(new URL(`../../../samples/heart-classifier/${version}`, import.meta.url));

let sandbox: TestSandbox;
let workspace: Workspace;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aml-rollout-engine-'));
  sandbox = await startSandbox({ timeScale: 0.05 });
  const { info } = sandbox;
  workspace = await connect({
    cloud: 'public',
    signIn: 'managed-identity',
    subscriptionId: info.subscriptionId,
    resourceGroup: info.resourceGroup,
    workspaceName: info.workspaceName,
    proxyUrl: info.proxyUrl,
    caFile: info.caFile,
    identityEndpoint: info.identityEndpoint,
    identityHeader: info.env['IDENTITY_HEADER'] ?? '',
  });
});

afterAll(async () => {
  await workspace?.close();
  await sandbox?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function begin(
  rolloutId: string,
  endpoint = ENDPOINT,
): { engine: RolloutEngine; journal: Journal } {
  const { subscriptionId, resourceGroup, workspaceName } = sandbox.info;
  const journal = Journal.create(folder, {
    rolloutId,
    workspace: { subscriptionId, resourceGroup, workspaceName },
    endpoint,
    owner: 'ada',
    version: '0.0.0',
  });
  return { engine: new RolloutEngine({ workspace, journal, endpoint }), journal };
}

function resume(rolloutId: string): { engine: RolloutEngine; journal: Journal } {
  const journal = Journal.open(join(folder, `${ENDPOINT}-${rolloutId}.jsonl`));
  return { engine: new RolloutEngine({ workspace, journal, endpoint: ENDPOINT }), journal };
}

const register = (version: string): Change => ({
  kind: 'registerModel',
  model: 'heart-classifier',
  version,
  folder: sample(`v${version}`),
});

async function deployment(
  name: string,
  role: 'blue' | 'green',
  version: string,
): Promise<CreateDeployment> {
  const model = await workspace.getModelVersion('heart-classifier', version);
  if (!model) throw new Error(`version ${version} is not registered`);
  return {
    kind: 'createDeployment',
    endpoint: ENDPOINT,
    deployment: name,
    role,
    spec: { model: model.id, instanceType: 'Standard_DS3_v2', instanceCount: 1 },
  };
}

const busyOnce = (path: string) =>
  sandbox.control('POST', '/_sandbox/faults', {
    match: { method: 'PUT', path },
    times: 1,
    action: { status: 409 },
  });

const step = (engine: RolloutEngine) => stepOf(engine.snapshot, engine.view, engine.roles);

describe('a rollout on the sandbox', () => {
  it('sets blue up, from nothing to all traffic', async () => {
    const { engine, journal } = begin('r1');
    await engine.observe();
    expect(step(engine)).toBe('endpoint');
    await engine.run({
      kind: 'createEndpoint',
      endpoint: ENDPOINT,
      authMode: 'key',
      identity: { type: 'system_assigned' },
      tags: { team: 'cardio' },
    });
    expect(step(engine)).toBe('blue-model');
    engine.choose({ blueModel: { name: 'heart-classifier', version: '1' } });
    await engine.run(register('1'));
    expect(step(engine)).toBe('blue');
    await engine.run(await deployment('default', 'blue', '1'));
    expect(step(engine)).toBe('blue');
    await engine.run(engine.firstTrafficChange('default'));
    expect(step(engine)).toBe('test');
    expect(engine.view.undo).toEqual([]);
    expect(statSync(journal.path).mode & 0o777).toBe(0o600);
    journal.close();
  });

  it('registers a version twice only once', async () => {
    const { engine, journal } = resume('r1');
    await engine.run(register('1'));
    const versions = await workspace.listModelVersions('heart-classifier');
    expect(versions.map((each) => each.version)).toEqual(['1']);
    await expect(
      engine.run({ ...register('1'), folder: sample('v2') } as Change),
    ).rejects.toMatchObject({ failure: { kind: 'conflict' } });
    journal.close();
  });

  it('puts green beside it, and moves traffic with tags riding on the write', async () => {
    const { engine, journal } = resume('r1');
    await engine.observe();
    engine.choose({ newModel: { name: 'heart-classifier', version: '2' } });
    // Busy for a moment: both are sent again.
    const notes: string[] = [];
    const onProgress = (progress: Progress): void =>
      void (progress.stage === 'note' && notes.push(progress.message));
    await busyOnce('/models/heart-classifier/versions/2');
    await engine.run(register('2'), { onProgress });
    expect(step(engine)).toBe('green');
    await busyOnce('/deployments/x-2');
    await engine.run(await deployment('x-2', 'green', '2'), { onProgress });
    expect(step(engine)).toBe('prove');
    expect(notes.filter((each) => each.endsWith(' Retrying.'))).toHaveLength(2);
    await engine.run(engine.trafficChange(10));
    expect(engine.snapshot?.endpoint?.traffic).toEqual({ default: 90, 'x-2': 10 });
    const tags = engine.snapshot?.endpoint?.tags ?? {};
    expect(tags['team']).toBe('cardio');
    expect(decodeTags(tags)).toEqual({
      rolloutId: 'r1',
      owner: 'ada',
      roles: { blue: 'default', green: 'x-2' },
      start: { default: 100 },
      blueInstances: 1,
    });
    expect(step(engine)).toBe('traffic');
    journal.close();
  });

  it('goes on from the tags alone, as another laptop would', async () => {
    const other = begin('elsewhere');
    await other.engine.observe();
    expect(other.engine.roles).toMatchObject({
      source: 'tags',
      roles: { blue: 'default', green: 'x-2' },
      other: { rolloutId: 'r1', owner: 'ada' },
    });
    expect(step(other.engine)).toBe('traffic');
    other.journal.close();
  });

  it('undoes split by split, and never upwards', async () => {
    const { engine, journal } = resume('r1');
    await engine.observe();
    await engine.run(engine.trafficChange(30));
    expect(engine.view.undo).toEqual([{ default: 100 }, { default: 90, 'x-2': 10 }]);
    await engine.undo();
    expect(engine.snapshot?.endpoint?.traffic).toEqual({ default: 90, 'x-2': 10 });
    await engine.undo();
    expect(engine.snapshot?.endpoint?.traffic).toEqual({ default: 100 });
    await expect(engine.undo()).rejects.toBeInstanceOf(GuardError);
    journal.close();
  });

  it('looks before it moves traffic, unless it does so in the moment of a look', async () => {
    const { engine, journal } = resume('r1');
    const looks = async (work: () => Promise<unknown>): Promise<number> => {
      await sandbox.control('POST', '/_sandbox/requests', { record: true });
      await work();
      const { body } = await sandbox.control('GET', '/_sandbox/requests');
      await sandbox.control('DELETE', '/_sandbox/requests');
      const { requests } = body as { requests: RecordedRequest[] };
      return requests.filter(({ path }) => path.endsWith(`/${ENDPOINT}/deployments`)).length;
    };
    await engine.observe();
    expect(await looks(() => engine.run(engine.trafficChange(10)))).toBe(1);
    // Its own look is the one that counts.
    expect(await looks(() => engine.undo())).toBe(1);
    const lookAndMove = async (): Promise<void> => {
      await engine.observe();
      await engine.run(engine.trafficChange(10));
    };
    expect(await looks(lookAndMove)).toBe(1);
    await engine.undo();
    expect(engine.snapshot?.endpoint?.traffic).toEqual({ default: 100 });
    journal.close();
  });

  it('refuses a split when someone else moved traffic since it was seen', async () => {
    const { engine, journal } = resume('r1');
    await engine.observe();
    const stale = engine.trafficChange(20);
    await sandbox.control('POST', '/_sandbox/traffic', {
      endpoint: ENDPOINT,
      traffic: { default: 60, 'x-2': 40 },
    });
    const before = journal.entries.length;
    await expect(engine.run(stale)).rejects.toThrow(
      /^Someone else set the traffic to default=60 x-2=40 at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC; this rollout left it at default=100\.$/,
    );
    expect(journal.entries).toHaveLength(before);
    await expect(engine.abort({ unlessDrift: true })).rejects.toBeInstanceOf(DriftError);
    journal.close();
  });

  it('goes on from what someone else set only when that was adopted, in a later session too', async () => {
    const first = resume('r1');
    await first.engine.observe();
    expect(first.engine.drift?.what).toBe('traffic');
    const stale = first.engine.trafficChange(20);
    first.engine.adopt();
    expect(first.engine.drift).toBeUndefined();
    const seenBefore = { ...stale, from: { default: 100 } };
    await expect(first.engine.run(seenBefore)).rejects.toThrow(
      /moved by someone else: you saw default=100, now it is default=60 x-2=40/,
    );
    first.journal.close();
    const second = resume('r1');
    await second.engine.observe();
    expect(second.engine.drift).toBeUndefined();
    second.journal.close();
  });

  it('reports what Azure refuses, and journals it', async () => {
    const { engine, journal } = resume('r1');
    await engine.observe();
    await sandbox.control('POST', '/_sandbox/faults', {
      match: { method: 'PUT', path: `/onlineEndpoints/${ENDPOINT}` },
      times: 1,
      action: { status: 409 },
    });
    const { traffic } = engine.snapshot!.endpoint!;
    await expect(engine.run(engine.trafficChange(50))).rejects.toMatchObject({
      failure: { kind: 'conflict' },
    });
    expect(engine.view.changes.at(-1)?.ended).toMatchObject({ ok: false });
    await engine.observe();
    expect(engine.snapshot?.endpoint?.traffic).toEqual(traffic);
    journal.close();
  });

  it('aborts behind a running write, past a busy endpoint, and empties the undo stack', async () => {
    const { engine, journal } = resume('r1');
    const events: EngineEvent[] = [];
    engine.subscribe((event) => events.push(event));
    await engine.observe();
    const running = engine.run(engine.trafficChange(70));
    await sandbox.control('POST', '/_sandbox/faults', {
      match: { method: 'PUT', path: `/onlineEndpoints/${ENDPOINT}` },
      times: 1,
      action: { status: 409 },
    });
    const outcome = running.catch((error: unknown) => failureOf(error, 'run').kind);
    const restored = await engine.abort();
    await outcome;
    expect(restored).toEqual({ default: 100 });
    expect(engine.snapshot?.endpoint?.traffic).toEqual({ default: 100 });
    expect(engine.view.undo).toEqual([]);
    expect(engine.view.aborted?.restored).toEqual({ default: 100 });
    expect(step(engine)).toBe('traffic');
    expect(decodeTags(engine.snapshot?.endpoint?.tags ?? {})).toEqual({ roles: {} });
    expect(engine.snapshot?.deployments.map((each) => each.name).sort()).toEqual([
      'default',
      'x-2',
    ]);
    expect(events.at(-1)).toEqual({ type: 'aborted', restored: { default: 100 } });
    journal.close();
  });

  it('takes its tags off in an abort that finds the split at the start live, and only once', async () => {
    const { engine, journal } = resume('r1');
    await engine.observe();
    await engine.run(engine.trafficChange(0));
    expect(decodeTags(engine.snapshot?.endpoint?.tags ?? {}).rolloutId).toBe('r1');
    expect(await engine.abort()).toEqual({ default: 100 });
    expect(decodeTags(engine.snapshot?.endpoint?.tags ?? {})).toEqual({ roles: {} });
    const changes = engine.view.changes.length;
    await engine.abort();
    expect(engine.view.changes).toHaveLength(changes);
    expect(engine.view.aborted?.restored).toEqual({ default: 100 });
    journal.close();
  });

  it('no longer stops at what someone else changed, once an abort restored the start', async () => {
    const { engine, journal } = resume('r1');
    await engine.observe();
    await engine.run(engine.trafficChange(10));
    await sandbox.control('POST', '/_sandbox/traffic', {
      endpoint: ENDPOINT,
      traffic: { default: 60, 'x-2': 40 },
    });
    await engine.observe();
    expect(engine.drift?.what).toBe('traffic');
    expect(await engine.abort()).toEqual({ default: 100 });
    expect(engine.drift).toBeUndefined();
    await engine.observe();
    expect(engine.drift).toBeUndefined();
    journal.close();
  });

  it('finds out after a crash how a change ended that Azure had accepted', async () => {
    const first = resume('r1');
    await first.engine.observe();
    const stop = new AbortController();
    const run = first.engine.run(first.engine.trafficChange(10), {
      signal: stop.signal,
      onProgress: ({ stage }) => stage === 'sent' && stop.abort(),
    });
    await expect(run).rejects.toBeInstanceOf(StoppedWaiting);
    expect(first.engine.view.pending).toHaveLength(1);
    first.journal.close();

    const second = resume('r1');
    const view = await second.engine.settle();
    expect(view.pending).toEqual([]);
    expect(view.changes.at(-1)?.ended).toMatchObject({ ok: true });
    expect(second.engine.snapshot?.endpoint?.traffic).toEqual({ default: 90, 'x-2': 10 });
    second.journal.close();
  });

  it('finds out after a crash that a change never reached Azure', async () => {
    const lost = resume('r1');
    await lost.engine.observe();
    const change: SetTraffic = lost.engine.trafficChange(20);
    lost.journal.append({ event: 'begun', id: 99, change, title: 'set traffic' });
    lost.journal.close();

    const second = resume('r1');
    const view = await second.engine.settle();
    expect(view.changes.at(-1)?.ended).toMatchObject({ ok: false, failure: { retrySafe: true } });
    second.journal.close();
  });

  it('finishes at 0/100, closes the tags, and can still be rolled back by anyone', async () => {
    const { engine, journal } = resume('r1');
    await engine.observe();
    await engine.run(engine.trafficChange(100));
    expect(step(engine)).toBe('retire');
    engine.choose({ retire: 'keep' });
    expect(step(engine)).toBe('report');
    await engine.run(engine.closingChange());
    const plan = planRollback(await engine.observe());
    expect(plan).toMatchObject({ kind: 'ready', change: { to: { default: 100, 'x-2': 0 } } });
    if (plan.kind === 'ready') await engine.run(plan.change);
    expect(engine.snapshot?.endpoint?.traffic).toEqual({ default: 100 });
    expect(planRollback(engine.snapshot!)).toMatchObject({ kind: 'nothing' });
    journal.close();
  });

  it('deletes what has no traffic, keeps its definition, and refuses what has some', async () => {
    const { engine, journal } = resume('r1');
    const remove = (name: string): Change => ({
      kind: 'deleteDeployment',
      endpoint: ENDPOINT,
      deployment: name,
    });
    await expect(engine.run(remove('default'))).rejects.toThrow(/100% of the live traffic/);
    await engine.run(remove('x-2'));
    expect(engine.view.changes.at(-1)?.deleted).toMatchObject([{ name: 'x-2' }]);
    await engine.run({ kind: 'deleteEndpoint', endpoint: ENDPOINT });
    expect(engine.snapshot?.endpoint).toBeUndefined();
    expect(readJournal(journal.path).torn).toBe(false);
    journal.close();
  });
});

describe('trouble with a deployment', () => {
  const AT = 'heart-trouble';
  const make = async (name: string, role: 'blue' | 'green'): Promise<CreateDeployment> => ({
    ...(await deployment(name, role, '1')),
    endpoint: AT,
  });
  let engine: RolloutEngine;
  let journal: Journal;

  beforeAll(async () => {
    ({ engine, journal } = begin('r2', AT));
    const identity = { type: 'system_assigned' as const };
    await engine.run({ kind: 'createEndpoint', endpoint: AT, authMode: 'key', identity, tags: {} });
    await engine.run(await make('default', 'blue'));
    await engine.run(engine.firstTrafficChange('default'));
  });
  afterAll(() => journal.close());

  it('tells of a container that crashed, leaves it at the green step, and can delete it', async () => {
    await sandbox.control('POST', '/_sandbox/faults', {
      match: { deployment: 'x-crash' },
      times: 1,
      action: { crash: 'ModuleNotFoundError: No module named azureml.ai' },
    });
    await expect(engine.run(await make('x-crash', 'green'))).rejects.toMatchObject({
      failure: { kind: 'provisioning' },
    });
    engine.choose({ roles: { green: 'x-crash' } });
    await engine.observe();
    expect(step(engine)).toBe('green');
    await expect(engine.run(await make('x-crash', 'green'))).rejects.toThrow(/can't be repaired/);
    await engine.run({ kind: 'deleteDeployment', endpoint: AT, deployment: 'x-crash' });
    expect(engine.snapshot?.deployments.map((each) => each.name)).toEqual(['default']);
  });

  it('takes a write for done whose operation it may not ask about, once the split is there', async () => {
    await engine.run(await make('x-1', 'green'));
    await sandbox.control('POST', '/_sandbox/faults', {
      match: { method: 'GET', path: 'mfeOperationsStatus' },
      times: 50,
      action: { status: 403 },
    });
    await engine.run(engine.trafficChange(10));
    await sandbox.control('DELETE', '/_sandbox/faults');
    expect(engine.snapshot?.endpoint?.traffic).toEqual({ default: 90, 'x-1': 10 });
    expect(engine.view.changes.at(-1)?.ended).toMatchObject({ ok: true });
  });

  it('journals that a write which had failed is in effect', async () => {
    const change = engine.trafficChange(15);
    await sandbox.control('POST', '/_sandbox/faults', {
      match: { method: 'PUT', path: `/onlineEndpoints/${AT}` },
      times: 20,
      action: { status: 409 },
    });
    await expect(engine.run(change)).rejects.toMatchObject({ failure: { kind: 'conflict' } });
    await sandbox.control('DELETE', '/_sandbox/faults');
    expect(engine.view.changes.at(-1)?.ended).toMatchObject({ ok: false });
    await engine.tookEffect();
    expect(engine.view.changes.at(-1)?.ended).toMatchObject({ ok: false });
    await workspace.wait(await workspace.updateEndpoint(AT, { traffic: change.to }));
    await engine.observe();
    await engine.tookEffect();
    expect(engine.view.changes.at(-1)?.ended).toMatchObject({ ok: true });
    // A later session believes the journal.
    const again = new RolloutEngine({ workspace, journal, endpoint: AT });
    await again.observe();
    expect(again.drift).toBeUndefined();
  });

  it('aborts without waiting for a deployment that is still being created', async () => {
    await engine.run(engine.trafficChange(20));
    const stop = new AbortController();
    const creating = engine.run(await make('x-slow', 'green'), {
      signal: stop.signal,
      onProgress: ({ stage }) => stage === 'sent' && stop.abort(),
    });
    await expect(creating).rejects.toBeInstanceOf(StoppedWaiting);
    engine.choose({ roles: { blue: 'default', green: 'x-1' } });
    expect(await engine.abort()).toEqual({ default: 100 });
    await engine.settle();
    expect(engine.view.pending).toEqual([]);
    expect(engine.snapshot?.deployments).toHaveLength(3);
  });

  it('reports a write that never reached Azure as failed, though the split is as wanted', async () => {
    const change = engine.trafficChange(0);
    const tagged: SetTraffic = { ...change, tags: { note: 'lost' } };
    await sandbox.control('POST', '/_sandbox/faults', {
      match: { method: 'PUT', path: `/onlineEndpoints/${AT}` },
      times: 20,
      action: { drop: true },
    });
    const error = await engine.run(tagged).catch((reason: unknown) => reason);
    await sandbox.control('DELETE', '/_sandbox/faults');
    expect(failureOf(error, 'run').kind).toBe('network');
    expect(engine.view.changes.at(-1)?.ended).toMatchObject({ ok: false });
  });
});
