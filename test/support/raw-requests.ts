/** Requests to the sandbox's door as they come from unlike clients: raw, and with any headers. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect as connectPlain } from 'node:net';
import { connect } from 'node:tls';
import type { SandboxInfo } from '../../src/sandbox/info.js';

export function leafOf(info: SandboxInfo, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(info.proxyUrl);
    request({ host: hostname, port, method: 'CONNECT', path: `${host}:443`, agent: false })
      .on('connect', (_response, socket) => {
        const tls = connect({ socket, servername: host, ca: readFileSync(info.caFile) }, () => {
          resolve(new X509Certificate(tls.getPeerCertificate().raw).toString());
          tls.destroy();
        });
        tls.on('error', reject);
      })
      .on('error', reject)
      .end();
  });
}

export function connectTo(
  info: SandboxInfo,
  target: string,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(info.proxyUrl);
    const socket = connectPlain(Number(port), hostname, () =>
      socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`),
    );
    let text = '';
    const answered = () => {
      const status = Number(/^HTTP\/1.1 (\d+)/.exec(text)?.[1]);
      if (Number.isNaN(status)) reject(new Error(`no answer: ${text}`));
      else resolve({ status, text });
      socket.destroy();
    };
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.startsWith('HTTP/1.1 200')) answered();
    });
    socket.on('end', answered).on('close', answered).on('error', reject);
  });
}

export function plain(
  info: SandboxInfo,
  options: {
    path: string;
    headers?: Record<string, string>;
  },
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(info.proxyUrl);
    request({ host: hostname, port, agent: false, ...options }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    })
      .on('error', reject)
      .end();
  });
}
