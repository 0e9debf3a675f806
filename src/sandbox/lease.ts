/** A lease keeps a sandbox serving: a loopback connection held open by whoever has joined it. */
import { request } from 'node:http';
import type { FastifyInstance } from 'fastify';

export const LEASE_PATH = '/_sandbox/lease';
export const TOKEN_HEADER = 'x-sandbox-token';
/** Milliseconds until a sandbox that accepts connections but says nothing counts as silent. */
const ANSWER_WITHIN = 10_000;

export interface Lease {
  /** Settles when the sandbox has ended. */
  ended: Promise<void>;
  close(): void;
}

/** `gone`: nobody there, or somebody else. `silent`: connected, no answer. */
export function openLease(
  controlUrl: string,
  token: string,
  signal: AbortSignal,
): Promise<Lease | 'gone' | 'silent'> {
  return new Promise((resolve) => {
    const call = request(`${controlUrl}${LEASE_PATH}`, {
      agent: false,
      headers: { [TOKEN_HEADER]: token },
      signal,
    });
    const timer = setTimeout(() => {
      resolve('silent');
      call.destroy();
    }, ANSWER_WITHIN);
    call.on('error', () => {
      clearTimeout(timer);
      resolve('gone');
    });
    call.on('response', (response) => {
      clearTimeout(timer);
      if (response.statusCode !== 200) {
        resolve('gone');
        call.destroy();
        return;
      }
      const ended = new Promise<void>((end) => response.once('close', () => end()));
      response.on('error', () => undefined);
      response.resume();
      resolve({ ended, close: () => call.destroy() });
    });
    call.end();
  });
}

export interface Leases {
  count(): number;
  /** Called when the last lease has gone. */
  onLast(listener: () => void): void;
}

export function registerLeases(app: FastifyInstance): Leases {
  let count = 0;
  const listeners: (() => void)[] = [];
  app.get(LEASE_PATH, (_request, reply) => {
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'text/plain' });
    reply.raw.write('joined\n');
    count += 1;
    reply.raw.once('close', () => {
      count -= 1;
      if (count === 0) for (const listener of listeners) listener();
    });
  });
  return { count: () => count, onLast: (listener) => void listeners.push(listener) };
}
