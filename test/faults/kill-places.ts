/** Where a program can be ended: before, at and after a request, by one of three signals. */
import type { Cell } from './desk.js';
import type { Moment } from './kinds.js';
import type { Passing } from './proxy.js';

const SIGNALS = ['SIGKILL', 'SIGTERM', 'SIGINT'] as const;
/** What a shell sees; `undefined`: no code of its own. */
export const CODES = { SIGKILL: undefined, SIGTERM: 143, SIGINT: 130 };
/** Not sent on; sent on, and the answer kept back; the answer given. */
const PLACES = ['before', 'at', 'after'] as const;

/** A rollout that is ended at each of its moments, and continued. */
export interface KillCell {
  id: string;
  /** Some before the first write, and at most one after each. */
  situations: Moment[];
  signal: (typeof SIGNALS)[number];
  place: (typeof PLACES)[number];
}

export function killCells(moments: readonly Moment[]): KillCell[] {
  const chains = apart(moments);
  return SIGNALS.flatMap((signal) =>
    PLACES.flatMap((place) =>
      chains.map((situations) => ({
        id: idOf(signal, place, situations),
        situations,
        signal,
        place,
      })),
    ),
  );
}

const idOf = (signal: string, place: string, [first, ...more]: readonly Moment[]): string =>
  `${signal} ${place}: ${first!.id}${more.length > 0 ? `, and ${more.length} more` : ''}`;

/** Ends of one rollout before its first write. */
const ENDS_AT_FIRST = 4;

/**
 * As few rollouts as hold all moments. A run that goes on asks for other things until its next write;
 * from then on its requests are those of any run, so a rollout can be ended once after each write.
 * Before the first one it begins anew each time.
 */
function apart(moments: readonly Moment[]): Moment[][] {
  const parts = [...new Set(moments.map(({ since }) => since))].map((since) =>
    moments.filter((moment) => moment.since === since),
  );
  const needed = parts.map((part) =>
    Math.ceil(part.length / (part[0]!.since === '' ? ENDS_AT_FIRST : 1)),
  );
  const count = Math.max(0, ...needed);
  return Array.from({ length: count }, (_, chain) =>
    parts.flatMap((part) =>
      part.filter((_moment, at) => Math.floor((at * count) / part.length) === chain),
    ),
  );
}

/** Ends the program of a cell at its moments. */
export class Ends {
  /** Moments that have not come. */
  readonly left: Moment[];
  #ended: Moment | undefined;

  constructor(
    readonly cell: Cell,
    readonly met: KillCell,
  ) {
    this.left = [...met.situations];
  }

  /** From now on; `end` ends the program, once. */
  arm(end: () => Promise<void>): void {
    const { proxy } = this.cell;
    const after = this.#ended?.since || undefined;
    this.#ended = undefined;
    proxy.programStarted();
    proxy.interfere = (passing) => {
      const moment = this.left.find(({ id }) => id === passing.id);
      if (this.#ended || moment === undefined || moment.since === after) return undefined;
      this.#ended = moment;
      this.left.splice(this.left.indexOf(moment), 1);
      return this.#meet(passing, end);
    };
  }

  /** Where it was ended; undefined: it came to its own end. */
  get at(): Moment | undefined {
    return this.#ended;
  }

  async #meet(passing: Passing, end: () => Promise<void>): Promise<void> {
    const { place } = this.met;
    const answer = place === 'before' ? undefined : await passing.forward();
    if (place === 'after') await passing.reply(answer!);
    await end();
    passing.cut();
  }
}

/**
 * Runs the cell, then each moment that did not come on its own: a run that goes on may need less.
 * @param run returns the moments that did not come
 */
export async function withMissed(
  met: KillCell,
  run: (met: KillCell) => Promise<readonly Moment[]>,
): Promise<void> {
  for (const missed of await run(met)) {
    const id = idOf(met.signal, met.place, [missed]);
    const left = await run({ ...met, id, situations: [missed] });
    if (left.length > 0) throw new Error(`The moment did not come: ${id}`);
  }
}
