/** HTTPS requests through the sandbox's door, as a client with its proxy and CA sends them. */
import { readFileSync } from 'node:fs';
import { ProxyAgent, request } from 'undici';
import type { SandboxInfo } from '../../src/sandbox/info.js';

export interface Through {
  send(
    url: string,
    options?: { method?: string; headers?: Record<string, string>; body?: string },
  ): Promise<{ status: number; headers: Record<string, unknown>; text: string }>;
  close(): Promise<void>;
}

export function through(info: SandboxInfo): Through {
  const dispatcher = new ProxyAgent({
    uri: info.proxyUrl,
    requestTls: { ca: readFileSync(info.caFile, 'utf8') },
  });
  return {
    async send(url, options = {}) {
      const answer = await request(url, {
        dispatcher,
        method: (options.method ?? 'GET') as 'GET',
        headers: options.headers ?? {},
        body: options.body ?? null,
      });
      return {
        status: answer.statusCode,
        headers: answer.headers,
        text: await answer.body.text(),
      };
    },
    close: () => dispatcher.close(),
  };
}
