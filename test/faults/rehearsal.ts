/** Rollouts in which nothing goes wrong, request by request. */
import type { Cell, Desk } from './desk.js';
import type { Moment } from './kinds.js';

/** The requests that two rollouts have in common. */
export async function rehearsedTwice<D extends Desk>(
  desk: D,
  rollOut: (cell: Cell, desk: D) => Promise<void>,
): Promise<Moment[]> {
  try {
    await desk.start();
    const [one, other] = [await rehearsed(desk, rollOut), await rehearsed(desk, rollOut)];
    const shared = new Set(other.map(({ id }) => id));
    return one.filter(({ id }) => shared.has(id));
  } finally {
    await desk.stop();
  }
}

const rehearsed = <D extends Desk>(
  desk: D,
  rollOut: (cell: Cell, desk: D) => Promise<void>,
): Promise<Moment[]> =>
  desk.cell(async (cell) => {
    await rollOut(cell, desk);
    return cell.proxy.log.map(({ id, kind, nth, since }) => ({ id, kind, nth, since }));
  });
