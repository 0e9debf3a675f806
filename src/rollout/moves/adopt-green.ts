/** A deployment that is there, healthy, and serves the model of the plan, becomes green. */
import type { Facts } from './facts.js';
import { doMove, type MoveKind } from './move.js';

export const adoptGreenMove = {
  id: 'adopt-green',
  momentary: true,
  title: ({ green }) => `Adopt ${green} as green`,

  when({ plan, view, blue, green, blueWeight }: Facts) {
    if (!plan.green || !blue || !green || blueWeight === 0) return undefined;
    const known = view.roles.blue === blue.name && view.roles.green === green.name;
    return known ? undefined : doMove({ id: 'adopt-green', blue: blue.name, green: green.name });
  },

  perform({ blue, green }, { engine, emit }) {
    engine.choose({ roles: { blue, green } });
    emit({
      event: 'adopted',
      what: green,
      message: `Deployment ${green} already exists, is healthy, and serves the plan's model.`,
    });
    return Promise.resolve();
  },
} satisfies MoveKind<'adopt-green'>;
