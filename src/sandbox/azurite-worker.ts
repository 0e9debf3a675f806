/**
 * Thread that runs Azurite's blob service. A thread, not a process: it can't outlive the sandbox.
 * Gets the account in AZURITE_ACCOUNTS, the rest as worker data.
 */
import { mkdir } from 'node:fs/promises';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { loadAzurite } from './azurite-loading.js';
import { type GateRules, installGate } from './storage-gate.js';

export interface AzuriteWorkerData {
  /** Folder for blobs and their index. */
  dir: string;
  certificate: AzuriteCertificate;
}
export interface AzuriteCertificate {
  certPem: string;
  keyPem: string;
}
export type AzuriteRequest = 'flush' | 'close' | 'tell' | 'hush' | { gate: GateRules };
export type AzuriteReply =
  /** A request, just before its answer; only after `tell`. */
  | { kind: 'request'; seen: BlobRequest }
  | { kind: 'listening'; port: number }
  | { kind: 'flushed' }
  | { kind: 'closed' }
  | { kind: 'failed'; message: string };

export interface BlobRequest {
  at: number;
  method: string;
  host: string;
  url: string;
  headers: IncomingHttpHeaders;
  status: number;
}

const port = parentPort!;
const reply = (message: AzuriteReply) => port.postMessage(message);

try {
  const { dir, certificate } = workerData as AzuriteWorkerData;
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const { Configuration, BlobServer } = loadAzurite();
  const configuration = new Configuration(
    '127.0.0.1',
    0,
    /* keepAliveTimeout, seconds */ 65,
    join(dir, 'blobs.json'),
    join(dir, 'extents.json'),
    [{ locationId: 'Default', locationPath: join(dir, 'content'), maxConcurrency: 50 }],
    /* enableAccessLog */ false,
    undefined,
    /* enableDebugLog */ false,
    undefined,
    /* loose */ false,
    // Current clients ask for versions that this Azurite does not know yet.
    /* skipApiVersionCheck */ true,
    // Not paths: the certificate is handed over in memory, below.
    'in memory',
    'in memory',
    '',
    // Accepts bearer tokens.
    /* oauth */ 'basic',
  );
  configuration.getCert = () => ({ cert: certificate.certPem, key: certificate.keyPem });
  const server = new BlobServer(configuration);
  await server.start();
  const setGate = installGate(server.httpServer);

  let telling = false;
  server.httpServer.prependListener(
    'request',
    (request: IncomingMessage, response: ServerResponse) => {
      if (!telling) return;
      const at = Date.now();
      const { method = '', url = '/', headers } = request;
      const writeHead = response.writeHead.bind(response) as (...all: unknown[]) => ServerResponse;
      // Told before the answer leaves, so that who has the answer also finds the record.
      response.writeHead = (status: number, ...rest: unknown[]) => {
        const host = headers.host ?? '';
        reply({ kind: 'request', seen: { at, method, host, url, headers, status } });
        return writeHead(status, ...rest);
      };
    },
  );

  // Azurite saves its index every five seconds only; the sandbox's own state is saved at once.
  const flush = () =>
    Promise.all(
      [server.metadataStore.db, server.extentMetadataStore.db].map(
        (db) => new Promise<void>((resolve) => db.saveDatabase(() => resolve())),
      ),
    );
  port.on('message', (request: AzuriteRequest) => {
    if (request === 'flush') {
      void flush().then(() => reply({ kind: 'flushed' }));
    } else if (request === 'tell' || request === 'hush') {
      telling = request === 'tell';
    } else if (typeof request === 'object') {
      setGate(request.gate);
    } else {
      void server
        .close()
        .catch(() => flush())
        .then(() => reply({ kind: 'closed' }));
    }
  });
  reply({ kind: 'listening', port: server.httpServer.address().port });
} catch (error) {
  reply({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
}
