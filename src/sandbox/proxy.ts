/**
 * The one door: a CONNECT proxy on loopback. It ends TLS for Azure's host names and hands the
 * connection to the part that answers for the host; it never dials out.
 */
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import type { Duplex } from 'node:stream';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { Authority } from './ca.js';
import type { FaultList } from './faults.js';
import { partOf } from './hosts.js';

/** Idle connections stay open longer than any client of ours leaves them alone. */
const KEEP_ALIVE = 65_000;
const BODY_LIMIT = 16 * 1024 * 1024;

/** Hosts behind TLS that an app of this program answers for. */
type Served = Exclude<NonNullable<ReturnType<typeof partOf>>, 'blob'>;

interface ProxyOptions {
  host: string;
  port: number;
  authority: Authority;
  storageAccount: string;
  /** Azurite's, for which it may have to be started. */
  azuritePort(): Promise<number>;
  /** Makes an app that answers behind TLS: at the first connection, but for those that resume work. */
  apps: Record<Served, () => FastifyInstance>;
  /** App that answers plain HTTP on the proxy's own address. */
  front: FastifyInstance;
  faults: FaultList;
  log(line: string): void;
}

interface Proxy {
  url: string;
  port: number;
  close(): Promise<void>;
}

/** No route has a schema, and what compiles them is a tenth of a start. */
const noSchema = () => (): never => {
  throw new TypeError('Routes of the sandbox have no schema.');
};

/** A Fastify app whose server need not listen: it is given connections. */
export function createApp(log: (line: string) => void): FastifyInstance {
  const app = Fastify({
    bodyLimit: BODY_LIMIT,
    forceCloseConnections: true,
    schemaController: {
      compilersFactory: { buildValidator: noSchema, buildSerializer: noSchema },
    },
    // As Azure reads paths.
    routerOptions: {
      caseSensitive: false,
      ignoreTrailingSlash: true,
      ignoreDuplicateSlashes: true,
      maxParamLength: 1_000,
    },
    // A path that can not be decoded.
    frameworkErrors: (_error, _request, reply) => {
      const error = { code: 'InvalidResourceType', message: 'The path is not readable.' };
      void (reply as unknown as FastifyReply).code(404).send({ error });
    },
    serverFactory: (handler) => createServer({ keepAliveTimeout: KEEP_ALIVE }, handler),
  });
  app.addHook('onResponse', (request, reply, done) => {
    // Without the query: it can hold a SAS.
    const path = request.url.split('?', 1)[0];
    log(
      `${request.method} ${request.host}${path} ${reply.statusCode} ${reply.elapsedTime.toFixed(0)} ms`,
    );
    done();
  });
  return app;
}

export async function startProxy(options: ProxyOptions): Promise<Proxy> {
  const { front, authority, log } = options;
  const sockets = new Set<Duplex>();
  const track = <S extends Duplex>(socket: S): S => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // A peer that goes away is no event here.
    socket.on('error', () => socket.destroy());
    return socket;
  };

  const defaultContext = await authority.leaf(['management.azure.com']);
  const apps = new Map<Served, FastifyInstance>();
  const servers = new Map<Served, Promise<TlsServer>>();
  const serve = async (part: Served): Promise<TlsServer> => {
    const app = options.apps[part]();
    apps.set(part, app);
    await app.ready();
    const server = createTlsServer({
      cert: defaultContext.certPem,
      key: defaultContext.keyPem,
      ALPNProtocols: ['http/1.1'],
      SNICallback: (name, done) => {
        if (partOf(name, options.storageAccount) === undefined)
          return done(new Error(`no certificate for ${name}`));
        authority.secureContext(name).then(
          (context) => done(null, context),
          (error: Error) => done(error),
        );
      },
    });
    server.on('secureConnection', (socket) => app.server.emit('connection', track(socket)));
    server.on('tlsClientError', (error) => log(`tls: ${error.message}`));
    return server;
  };
  const serverOf = (part: Served): Promise<TlsServer> => {
    const server = servers.get(part) ?? serve(part);
    servers.set(part, server);
    return server;
  };
  // They go on with what an earlier sandbox had begun.
  await Promise.all([serverOf('arm'), serverOf('scoring')]);

  front.server.on('connection', (socket: Socket) => sockets.add(socket));
  front.server.on('connect', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    track(socket);
    void tunnel(request, socket as Socket, head).catch((error: Error) => {
      log(`connect: ${error.message}`);
      socket.destroy();
    });
  });

  async function tunnel(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    const [, host = '', port = ''] = /^(.+):(\d+)$/.exec(request.url ?? '') ?? [];
    const part = port === '443' ? partOf(host, options.storageAccount) : undefined;
    if (part === undefined) {
      log(`connect: refused ${request.url ?? ''}`);
      refuse(socket, host);
      return;
    }
    // Network faults, matched by method CONNECT and the host's name.
    const target = { method: 'CONNECT', path: host };
    if (options.faults.take(['drop'], target) !== undefined) {
      socket.destroy();
      return;
    }
    const slow = options.faults.take(['delayMs'], target);
    if (slow !== undefined) await new Promise((resolve) => setTimeout(resolve, slow.delayMs));

    socket.setTimeout(0);
    socket.setNoDelay(true);
    if (part === 'blob') {
      const upstream = track(connect(await options.azuritePort(), '127.0.0.1'));
      await new Promise<void>((resolve, reject) => {
        upstream.once('connect', resolve);
        upstream.once('error', reject);
      });
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      if (head.length > 0) upstream.write(head);
      socket.pipe(upstream).pipe(socket);
      socket.once('close', () => upstream.destroy());
      upstream.once('close', () => socket.destroy());
      return;
    }
    const server = await serverOf(part);
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    if (head.length > 0) socket.unshift(head);
    server.emit('connection', socket);
  }

  await front.listen({ host: options.host, port: options.port });
  const { port } = front.server.address() as AddressInfo;
  const shown = options.host.includes(':') ? `[${options.host}]` : options.host;
  return {
    port,
    url: `http://${shown}:${port}`,
    async close() {
      const closed = front.close();
      for (const socket of sockets) socket.destroy();
      await Promise.all([closed, ...[...apps.values()].map((app) => app.close())]);
    },
  };
}

function refuse(socket: Socket, host: string): void {
  const text = `The sandbox has no host ${host.replaceAll(/[^\w.:-]/g, '?').slice(0, 253)} and never goes out to the network.\n`;
  socket.end(
    `HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
  );
}
