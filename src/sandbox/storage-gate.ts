/**
 * Who is let into blob storage, beyond what Azurite checks: it knows no roles, and takes its keys
 * always. Runs in Azurite's thread, before Azurite sees the request.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** `*` stands for any text, as in the actions of a role; compared without case. */
export function matchesAction(pattern: string, action: string): boolean {
  const source = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${source.join('.*')}$`, 'i').test(action);
}

export interface GateRules {
  /** Patterns of data actions that callers with a token lack. */
  deniedDataActions: string[];
  sharedKeyAccess: boolean;
}

export const OPEN_GATE: GateRules = { deniedDataActions: [], sharedKeyAccess: true };

/** The sandbox's own requests, which stand for the service's identity. */
export const OWN_AGENT = 'aml-rollout-sandbox';

const BLOBS = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs';

interface Refusal {
  code: string;
  message: string;
}

/**
 * Microsoft Learn, "Authorize access to blobs using Microsoft Entra ID" (data actions) and
 * "Prevent Shared Key authorization". Signatures are let pass: those that the service hands out
 * are signed for a user, not with the account's key.
 */
export function refusalOf(
  request: { method: string; authorization: string; agent: string },
  rules: GateRules,
): Refusal | undefined {
  if (request.agent === OWN_AGENT) return undefined;
  if (/^SharedKey /i.test(request.authorization)) {
    return rules.sharedKeyAccess
      ? undefined
      : {
          code: 'KeyBasedAuthenticationNotPermitted',
          message: 'Key based authentication is not permitted on this storage account.',
        };
  }
  if (!/^Bearer /i.test(request.authorization)) return undefined;
  const verb = /^(GET|HEAD)$/.test(request.method)
    ? 'read'
    : request.method === 'DELETE'
      ? 'delete'
      : 'write';
  const denied = rules.deniedDataActions.some((pattern) =>
    matchesAction(pattern, `${BLOBS}/${verb}`),
  );
  return denied
    ? {
        code: 'AuthorizationPermissionMismatch',
        message: 'This request is not authorized to perform this operation using this permission.',
      }
    : undefined;
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** Puts the gate before what the server does now; returns what sets the rules. */
export function installGate(server: {
  listeners(event: 'request'): unknown[];
  removeAllListeners(event: 'request'): unknown;
  on(event: 'request', listener: Listener): unknown;
}): (rules: GateRules) => void {
  let rules = OPEN_GATE;
  const inner = server.listeners('request') as Listener[];
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    const refusal = refusalOf(
      {
        method: request.method ?? '',
        authorization: request.headers.authorization ?? '',
        agent: request.headers['user-agent'] ?? '',
      },
      rules,
    );
    if (refusal !== undefined) return refuse(request, response, refusal);
    for (const listener of inner) listener.call(server, request, response);
  });
  return (wanted) => (rules = wanted);
}

function refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
  const id = randomUUID();
  const time = new Date().toISOString();
  const body = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${refusal.code}</Code><Message>${refusal.message}\nRequestId:${id}\nTime:${time}</Message></Error>`;
  // What is still being sent is read away, so that the connection stays of use.
  request.resume();
  response.writeHead(403, {
    'content-type': 'application/xml',
    'content-length': Buffer.byteLength(body),
    'x-ms-error-code': refusal.code,
    'x-ms-request-id': id,
    'x-ms-version': '2021-12-02',
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}
