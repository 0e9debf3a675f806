/** Who may call an endpoint. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { isDeniedOnData } from '../conditions.js';
import { verifyScoringToken } from '../identity.js';
import type { EndpointRecord } from '../endpoint-record.js';
import type { SandboxContext } from '../context.js';

/** @returns the text of the 401, or undefined when the caller may score */
export function refuseCaller(
  context: Pick<SandboxContext, 'state' | 'clock' | 'checkToken'>,
  endpoint: EndpointRecord,
  authorization: string | undefined,
): string | undefined {
  const mode = endpoint.authMode === 'Key' ? 'key' : 'token';
  const secret = /^Bearer\s+(\S+)\s*$/i.exec(authorization ?? '')?.[1];
  if (secret === undefined) return `${mode}_auth_bad_header_forbidden`;
  return admits(context, endpoint, secret, authorization)
    ? undefined
    : `${mode}_auth_access_denied`;
}

/** The right of an Entra caller; with a key or a token of the endpoint nobody asks for it. */
const SCORE = 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints/score/action';

function admits(
  context: Pick<SandboxContext, 'state' | 'clock' | 'checkToken'>,
  endpoint: EndpointRecord,
  secret: string,
  authorization: string | undefined,
): boolean {
  switch (endpoint.authMode) {
    case 'Key':
      return [endpoint.keys.primary, endpoint.keys.secondary].some((key) => same(key, secret));
    case 'AMLToken':
      try {
        const { state, clock } = context;
        return verifyScoringToken(state.config, endpoint.name, secret, clock.now());
      } catch {
        return false;
      }
    case 'AADToken':
      return context.checkToken(authorization, 'ml').ok && !isDeniedOnData(context.state, SCORE);
  }
}

/** Compares without telling by its time how much was right. */
function same(expected: string, given: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return expected !== '' && timingSafeEqual(digest(expected), digest(given));
}
