/**
 * Tokens. Sign-in: a managed-identity endpoint as App Service has it (IDENTITY_ENDPOINT, protocol
 * 2019-08-01, Microsoft Learn "How to use managed identities for App Service"), and the check of
 * the tokens it gave out. Scoring: those of `aml_token` endpoints, which ARM's token route hands out.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { FaultList } from './faults.js';
import type { Clock } from '../common/clock.js';
import type { SandboxConfig } from './model.js';
import type { CheckToken, TokenAudience } from './context.js';

export const IDENTITY_PATH = '/msi/token';
/** Seconds; managed identities get tokens for a day. */
const LIFETIME = 24 * 3_600;
const PERSON = { upn: 'you@sandbox.local', name: 'You' };

const AUDIENCES: Record<TokenAudience, RegExp> = {
  management:
    /^https:\/\/management\.(?:azure\.com|core\.windows\.net|(?:core\.)?usgovcloudapi\.net|(?:core\.)?chinacloudapi\.cn)\/?$/i,
  storage:
    /^https:\/\/(?:storage\.azure\.com|[a-z0-9]+\.blob\.core\.(?:windows\.net|usgovcloudapi\.net|chinacloudapi\.cn))\/?$/i,
  ml: /^https:\/\/(?:[a-z0-9-]+\.)*ml\.azure\.(?:com|us|cn)\/?$/i,
  logs: /^https:\/\/api\.loganalytics\.(?:io|us|azure\.com|azure\.cn)\/?$/i,
};

export interface Identity {
  /** An access token for this resource; undefined where the sandbox has no such resource. */
  issue(resource: string): { accessToken: string; expiresOn: number } | undefined;
  checkToken: CheckToken;
}

export function createIdentity(config: SandboxConfig, clock: Pick<Clock, 'now'>): Identity {
  // Depends on the state, so that tokens outlive a restart of the sandbox as they outlive Azure's.
  const secret = createHmac('sha256', config.storageKey).update('identity').digest();
  const objectId = guidFrom(`${config.tenantId}/person`);
  const sign = (text: string) => createHmac('sha256', secret).update(text).digest('base64url');

  return {
    issue(resource) {
      if (!Object.values(AUDIENCES).some((audience) => audience.test(resource))) return undefined;
      const now = Math.floor(clock.now() / 1_000);
      const claims = {
        aud: resource,
        iss: `https://sts.windows.net/${config.tenantId}/`,
        iat: now,
        // Five minutes back, as Entra ID does, for clocks that differ.
        nbf: now - 300,
        exp: now + LIFETIME,
        oid: objectId,
        sub: objectId,
        tid: config.tenantId,
        idtyp: 'user',
        ver: '1.0',
        ...PERSON,
      };
      const head = `${encode({ typ: 'JWT', alg: 'HS256' })}.${encode(claims)}`;
      return { accessToken: `${head}.${sign(head)}`, expiresOn: claims.exp };
    },

    checkToken(authorization, audience) {
      if (authorization === undefined || authorization.trim() === '')
        return { ok: false, reason: 'missing' };
      const token = /^Bearer\s+(\S+)$/i.exec(authorization.trim())?.[1];
      const [header, payload, signature, more] = token?.split('.') ?? [];
      if (
        header === undefined ||
        payload === undefined ||
        signature === undefined ||
        more !== undefined
      )
        return { ok: false, reason: 'malformed' };
      if (!equal(sign(`${header}.${payload}`), signature))
        return { ok: false, reason: 'malformed' };
      // Signed by us, so its shape is ours.
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as {
        aud: string;
        exp: number;
        oid: string;
        name: string;
      };
      if (claims.exp * 1_000 <= clock.now()) return { ok: false, reason: 'expired' };
      if (!AUDIENCES[audience].test(claims.aud)) return { ok: false, reason: 'audience' };
      return { ok: true, objectId: claims.oid, name: claims.name };
    },
  };
}

/** Serves the protocol; `identityHeader` is the secret that keeps web pages out. */
export function registerIdentity(
  app: FastifyInstance,
  identity: Identity,
  identityHeader: string,
  faults: FaultList,
): void {
  app.get(IDENTITY_PATH, (request, reply) => {
    const fault = faults.take(['status', 'drop'], { method: 'GET', path: request.url });
    if (fault !== undefined && 'drop' in fault) {
      request.raw.socket.destroy();
      return reply.hijack();
    }
    if (fault !== undefined)
      return reply
        .headers(fault.headers ?? {})
        .code(fault.status)
        .send(fault.body ?? { statusCode: fault.status, message: 'The service could not answer.' });
    const given = request.headers['x-identity-header'];
    if (typeof given !== 'string' || !equal(given, identityHeader))
      return refuse(
        401,
        'unauthorized_client',
        'The header X-IDENTITY-HEADER is missing or wrong.',
      );
    const query = request.query as Record<string, string | undefined>;
    if (query['api-version'] !== '2019-08-01')
      return refuse(400, 'invalid_request', 'The api-version must be 2019-08-01.');
    const resource = query['resource'];
    if (resource === undefined || resource === '')
      return refuse(400, 'invalid_request', 'The parameter resource is missing.');
    const token = identity.issue(resource);
    if (token === undefined)
      return refuse(
        400,
        'invalid_resource',
        `The sandbox has no resource named ${resource}: only Azure Resource Manager, Storage, Machine Learning and Log Analytics.`,
      );
    return reply.header('cache-control', 'no-store').send({
      access_token: token.accessToken,
      expires_on: String(token.expiresOn),
      resource,
      token_type: 'Bearer',
      client_id: query['client_id'] ?? guidFrom('client'),
    });

    function refuse(status: number, error: string, message: string) {
      return reply
        .code(status)
        .send({ statusCode: status, message, error, error_description: message });
    }
  });
}

/** Compares secrets without telling by its time where they differ. */
export function equal(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** The same GUID for the same text. */
function guidFrom(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const HOUR = 3_600;

interface ScoringToken {
  accessToken: string;
  /** Unix seconds: 24 h after issue, as recorded from the service. */
  expiryTimeUtc: number;
  /** Unix seconds: 12 h after issue. */
  refreshAfterTimeUtc: number;
}

export function issueScoringToken(
  config: SandboxConfig,
  endpoint: string,
  nowMs: number,
): ScoringToken {
  const issued = Math.floor(nowMs / 1_000);
  const claims = {
    actions: ['Microsoft.MachineLearningServices/workspaces/onlineEndpoints/score/action'],
    endpointName: endpoint.toLowerCase(),
    nbf: issued,
    exp: issued + 24 * HOUR,
    iss: 'azureml',
    aud: 'azureml',
  };
  const head = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return {
    accessToken: `${head}.${signScoring(config, head)}`,
    expiryTimeUtc: claims.exp,
    refreshAfterTimeUtc: issued + 12 * HOUR,
  };
}

/** Is this one of ours, for this endpoint, and still good? */
export function verifyScoringToken(
  config: SandboxConfig,
  endpoint: string,
  token: string,
  nowMs: number,
): boolean {
  const [header, payload, signature] = token.split('.');
  if (header === undefined || payload === undefined || signature === undefined) return false;
  const expected = Buffer.from(signScoring(config, `${header}.${payload}`));
  const given = Buffer.from(signature);
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) return false;
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<
    string,
    unknown
  >;
  return claims['endpointName'] === endpoint.toLowerCase() && Number(claims['exp']) > nowMs / 1_000;
}

function signScoring(config: SandboxConfig, text: string): string {
  config.scoringTokenSecret ??= randomBytes(32).toString('base64');
  return createHmac('sha256', config.scoringTokenSecret).update(text).digest('base64url');
}
