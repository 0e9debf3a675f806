/**
 * The way out of one connection: its proxy and its certificate authorities, for the Azure clients
 * (an agent) and for scoring (an undici dispatcher). Nothing here is shared between connections.
 */
import type { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { connect as connectTcp, type Socket } from 'node:net';
import * as tls from 'node:tls';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { Agent, ProxyAgent, type Dispatcher } from 'undici';
import { readTextSync } from '../common/read-text.js';
import { AzureError, toFailure } from './errors.js';
import { ProxyRefusal } from './network-error.js';
import { proxySettings, type ProxySettings } from './proxy-settings.js';
import { endsInSilence, withinSilence } from './silence.js';
import { tunnelPool } from './tunnel-pool.js';
import type { Connection } from './types.js';

/** What an Azure client or credential is constructed with to take this way. */
interface SdkTransport {
  agent?: HttpAgent;
  tlsOptions?: { ca: string[] };
}

export interface Transport {
  readonly agent: HttpAgent;
  /** For credentials: they also speak plain http to managed identity, which an https agent can't. */
  readonly forCredentials: SdkTransport;
  /** Connections for scoring. With `fresh`, requests with `reset` find none that is kept. */
  dispatcher(url: URL, fresh?: boolean): Dispatcher;
  close(): Promise<void>;
}

/** Made once: reading some 150 certificates takes 40 ms for each connection otherwise. */
interface Trust {
  secureContext?: tls.SecureContext;
}

type CreateSocket = Parameters<HttpsProxyAgent<string>['createSocket']>;

/** The base class forgets whom to trust on the TLS inside the tunnel. */
class TunnelAgent extends HttpsProxyAgent<string> {
  readonly #settings: ProxySettings;
  readonly #trust: Trust;

  constructor(settings: ProxySettings, trust: Trust) {
    super(settings.url, { keepAlive: true, ...trust });
    this.#settings = settings;
    this.#trust = trust;
  }

  // The base class tells https by the call stack, which is another one when a socket is given
  // back: it would be kept under a wrong name, and every request would open a new tunnel.
  override createSocket(...[request, options, done]: CreateSocket): void {
    const secureEndpoint = this.isSecureEndpoint(options);
    super.createSocket(request, { ...options, secureEndpoint }, done);
  }

  override async connect(
    request: Parameters<HttpsProxyAgent<string>['connect']>[0],
    options: Parameters<HttpsProxyAgent<string>['connect']>[1],
  ): Promise<Socket> {
    const trusting = { ...options, ...this.#trust };
    if (this.#settings.bypass(options.host ?? '')) {
      return options.secureEndpoint
        ? tls.connect(trusting as tls.ConnectionOptions)
        : connectTcp({ host: options.host ?? '', port: Number(options.port) });
    }
    // The base class gives back the proxy's page as if the server behind it had answered.
    let answered = 200;
    request.once('proxyConnect', ({ statusCode }: { statusCode: number }) => {
      answered = statusCode;
    });
    const socket = await withinSilence((signal) => {
      const { connectOpts } = this;
      // The base class reads it at once, and can't be told to give up the connection otherwise.
      this.connectOpts = { ...connectOpts, signal };
      const connecting = super.connect(request, trusting);
      this.connectOpts = connectOpts;
      return connecting;
    });
    if (answered !== 200) {
      socket.destroy();
      throw new ProxyRefusal(answered, this.proxy.hostname);
    }
    // Else small requests wait for the other side's delayed acknowledgement, 40 ms each.
    return socket.setNoDelay(true);
  }
}

/** The certificate authorities of a PEM file, beside those that Node trusts already. */
function trusted(caFile: string): string[] {
  let pem: string;
  try {
    pem = readTextSync(caFile);
  } catch (error) {
    throw new AzureError({
      ...toFailure(error, 'read the certificate authorities'),
      kind: 'invalid',
      message: `The file ${caFile} can't be read.`,
      advice: 'Name a readable PEM file in the profile (caFile), or remove it.',
    });
  }
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) {
    throw new AzureError({
      kind: 'invalid',
      what: 'read the certificate authorities',
      message: `The file ${caFile} holds no PEM certificate.`,
      advice: 'Export the certificate authority as PEM ("-----BEGIN CERTIFICATE-----").',
      retrySafe: false,
    });
  }
  // Naming `ca` replaces Node's defaults, NODE_EXTRA_CA_CERTS among them: add them again.
  const newer = tls as { getCACertificates?: (type: string) => string[] };
  return [...(newer.getCACertificates?.('default') ?? olderDefaults()), pem];
}

function olderDefaults(): string[] {
  const extra = process.env['NODE_EXTRA_CA_CERTS'];
  try {
    return extra ? [...tls.rootCertificates, readTextSync(extra)] : [...tls.rootCertificates];
  } catch {
    return [...tls.rootCertificates];
  }
}

// A request to a model may last 180 s, Azure's limit; give up a little later than Azure does.
const LONGEST_ANSWER_MS = 190_000;

export function createTransport(connection: Pick<Connection, 'proxyUrl' | 'caFile'>): Transport {
  const ca = connection.caFile ? trusted(connection.caFile) : undefined;
  const proxy = proxySettings(connection.proxyUrl);
  if (proxy && !URL.canParse(proxy.url)) {
    throw new AzureError({
      kind: 'invalid',
      what: 'prepare the connection',
      message: 'The proxy is not a URL.',
      advice: 'Write it as http://host:port, in the profile or in HTTPS_PROXY.',
      retrySafe: false,
    });
  }
  const trust: Trust = ca ? { secureContext: tls.createSecureContext({ ca }) } : {};
  const agent = endsInSilence<HttpAgent>(
    proxy ? new TunnelAgent(proxy, trust) : new HttpsAgent({ keepAlive: true, ...trust }),
  );

  const timeouts = { headersTimeout: LONGEST_ANSWER_MS, bodyTimeout: LONGEST_ANSWER_MS };
  const create = (url: URL): Dispatcher =>
    proxy && !proxy.bypass(url.hostname)
      ? new ProxyAgent({
          uri: proxy.url,
          ...timeouts,
          requestTls: trust,
          proxyTls: trust,
          // Many proxies tunnel to 443 alone; what is not TLS is theirs to forward.
          proxyTunnel: false,
          factory: tunnelPool,
        })
      : new Agent({ ...timeouts, connect: trust });
  const kept = new Map<string, Dispatcher>();

  return {
    agent,
    forCredentials: proxy ? { agent } : ca ? { tlsOptions: { ca } } : {},
    dispatcher(url, fresh = false) {
      const key = `${url.host} ${fresh}`;
      let dispatcher = kept.get(key);
      if (!dispatcher) kept.set(key, (dispatcher = create(url)));
      return dispatcher;
    },
    async close() {
      agent.destroy();
      const all = [...kept.values()];
      kept.clear();
      await Promise.all(all.map((dispatcher) => dispatcher.destroy()));
    },
  };
}
