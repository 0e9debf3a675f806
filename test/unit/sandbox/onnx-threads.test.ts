import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { expect, it } from 'vitest';
import { onnxRunner } from '../../../src/sandbox/scoring/onnx-runner.js';
import { takePlace } from '../../../src/sandbox/scoring/onnx-threads.js';
import { Unloadable } from '../../../src/sandbox/scoring/runner.js';
import { BUILT_WORKER, ROWS, SAMPLES } from './scoring-support.js';

const input = { kind: 'table' as const, columns: ROWS.columns, rows: ROWS.data };
const outputs = {
  kind: 'columns' as const,
  columns: [{ name: 'label', type: 'long' as const, required: true }],
};
const THREADS = Math.max(2, availableParallelism());

async function started(folder: string) {
  const file = readFileSync(new URL(`${folder}/model.onnx`, SAMPLES));
  const start = onnxRunner(BUILT_WORKER, file, 'labels', { outputs });
  const ended: string[] = [];
  const events = { log: () => undefined, ended: (how: string) => void ended.push(how) };
  const runner = await start(events, new AbortController().signal);
  return { runner, ended, answer: async () => (await runner.score({ input, delayMs: 0 })).value };
}

const SILENT = { message: () => undefined, failed: () => undefined, exited: () => undefined };

/** The thread that the next model would be loaded into. */
async function nextThread(): Promise<number> {
  const place = takePlace(BUILT_WORKER, SILENT);
  await place.leave();
  return place.threadId;
}

it('leaves the thread of a model that is gone to the next, which answers for itself', async () => {
  const one = await started('v1');
  const first = await one.answer();
  await one.runner.close();
  const idle = await nextThread();
  const other = await started('v3-regressed');
  const second = await other.answer();
  await other.runner.close();
  expect(await nextThread()).toBe(idle);
  expect(first).toEqual([0, 1, 1, 0, 0]);
  expect(second).not.toEqual(first);
  expect([...one.ended, ...other.ended]).toEqual([]);
});

it('holds more models than it has threads, and each answers for itself at the same time', async () => {
  const kinds = ['v1', 'v3-regressed'];
  const alone = await Promise.all(kinds.map((kind) => started(kind)));
  const expected = await Promise.all(alone.map((each) => each.answer()));
  await Promise.all(alone.map(({ runner }) => runner.close()));
  const all = await Promise.all(
    Array.from({ length: 3 * THREADS }, (_, at) => started(kinds[at % 2]!)),
  );
  const answers = await Promise.all([...all, ...all].map((each) => each.answer()));
  expect(answers).toEqual(answers.map((_, at) => expected[at % 2]));
  await Promise.all(all.map(({ runner }) => runner.close()));
});

it('gives each model a thread while it has some, and one to a model that wants to be alone', async () => {
  const places = Array.from({ length: 3 * THREADS }, () => takePlace(BUILT_WORKER, SILENT));
  const ids = places.map(({ threadId }) => threadId);
  expect(new Set(ids.slice(0, THREADS)).size).toBe(THREADS);
  expect(new Set(ids).size).toBe(THREADS);
  const alone = takePlace(BUILT_WORKER, SILENT, true);
  expect(ids).not.toContain(alone.threadId);
  await Promise.all([...places, alone].map((place) => place.leave()));
});

it('stops a model that still answers, and one that crashed, but not those beside them', async () => {
  const beside = await Promise.all(Array.from({ length: THREADS }, () => started('v1')));
  const busy = await started('v1');
  const answer = busy.runner.score({ input, delayMs: 60_000 });
  const rejected = expect(answer).rejects.toMatchObject({ name: 'Crashed' });
  await busy.runner.close();
  await rejected;
  const crashing = await started('v1');
  const other = crashing.runner.score({ input, delayMs: 60_000 });
  const lost = expect(other).rejects.toMatchObject({ name: 'Crashed' });
  await expect(crashing.runner.score({ input, delayMs: 0, crash: true })).rejects.toMatchObject({
    name: 'Crashed',
  });
  await lost;
  expect(crashing.ended).toEqual(['code 137']);
  await crashing.runner.close();
  for (const each of beside) {
    expect(await each.answer()).toEqual([0, 1, 1, 0, 0]);
    expect(each.ended).toEqual([]);
    await each.runner.close();
  }
});

it('loads nothing more into the thread of a model that did not load; what it holds stays', async () => {
  const threads = Array.from({ length: THREADS }, () => started('v1'));
  const beside = await Promise.all(threads);
  const next = await nextThread();
  const start = onnxRunner(BUILT_WORKER, Buffer.from('no model'), 'labels', undefined);
  const events = { log: () => undefined, ended: () => undefined };
  await expect(start(events, new AbortController().signal)).rejects.toBeInstanceOf(Unloadable);
  expect(await nextThread()).not.toBe(next);
  for (const each of beside) {
    expect(await each.answer()).toEqual([0, 1, 1, 0, 0]);
    expect(each.ended).toEqual([]);
    await each.runner.close();
  }
});
