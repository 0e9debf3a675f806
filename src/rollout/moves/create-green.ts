/** The new deployment, without traffic. */
import type { Deployment } from '../../azure/types.js';
import { sameModel, shownModel } from '../../common/model-ref.js';
import { differencesLine, unapproved } from '../inherit.js';
import { differencesOf } from '../journal/view.js';
import { greenSpec, plannedLosses } from '../planned-spec.js';
import { end } from './events.js';
import type { Facts } from './facts.js';
import { doMove, refuse, waitFor, type MoveKind } from './move.js';
import { packaged } from './packaged.js';

export const createGreenMove = {
  id: 'create-green',
  title: () => 'Create green, without traffic',

  when(facts: Facts) {
    const { plan, session, view, blue, green } = facts;
    if (!plan.green) return undefined;
    if (!green) {
      if (!blue) return undefined;
      const losses = unapproved(plannedLosses({ ...plan, green: plan.green }, blue), view);
      return losses.length > 0
        ? waitFor({ for: 'loss', losses })
        : doMove({ id: 'create-green', blue });
    }
    const other = unlike(facts, green);
    if (other === undefined) return undefined;
    return session.replaceGreen && isReplaceable(facts, green)
      ? doMove({ id: 'delete-green', green: green.name })
      : refuse(...refusalOfGreen(facts, green, other));
  },

  async perform({ blue }, context) {
    const { engine, plan, memory } = context;
    if (!plan.green) throw end('refused', 'The plan names no green.');
    engine.choose({ roles: { blue: blue.name } });
    const wanted = greenSpec(plan.green, memory.greenModel ?? '', blue);
    const spec = await packaged(context, plan.green, wanted, blue);
    const deployment = plan.green.name;
    const { endpoint } = engine;
    await context.run({ kind: 'createDeployment', endpoint, deployment, role: 'green', spec });
    const found = differencesOf(engine.view, deployment);
    if (found) context.note(differencesLine({ blue: blue.name, green: deployment }, found));
  },
} satisfies MoveKind<'create-green'>;

/** Made by this rollout, and without traffic. */
export const isReplaceable = ({ view, greenWeight }: Facts, { name }: Deployment): boolean =>
  greenWeight === 0 &&
  view.changes.some(
    ({ change }) => change.kind === 'createDeployment' && change.deployment === name,
  );

/** @param why it is not the green of the plan */
export function refusalOfGreen(facts: Facts, green: Deployment, why: string): [Refused, string] {
  const { blueWeight, greenWeight } = facts;
  const hint = isReplaceable(facts, green) ? ' Add --replace-green to delete it first.' : '';
  return [greenWeight > 0 && blueWeight > 0 ? 'drift' : 'refused', `${why}${hint}`];
}

type Refused = 'drift' | 'refused';

const ANOTHER = 'Give green another name in the plan, or delete this deployment.';

export const servesAnother = ({ name, model }: Deployment): string =>
  `Deployment ${name} already exists and serves another model: ${shownModel(model)}. ${ANOTHER}`;

/** Why an existing deployment is not the green of the plan. */
function unlike({ plan, session, blue, blueWeight }: Facts, there: Deployment): string | undefined {
  const { greenModel } = session;
  if (greenModel !== undefined && !sameModel(there.model, greenModel)) {
    return servesAnother(there);
  }
  const type = plan.green?.instanceType ?? (blueWeight > 0 ? blue?.instanceType : undefined);
  if (type !== undefined && there.instanceType.toLowerCase() !== type.toLowerCase()) {
    return `Deployment ${there.name} already exists on ${there.instanceType}, not on ${type}. ${ANOTHER}`;
  }
  return undefined;
}
