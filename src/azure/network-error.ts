/** Failures below HTTP: no answer, no name, no trust. */
import { oneLine } from './text.js';

interface WithCode {
  code?: unknown;
  cause?: unknown;
  errors?: unknown;
  message?: unknown;
}

const ADVICE: [RegExp, string, string][] = [
  [
    /^ECONNREFUSED$/,
    'Nothing is listening there.',
    'Check the proxy of the profile (or HTTPS_PROXY); if this is the sandbox, start it again.',
  ],
  [
    /^(ENOTFOUND|EAI_AGAIN)$/,
    'The host’s name can’t be resolved.',
    'Check the network, the VPN and the proxy; a workspace with private endpoints is seen only from its own network.',
  ],
  [
    /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME|^ERR_TLS/,
    'The server’s certificate is not trusted.',
    'A proxy that inspects TLS? Add its certificate authority to the profile (caFile). If this is the sandbox, it was started again and has a new one.',
  ],
  [/^ETIMEDOUT$/, 'No answer came in time.', 'Check the network, the VPN and the proxy.'],
  [
    /^(UND_ERR_CONNECT_TIMEOUT|ESOCKETTIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENETDOWN)$/,
    'The host can’t be reached.',
    'Check the network, the VPN and the proxy.',
  ],
  [
    /^(UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT)$/,
    'No answer came in time.',
    'Try again; if it persists, look at the deployment’s logs.',
  ],
  [
    /^(ECONNRESET|EPIPE|UND_ERR_SOCKET|ECONNABORTED|UND_ERR_DESTROYED|UND_ERR_CLOSED|REQUEST_SEND_ERROR|PARSE_ERROR|HPE_.*)$/,
    'The connection was closed.',
    'Try again; if it persists, check the network and the proxy.',
  ],
];

/** The first system or TLS code of an error and of its causes. */
export function networkCode(error: unknown, depth = 0): string | undefined {
  if (typeof error !== 'object' || error === null || depth > 5) return undefined;
  const { code, cause, errors } = error as WithCode;
  const inner = [cause, ...(Array.isArray(errors) ? (errors as unknown[]) : [])];
  // A cause says more than the wrapper's own REQUEST_SEND_ERROR.
  for (const each of inner) {
    const found = networkCode(each, depth + 1);
    if (found) return found;
  }
  return typeof code === 'string' && ADVICE.some(([match]) => match.test(code)) ? code : undefined;
}

interface NetworkFailure {
  code: string;
  message: string;
  advice: string;
}

/** In the words of undici's own, which throws it as an abort, though nobody aborted anything. */
export class ProxyRefusal extends Error {
  constructor(status: number, host: string) {
    super(`Proxy response (${status}) of ${host}`);
  }
}

export function proxyRefusal(error: unknown): NetworkFailure | undefined {
  const message = (error as WithCode | null | undefined)?.message;
  const refused = /Proxy response \((\d+)\)(?: of ([\w.:-]+))?/.exec(String(message ?? ''));
  if (!refused) return undefined;
  const [, status = '', host] = refused;
  return {
    code: 'PROXY_REFUSED',
    message: `The proxy${host === undefined ? '' : ` ${host}`} refused the connection with ${status}.`,
    advice: 'Check the proxy of the profile (or HTTPS_PROXY), and whether it allows this host.',
  };
}

export function networkFailure(error: unknown): NetworkFailure | undefined {
  const code = networkCode(error);
  const known = code ? ADVICE.find(([match]) => match.test(code)) : undefined;
  if (!code || !known) return undefined;
  return { code: oneLine(code), message: `${known[1]} (${oneLine(code)})`, advice: known[2] };
}
