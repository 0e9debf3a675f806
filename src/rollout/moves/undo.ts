/** One split back, as a person asks for it. */
import { retry, UNTIL_DONE } from '../retry.js';
import type { MoveKind } from './move.js';

export const undoMove = {
  id: 'undo',
  writes: true,
  title: () => 'Undo the last split',

  async perform(_, { engine, signal, clock, emit }) {
    await retry(UNTIL_DONE, () => engine.undo({ signal }), {
      signal,
      clock,
      onRetry: ({ message }) => emit({ event: 'waiting', message: `${message} Retrying.` }),
    });
  },
} satisfies MoveKind<'undo'>;
