/** The new deployment, without traffic. */
import type { Deployment } from '../../azure/types.js';
import { sameModel, shownModel } from '../../common/model-ref.js';
import { differencesLine, unapprovedLosses } from '../inherit.js';
import { differencesOf } from '../journal/view.js';
import { greenSpec } from '../planned-spec.js';
import { end } from './events.js';
import type { Facts } from './facts.js';
import { doMove, refuse, waitFor, type MoveKind } from './move.js';
import { packaged } from './packaged.js';

export const createGreenMove = {
  id: 'create-green',
  title: () => 'Create green, without traffic',

  when(facts: Facts) {
    const { plan, session, view, blue, green, blueWeight, greenWeight } = facts;
    if (!plan.green) return undefined;
    if (!green) {
      if (!blue) return undefined;
      const losses = unapprovedLosses(blue, greenSpec(plan.green, '', blue), view);
      return losses.length > 0
        ? waitFor({ for: 'loss', losses })
        : doMove({ id: 'create-green', blue });
    }
    const other = unlike(facts, green);
    if (other === undefined) return undefined;
    const ours = view.changes.some(
      ({ change }) => change.kind === 'createDeployment' && change.deployment === green.name,
    );
    if (session.replaceGreen && ours && greenWeight === 0) {
      return doMove({ id: 'delete-green', green: green.name });
    }
    const hint = ours && greenWeight === 0 ? ' Add --replace-green to delete it first.' : '';
    return refuse(greenWeight > 0 && blueWeight > 0 ? 'drift' : 'refused', `${other}${hint}`);
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

/** Why an existing deployment is not the green of the plan. */
function unlike({ plan, session, blue, blueWeight }: Facts, there: Deployment): string | undefined {
  const another = 'Give green another name in the plan, or delete this deployment.';
  const { greenModel } = session;
  if (greenModel !== undefined && !sameModel(there.model, greenModel)) {
    return `Deployment ${there.name} already exists and serves another model: ${shownModel(there.model)}. ${another}`;
  }
  const type = plan.green?.instanceType ?? (blueWeight > 0 ? blue?.instanceType : undefined);
  if (type !== undefined && there.instanceType.toLowerCase() !== type.toLowerCase()) {
    return `Deployment ${there.name} already exists on ${there.instanceType}, not on ${type}. ${another}`;
  }
  return undefined;
}
