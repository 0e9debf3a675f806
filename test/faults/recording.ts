/** A rollout in which nothing goes wrong, request by request: what the cells are generated from. */
import type { TestProject } from 'vitest/node';
import build from '../support/build.js';
import { Desk } from './desk.js';

export interface Moment {
  kind: string;
  /** Of this kind, from 1. */
  nth: number;
}

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
    const recording = await desk.cell(async (cell) => {
      const { code, stdout, stderr } = await cell.program('run', cell.plan, '--yes');
      if (code !== 0) throw new Error(`Nothing to record: ${code}\n${stdout}${stderr}`);
      return cell.proxy.log.map(({ kind, nth }) => ({ kind, nth }));
    });
    project.provide('recording', recording);
  } finally {
    await desk.stop();
  }
}
