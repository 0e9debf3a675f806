/** The proxy's own plain HTTP address: sign-in, leases and the control routes. */
import type { FastifyInstance } from 'fastify';
import type { FaultList } from './faults.js';
import { equal, IDENTITY_PATH, registerIdentity, type Identity } from './identity.js';
import { registerLeases, TOKEN_HEADER, type Leases } from './lock.js';

const LOOPBACK_HOST = /^(?:127(?:\.\d{1,3}){3}|localhost|\[::1\])(?::\d+)?$/;

interface FrontOptions {
  identity: Identity;
  identityHeader: string;
  controlToken: string;
  faults: FaultList;
}

export function registerFront(app: FastifyInstance, options: FrontOptions): Leases {
  app.addHook('onRequest', (request, reply, done) => {
    const raw = request.raw.url ?? '';
    if (!raw.startsWith('/')) {
      void reply.code(403).send({ error: 'The sandbox proxies HTTPS by CONNECT only.' });
      return;
    }
    // A web page can send requests here, under a host name of its own or with an Origin.
    const { host, origin } = request.headers;
    if (!LOOPBACK_HOST.test(host ?? '') || origin !== undefined) {
      void reply.code(403).send({ error: 'Only programs on this machine are served here.' });
      return;
    }
    const token = request.headers[TOKEN_HEADER];
    if (
      !raw.startsWith(IDENTITY_PATH) &&
      (typeof token !== 'string' || !equal(token, options.controlToken))
    ) {
      void reply
        .code(401)
        .send({ error: `The header ${TOKEN_HEADER} must be the token of the lock file.` });
      return;
    }
    done();
  });
  registerIdentity(app, options.identity, options.identityHeader, options.faults);
  return registerLeases(app);
}
