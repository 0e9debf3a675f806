/** Tokens of `aml_token` endpoints: issued by ARM's token route, checked by the scoring router. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { SandboxConfig } from './model.js';

const HOUR = 3_600;

export interface ScoringToken {
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
    accessToken: `${head}.${sign(config, head)}`,
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
  const expected = Buffer.from(sign(config, `${header}.${payload}`));
  const given = Buffer.from(signature);
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) return false;
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<
    string,
    unknown
  >;
  return claims['endpointName'] === endpoint.toLowerCase() && Number(claims['exp']) > nowMs / 1_000;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function sign(config: SandboxConfig, text: string): string {
  config.scoringTokenSecret ??= randomBytes(32).toString('base64');
  return createHmac('sha256', config.scoringTokenSecret).update(text).digest('base64url');
}
