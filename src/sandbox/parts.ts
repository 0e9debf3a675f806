/** Puts the Azure-facing parts and the control routes behind the front door. */
import type { FastifyInstance } from 'fastify';
import { registerArm } from './arm/index.js';
import { handleControl, type ControlHooks } from './control.js';
import type { SandboxContext } from './model.js';
import { registerScoring } from './scoring/index.js';

const CONTROL = '/_sandbox';

export function registerParts(
  apps: { arm: FastifyInstance; scoring: FastifyInstance; front: FastifyInstance },
  context: SandboxContext,
  hooks: ControlHooks,
): void {
  registerArm(apps.arm, context);
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
