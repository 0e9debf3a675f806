/**
 * How often the deployment that serves answers unlike itself, asked the same rows twice (A/A): what
 * a new one can't be blamed for.
 */
import { answersOf, type Evidence } from './gates/evidence.js';
import type { Meaning } from './output/meaning.js';
import type { ReplayRow, RowAnswers } from './replay.js';

export type Noise = NonNullable<Evidence['noise']>;

/** Of the rows of a proof. */
const SHARE = 0.2;

/** A deployment that answers none of these is not asked the others. */
const FIRST = 5;

/**
 * @param send asks `deployment` alone; rows that it gets no answer to are left out
 * @param meaning what the plan says of the answers
 */
export async function noiseFloor(
  rows: readonly ReplayRow[],
  deployment: string,
  send: (rows: readonly ReplayRow[]) => Promise<readonly RowAnswers[]>,
  meaning: Meaning = {},
): Promise<Noise> {
  const some = rows.slice(0, Math.ceil(rows.length * SHARE));
  const few = await send(some.slice(0, FIRST));
  if (!few.some(({ answers }) => answers[deployment]?.ok)) return { pairs: 0, differing: 0 };
  const others = some.slice(FIRST);
  const first = [...few, ...(others.length > 0 ? await send(others) : [])];
  const second = await send(some);
  const again = new Map(second.map((row) => [row.row, row.answers[deployment]]));
  const pairs = first.flatMap((row) => {
    const [one, other] = [row.answers[deployment], again.get(row.row)];
    return one?.ok && other?.ok ? [{ one, other }] : [];
  });
  const answers = answersOf({ rows: first, blue: deployment, green: deployment, meaning });
  const differing = pairs.filter(({ one, other }) =>
    answers.differs(one.prediction, other.prediction),
  );
  return { pairs: pairs.length, differing: differing.length };
}
