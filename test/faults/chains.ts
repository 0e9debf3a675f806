/** Rollouts in which several things happen, one after the other: as few as hold them all. */
import type { Cell } from './desk.js';
import type { Moment } from './kinds.js';
import type { Passing } from './proxy.js';

/** What happens at a moment. */
export interface Situation {
  id: string;
  moment: Moment;
  /** The run goes on as if nothing had happened. */
  passes?: boolean;
  /** The program is ended: nothing more can happen to it. */
  ends?: boolean;
}

/** A rollout in which they happen. */
export interface Chain<S extends Situation> {
  id: string;
  situations: readonly S[];
}

/** How many can happen in one rollout before its first write, and after each. */
interface Most {
  first: number;
  later: number;
}

/**
 * A run that is disturbed asks for other things until its next write; from then on its requests are
 * those of any run, so one thing can happen after each write. Before the first one a run that is
 * started again begins anew. What passes changes only how often the run asks for the same.
 */
export function chained<S extends Situation>(all: readonly S[], most: Most): Chain<S>[] {
  const parts = [...new Set(all.map(({ moment }) => moment.since))].map((since) =>
    all.filter(({ moment }) => moment.since === since),
  );
  const needed = parts.map((part) =>
    Math.ceil(part.length / (part[0]!.moment.since === '' ? most.first : most.later)),
  );
  const count = Math.max(0, ...needed);
  return Array.from({ length: count }, (_, chain) =>
    chainOf(parts.flatMap((part) => part.filter((_situation, at) => at % count === chain))),
  );
}

function chainOf<S extends Situation>(situations: readonly S[]): Chain<S> {
  const more = situations.length - 1;
  return { id: `${situations[0]!.id}${more > 0 ? `, and ${more} more` : ''}`, situations };
}

/** What is still to happen in a rollout, and what has happened to the program that runs. */
export class Pending<S extends Situation> {
  readonly left: S[];
  /** To the program that was started last. */
  happened: S[] = [];
  #before: S | undefined;

  constructor(
    readonly cell: Cell,
    { situations }: Chain<S>,
  ) {
    this.left = [...situations];
  }

  /**
   * For a program that is about to start.
   * @param happens at first, and what to do with each later request because of it
   */
  arm(
    happens: (situation: S, passing: Passing, isFirst: boolean) => Promise<void> | undefined,
  ): void {
    const { proxy } = this.cell;
    this.#before = this.happened.at(-1) ?? this.#before;
    this.happened = [];
    proxy.programStarted();
    proxy.interfere = (passing) => {
      const next = this.left.find((each) => each.moment.id === passing.id && this.#isTime(each));
      if (next === undefined) {
        for (const each of this.happened) {
          const happening = happens(each, passing, false);
          if (happening) return happening;
        }
        return undefined;
      }
      this.left.splice(this.left.indexOf(next), 1);
      this.happened.push(next);
      return happens(next, passing, true);
    };
  }

  #isTime({ moment: { since, kind } }: S): boolean {
    if (this.happened.length === 0) return since === '' || since !== this.#before?.moment.since;
    return this.happened.every(
      ({ moment, passes, ends }) =>
        !ends && (moment.since !== since || (passes && moment.kind !== kind)),
    );
  }
}

/**
 * Runs a chain, then what of it did not come about, as often as it takes: a run that was disturbed
 * may need less.
 * @param run returns what did not
 */
export async function withMissed<S extends Situation>(
  chain: Chain<S>,
  run: (chain: Chain<S>) => Promise<readonly S[]>,
): Promise<void> {
  let left = chain.situations;
  while (left.length > 0) {
    const missed = await run(chainOf(left));
    if (missed.length === left.length) throw new Error(`It did not come about: ${left[0]!.id}`);
    left = missed;
  }
}
