/** Where a program can be ended: before, at and after a request, by one of three signals. */
import type { Moment } from './kinds.js';
import type { Cell } from './desk.js';
import type { Passing } from './proxy.js';

const SIGNALS = ['SIGKILL', 'SIGTERM', 'SIGINT'] as const;
/** What a shell sees; `undefined`: no code of its own. */
export const CODES = { SIGKILL: undefined, SIGTERM: 143, SIGINT: 130 };
/** Not sent on; sent on, and the answer kept back; the answer given. */
const PLACES = ['before', 'at', 'after'] as const;

export interface KillCell {
  id: string;
  moment: string;
  signal: (typeof SIGNALS)[number];
  place: (typeof PLACES)[number];
}

export const killCells = (moments: readonly Moment[]): KillCell[] =>
  moments.flatMap((moment) =>
    SIGNALS.flatMap((signal) =>
      PLACES.map((place) => ({
        id: `${signal} ${place}: ${moment.id}`,
        moment: moment.id,
        signal,
        place,
      })),
    ),
  );

/** Ends the program at the cell's moment. Returns whether that has come. */
export function killAt(cell: Cell, met: KillCell, end: () => Promise<void>): () => boolean {
  let killed = false;
  const meet = async (passing: Passing): Promise<void> => {
    killed = true;
    const answer = met.place === 'before' ? undefined : await passing.forward();
    if (met.place === 'after') await passing.reply(answer!);
    await end();
    passing.cut();
  };
  cell.proxy.interfere = (passing) =>
    !killed && passing.id === met.moment ? meet(passing) : undefined;
  return () => killed;
}
