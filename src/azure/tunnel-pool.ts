/**
 * The connections of one host behind a proxy. Where the proxy ends a connection before it tunnels, undici opens the
 * next at once and for ever, past any signal: after some, the requests that wait for it fail.
 */
import { Pool, type buildConnector } from 'undici';

const MOST_LOST = 3;

export function tunnelPool(origin: URL, options: Pool.Options): Pool {
  const { connect } = options;
  return new Pool(origin, {
    ...options,
    ...(typeof connect === 'function' && { connect: failing(connect) }),
  });
}

function failing(connect: buildConnector.connector): buildConnector.connector {
  let lost = 0;
  return (options, done) => {
    connect(options, (...ended: Parameters<buildConnector.Callback>) => {
      const [error] = ended;
      if (error === null) lost = 0;
      else if (codeOf(error) === 'UND_ERR_SOCKET' && (lost += 1) >= MOST_LOST) {
        lost = 0;
        return done(Object.assign(new Error(error.message), { code: 'ECONNRESET' }), null);
      }
      return done(...ended);
    });
  };
}

const codeOf = (error: Error): unknown => (error as { code?: unknown }).code;
