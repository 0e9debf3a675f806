/** Where a program can be ended: before, at and after a request, by one of three signals. */
import { chained, type Chain, type Situation } from './chains.js';
import type { Moment } from './kinds.js';
import type { Passing } from './proxy.js';

const SIGNALS = ['SIGKILL', 'SIGTERM', 'SIGINT'] as const;
/** What a shell sees; `undefined`: no code of its own. */
const CODES = { SIGKILL: undefined, SIGTERM: 143, SIGINT: 130 };
/** Not sent on; sent on, and the answer kept back; the answer given. */
const PLACES = ['before', 'at', 'after'] as const;

export interface End extends Situation {
  signal: (typeof SIGNALS)[number];
  place: (typeof PLACES)[number];
}

export const ends = (moments: readonly Moment[]): Chain<End>[] =>
  SIGNALS.flatMap((signal) =>
    PLACES.flatMap((place) => {
      const all = moments.map((moment) => ({
        id: `${signal} ${place}: ${moment.id}`,
        moment,
        signal,
        place,
        ends: true,
      }));
      return chained(all, { first: 4, later: 1 });
    }),
  );

/** What a program that is ended at its moments has to do with it. @param end ends it */
export const endedBy = (end: (signal: End['signal']) => Promise<void>) => ({
  happens: (at: End, passing: Passing, isFirst: boolean) =>
    // What it still sends while it ends passes.
    isFirst ? endAt(at, passing, () => end(at.signal)) : undefined,
  codeAfter: ([at]: readonly End[]) => (at ? CODES[at.signal] : 0),
  isKilled: ([at]: readonly End[]) => at?.signal === 'SIGKILL',
});

async function endAt(
  { place }: End,
  { forward, reply, cut }: Passing,
  end: () => Promise<void>,
): Promise<void> {
  const answer = place === 'before' ? undefined : await forward();
  if (place === 'after') await reply(answer!);
  await end();
  cut();
}
