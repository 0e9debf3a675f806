/** The moves of a rollout, in the order in which they are asked. A new one is a file and a line here. */
import { abort } from './abort.js';
import { adoptGreen } from './adopt-green.js';
import { catchUp, hold } from './hold.js';
import { checkContract } from './check-contract.js';
import { checkLoad } from './check-load.js';
import { close } from './close.js';
import type { MoveContext } from './context.js';

export { contextFor } from './context.js';
import { createBlue } from './create-blue.js';
import { createEndpoint } from './create-endpoint.js';
import { createGreen } from './create-green.js';
import { deleteGreen } from './delete-green.js';
import { findGreenModel } from './find-green-model.js';
import { firstTraffic } from './first-traffic.js';
import { setMirror, watchMirror } from './mirror.js';
import type { Move, MoveId, MoveKind } from './move.js';
import { prove } from './prove.js';
import { retire } from './retire.js';
import { rollBack } from './roll-back.js';
import { setTraffic } from './set-traffic.js';
import { test } from './test.js';
import { undo } from './undo.js';
import { verifySplit } from './verify-split.js';

export const MOVES = [
  createEndpoint,
  createBlue,
  firstTraffic,
  test,
  findGreenModel,
  abort,
  checkContract,
  createGreen,
  adoptGreen,
  prove,
  checkLoad,
  setMirror,
  watchMirror,
  catchUp,
  verifySplit,
  hold,
  retire,
  close,
  setTraffic,
  undo,
  rollBack,
  deleteGreen,
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

export const perform = <M extends Move>(
  move: M,
  context: MoveContext,
): Promise<ResultOf<M['id']>> =>
  kindOfMove(move.id).perform(move, context) as Promise<ResultOf<M['id']>>;

/** Every kind of move is registered: the compiler names one that is not. */
type Missing = Exclude<MoveId, Registered['id']>;
const NONE_MISSING: Missing extends never ? true : Missing = true;
void NONE_MISSING;
