/** Environment variables in the settings of a check: read when it runs, and kept nowhere. */
import { isReference, isSecretName, looksSecret } from '../../common/hide-secrets.js';
import { Unreadable, type CheckAround } from './check.js';

const VARIABLE = /\$\{([A-Za-z_]\w*)\}/g;

/** Run after the names of the rollout are put in. @throws Unreadable where a variable is not set */
export const withVariables = (
  text: string,
  variables: CheckAround['variables'],
  encode = (value: string): string => value,
): string =>
  text.replace(VARIABLE, (_, name: string) => {
    const known = variables[name];
    if (known === undefined || known === '') {
      throw new Unreadable(`The environment variable ${name} is not set.`);
    }
    return encode(known);
  });

/** The first argument that holds a secret, also as the value of an option before it; -1: none. */
export const secretArgument = (argv: readonly string[]): number =>
  argv.findIndex((each, index) => {
    const before = argv[index - 1] ?? '';
    const option = /^--?[A-Za-z][\w-]*$/.test(before) && isSecretName(before);
    return looksSecret(each) || (option && !each.startsWith('-') && !isReference(each));
  });
