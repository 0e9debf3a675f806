import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { onnxRunner } from '../../../src/sandbox/scoring/onnx-runner.js';
import { giveBack, takeThread } from '../../../src/sandbox/scoring/onnx-threads.js';
import { Unloadable } from '../../../src/sandbox/scoring/runner.js';
import { BUILT_WORKER, ROWS, SAMPLES } from './scoring-support.js';

const input = { kind: 'table' as const, columns: ROWS.columns, rows: ROWS.data };
const outputs = {
  kind: 'columns' as const,
  columns: [{ name: 'label', type: 'long' as const, required: true }],
};

async function started(folder: string) {
  const file = readFileSync(new URL(`${folder}/model.onnx`, SAMPLES));
  const start = onnxRunner(BUILT_WORKER, file, 'labels', { outputs });
  const ended: string[] = [];
  const events = { log: () => undefined, ended: (how: string) => void ended.push(how) };
  return { runner: await start(events, new AbortController().signal), ended };
}

/** The idle thread, which stays one. */
async function idleThread(): Promise<number> {
  const thread = takeThread(BUILT_WORKER);
  await giveBack(BUILT_WORKER, thread);
  return thread.threadId;
}

it('leaves the thread of a model that is gone to the next, which answers for itself', async () => {
  const one = await started('v1');
  const first = (await one.runner.score({ input, delayMs: 0 })).value;
  await one.runner.close();
  const idle = await idleThread();
  const other = await started('v3-regressed');
  const second = (await other.runner.score({ input, delayMs: 0 })).value;
  await other.runner.close();
  expect(await idleThread()).toBe(idle);
  expect(first).toEqual([0, 1, 1, 0, 0]);
  expect(second).not.toEqual(first);
  expect([...one.ended, ...other.ended]).toEqual([]);
});

it('ends a thread that still answers, and one that crashed, instead of keeping it', async () => {
  const idle = await idleThread();
  const busy = await started('v1');
  const answer = busy.runner.score({ input, delayMs: 60_000 });
  const rejected = expect(answer).rejects.toMatchObject({ name: 'Crashed' });
  await busy.runner.close();
  await rejected;
  const crashing = await started('v1');
  await expect(crashing.runner.score({ input, delayMs: 0, crash: true })).rejects.toMatchObject({
    name: 'Crashed',
  });
  expect(crashing.ended).toEqual(['code 137']);
  await crashing.runner.close();
  expect(await idleThread()).not.toBe(idle);
});

it('does not keep the thread of a model that did not load', async () => {
  const idle = await idleThread();
  const start = onnxRunner(BUILT_WORKER, Buffer.from('no model'), 'labels', undefined);
  const events = { log: () => undefined, ended: () => undefined };
  await expect(start(events, new AbortController().signal)).rejects.toBeInstanceOf(Unloadable);
  expect(await idleThread()).not.toBe(idle);
});
