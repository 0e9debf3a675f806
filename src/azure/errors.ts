/** Every failure of Azure in the one shape in which it reaches a person. */
import { adviceFor, adviceForOperation, type Seen } from './advice.js';
import { errorDetail, type ErrorDetail } from './error-detail.js';
import { networkFailure, proxyRefusal } from './network-error.js';
import { oneLine } from './text.js';
import type { AzureFailure } from './types.js';

export class AzureError extends Error {
  override readonly name = 'AzureError';
  readonly failure: AzureFailure;

  constructor(failure: AzureFailure, options?: ErrorOptions) {
    super(`${failure.what}: ${failure.message}`, options);
    this.failure = failure;
  }
}

/** An HTTP answer that is not a success, whichever client received it. */
export interface FailedAnswer {
  status: number;
  body: unknown;
  /** Lower-case name, or undefined when absent. */
  header(name: string): string | undefined;
}

const SIGN_IN =
  /^(CredentialUnavailableError|AuthenticationError|AggregateAuthenticationError|AuthenticationRequiredError|InteractionRequiredAuthError|ClientAuthError)$/;

/** Anything thrown while talking to Azure; `what` is what we were doing: `create endpoint e`. */
export function toFailure(error: unknown, what: string): AzureFailure {
  if (error instanceof AzureError) return error.failure;
  const thrown = (typeof error === 'object' && error !== null ? error : {}) as Record<
    string,
    unknown
  >;
  const name = String(thrown['name'] ?? '');
  const refused = proxyRefusal(error);
  if (refused) return { kind: 'network', what, ...refused, retrySafe: true };
  if (name === 'AbortError') return cancelled(what);
  if (name === 'TimeoutError') {
    return {
      kind: 'network',
      what,
      message: 'No answer came in time.',
      advice: 'Try again; if it persists, check the network and the proxy.',
      retrySafe: true,
    };
  }
  if (SIGN_IN.test(name)) return signInFailure(error as Error, what);

  const status = thrown['statusCode'];
  if (typeof status === 'number') {
    const response = thrown['response'] as
      | { headers?: { get(name: string): string | undefined }; bodyAsText?: string | null }
      | undefined;
    return answerFailure(
      {
        status,
        body: parsed(response?.bodyAsText) ?? bodyOf(thrown),
        header: (header) => response?.headers?.get(header),
      },
      what,
    );
  }
  const network = networkFailure(error);
  if (network) return { kind: 'network', what, ...network, retrySafe: true };
  // An answer without the members that a typed client promises, such as `{}` of a proxy.
  if (error instanceof TypeError) {
    return {
      kind: 'service',
      what,
      message: "Azure's answer lacks what was asked for.",
      advice:
        'Try again. If it persists, check the proxy between here and Azure; --debug shows where it happened.',
      retrySafe: true,
    };
  }
  return {
    kind: 'service',
    what,
    message: oneLine(String(thrown['message'] ?? error)) || 'Something unexpected happened.',
    advice: 'Try again; --debug shows where it happened.',
    retrySafe: false,
  };
}

export function answerFailure(answer: FailedAnswer, what: string): AzureFailure {
  const detail = errorDetail(answer.body);
  // Storage says its code in a header, and on HEAD nowhere else.
  const code = detail?.code ?? answer.header('x-ms-error-code');
  const seen: Seen = {
    all: [code, detail?.all].filter(Boolean).join('\n'),
    message: detail?.message ?? '',
    code,
    status: answer.status,
  };
  const verdict = adviceFor(seen);
  const correlationId =
    detail?.correlationId ??
    answer.header('x-ms-correlation-request-id') ??
    answer.header('x-ms-request-id');
  const wait = retryAfterSeconds(answer.header('retry-after'));
  return {
    kind: verdict.kind,
    what,
    message: sentence(detail, code, answer.status),
    advice:
      wait !== undefined && verdict.kind === 'throttled'
        ? `Azure asks to wait ${wait} s; then try again.`
        : verdict.advice,
    status: answer.status,
    retrySafe: verdict.retrySafe,
    ...(code && { code: oneLine(code) }),
    ...(correlationId && { correlationId: oneLine(correlationId) }),
    ...(wait !== undefined && { retryAfterSeconds: wait }),
  };
}

/** The `error` member of a failed long-running operation. */
export function operationFailure(error: unknown, what: string, canceled = false): AzureFailure {
  const detail = errorDetail({ error });
  const verdict = adviceForOperation({
    all: detail?.all ?? '',
    message: detail?.message ?? '',
    code: detail?.code,
    status: undefined,
  });
  return {
    // It was accepted: "invalid" would say that nothing was changed.
    kind: /^(invalid|not-found)$/.test(verdict.kind) ? 'provisioning' : verdict.kind,
    what,
    message: detail?.message ?? (canceled ? 'Azure canceled it.' : 'It failed without a reason.'),
    advice: verdict.advice,
    retrySafe: verdict.retrySafe,
    ...(detail?.code && { code: detail.code }),
    ...(detail?.correlationId && { correlationId: detail.correlationId }),
  };
}

export function invalid(what: string, message: string, advice: string): AzureError {
  return new AzureError({ kind: 'invalid', what, message, advice, retrySafe: false });
}

/** Seconds of a `Retry-After`: a number, or a date. */
export function retryAfterSeconds(
  header: string | undefined,
  now = Date.now(),
): number | undefined {
  if (!header) return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}

function cancelled(what: string): AzureFailure {
  return {
    kind: 'cancelled',
    what,
    message: 'Stopped waiting. Azure completes what it accepted.',
    advice: 'Check the workspace for the result.',
    retrySafe: false,
  };
}

function signInFailure(error: Error, what: string): AzureFailure {
  const text = String(error.message);
  const code = /AADSTS\d+/.exec(text)?.[0];
  const said = code
    ? oneLine(text.slice(text.indexOf(code)).split(/\r?\n|Trace ID|Correlation ID/)[0] ?? '')
    : oneLine(text.split('\n')[0] ?? '');
  const correlationId = /Correlation ID: ?([0-9a-f-]{36})/i.exec(text)?.[1];
  return {
    kind: 'sign-in',
    what,
    ...(code
      ? { message: said, advice: 'Sign in again; if it persists, check the tenant in the profile.' }
      : withoutCode(text, said)),
    retrySafe: true,
    ...(code && { code }),
    ...(correlationId && { correlationId }),
  };
}

/** Nothing was refused: there was nothing to sign in with. */
function withoutCode(text: string, said: string): Pick<AzureFailure, 'message' | 'advice'> {
  const another = 'choose another way of signing in (browser, device code)';
  const chain = /ChainedTokenCredential|EnvironmentCredential/i.test(text);
  if (!chain && /Azure CLI could not be found/i.test(text)) {
    return { message: 'The Azure CLI is not installed.', advice: `Install it, or ${another}.` };
  }
  if (chain || /az login/i.test(text)) {
    return {
      message: 'No sign-in was found on this machine.',
      advice: `Run az login, or ${another}.`,
    };
  }
  if (/ManagedIdentityCredential/i.test(text)) {
    return {
      message: 'This machine has no managed identity, or its endpoint does not answer.',
      advice: `Assign one to the machine if it runs in Azure; elsewhere, ${another}.`,
    };
  }
  return {
    message: said,
    advice: 'Sign in again; if it persists, check the tenant in the profile.',
  };
}

function sentence(
  detail: ErrorDetail | undefined,
  code: string | undefined,
  status: number,
): string {
  if (detail) return detail.message;
  return code ? `Azure answered ${status}: ${oneLine(code)}.` : `Azure answered ${status}.`;
}

function parsed(text: string | null | undefined): unknown {
  if (!text) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Storage answers in XML.
    const code = /<Code>([^<]*)<\/Code>/.exec(text)?.[1];
    const message = /<Message>([^<]*)<\/Message>/.exec(text)?.[1];
    return code ? { code, message: message?.split('\n')[0] ?? code } : text;
  }
}

function bodyOf(thrown: Record<string, unknown>): unknown {
  const details = thrown['details'] as Record<string, unknown> | undefined;
  if (details && typeof details === 'object' && ('error' in details || 'message' in details)) {
    return details;
  }
  return {
    code: thrown['code'] ?? details?.['errorCode'],
    message: String(thrown['message'] ?? '').split('\n')[0],
  };
}
