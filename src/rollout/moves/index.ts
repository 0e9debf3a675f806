/** The moves of a rollout, in the order in which they are asked. A new one is a file and a line here. */
import { abortMove } from './abort.js';
import { adoptGreenMove } from './adopt-green.js';
import { catchUpMove, holdMove } from './hold.js';
import { checkContractMove } from './check-contract.js';
import { checkLoadMove } from './check-load.js';
import { closeMove } from './close.js';
import type { MoveContext } from './context.js';

import { createBlueMove } from './create-blue.js';
import { createEndpointMove } from './create-endpoint.js';
import { createGreenMove } from './create-green.js';
import { deleteGreenMove } from './delete-green.js';
import { findGreenModelMove } from './find-green-model.js';
import { firstTrafficMove } from './first-traffic.js';
import { setMirrorMove, watchMirrorMove } from './mirror.js';
import type { Move, MoveId, MoveKind } from './move.js';
import { proveMove } from './prove.js';
import { retireMove } from './retire.js';
import { runChecksMove } from './run-checks.js';
import { rollBackMove } from './roll-back.js';
import { setTrafficMove } from './set-traffic.js';
import { testMove } from './test.js';
import { undoMove } from './undo.js';
import { verifySplitMove } from './verify-split.js';

export const MOVES = [
  createEndpointMove,
  createBlueMove,
  firstTrafficMove,
  testMove,
  findGreenModelMove,
  abortMove,
  checkContractMove,
  createGreenMove,
  adoptGreenMove,
  proveMove,
  checkLoadMove,
  setMirrorMove,
  watchMirrorMove,
  catchUpMove,
  verifySplitMove,
  holdMove,
  runChecksMove,
  retireMove,
  closeMove,
  setTrafficMove,
  undoMove,
  rollBackMove,
  deleteGreenMove,
] as const;

type Registered = (typeof MOVES)[number];

/** What performing a move of this kind resolves with. */
export type ResultOf<K extends MoveId> = Awaited<
  ReturnType<Extract<Registered, { id: K }>['perform']>
>;

const kindOfMove = <K extends MoveId>(id: K): MoveKind<K> =>
  MOVES.find((each) => each.id === id) as unknown as MoveKind<K>;

/** Whether it may change what users meet: the endpoint, or a deployment that exists. */
export const writes = (move: Move): boolean => kindOfMove(move.id).writes === true;

export const titleOf = (move: Move): string => kindOfMove(move.id).title(move);

/** Performs a move, and looks at the endpoint where the move itself did not. */
export async function perform<M extends Move>(
  move: M,
  context: MoveContext,
): Promise<ResultOf<M['id']>> {
  const { engine, signal } = context;
  const before = engine.snapshot;
  const kind = kindOfMove(move.id);
  const result = (await kind.perform(move, context)) as ResultOf<M['id']>;
  const { completed, aborted } = engine.view;
  const current = context.options.atOnce && kind.momentary;
  // The end needs no further look, and a signal during one would hide it.
  if (engine.snapshot === before && !completed && !aborted && !current) {
    await engine.observe(signal);
  }
  return result;
}

/** Every kind of move is registered: the compiler names one that is not. */
type Missing = Exclude<MoveId, Registered['id']>;
const NONE_MISSING: Missing extends never ? true : Missing = true;
void NONE_MISSING;
