/**
 * The requests of `run` from which the cells are generated: those of every run, without what one
 * repeats as often as it takes.
 */
import type { TestProject } from 'vitest/node';
import build from '../support/build.js';
import { Desk } from './desk.js';
import type { Moment } from './kinds.js';
import { rehearsedTwice } from './rehearsal.js';

declare module 'vitest' {
  export interface ProvidedContext {
    recording: Moment[];
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  const tidy = build();
  const recording = await rehearsedTwice(new Desk(), async (cell) => {
    const { code, stdout, stderr } = await cell.program('run', cell.plan, '--yes');
    if (code !== 0) throw new Error(`Nothing to record: ${code}\n${stdout}${stderr}`);
  });
  project.provide('recording', recording.filter(comesInEveryRun));
  return tidy;
}

/** How many of a kind come in every run after the same write; of others as many as were recorded. */
const IN_EVERY_RUN: readonly [RegExp, number][] = [
  // Asked again until the operation ends.
  [/mfeOperations/, 1],
  // Asked until the split is settled; so many by the plan.
  [/score unpinned/, 20],
  // Reads of Azure Monitor while a hold lasts, and looks.
  [/Microsoft\.Insights\/metrics/, 2],
  [/^GET (?:workspace|location)/, 4],
];

const comesInEveryRun = ({ kind, nth }: Moment): boolean =>
  nth <= (IN_EVERY_RUN.find(([pattern]) => pattern.test(kind))?.[1] ?? Infinity);
