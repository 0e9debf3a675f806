/**
 * The tests' own way to the workspace: a proxy that ends TLS with its own authority and hands each
 * request on to the sandbox, unless it is told to do something else with it.
 */
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import type { Duplex } from 'node:stream';
import { Agent, ProxyAgent, request as send, type Dispatcher } from 'undici';
import { createAuthority, type Authority } from '../../src/sandbox/ca.js';
import type { SandboxInfo } from '../../src/sandbox/info.js';
import { isWrite, kindOf, type Moment, type Seen } from './kinds.js';

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** A request on its way, and what can be done with it. */
export interface Passing extends Seen, Moment {
  body: Buffer;
  /** Hands it to the sandbox. */
  forward(): Promise<Answer>;
  reply(answer: Answer): Promise<void>;
  /** Closes the connection; with an answer, after half of it. */
  cut(answer?: Answer): void;
}

/** What became of a request. */
export interface Logged extends Moment, Pick<Passing, 'method' | 'path'> {
  at: number;
  body: string;
  /** Of the sandbox; absent where it was not asked. */
  status?: number;
  /** The whole answer was given to the program. */
  answered: boolean;
}

export type Interfere = (passing: Passing) => Promise<void> | undefined;

/** Shared by all proxies of a process: making keys takes time. */
let shared: Promise<Authority> | undefined;

export const faultAuthority = (): Promise<Authority> => (shared ??= createAuthority());

export class FaultProxy {
  readonly log: Logged[] = [];
  /** Undefined: everything passes. */
  interfere: Interfere | undefined;
  readonly #writes = new Map<string, number>();
  /** Of each kind, since the last write. */
  readonly #counts = new Map<string, number>();
  #since = '';
  readonly #sockets = new Set<Duplex>();
  readonly #front: Server;
  readonly #upstream: Dispatcher;
  readonly #plain = new Agent();

  private constructor(
    readonly info: SandboxInfo,
    authority: Authority,
  ) {
    this.#upstream = new ProxyAgent({
      uri: info.proxyUrl,
      requestTls: { ca: readFileSync(info.caFile, 'utf8') },
    });
    const inner = createServer((request, response) => void this.#take(request, response));
    const tls = createTlsServer({
      ALPNProtocols: ['http/1.1'],
      SNICallback: (name, done) => {
        authority.secureContext(name).then(
          (context) => done(null, context),
          (error: Error) => done(error),
        );
      },
    });
    tls.on('secureConnection', (socket) => inner.emit('connection', this.#track(socket)));
    this.#front = createServer((request, response) => void this.#take(request, response));
    this.#front.on('connection', (socket: Socket) => this.#track(socket));
    this.#front.on('connect', (_request, socket: Duplex, head: Buffer) => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      if (head.length > 0) socket.unshift(head);
      tls.emit('connection', socket);
    });
  }

  static async start(info: SandboxInfo): Promise<FaultProxy> {
    const proxy = new FaultProxy(info, await faultAuthority());
    await new Promise<void>((resolve) => proxy.#front.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#front.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#front.close();
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all([this.#upstream.destroy(), this.#plain.destroy()]);
  }

  #track<S extends Duplex>(socket: S): S {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    return socket;
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#handle(request, response);
    } catch {
      // The program or the sandbox went away.
      request.socket.destroy();
    }
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const { method = 'GET', url: path = '/', headers } = request;
    const tls = 'encrypted' in request.socket;
    const host = tls ? (headers.host ?? '') : '';
    const kind = kindOf({ method, host, path, headers });
    const moment = this.#moment(kind);
    const logged: Logged = {
      ...moment,
      method,
      path,
      at: Date.now(),
      body: body.length > 100_000 ? '' : body.toString('latin1'),
      answered: false,
    };
    this.log.push(logged);
    const passing: Passing = {
      method,
      host,
      path,
      headers,
      ...moment,
      body,
      forward: async () => {
        const answer = await this.#forward(passing);
        logged.status = answer.status;
        return answer;
      },
      reply: async (answer) => {
        writeHead(response, answer);
        await new Promise<void>((resolve) => {
          response.once('close', resolve);
          response.end(method === 'HEAD' ? undefined : answer.body, resolve);
        });
        logged.answered = response.writableFinished;
      },
      cut: (answer) => {
        if (answer === undefined) return request.socket.destroy();
        writeHead(response, answer);
        const half = answer.body.subarray(0, Math.floor(answer.body.length / 2));
        response.write(half.length > 0 ? half : '', () => request.socket.destroy());
        response.flushHeaders();
        if (half.length === 0) setImmediate(() => request.socket.destroy());
      },
    };
    const interfering = this.interfere?.(passing);
    if (interfering) await interfering;
    else await passing.reply(await passing.forward());
    if (isWrite(kind) && logged.status === undefined) this.#neverSent(moment);
  }

  /** A program that goes on asks anew for what the one before it knew. */
  programStarted(): void {
    this.#counts.clear();
  }

  #moment(kind: string): Moment {
    const nth = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, nth);
    const since = this.#since;
    const moment = { id: `${kind} #${nth}${since}`, kind, nth, since };
    if (isWrite(kind)) {
      const written = (this.#writes.get(kind) ?? 0) + 1;
      this.#writes.set(kind, written);
      this.#counts.clear();
      this.#since = ` after ${kind} #${written}`;
    }
    return moment;
  }

  #neverSent({ kind, since }: Moment): void {
    this.#writes.set(kind, this.#writes.get(kind)! - 1);
    this.#since = since;
  }

  async #forward({ method, host, path, headers, body }: Passing): Promise<Answer> {
    const origin = host === '' ? new URL(this.info.identityEndpoint).origin : `https://${host}`;
    const { connection: _connection, 'transfer-encoding': _encoding, ...kept } = headers;
    const answer = await send(`${origin}${path}`, {
      method: method,
      dispatcher: host === '' ? this.#plain : this.#upstream,
      headers: kept as Record<string, string>,
      body: body.length > 0 ? body : null,
    });
    const read = Buffer.from(await answer.body.arrayBuffer());
    return { status: answer.statusCode, headers: answer.headers, body: read };
  }
}

function writeHead(response: ServerResponse, { status, headers, body }: Answer): void {
  const sent: OutgoingHttpHeaders = { 'content-length': body.length, ...headers };
  for (const name of ['connection', 'transfer-encoding', 'keep-alive']) delete sent[name];
  if (status === 204) delete sent['content-length'];
  response.writeHead(status, sent);
}
