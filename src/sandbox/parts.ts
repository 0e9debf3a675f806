/** Puts the Azure-facing parts and the control routes behind the front door. */
import type { FastifyInstance } from 'fastify';
import { registerArm } from './arm/index.js';
import { handleControl } from './control.js';
import type { SandboxContext } from './model.js';
import { registerScoring } from './scoring/index.js';

const CONTROL = '/_sandbox';

export function registerParts(
  apps: { arm: FastifyInstance; scoring: FastifyInstance; front: FastifyInstance },
  context: SandboxContext,
): void {
  registerArm(apps.arm, context);
  registerScoring(apps.scoring, context);
  apps.front.route({
    method: ['GET', 'POST', 'DELETE'],
    url: `${CONTROL}/*`,
    handler(request, reply) {
      const path = request.url.split('?', 1)[0]!.slice(CONTROL.length);
      const answer = handleControl(context, { method: request.method, path, body: request.body });
      return reply.code(answer.status).send(answer.body);
    },
  });
}
