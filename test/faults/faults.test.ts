/** Every kind of request meets every fault, once and until the run ends; then it is run again. */
import { afterAll, beforeAll, expect, inject } from 'vitest';
import { chained, Pending, withMissed, type Chain, type Situation } from './chains.js';
import { Desk, FACTOR } from './desk.js';
import { FAULT_KINDS, type FaultKind } from './fault-kinds.js';
import type { Moment } from './kinds.js';
import { chance, matrix } from './sample.js';
import { wrongWith, wrongWithPromoted } from './verdict.js';

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
  desk.cell(async (cell) => {
    const pending = new Pending(cell, chain);
    const wrong: string[] = [];
    let running = cell.program('run', cell.plan, '--yes');
    for (;;) {
      pending.arm(({ fault, moment, times }, passing, isFirst) => {
        const forEver = times === 'always';
        const strikes = isFirst || (forEver && passing.kind === moment.kind);
        return strikes ? fault.meet(passing, { ms: HANG_MS, forEver }) : undefined;
      });
      const result = await cell.ended(running);
      const met = pending.happened;
      const after = `after ${met.map(({ id }) => id).join(', ') || 'nothing'}: `;
      wrong.push(...(await wrongWith(cell, result)).map((each) => after + each));
      if (result.code === 0) break;
      if (met.every(({ passes }) => passes)) {
        wrong.push(`${after}it ended with ${result.code}`);
        break;
      }
      running = cell.again(result);
    }
    cell.proxy.interfere = undefined;
    wrong.push(...(await wrongWithPromoted(cell)));
    expect(wrong, cell.story()).toEqual([]);
    return pending.left;
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
