/** The version that green serves or will serve: found in the workspace, or registered. */
import { isBusy } from '../changes/conditions.js';
import { end } from './events.js';
import { isReplaceable, refusalOfGreen, servesAnother } from './create-green.js';
import { factsOf, type Facts } from './facts.js';
import { doMove, refuse, waitFor, type MoveKind } from './move.js';
import { pinned, registeredModel } from './registered-model.js';
import { busyDeployment, unusable } from './unusable.js';

export const findGreenModelMove = {
  id: 'find-model',
  title: () => 'Find or register the model of green',

  when({ plan, now, session, green, greenWeight }: Facts) {
    if (green && isBusy(green)) return busyDeployment(green);
    if (green && green.provisioningState !== 'Succeeded' && greenWeight === 0) {
      return refuse('stopped', unusable(green));
    }
    if (plan.green && session.greenModel === undefined) return doMove({ id: 'find-model' });
    if (plan.green || green) return undefined;
    const sentence = `Endpoint ${now.endpointName} has no green yet: name its model and its deployment.`;
    return waitFor({ for: 'choice', of: 'green', sentence });
  },

  async perform(_, context) {
    const { green } = context.plan;
    if (!green) throw end('refused', 'The plan names no green.');
    const standing = context.now.deployments.find(({ name }) => name === green.name)?.model;
    const wanted = pinned(green.model, standing);
    const facts = factsOf(context.situation());
    // What stands already serves what is registered: a new version is not its model.
    const refuseNew = (): void => {
      if (!facts.green || (context.memory.replaceGreen && isReplaceable(facts, facts.green)))
        return;
      throw end(...refusalOfGreen(facts, facts.green, servesAnother(facts.green)));
    };
    context.memory.greenModel = await registeredModel(context, wanted, 'green', refuseNew);
  },
} satisfies MoveKind<'find-model'>;
