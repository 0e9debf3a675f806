/** The first deployment of an endpoint on which nothing serves. */
import { isBusy } from '../changes/conditions.js';
import { blueSpec } from '../planned-spec.js';
import { formatSplit } from '../../common/split.js';
import { end } from './events.js';
import type { Facts } from './facts.js';
import { doMove, refuse, waitFor, type MoveKind } from './move.js';
import { packaged } from './packaged.js';
import { registeredModel } from './registered-model.js';
import { busyDeployment, unusable } from './unusable.js';

export const createBlueMove = {
  id: 'create-blue',
  title: () => 'Create blue',

  when({ plan, now, traffic, live, blueName, blue, green, blueWeight, greenWeight }: Facts) {
    const name = now.endpointName;
    if (blue && isBusy(blue)) return busyDeployment(blue);
    if (blueName === undefined) {
      if (green && greenWeight > 0 && live.length === 1) return undefined;
      const sentence =
        live.length === 0
          ? `Endpoint ${name} has no live deployment yet, and the plan names no blue.`
          : `Several deployments are live (${formatSplit(traffic)}): set blue in the plan to the one to replace.`;
      return waitFor({ for: 'choice', of: live.length === 0 ? 'blue' : 'roles', sentence });
    }
    if (blueWeight > 0) {
      return blue
        ? undefined
        : refuse('drift', `${blueName} has traffic, but is not among the endpoint's deployments.`);
    }
    if (greenWeight > 0) return undefined;
    if (live.length > 0) {
      return refuse(
        'refused',
        `${blueName} is not live: traffic is ${formatSplit(traffic)}. Set blue in the plan to the deployment to replace.`,
      );
    }
    if (blue) {
      return blue.provisioningState === 'Succeeded'
        ? undefined
        : refuse('blue-down', unusable(blue));
    }
    return plan.blue
      ? doMove({ id: 'create-blue' })
      : refuse(
          'refused',
          `No deployment is live, and ${blueName} is deleted: add blue to the plan.`,
        );
  },

  async perform(_, context) {
    const { blue } = context.plan;
    if (!blue) throw end('refused', 'The plan names no blue.');
    const wanted = blueSpec(blue, await registeredModel(context, blue.model, 'blue'));
    const spec = await packaged(context, blue, wanted);
    const { endpoint } = context.engine;
    await context.run({
      kind: 'createDeployment',
      endpoint,
      deployment: blue.name,
      role: 'blue',
      spec,
    });
  },
} satisfies MoveKind<'create-blue'>;
