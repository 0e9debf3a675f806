/** Puts the Azure-facing parts and the control routes behind the front door. */
import type { FastifyInstance } from 'fastify';
import { registerArm } from './arm/index.js';
import { Operations } from './arm/operations.js';
import { RateLimits } from './arm/wire.js';
import { handleControl, type ControlHooks } from './control.js';
import { registerRegion } from './mlflow/index.js';
import type { SandboxContext } from './model.js';
import { registerScoring } from './scoring/index.js';

const CONTROL = '/_sandbox';

export function registerParts(
  apps: Record<'arm' | 'region' | 'scoring' | 'front', FastifyInstance>,
  context: SandboxContext,
  hooks: ControlHooks,
): void {
  const operations = new Operations(context);
  const closing = new AbortController();
  const management = { context, operations, limits: new RateLimits(), closing: closing.signal };
  registerArm(apps.arm, management);
  registerRegion(apps.region, management);
  apps.arm.addHook('preClose', async () => {
    closing.abort(new Error('The sandbox is closing.'));
    await operations.close();
  });
  registerScoring(apps.scoring, context);
  apps.front.route({
    method: ['GET', 'POST', 'DELETE'],
    url: `${CONTROL}/*`,
    async handler(request, reply) {
      const path = request.url.split('?', 1)[0]!.slice(CONTROL.length);
      const { method, body } = request;
      const answer = await handleControl(context, hooks, { method, path, body });
      return reply.code(answer.status).send(answer.body);
    },
  });
}
