/** Keeps keys, tokens and signatures out of everything that is written to disk or shown. */
import type { Deployment } from '../azure/types.js';
import type { Change } from './changes/change.js';

/** What a secret looks like, whoever hands it to us. */
const SHAPES: readonly RegExp[] = [
  // Shared access signature, in a url or alone.
  /\bsig=[A-Za-z0-9%+/=_-]{16,}/gi,
  /\b(?:AccountKey|SharedAccessKey|SharedAccessSignature)=[^;\s"']+/gi,
  /\bBearer\s+[A-Za-z0-9._~+/=-]{16,}/gi,
  // JSON Web Token.
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.?[A-Za-z0-9_-]*/g,
  // Storage account key: 64 bytes in base64.
  /[A-Za-z0-9+/]{86}==/g,
  // User and password in a url.
  /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@"']*:[^\s/@"']+@/gi,
];
/** Endpoint keys: 32 letters and digits, or the longer form of newer endpoints. */
const KEY_LIKE = /(?<![A-Za-z0-9])[A-Za-z0-9]{32,}(?![A-Za-z0-9])/g;
/** A hash or an identifier in hexadecimal is no secret, and never mixes cases. */
const isMixed = (text: string): boolean =>
  /[a-z]/.test(text) && /[A-Z]/.test(text) && (text.match(/\d/g)?.length ?? 0) >= 2;

const SECRET_NAME = /key|secret|token|passw|pwd|sas|credential|connection_?string|authorization/i;

export const HIDDEN = '••••';

/** The text with everything that looks like a secret replaced by dots. */
export function hideSecrets(text: string): string {
  const shaped = SHAPES.reduce((rest, shape) => rest.replace(shape, HIDDEN), text);
  return shaped.replace(KEY_LIKE, (found) => (isMixed(found) ? HIDDEN : found));
}

export const looksSecret = (text: string): boolean => hideSecrets(text) !== text;

/** An environment variable whose value must not be kept: judged by its name and by its value. */
export const isSecretVariable = (name: string, value: string): boolean =>
  value !== '' && (SECRET_NAME.test(name) || looksSecret(value));

function openVariables(variables: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [
      name,
      isSecretVariable(name, value) ? HIDDEN : value,
    ]),
  );
}

/** The change as it may be kept on disk: secret variables of a deployment without their values. */
export function withoutSecrets<C extends Change>(change: C): C {
  if (change.kind !== 'createDeployment' || !change.spec.environmentVariables) return change;
  const environmentVariables = openVariables(change.spec.environmentVariables);
  return { ...change, spec: { ...change.spec, environmentVariables } };
}

/** A deployment as it may be kept on disk. */
export function deploymentWithoutSecrets(deployment: Deployment): Deployment {
  const environmentVariables = openVariables(deployment.environmentVariables);
  return hideSecretsIn({ ...deployment, environmentVariables });
}

/** Every text in a plain value, with what looks like a secret replaced by dots. */
export function hideSecretsIn<T>(value: T): T {
  if (typeof value === 'string') return hideSecrets(value) as T;
  if (Array.isArray(value)) return value.map(hideSecretsIn) as T;
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [name, hideSecretsIn(each)]),
    ) as T;
  }
  return value;
}

/** Where a plain value holds a secret, as a path like `change.spec.tags.x`; `undefined`: nowhere. */
export function secretPath(value: unknown, path = ''): string | undefined {
  if (typeof value === 'string') return looksSecret(value) ? path : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, each] of Object.entries(value)) {
    const found = secretPath(each, path === '' ? name : `${path}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
