/** Every kind of request meets every fault, once and for ever; then the way is clear, and it is run again. */
import { afterAll, beforeAll, expect, inject } from 'vitest';
import { Desk, FACTOR } from './desk.js';
import { FAULT_KINDS, type FaultKind } from './fault-kinds.js';
import type { Moment } from './recording.js';
import { chance, matrix } from './sample.js';
import { wrongWith, wrongWithPromoted } from './verdict.js';

const desk = new Desk();
beforeAll(() => desk.start());
afterAll(() => desk.stop());

interface FaultCell {
  id: string;
  fault: FaultKind;
  kind: string;
  /** The first that is struck. */
  from: number;
  times: 'once' | 'always';
}

const HANG_MS = 60_000 / FACTOR;

function faultCells(recording: readonly Moment[]): FaultCell[] {
  const counts = new Map<string, number>();
  for (const { kind, nth } of recording) counts.set(kind, nth);
  return [...counts].flatMap(([kind, count]) =>
    FAULT_KINDS.filter(({ only }) => only?.test(kind) ?? true).flatMap((fault) =>
      (['once', 'always'] as const).map((times) => {
        const id = `${fault.id} ${times}: ${kind}`;
        // Not among the last ones: which request is the last depends on the time a run takes.
        const from = 1 + Math.floor(chance(`${id} from`) * Math.max(1, count / 2));
        return { id, fault, kind, from, times };
      }),
    ),
  );
}

matrix('faults', faultCells(inject('recording')), 24, (met) =>
  desk.cell(async (cell) => {
    let struck = 0;
    cell.proxy.interfere = (passing) => {
      if (passing.kind !== met.kind || passing.nth < met.from) return undefined;
      if (met.times === 'once' && struck > 0) return undefined;
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
      const again = await cell.goOn(first);
      wrong.push(...(await wrongWith(cell, again)).map((each) => `then ${each}`));
      if (again.code !== 0) wrong.push(`then it ended with ${again.code}`);
    }
    wrong.push(...(await wrongWithPromoted(cell)));
    expect(wrong, cell.story()).toEqual([]);
  }),
);
