/** What can go wrong with one request on its way. */
import type { Passing } from './proxy.js';

export interface FaultKind {
  id: string;
  /** Kinds of requests that can meet it; all without. */
  only?: RegExp;
  /** Passes by itself: met once, the rollout is promoted all the same. */
  passes: boolean;
  meet(passing: Passing, hang: Hang): Promise<void>;
}

export interface Hang {
  ms: number;
  /** The answer never comes. */
  forEver: boolean;
}

const answered =
  (status: number, code: string, message: string, headers: Record<string, string> = {}) =>
  ({ host, reply }: Passing): Promise<void> => {
    const blob = /\.blob\./.test(host);
    const text = blob
      ? `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`
      : JSON.stringify({ error: { code, message } });
    return reply({
      status,
      headers: {
        'content-type': blob ? 'application/xml' : 'application/json',
        ...(blob && { 'x-ms-error-code': code }),
        ...headers,
      },
      body: Buffer.from(text),
    });
  };

const instead =
  (body: string, type: string) =>
  ({ reply }: Passing) =>
    reply({ status: 200, headers: { 'content-type': type }, body: Buffer.from(body) });

const FAILED = JSON.stringify({
  status: 'Failed',
  error: { code: 'InternalServerError', message: 'The operation failed.' },
});

const fault = (id: string, passes: boolean, meet: FaultKind['meet']): FaultKind => ({
  id,
  passes,
  meet,
});

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export const FAULT_KINDS: readonly FaultKind[] = [
  fault('429', true, answered(429, 'TooManyRequests', 'The request is throttled.')),
  fault(
    '429-after',
    true,
    answered(429, 'TooManyRequests', 'The request is throttled.', { 'retry-after': '5' }),
  ),
  fault('500', true, answered(500, 'InternalServerError', 'The server failed.')),
  fault('502', true, answered(502, 'BadGateway', 'No upstream.')),
  fault('503', true, answered(503, 'ServiceUnavailable', 'The service is unavailable.')),
  fault('drop-before', true, async ({ cut }) => cut()),
  fault('drop-after', true, async (passing) => {
    await passing.forward();
    passing.cut();
  }),
  fault('cut', true, async (passing) => passing.cut(await passing.forward())),
  fault('garbage', false, instead('<html>\u0000\u001b]0;x Sign in to the hotel', 'text/html')),
  fault('empty', false, instead('{}', 'application/json')),
  fault('hang', true, async (passing, { ms, forEver }) => {
    if (forEver) return;
    await later(ms);
    await passing.reply(await passing.forward());
  }),
  fault(
    '401',
    true,
    answered(401, 'ExpiredAuthenticationToken', 'The access token expired.', {
      'www-authenticate': 'Bearer error="invalid_token"',
    }),
  ),
  fault('403', false, answered(403, 'AuthorizationFailed', 'The client has no authorization.')),
  fault('404', false, answered(404, 'ResourceNotFound', 'The resource was not found.')),
  fault(
    '409',
    true,
    answered(409, 'Conflict', 'Another operation is in progress on the resource.'),
  ),
  {
    ...fault('operation-failed', false, instead(FAILED, 'application/json')),
    only: /OperationsStatus/,
  },
];
