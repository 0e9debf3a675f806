/** Every kind of request meets every fault, once and for ever; then the way is clear, and it is run again. */
import { afterAll, beforeAll, expect, inject } from 'vitest';
import { Desk, FACTOR } from './desk.js';
import { FAULT_KINDS, type FaultKind } from './fault-kinds.js';
import type { Moment } from './kinds.js';
import { chance, matrix } from './sample.js';
import { wrongWith, wrongWithPromoted } from './verdict.js';

const desk = new Desk();
beforeAll(() => desk.start());
afterAll(() => desk.stop());

interface FaultCell {
  id: string;
  fault: FaultKind;
  /** The first request that is struck; of its kind. */
  from: Moment;
  times: 'once' | 'always';
}

const HANG_MS = 60_000 / FACTOR;

function faultCells(recording: readonly Moment[]): FaultCell[] {
  const kinds = [...new Set(recording.map(({ kind }) => kind))];
  return kinds.flatMap((kind) =>
    FAULT_KINDS.filter(({ only }) => only?.test(kind) ?? true).flatMap((fault) =>
      (['once', 'always'] as const).map((times) => {
        const id = `${fault.id} ${times}: ${kind}`;
        const all = recording.filter((each) => each.kind === kind);
        const from = all[Math.floor(chance(`${id} from`) * all.length)]!;
        return { id, fault, from, times };
      }),
    ),
  );
}

matrix('faults', faultCells(inject('recording')), 24, (met) =>
  desk.cell(async (cell) => {
    let struck = 0;
    cell.proxy.interfere = (passing) => {
      const first = struck === 0 && passing.id === met.from.id;
      const again = struck > 0 && met.times === 'always' && passing.kind === met.from.kind;
      if (!first && !again) return undefined;
      struck += 1;
      return met.fault.meet(passing, { ms: HANG_MS, forEver: met.times === 'always' });
    };
    const first = await cell.run('run', cell.plan, '--yes');
    expect(struck, 'strikes of the fault').toBeGreaterThan(0);
    const wrong = await wrongWith(cell, first);
    if (met.fault.passes && met.times === 'once' && first.code !== 0) {
      wrong.push(`it ended with ${first.code} for what passes`);
    }
    cell.proxy.interfere = undefined;
    if (first.code !== 0) {
      const again = await cell.ended(cell.again(first));
      wrong.push(...(await wrongWith(cell, again)).map((each) => `then ${each}`));
      if (again.code !== 0) wrong.push(`then it ended with ${again.code}`);
    }
    wrong.push(...(await wrongWithPromoted(cell)));
    expect(wrong, cell.story()).toEqual([]);
  }),
);
