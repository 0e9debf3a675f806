/** Keeps the values of environment variables out of everything that is written to disk. */
import { scryptSync } from 'node:crypto';
import type { Deployment } from '../azure/types.js';
import { hideSecretsIn, looksSecret } from '../common/hide-secrets.js';
import { HIDDEN, isSecretName } from '../common/secret-names.js';
import type { Change } from './changes/change.js';

type Variables = Record<string, string>;

/**
 * The variables as they may be written: names, and the values of those that the plan allows by
 * name. A value that looks like a secret stays hidden even then.
 */
export const writableVariables = (
  variables: Variables,
  visible: readonly string[] = [],
): Variables =>
  Object.fromEntries(
    Object.entries(variables).map(([name, value]) => {
      const open = visible.includes(name) && !isSecretName(name) && !looksSecret(value);
      return [name, open ? value : HIDDEN];
    }),
  );

/** The change as it may be written. @param visible the plan's `visibleVariables` */
export function withoutSecrets<C extends Change>(change: C, visible?: readonly string[]): C {
  if (change.kind !== 'createDeployment') return change;
  // A conda file may hold the password of a package index; `environment` names what it became.
  const { environmentDefinition: _, ...spec } = change.spec;
  if (!spec.environmentVariables) return { ...change, spec };
  const environmentVariables = writableVariables(spec.environmentVariables, visible);
  return { ...change, spec: { ...spec, environmentVariables } };
}

/** A deployment as it may be written. @param visible the plan's `visibleVariables` */
export function deploymentWithoutSecrets(
  deployment: Deployment,
  visible?: readonly string[],
): Deployment {
  const environmentVariables = writableVariables(deployment.environmentVariables, visible);
  return hideSecretsIn({ ...deployment, environmentVariables });
}

/**
 * Tells whether two sets of variables are the same without telling what they are: 32 bits of a slow
 * hash over all of them, so that no single value can be guessed from it. `undefined` without any.
 */
export function variablesHash(variables: Variables | undefined, salt: string): string | undefined {
  const entries = Object.entries(variables ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return undefined;
  return scryptSync(JSON.stringify(entries), salt, 4).toString('hex');
}

/** By deployment, for what is created and what is deleted: see `variablesHash`. */
export function variableHashes(
  change: Change,
  deleted: readonly Deployment[],
): Record<string, string> {
  const created =
    change.kind === 'createDeployment'
      ? [[change.deployment, change.spec.environmentVariables] as const]
      : [];
  const gone = deleted.map((each) => [each.name, each.environmentVariables] as const);
  const salt = 'endpoint' in change ? change.endpoint : '';
  return Object.fromEntries(
    [...created, ...gone].flatMap(([name, variables]) => {
      const hash = variablesHash(variables, salt);
      return hash === undefined ? [] : [[name, hash]];
    }),
  );
}
