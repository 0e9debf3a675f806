/** Rollouts that are over stay over; a green that was rejected can be replaced, or given up. */
import { expect } from 'vitest';
import type { Face, Meaning } from './face.js';
import type { Outcome } from './outcome.js';
import type { Right, Row } from './row.js';
import { BLUE, GREEN, type Stage } from './world.js';

const WARN = 'gates: {errors: warn, latency: warn, capacity: warn, accuracy: warn}';
const UNTIMED = 'gates: {latency: warn, capacity: warn}';
const FEW = { rows: 20 };
const REJECTED = {
  rest: `weights: [100]\nholds: {minutes: 0}\n${UNTIMED}`,
  greenModel: 'v3-regressed',
};

/** What was in the journal when the rollout had ended, and what was shown after that. */
const AFTER = new WeakMap<Stage, { lines: number; shown: string }>();

/** A finished rollout stays finished. */
function over(_outcome: Outcome, stage: Stage): void {
  const { lines, shown } = AFTER.get(stage)!;
  expect(stage.journal().slice(lines)).toEqual([]);
  expect(shown).not.toMatch(/of \d+ retire/);
  expect(shown).not.toMatch(/[Ss]taged: \d|Staged, not applied/);
}

const aborted: Omit<Right, 'says'> = {
  meaning: 'stopped',
  split: { [BLUE]: 100 },
  report: 'aborted',
  also: over,
};

async function abortedAndLeft(face: Face, stage: Stage, times: number): Promise<Meaning> {
  for (let time = 0; time < times; time += 1) await face.abort();
  await face.report();
  const lines = stage.journal().length;
  AFTER.set(stage, { lines, shown: await face.linger() });
  return 'stopped';
}

/** `status` and `abort` tell the same of whether a rollout is under way. */
async function agree(stage: Stage): Promise<boolean> {
  const status = await stage.program('status', stage.endpoint, '--json');
  const abort = await stage.program('abort', stage.endpoint, '--json');
  const [stands] = status.events();
  const underWay = stands?.['rolloutId'] !== undefined;
  const denied = /No rollout is under way/i.test(abort.stdout + abort.stderr);
  expect({ status: underWay, abort: !denied }).toEqual({ status: underWay, abort: underWay });
  return underWay;
}

const rejected: Omit<Right, 'says'> = {
  meaning: 'stopped',
  split: { [BLUE]: 100 },
  report: 'not started',
  judgements: [/^prove at 0: stop \(.*accuracy fail/],
};

/** The plan asks for a better model under the same name. */
function better(stage: Stage): void {
  const { greenModel: _, ...rest } = stage.plan;
  stage.writePlan(rest);
}

export const ENDINGS: readonly Row[] = [
  {
    id: 'abort-at-10',
    title: 'aborted at 10% and reported; then Esc, Enter and `resume`',
    plan: {
      rest: `weights: [10, 100]\nholds: {minutes: 0}\nsteps: [{at: 10, holds: {approval: true}}]\n${WARN}`,
      evidence: FEW,
    },
    async drive(face, stage) {
      await face.start();
      await face.rest();
      return abortedAndLeft(face, stage, 1);
    },
    right: { says: 'nothing is staged, and nothing is written after the report', ...aborted },
  },
  {
    id: 'abort-at-100',
    title: 'aborted at 100%, twice, before blue is retired',
    plan: {
      rest: `weights: [100]\nholds: {minutes: 0}\nsteps: [{at: 100, holds: {approval: true}}]\n${WARN}`,
      evidence: FEW,
    },
    async drive(face, stage) {
      await face.start();
      await face.until(() => /of \d+ retire/.test(face.says()));
      return abortedAndLeft(face, stage, 2);
    },
    right: { says: 'no retire screen for the deployment that serves, nothing staged', ...aborted },
  },
  {
    id: 'rejected-replace',
    title: 'green failed its proof; a better model takes its place',
    plan: REJECTED,
    async drive(face, stage) {
      await face.start();
      await face.rest();
      better(stage);
      await face.replaceGreen();
      return face.rest();
    },
    right: {
      says: 'the rejected green is replaced, proved and promoted',
      meaning: 'promoted',
      split: { [GREEN]: 100 },
      report: 'promoted',
      judgements: [/^prove at 0: stop \(.*accuracy fail/, /^prove at 0: promote/],
      also({ deployments }) {
        expect(deployments).toEqual([BLUE, GREEN]);
      },
    },
  },
  {
    id: 'rejected-agree',
    title: 'green failed its proof; `status` and `abort` are asked',
    plan: REJECTED,
    right: {
      says: 'both report that a rollout is under way',
      ...rejected,
      async also(_outcome, stage) {
        expect(await agree(stage)).toBe(true);
      },
    },
  },
  {
    id: 'rejected-give-up',
    title: 'green failed its proof; the rollout is given up',
    plan: REJECTED,
    async drive(face) {
      await face.start();
      const meaning = await face.rest();
      await face.giveUp();
      return meaning;
    },
    right: {
      says: 'the rollout is over: nothing is under way, nothing serves but blue',
      ...rejected,
      report: 'aborted',
      async also(_outcome, stage) {
        expect(await agree(stage)).toBe(false);
      },
    },
  },
  {
    id: 'rejected-reopen',
    title: 'green failed its proof; the program is opened again',
    plan: REJECTED,
    async drive(face, stage) {
      await face.start();
      const meaning = await face.rest();
      AFTER.set(stage, { lines: stage.journal().length, shown: await face.reopen() });
      return meaning;
    },
    right: {
      says: 'shows that the last proof failed, and why',
      ...rejected,
      also(_outcome, stage) {
        const { shown } = AFTER.get(stage)!;
        expect(shown).toMatch(/(?:fail|reject|stop)/i);
        expect(shown).toMatch(/was right on|is worse|loses/i);
      },
    },
  },
];
