/**
 * Values of environment variables that name a secret, which Azure looks up when a deployment is made: Microsoft
 * Learn, "Access secrets from online deployment using secret injection".
 */
export type SecretReference =
  /** `part` is empty for all of it, else `target`, `credentials/NAME` or `metadata/NAME`. */
  | { kind: 'connection'; connection: string; part: string }
  | { kind: 'vault'; vault: string }
  | { kind: 'malformed' };

const REFERENCE = /^\s*\$\{\{\s*(azureml:\/\/connections|keyvault:)/i;
const CONNECTION =
  /^\$\{\{\s*azureml:\/\/connections\/([^/{}\s]+)(?:\/(target|(?:credentials|metadata)\/[^/{}]+?))?\s*\}\}$/i;
const VAULT =
  /^\$\{\{\s*keyvault:https:\/\/([a-z][a-z\d-]{1,22}[a-z\d])\.vault\.[a-z.]+\/secrets\/[\da-z-]+\/[\da-z]+\/?\s*\}\}$/i;

/** `undefined`: a value as it is. */
export function secretIn(value: string): SecretReference | undefined {
  if (!REFERENCE.test(value)) return undefined;
  const [, connection, part = ''] = CONNECTION.exec(value.trim()) ?? [];
  if (connection !== undefined) return { kind: 'connection', connection, part };
  const [, vault] = VAULT.exec(value.trim()) ?? [];
  return vault === undefined ? { kind: 'malformed' } : { kind: 'vault', vault };
}
