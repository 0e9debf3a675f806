/** A green that was rejected, and has no traffic, goes: another can take its place. */
import type { MoveKind } from './move.js';

export const deleteGreenMove = {
  id: 'delete-green',
  writes: true,
  title: ({ green }) => `Delete ${green}`,

  async perform({ green: deployment }, context) {
    const { endpoint } = context.engine;
    await context.run({ kind: 'deleteDeployment', endpoint, deployment });
    delete context.memory.contract;
    delete context.memory.proof;
    delete context.memory.more;
    delete context.memory.autoscaled;
  },
} satisfies MoveKind<'delete-green'>;
