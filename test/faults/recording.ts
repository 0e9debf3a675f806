/**
 * Two rollouts in which nothing goes wrong, request by request. The cells are generated from what
 * both have, without what a run repeats as often as it takes.
 */
import type { TestProject } from 'vitest/node';
import build from '../support/build.js';
import { Desk } from './desk.js';
import type { Moment } from './kinds.js';

declare module 'vitest' {
  export interface ProvidedContext {
    recording: Moment[];
  }
}

export default async function setup(project: TestProject): Promise<void> {
  build();
  const desk = new Desk();
  try {
    await desk.start();
    const [one, other] = [await record(desk), await record(desk)];
    const shared = new Set(other.map(({ id }) => id));
    const recording = one.filter((each) => shared.has(each.id) && comesInEveryRun(each));
    project.provide('recording', recording);
  } finally {
    await desk.stop();
  }
}

/** How many of a kind come in every run after the same write; of others as many as were recorded. */
const IN_EVERY_RUN: readonly [RegExp, number][] = [
  // Asked again until the operation ends.
  [/mfeOperations/, 1],
  // Asked until the split is settled; so many by the plan.
  [/score unpinned/, 20],
  // Looks while a hold lasts.
  [/^GET (?:workspace|location)/, 4],
];

const comesInEveryRun = ({ kind, nth }: Moment): boolean =>
  nth <= (IN_EVERY_RUN.find(([pattern]) => pattern.test(kind))?.[1] ?? Infinity);

const record = (desk: Desk): Promise<Moment[]> =>
  desk.cell(async (cell) => {
    const { code, stdout, stderr } = await cell.program('run', cell.plan, '--yes');
    if (code !== 0) throw new Error(`Nothing to record: ${code}\n${stdout}${stderr}`);
    return cell.proxy.log.map(({ id, kind, nth }) => ({ id, kind, nth }));
  });
