/** Every kind of request meets every fault, once and until the run ends; then it is run again. */
import { afterAll, beforeAll, inject } from 'vitest';
import { chained, withMissed, type Chain, type Situation } from './chains.js';
import { Desk, FACTOR } from './desk.js';
import { byRun, disturbedRollout } from './disturbed-rollout.js';
import { FAULT_KINDS, type FaultKind } from './fault-kinds.js';
import type { Moment } from './kinds.js';
import { chance, matrix } from './sample.js';

const desk = new Desk();
beforeAll(() => desk.start());
afterAll(() => desk.stop());

interface Fault extends Situation {
  fault: FaultKind;
  times: 'once' | 'always';
}

const HANG_MS = 60_000 / FACTOR;

/** `moment`: the first request that is struck; of its kind. */
function faults(recording: readonly Moment[]): Fault[] {
  const kinds = [...new Set(recording.map(({ kind }) => kind))];
  return kinds.flatMap((kind) =>
    FAULT_KINDS.filter(({ only }) => only?.test(kind) ?? true).flatMap((fault) =>
      (['once', 'always'] as const).map((times) => {
        const id = `${fault.id} ${times}: ${kind}`;
        const all = recording.filter((each) => each.kind === kind);
        const moment = all[Math.floor(chance(`${id} from`) * all.length)]!;
        return { id, fault, moment, times, passes: fault.passes && times === 'once' };
      }),
    ),
  );
}

const struck = (chain: Chain<Fault>): Promise<readonly Fault[]> =>
  desk.cell((cell) => {
    const { rollOut, story } = byRun(cell);
    return disturbedRollout(cell, chain, {
      rollOut,
      story,
      happens({ fault, moment, times }, passing, isFirst) {
        const forEver = times === 'always';
        const strikes = isFirst || (forEver && passing.kind === moment.kind);
        return strikes ? fault.meet(passing, { ms: HANG_MS, forEver }) : undefined;
      },
      codeAfter: (met) => (met.every(({ passes }) => passes) ? 0 : undefined),
    });
  });

const all = faults(inject('recording'));
const chains = [
  ...chained(
    all.filter(({ passes }) => passes),
    { first: 4, later: 2 },
  ),
  ...chained(
    all.filter(({ passes }) => !passes),
    { first: 3, later: 1 },
  ),
];

matrix('faults', chains, 8, (chain) => withMissed(chain, struck));
