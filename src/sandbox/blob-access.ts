/** The account's containers as the sandbox itself reads them: plain HTTPS to Azurite. */
import { createHmac } from 'node:crypto';
import { Agent, request } from 'node:https';
import { blobHosts } from './hosts.js';
import { OWN_AGENT } from './storage-gate.js';
import type { Clock } from '../common/clock.js';
import type { SandboxConfig } from './model.js';
import type { BlobContainer } from './context.js';

const API_VERSION = '2021-12-02';

interface BlobOptions {
  config: SandboxConfig;
  /** Azurite's loopback port, for which it may have to be started. */
  port(): Promise<number>;
  /** The sandbox's authority. */
  ca: string;
  clock: Pick<Clock, 'now'>;
}

interface Answer {
  status: number;
  body: Buffer;
}

/** The workspace's own container, and the way to the others. */
interface WorkspaceBlobs extends BlobContainer {
  container(name: string): BlobContainer;
  close(): void;
}

export function createBlobAccess(options: BlobOptions): WorkspaceBlobs {
  const { config } = options;
  const [host] = blobHosts(config.storageAccount);
  const agent = new Agent({ keepAlive: true, ca: options.ca });

  const send = async (
    method: string,
    path: string,
    query: Record<string, string>,
    { text = '', ...own }: { text?: string } & Record<`x-ms-${string}`, string> = {},
  ): Promise<Answer> => {
    const port = await options.port();
    return new Promise((resolve, reject) => {
      const headers: Record<string, string> = {
        ...own,
        'content-length': String(Buffer.byteLength(text)),
        host: host!,
        'user-agent': OWN_AGENT,
        'x-ms-date': new Date(options.clock.now()).toUTCString(),
        'x-ms-version': API_VERSION,
      };
      headers['authorization'] = sharedKey(config, method, path, query, headers);
      const search = new URLSearchParams(query).toString();
      request(
        {
          agent,
          method,
          host: '127.0.0.1',
          port,
          servername: host,
          path: search === '' ? path : `${path}?${search}`,
          headers,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }),
          );
          response.on('error', reject);
        },
      )
        .on('error', reject)
        .end(text);
    });
  };
  const failed = (what: string, answer: Answer) =>
    new Error(`Blob storage answered ${answer.status} to ${what}.`);

  const open = (name: string): BlobContainer => ({
    async createContainer() {
      const answer = await send('PUT', `/${name}`, { restype: 'container' });
      // 409: it is there from an earlier run.
      if (answer.status !== 201 && answer.status !== 409)
        throw failed('creating the container', answer);
    },
    async append(path, text) {
      const blob = blobPath(name, path);
      const add = () => send('PUT', blob, { comp: 'appendblock' }, { text });
      let answer = await add();
      if (answer.status === 404) {
        await send('PUT', blob, {}, { 'x-ms-blob-type': 'AppendBlob' });
        answer = await add();
      }
      if (answer.status !== 201) throw failed(`appending to ${path}`, answer);
    },
    async readText(path) {
      const answer = await send('GET', blobPath(name, path), {});
      if (answer.status === 404) return undefined;
      if (answer.status !== 200) throw failed(`reading ${path}`, answer);
      return answer.body.toString('utf8');
    },
    async download(path) {
      const answer = await send('GET', blobPath(name, path), {});
      if (answer.status !== 200) throw failed(`reading ${path}`, answer);
      return answer.body;
    },
    async list(prefix) {
      const names: string[] = [];
      let marker = '';
      do {
        const answer = await send('GET', `/${name}`, {
          restype: 'container',
          comp: 'list',
          prefix,
          ...(marker === '' ? {} : { marker }),
        });
        if (answer.status !== 200) throw failed(`listing ${prefix}`, answer);
        const xml = answer.body.toString('utf8');
        for (const [, blob] of xml.matchAll(/<Blob><Name>([^<]*)<\/Name>/g))
          names.push(unescapeXml(blob!));
        marker = unescapeXml(/<NextMarker>([^<]*)<\/NextMarker>/.exec(xml)?.[1] ?? '');
      } while (marker !== '');
      return names;
    },
    sas: (permissions, lifetimeMs) =>
      containerSas(config, name, permissions, options.clock.now(), lifetimeMs),
  });
  return { ...open(config.containerName), container: open, close: () => agent.destroy() };
}

function blobPath(container: string, path: string): string {
  return `/${container}/${path.split('/').map(encodeURIComponent).join('/')}`;
}

/** Microsoft Learn, "Authorize with Shared Key", Blob service. */
function sharedKey(
  config: SandboxConfig,
  method: string,
  path: string,
  query: Record<string, string>,
  headers: Record<string, string>,
): string {
  const canonicalHeaders = Object.keys(headers)
    .filter((name) => name.startsWith('x-ms-'))
    .sort()
    .map((name) => `${name}:${headers[name]}\n`)
    .join('');
  const parameters = Object.keys(query)
    .sort()
    .map((name) => `\n${name}:${query[name]}`)
    .join('');
  // Of twelve standard headers one is sent, the third; an empty body's length is left out.
  const length = headers['content-length'] === '0' ? '' : (headers['content-length'] ?? '');
  const text = `${method}\n\n\n${length}${'\n'.repeat(9)}${canonicalHeaders}/${config.storageAccount}${path}${parameters}`;
  return `SharedKey ${config.storageAccount}:${hmac(config.storageKey, text)}`;
}

/** Microsoft Learn, "Create a service SAS", version 2020-12-06 and later, for the container. */
function containerSas(
  config: SandboxConfig,
  container: string,
  permissions: string,
  now: number,
  lifetimeMs: number,
): string {
  const seconds = (ms: number) => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
  const start = seconds(now - 300_000);
  const expiry = seconds(now + lifetimeMs);
  const fields = [
    permissions,
    start,
    expiry,
    `/blob/${config.storageAccount}/${container}`,
    '', // stored access policy
    '', // address range
    'https',
    API_VERSION,
    'c',
    '', // snapshot
    '', // encryption scope
    '',
    '',
    '',
    '',
    '',
  ];
  return new URLSearchParams({
    sv: API_VERSION,
    st: start,
    se: expiry,
    sr: 'c',
    sp: permissions,
    spr: 'https',
    sig: hmac(config.storageKey, fields.join('\n')),
  }).toString();
}

function hmac(key: string, text: string): string {
  return createHmac('sha256', Buffer.from(key, 'base64')).update(text, 'utf8').digest('base64');
}

function unescapeXml(text: string): string {
  const named: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
  return text.replaceAll(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) =>
    hex !== undefined
      ? String.fromCodePoint(parseInt(hex as string, 16))
      : decimal !== undefined
        ? String.fromCodePoint(Number(decimal))
        : (named[name as string] ?? whole),
  );
}
