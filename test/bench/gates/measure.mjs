// Runs of one row of the table, in this process or shared out among several.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { GROUPS } from './table.mjs';

/** Seeds at a time: the last process is not waited for long. */
const AT_ONCE = 10;
const self = fileURLToPath(import.meta.url);

const rowOf = (title, name) =>
  GROUPS.find((group) => group.title === title).rows.find((row) => row.name === name);

/** @returns for each question of the row how often it was answered, and how often with yes */
async function countRuns({ title, name, from, to }) {
  const { run, asks } = rowOf(title, name);
  const hits = asks.map(() => 0);
  const of = asks.map(() => 0);
  for (let seed = from; seed <= to; seed += 1) {
    const result = await run(seed);
    asks.forEach(({ hit }, index) => {
      // `undefined`: this run says nothing of the question.
      const is = hit(result);
      if (is === undefined) return;
      of[index] += 1;
      if (is) hits[index] += 1;
    });
  }
  return { hits, of };
}

const sum = (some, other) => some.map((each, index) => each + other[index]);

/** A process that answers one question at a time. */
function helper() {
  const child = fork(self, ['--helper'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ask = (part) =>
    new Promise((resolve, reject) => {
      const ended = (code) => reject(new Error(`A process of the bench ended with ${code}.`));
      child.once('exit', ended);
      child.once('message', (answer) => {
        child.off('exit', ended);
        resolve(answer);
      });
      child.send(part);
    });
  return { ask, end: () => child.disconnect() };
}

/** Ctrl-C ends the runs, and not what they have told so far. */
export const interrupted = new globalThis.AbortController();

export function measuring(jobs) {
  process.once('SIGINT', () => interrupted.abort());
  const helpers = jobs > 1 ? Array.from({ length: jobs }, helper) : [];
  const askers = jobs > 1 ? helpers.map(({ ask }) => ask) : [countRuns];
  return {
    /** Seeds 1 to `count`. */
    async runsOf(title, name, count) {
      const none = rowOf(title, name).asks.map(() => 0);
      let all = { hits: none, of: none };
      let next = 1;
      const work = async (ask) => {
        while (next <= count && !interrupted.signal.aborted) {
          const from = next;
          const to = Math.min(count, from + AT_ONCE - 1);
          next = to + 1;
          const { hits, of } = await ask({ title, name, from, to });
          all = { hits: sum(all.hits, hits), of: sum(all.of, of) };
        }
      };
      await Promise.all(askers.map(work));
      return all;
    },
    end: () => helpers.forEach(({ end }) => end()),
  };
}

if (process.argv.includes('--helper')) {
  process.on('SIGINT', () => undefined);
  process.on('message', async (part) => process.send(await countRuns(part)));
}
